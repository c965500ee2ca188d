/* SPDX-License-Identifier: MIT */
/*
 * Power that fails at every step of an operation, in every way, and once more while the device comes back. What an
 * undisturbed run makes of the state, record by record, is the list of what may be found afterwards: never less than the
 * last record that was flushed, never anything else. States are compared whole. FIRSTUSE_EVERY=n in the environment tries every
 * n-th step only, where a machine is slow.
 */
#pragma once

#include "firstuse.h"
#include "medium.h"

struct power_plan {
	const char *name;
	struct firstuse_config config; /* its port is filled in */
	/* What was before, on an opened device; may be NULL. Then `shift` more records, so that the operation meets each place of
	 * the areas. */
	void (*prepare)(struct firstuse *device, void *arg);
	unsigned shift;
	/* The operation. Where `blank` is set it is firstuse_open() on a new device. */
	void (*operate)(struct firstuse *device, void *arg);
	/* After each failure, on a device that is open again; may be NULL. Returns 0, or what is wrong is printed. */
	const char *(*look)(struct firstuse *device, void *arg);
	void *arg;
	int blank;
	unsigned stride; /* every n-th step only; 0 is 1 */
};

struct power_count {
	unsigned long runs;    /* failures of power */
	unsigned long twice;   /* of these, while coming back from one */
	unsigned long bad;     /* wrong afterwards; the first ones are printed */
	unsigned long records; /* of undisturbed runs */
};

/* Adds to `count`. */
void power_try(const struct power_plan *plan, enum medium_kind kind, struct power_count *count);

/* With both kinds of medium and at each place of the areas. */
void power_try_all(struct power_plan *plan, struct power_count *count);
