/* SPDX-License-Identifier: MIT */
/*
 * What a saved summary says of the world is put into the tables as if the reader had just seen it: into empty ones that is
 * loading, into filled ones joining. Numbers of MACs and order keys are ours already. Full tables refuse and count, as ever.
 */
#pragma once

#include "flow/world.h"

/* The number of the MAC in our table, or NO_MAC. */
uint16_t world_join_mac(struct world *w, const struct world_mac *from);

/* rates: NULL when there are none; from->rates is not looked at. */
void world_join_binding(struct world *w, const struct binding *from, const struct rates *rates);

/* A network that was given (--local) holds as given only while no summary comes without such. */
void world_join_prefix(struct world *w, const struct prefix *p, bool given);
void world_join_ends(struct world *w, const struct end_count from[COMMON_ENDS]);
/* Counters, flags and the clock; tables aside. */
void world_join_counts(struct world *w, const struct world *from);
