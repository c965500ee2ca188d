/* SPDX-License-Identifier: MIT */
/*
 * Stage time (design rule 3): the running maximum of packet times, so that nothing downstream sees time go back. A
 * step of over clock_step_s either way (a clock set, a damaged stamp, a quiet night) is followed only after
 * clock_agree packets say the same; until then packets take the last stage time and are counted.
 */
#pragma once

#include "base/knowledge.h"

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t step_ns;
	uint64_t
		span; /* a time that lies less than this behind now_ns is the next one; 0 before the first */
	int64_t agree;
	int64_t now_ns;
	int64_t candidate_ns; /* latest time of those that agree on a step */
	int64_t agreeing;
	bool forward;
	bool started;
	uint64_t held; /* packets that took the last stage time */
};

void clock_init(struct clock *c, const struct limits *limits);

/* What clock_stamp() does with a time that is not simply the next one. */
int64_t clock_step(struct clock *c, int64_t time_ns, bool *held);

/* The stage time of a packet of this time; *held tells whether the clock stood still for it. */
static inline int64_t clock_stamp(struct clock *c, int64_t time_ns, bool *held)
{
	if (time_ns < c->now_ns || (uint64_t)time_ns - (uint64_t)c->now_ns >= c->span)
		return clock_step(c, time_ns, held);
	*held = false;
	c->agreeing = 0;
	c->now_ns = time_ns;
	return time_ns;
}
