/* SPDX-License-Identifier: MIT */
/*
 * What a saved summary says of floods, put into a lane's tables: into empty ones that is loading, into filled ones joining.
 * Numbers of MACs and order keys are ours already. Full tables refuse and count, as ever.
 */
#pragma once

#include "detect/flood.h"

/* The sources of a record as they are saved: all of them, or what is left of them. */
struct flood_senders_from {
	bool sketched;
	bool refused;
	uint64_t bits[4];
	uint32_t n;
	uint64_t list[SOURCES_EXACT];
	uint8_t registers[SOURCES_REGISTERS];
};

/* The target in the lane, its sums added; NULL when there is no room. from->record is not looked at. */
struct flood_target *flood_join_target(struct flood_lane *f, const struct flood_target *from);
/* The record of that target and vector, its sums added; from->target and its sources are not looked at. */
struct flood_record *flood_join_record(struct flood_lane *f, struct flood_target *t,
				       const struct flood_record *from,
				       const struct flood_senders_from *sources);
/* from->record and from->hash are not looked at. */
void flood_join_sender(struct flood_lane *f, const struct flood_record *r,
		       const struct flood_sender *from);
