/* SPDX-License-Identifier: MIT */
/*
 * Packets that lie a step away agree when they lie on the same side and do not go back among themselves: so a sparse
 * capture, whose every packet is minutes after the last, still moves on.
 */
#include "flow/clock.h"
#include "base/timespan.h"

void clock_init(struct clock *c, const struct limits *limits)
{
	*c = (struct clock){.step_ns = limits->clock_step_s * INT64_C(1000000000),
			    .agree = limits->clock_agree};
}

static bool agrees(const struct clock *c, int64_t time_ns, bool forward)
{
	return c->agreeing > 0 && c->forward == forward &&
	       (time_ns >= c->candidate_ns || time_is_within(time_ns, c->candidate_ns, c->step_ns));
}

int64_t clock_step(struct clock *c, int64_t time_ns, bool *held)
{
	bool forward = time_ns > c->now_ns;

	*held = false;
	if (!c->started || time_is_within(c->now_ns, time_ns, c->step_ns)) {
		if (!c->started || forward)
			c->now_ns = time_ns;
		c->started = true;
		c->span = (uint64_t)c->step_ns + 1;
		c->agreeing = 0;
		return c->now_ns;
	}
	if (!agrees(c, time_ns, forward)) {
		c->agreeing = 0;
		c->candidate_ns = time_ns;
	}
	c->forward = forward;
	c->agreeing++;
	if (time_ns > c->candidate_ns)
		c->candidate_ns = time_ns;
	if (c->agreeing >= c->agree) {
		c->now_ns = c->candidate_ns;
		c->agreeing = 0;
		return c->now_ns;
	}
	*held = true;
	c->held++;
	return c->now_ns;
}
