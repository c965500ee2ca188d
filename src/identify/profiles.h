/* SPDX-License-Identifier: MIT */
/*
 * Reduce, between devices and verdicts: what parsers told is laid to devices and weighed into who made each, what it is and which
 * firmware it runs. A device's own message counts more than how it behaves, that more than a banner, a banner more than
 * DHCP, DHCP more than a name it asks for, and that more than the prefix of its MAC (design.md). A maker of chips or
 * radio modules is never a device's maker. What speaks against the conclusion is kept beside it.
 */
#pragma once

#include "base/arena.h"
#include "base/catalogue.h"
#include "identify/devices.h"
#include "proto/listen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A fact, and whose it is. */
struct told {
	const struct fact *fact;
	struct bytes value;
	uint32_t device; /* in devices */
};

struct evidence_for {		 /* one signal that says something */
	const struct told *told; /* NULL: the prefix of the MAC */
	const char *value;	 /* in the arena */
	uint64_t key;
	const char *maker; /* each NULL when it says nothing of that */
	const char *product;
	const char *model;
	const char *firmware;
	const char *built;
	const char *module; /* maker of a chip or module inside */
	enum signal signal;
	enum signal_weight weight;
	enum claim_confidence confidence;
	bool against;
};

struct profile {
	const char *maker;
	const char *brand;
	const char *product;
	const char *model;
	const char *firmware;
	char built[12]; /* "2014-12-05", or "" */
	int32_t built_day;
	bool built_known;
	uint64_t maker_key; /* packets that showed these; 0: nothing did */
	uint64_t model_key;
	uint64_t firmware_key;
	uint64_t built_key;
	const struct evidence_for *evidence; /* best first */
	size_t evidence_n;
	const struct told *told; /* all facts of the device, by signal and then key */
	size_t told_n;
};

struct profiles {
	struct profile *list; /* by device */
	size_t n;
	struct told *told;
	size_t told_n;
	uint32_t *binds; /* positions of the world's bindings, by address */
	bool failed;
};

/* The device with this address under this MAC, else the one device with the address; UINT32_MAX when there is none. */
uint32_t profiles_device(const struct profiles *p, const struct devices *d, const struct world *w,
			 const struct addr *a, uint16_t mac);

/*
 * Devices must be reduced, and strangers that were found out be in their list already; those whose own messages name
 * them are added. Arrays live in the arena.
 */
void profiles_find(struct profiles *p, const struct listeners *listeners, struct devices *d,
		   const struct world *w, const struct catalogue *c, struct arena *arena);
