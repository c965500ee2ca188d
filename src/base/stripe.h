/* SPDX-License-Identifier: MIT */
/*
 * One of several tables that lie interleaved in memory: piece k of each stands beside piece k of the others. 64 lanes
 * with 64 half-empty tables would otherwise spread what is in use over the whole budget, a page here and a page there,
 * and every look-up would miss the processor's table of pages.
 */
#pragma once

#include "base/budget.h"

#include <stddef.h>
#include <stdint.h>

enum { STRIPE_PIECE = 64 /* entries that stand together */ };

struct stripe {
	uint8_t *at;
	size_t stride;	/* bytes from one piece to the next of the same table */
	uint32_t entry; /* bytes of an entry */
};

static inline void *stripe_at(const struct stripe *s, uint32_t i)
{
	return s->at + (size_t)(i / STRIPE_PIECE) * s->stride +
	       (size_t)(i % STRIPE_PIECE) * s->entry;
}

/* The same where the entry's size is known to the compiler, which then need not multiply by it. */
static inline void *stripe_of(const struct stripe *s, uint32_t i, size_t entry)
{
	return s->at + (size_t)(i / STRIPE_PIECE) * s->stride + (size_t)(i % STRIPE_PIECE) * entry;
}

/* A table on its own. */
static inline struct stripe stripe_alone(void *at, uint32_t entry)
{
	return (struct stripe){.at = at, .stride = (size_t)STRIPE_PIECE * entry, .entry = entry};
}

/*
 * Takes n tables of cap entries each, a multiple of STRIPE_PIECE, into out[0 … n-1]. 0 or -ENOMEM.
 */
int stripes_take(struct stripe *out, unsigned n, struct budget *budget, const char *name,
		 uint32_t cap, uint32_t entry);

/* The same for large entries, any number of them: they lie interleaved one by one. */
int stripes_take_large(struct stripe *out, unsigned n, struct budget *budget, const char *name,
		       uint32_t cap, uint32_t entry);
