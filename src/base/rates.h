/* SPDX-License-Identifier: MIT */
/*
 * How many of something by time, in fixed room and without knowing how long it will go on: when the last bin is full two
 * neighbours become one, so that the bins always cover everything. Bins stand at multiples of their width since 1970, so
 * two counts of the same kind can be joined and the result is that of one.
 */
#pragma once

#include <stdint.h>

enum { RATES_BINS = 64 };

struct rates {
	int64_t first;	/* number of the first bin since 1970, in its own width */
	uint32_t width; /* seconds, a power of two; 0: nothing was counted yet */
	uint32_t bin[RATES_BINS];
};

/* Adds n at that second. What is earlier than the first bin counts in the first. */
void rates_add(struct rates *r, int64_t second, uint32_t n);

/* rates_add(r, second, 1), short for the bin that is there already. */
static inline void rates_count(struct rates *r, int64_t second)
{
	if (r->width != 0 && second >= 0) {
		uint64_t at = (uint64_t)((second >> __builtin_ctz(r->width)) - r->first);

		if (at < RATES_BINS && r->bin[at] != UINT32_MAX) {
			r->bin[at]++;
			return;
		}
	}
	rates_add(r, second, 1);
}

/* Adds what `from` has. */
void rates_join(struct rates *r, const struct rates *from);
