/* SPDX-License-Identifier: MIT */
/*
 * The parts of a summary, one file each. A part is one function for three ways: writing (the archive is not reading), checking
 * (reading without tables) and joining (reading into tables).
 */
#pragma once

#include "base/archive.h"
#include "summary/ours.h"
#include "summary/summary.h"

struct hands {
	struct archive *a;
	struct summary_tables *t; /* NULL while checking */
	const struct catalogue *catalogue;
	struct ours *ours; /* while saving: what goes into it */
	uint16_t *macs;	   /* our numbers of the file's MACs, made while joining */
	bool failed;	   /* out of memory */
};

/* True when what is being read goes into tables. */
static inline bool joins(const struct hands *h)
{
	return h->a->reading && h->t != NULL && !h->a->broken;
}

void section_inputs(struct hands *h);
void section_world(struct hands *h); /* names the MACs: comes before those that number them */
void section_hosts(struct hands *h);
void section_floods(struct hands *h);
void section_facts(struct hands *h);
void section_counts(struct hands *h);

/* Times and counts beside each other: shared by several. */
void section_rates(struct archive *a, struct rates *r);
