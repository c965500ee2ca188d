/* SPDX-License-Identifier: MIT */
/*
 * The rules of policy.h, one function each. A false "contained" takes a family's camera from the Internet, so every doubt
 * (whose packets were these? is it over?) speaks for letting go, but for the owner's own word.
 */
#include "contain/policy.h"

#include "base/timespan.h"

const char *const contain_mode_words[] = {"observe", "ask", "enforce", NULL};

const char *const policy_reason_words[] = {
	[REASON_NOTHING] = "nothing is held against it",
	[REASON_SHIELDED] =
		"it is the gateway, this host or the administrator's own client, which are never held",
	[REASON_ORDERED] = "its owner ordered it",
	[REASON_RELEASED] = "its owner released it",
	[REASON_EXCEPTED] = "the settings make an exception for it",
	[REASON_NOT_BACKED] = "somebody else in the network could have sent its packets",
	[REASON_OBSERVED] = "cordon only observes",
	[REASON_ASKED] = "its owner is asked",
	[REASON_VERDICT] = "what it did",
	[REASON_OVER] = "its time is over",
	[REASON_LIFTED] = "cordon ended, or leaves the firewall alone from now on",
	[REASON_CLEAN] = "no sign for a while, and the cause is gone",
	[REASON_GATED] = "it is not through the first-use gate",
};

static struct policy_decision let_go(enum policy_reason reason)
{
	return (struct policy_decision){.hold = HOLD_NONE, .reason = reason};
}

static bool is_over(int64_t until_ns, int64_t now_ns)
{
	return until_ns != 0 && now_ns >= until_ns;
}

/* Is there what policy holds a device for? */
static bool is_accused(const struct policy *policy, const struct policy_case *c)
{
	const struct device *d = c->device;

	return d->local && d->verdict >= policy->verdict && d->confidence >= policy->confidence &&
	       c->sign_ns != INT64_MIN;
}

static bool is_order(const struct policy_case *c)
{
	return (c->order == ORDER_CONTAIN || c->order == ORDER_ISOLATE) &&
	       !is_over(c->order_until, c->now_ns);
}

/* A release counts until its time is over, and after that against all signs that are older than it. */
static bool is_released(const struct policy *policy, const struct policy_case *c)
{
	if (c->order != ORDER_RELEASE)
		return false;
	return c->sign_ns <= c->ordered_ns ||
	       time_since(c->ordered_ns, c->now_ns) < policy->released_ns;
}

/* When policy's hold ends; 0: never by itself. */
static int64_t end_of(const struct policy *policy, const struct policy_case *c)
{
	int64_t end;

	if (policy->for_ns == 0 || __builtin_add_overflow(c->sign_ns, policy->for_ns, &end))
		return 0;
	return end;
}

static struct policy_decision by_policy(const struct policy *policy, const struct policy_case *c)
{
	int64_t until = end_of(policy, c);

	if (is_over(until, c->now_ns))
		return let_go(c->held ? REASON_OVER : REASON_NOTHING);
	if (c->cause_gone && time_since(c->sign_ns, c->now_ns) >= policy->quiet_ns)
		return let_go(c->held ? REASON_CLEAN : REASON_NOTHING);
	/* Who is held stays held: else whoever uses its address for a moment lets it out. */
	if (!c->held && c->device->backing < BACKING_TWO_WAY)
		return let_go(REASON_NOT_BACKED);
	/* What is held stays held when the settings turn to asking: the owner releases it. */
	if (policy->mode == CONTAIN_OBSERVE || (policy->mode == CONTAIN_ASK && !c->held))
		return let_go(policy->mode == CONTAIN_ASK ? REASON_ASKED : REASON_OBSERVED);
	return (struct policy_decision){
		.hold = HOLD_CONTAINED, .reason = REASON_VERDICT, .until_ns = until};
}

struct policy_decision policy_decide(const struct policy *policy, const struct policy_case *c)
{
	bool ordered = is_order(c), accused = is_accused(policy, c);

	if (!ordered && !accused)
		return let_go(c->held ? REASON_CLEAN : REASON_NOTHING);
	if (c->shield != SHIELD_NONE)
		return let_go(REASON_SHIELDED);
	if (ordered)
		return (struct policy_decision){.hold = c->order == ORDER_ISOLATE ? HOLD_ISOLATED
										  : HOLD_CONTAINED,
						.reason = REASON_ORDERED,
						.until_ns = c->order_until};
	if (is_released(policy, c))
		return let_go(REASON_RELEASED);
	if (c->excepted)
		return let_go(REASON_EXCEPTED);
	return by_policy(policy, c);
}
