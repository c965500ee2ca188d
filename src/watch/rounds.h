/* SPDX-License-Identifier: MIT */
/* A round: what was judged, told to the service as far as it changed. */
#pragma once

#include "verdict/judged.h"
#include "watch/told.h"
#include "watch/wire.h"

#include <stdbool.h>

struct rounds {
	struct told *told;
	uint8_t *buffer; /* WIRE_MOST */
	size_t len;	 /* of what stands in it */
	int service;
	int64_t now_ns;	    /* a clock that goes on, for what is told seldom */
	bool blocked;	    /* the service takes no more in this round */
	uint64_t said;	    /* messages in this round */
	uint64_t held_back; /* messages that found no room, in all */
};

/* 0 or -ENOMEM. */
int rounds_init(struct rounds *r, size_t max_devices, int service);
void rounds_fini(struct rounds *r);

/* Tells what changed, in a whole round also what only counted on. Returns true when there was anything to tell; then rounds_end() is due. */
bool rounds_tell(struct rounds *r, const struct judged *judged, int64_t now_ns, bool whole);
/* Counters, and the end of the round. False when there is no room now. */
bool rounds_counts(struct rounds *r, struct wire_counts *counts);
bool rounds_end(struct rounds *r, struct wire_round *round);
bool rounds_hello(struct rounds *r, struct wire_hello *hello);
/* A conversation that ended. False: there was no room, and it is lost. */
bool rounds_flow(struct rounds *r, struct wire_flow *flow);
/* Whom an accused device spoke with. False: there was no room. */
bool rounds_peers(struct rounds *r, struct wire_peers *peers);
/* Which names a device looked up. False: there was no room. */
bool rounds_names(struct rounds *r, struct wire_names *names);
/* A message without a body. */
bool rounds_say(struct rounds *r, enum wire_type type, int fd);
