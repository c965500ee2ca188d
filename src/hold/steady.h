/* SPDX-License-Identifier: MIT */
/*
 * A clock for ends of holds: that of the wall, but for its jumps. A gateway without a battery begins in 1970 and learns the time by
 * NTP a minute later; somebody may set the date. Who is held for two hours is held for two hours all the same. What the clock of the
 * wall does little by little (slewing, drift) is followed.
 */
#pragma once

#include <stdint.h>

struct steady {
	int64_t wall_ns, mono_ns; /* when it was asked last; mono_ns 0: never */
	int64_t step_ns;	  /* the wall is so far ahead of this clock: the sum of its jumps */
};

/* The time; wall_ns and mono_ns are the two clocks now. mono_ns is never 0. */
int64_t steady_now(struct steady *s, int64_t wall_ns, int64_t mono_ns);
/* What the clock on the wall says, or will say, at that time. 0, no end, stays 0. */
int64_t steady_wall(const struct steady *s, int64_t ns);
