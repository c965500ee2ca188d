/* SPDX-License-Identifier: MIT */
/*
 * See steady.h. A jump is what the wall moved more or less than the monotonic clock since it was asked last, by more than
 * JUMP_NS: adjtimex(2) slews by 0.5 ms a second at most, and it is asked every second or so.
 */
#include "hold/steady.h"

#include "base/timespan.h"

#define JUMP_NS (2 * NS_PER_S)

static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b > 0 ? INT64_MAX : INT64_MIN;
	return sum;
}

int64_t steady_now(struct steady *s, int64_t wall_ns, int64_t mono_ns)
{
	int64_t jump = s->mono_ns == 0 ? 0
				       : time_since(time_since(s->mono_ns, mono_ns),
						    time_since(s->wall_ns, wall_ns));

	if (jump > JUMP_NS || jump < -JUMP_NS)
		s->step_ns = add(s->step_ns, jump);
	s->wall_ns = wall_ns;
	s->mono_ns = mono_ns;
	return time_since(s->step_ns, wall_ns);
}

int64_t steady_wall(const struct steady *s, int64_t ns)
{
	return ns == 0 ? 0 : add(ns, s->step_ns);
}
