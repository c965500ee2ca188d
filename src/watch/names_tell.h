/* SPDX-License-Identifier: MIT */
/*
 * Tells the service which names devices looked up (proto/lookups.h), each time that one is new or goes on. A message holds all
 * names of one device; so many go out in one round, the rest in the next. What was told is known by a digest: one that is
 * lost is only told again.
 */
#pragma once

#include "engine.h"
#include "watch/rounds.h"

enum { NAMES_TOLD = 1024, NAMES_A_ROUND = 64 };

struct names_tell {
	uint64_t told[NAMES_TOLD]; /* digests of messages, by the device's id */
	uint32_t changes;	   /* of the lookups that were told whole */
	bool begun;
	struct wire_names names;
};

/* A new service: it was told nothing. */
void names_tell_again(struct names_tell *t);
void names_tell(struct names_tell *t, struct rounds *r, struct engine *e,
		const struct judged *judged);
