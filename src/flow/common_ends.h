/* SPDX-License-Identifier: MIT */
/*
 * Is one address at nearly every packet's end? Then it is the router's own, seen from outside. Misra and Gries: a count
 * for each of a few addresses; one that has none takes a place that ran out, and where there is none, all counts go
 * down by one. That is done to all at once by raising the floor that they stand on. Sixteen places can't be filled up:
 * whoever floods them with addresses only loses to what is at more than a seventeenth of the ends.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum { COMMON_ENDS = 16 };

struct end_count {
	struct addr addr;
	uint64_t count; /* and the floor: see common_ends_count() */
	bool sent;
	bool received;
};

struct common_ends {
	uint64_t floor;
	uint64_t lowest;	    /* no taken place is below this */
	uint32_t taken;		    /* a bit for each place that is not free */
	uint64_t filter;	    /* a bit for each tag: most strangers are none of the sixteen */
	uint32_t tags[COMMON_ENDS]; /* of the addresses */
	struct end_count list[COMMON_ENDS];
};

/* Counts an address; hash is its published one. */
void common_ends_add(struct common_ends *e, const struct addr *a, uint64_t hash, bool sent);

static inline uint64_t common_ends_count(const struct common_ends *e, int i)
{
	return e->list[i].count - e->floor;
}

/* Takes the floor off the counts, so that they stand in the list as they are. */
void common_ends_settle(struct common_ends *e);
/* Replaces what was counted. */
void common_ends_set(struct common_ends *e, const struct end_count list[COMMON_ENDS]);
