/* SPDX-License-Identifier: MIT */
/* Who is held and why, rule by rule; then all combinations, against the rules said again in another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "contain/policy.h"

#define HOUR (3600 * NS_PER_S)

static const struct policy usual = {.mode = CONTAIN_ENFORCE,
				    .verdict = VERDICT_INFECTED,
				    .confidence = CONFIDENCE_LIKELY,
				    .for_ns = 48 * HOUR,
				    .quiet_ns = 6 * HOUR,
				    .released_ns = 24 * HOUR};
static const int64_t now = 1000 * HOUR;

static struct device camera(void)
{
	return (struct device){.local = true,
			       .backing = BACKING_TWO_WAY,
			       .verdict = VERDICT_INFECTED,
			       .confidence = CONFIDENCE_SURE};
}

static struct policy_case usual_case(const struct device *d)
{
	return (struct policy_case){.device = d, .sign_ns = now - 60 * NS_PER_S, .now_ns = now};
}

static void expect(const struct policy *policy, const struct policy_case *c, enum hold hold,
		   enum policy_reason reason)
{
	struct policy_decision d = policy_decide(policy, c);

	assert_int_equal(d.hold, hold);
	assert_int_equal(d.reason, reason);
	assert_non_null(policy_reason_words[d.reason]);
}

static void test_infected_is_held(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);

	(void)state;
	expect(&usual, &c, HOLD_CONTAINED, REASON_VERDICT);
	assert_int_equal(policy_decide(&usual, &c).until_ns, c.sign_ns + usual.for_ns);
	d.confidence = CONFIDENCE_POSSIBLE;
	expect(&usual, &c, HOLD_NONE, REASON_NOTHING);
	d = camera();
	d.verdict = VERDICT_SUSPECT;
	expect(&usual, &c, HOLD_NONE, REASON_NOTHING);
	d = camera();
	d.local = false;
	expect(&usual, &c, HOLD_NONE, REASON_NOTHING);
}

static void test_somebody_elses_packets_hold_nobody(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);

	(void)state;
	for (int b = BACKING_ADDRESS; b <= BACKING_PORT; b++) {
		bool sure = b == BACKING_TWO_WAY || b == BACKING_SESSION || b == BACKING_PORT;

		d.backing = b;
		expect(&usual, &c, sure ? HOLD_CONTAINED : HOLD_NONE,
		       sure ? REASON_VERDICT : REASON_NOT_BACKED);
	}
	/* Who is held already is not let out by somebody who uses its address. */
	d.backing = BACKING_MAC;
	c.held = true;
	expect(&usual, &c, HOLD_CONTAINED, REASON_VERDICT);
}

static void test_the_gateway_and_the_administrator_never(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);

	(void)state;
	for (int shield = SHIELD_GATEWAY; shield <= SHIELD_ADMINISTRATOR; shield++)
		for (int order = ORDER_NONE; order <= ORDER_RELEASE; order++) {
			c.shield = shield;
			c.order = order;
			expect(&usual, &c, HOLD_NONE, REASON_SHIELDED);
		}
}

static void test_the_owners_word(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);

	(void)state;
	d.verdict = VERDICT_CLEAR;
	d.backing = BACKING_ADDRESS;
	c.order = ORDER_CONTAIN;
	c.ordered_ns = now - HOUR;
	expect(&usual, &c, HOLD_CONTAINED, REASON_ORDERED);
	assert_int_equal(policy_decide(&usual, &c).until_ns, 0);
	c.order_until = now + 1;
	expect(&usual, &c, HOLD_CONTAINED, REASON_ORDERED);
	assert_int_equal(policy_decide(&usual, &c).until_ns, now + 1);
	c.order_until = now;
	expect(&usual, &c, HOLD_NONE, REASON_NOTHING);
	c.order = ORDER_ISOLATE;
	c.order_until = 0;
	c.excepted = true;
	expect(&usual, &c, HOLD_ISOLATED, REASON_ORDERED);
}

static void test_a_release_holds_until_it_does_it_again(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);

	(void)state;
	c.order = ORDER_RELEASE;
	c.ordered_ns = now - HOUR;
	c.sign_ns = now - 1; /* it goes on, but its owner said so an hour ago */
	expect(&usual, &c, HOLD_NONE, REASON_RELEASED);
	c.ordered_ns = now - 30 * HOUR;
	expect(&usual, &c, HOLD_CONTAINED, REASON_VERDICT);
	c.sign_ns = c.ordered_ns - 1; /* nothing since */
	expect(&usual, &c, HOLD_NONE, REASON_RELEASED);
}

static void test_modes(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);
	struct policy p = usual;

	(void)state;
	p.mode = CONTAIN_OBSERVE;
	expect(&p, &c, HOLD_NONE, REASON_OBSERVED);
	p.mode = CONTAIN_ASK;
	expect(&p, &c, HOLD_NONE, REASON_ASKED);
	c.held = true;
	expect(&p, &c, HOLD_CONTAINED, REASON_VERDICT);
	c.held = false;
	c.excepted = true;
	expect(&usual, &c, HOLD_NONE, REASON_EXCEPTED);
}

static void test_it_ends_by_itself(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);
	struct policy p = usual;

	(void)state;
	c.held = true;
	c.sign_ns = now - 7 * HOUR;
	expect(&usual, &c, HOLD_CONTAINED, REASON_VERDICT); /* quiet, but as open as before */
	c.cause_gone = true;
	expect(&usual, &c, HOLD_NONE, REASON_CLEAN);
	c.sign_ns = now - 5 * HOUR; /* mended, but not quiet for long enough */
	expect(&usual, &c, HOLD_CONTAINED, REASON_VERDICT);
	c.cause_gone = false;
	c.sign_ns = now - usual.for_ns;
	expect(&usual, &c, HOLD_NONE, REASON_OVER);
	p.for_ns = 0;
	expect(&p, &c, HOLD_CONTAINED, REASON_VERDICT);
	assert_int_equal(policy_decide(&p, &c).until_ns, 0);
	d.verdict = VERDICT_CLEAR; /* the findings are too old to count */
	expect(&p, &c, HOLD_NONE, REASON_CLEAN);
}

static void test_times_at_their_ends(void **state)
{
	struct device d = camera();
	struct policy_case c = usual_case(&d);
	static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1,	    0,
					1,	   INT64_MAX - 1, INT64_MAX};
	struct policy p = usual;

	(void)state;
	for (unsigned i = 0; i < 7 * 7 * 7 * 7; i++) {
		c.sign_ns = times[i % 7];
		c.now_ns = times[i / 7 % 7];
		c.ordered_ns = times[i / 49 % 7];
		p.for_ns = times[i / 343] < 0 ? 0 : times[i / 343];
		for (int order = ORDER_NONE; order <= ORDER_RELEASE; order++) {
			c.order = order;
			(void)policy_decide(&p, &c);
		}
	}
}

/* Whatever else is true: who may never be held is not, and nobody is held by policy without its four conditions. */
static void test_all_combinations(void **state)
{
	unsigned held = 0;

	(void)state;
	for (unsigned i = 0; i < 1U << 14; i++) {
		struct device d = {.local = (i & 1) != 0,
				   .backing = (enum backing)((i >> 1 & 3) + 1),
				   .verdict = (i & 8) != 0 ? VERDICT_INFECTED : VERDICT_SUSPECT,
				   .confidence =
					   (i & 16) != 0 ? CONFIDENCE_SURE : CONFIDENCE_POSSIBLE};
		struct policy_case c = {.device = &d,
					.shield = (enum shield)(i >> 5 & 3),
					.order = (enum order)(i >> 7 & 3),
					.ordered_ns = now - HOUR,
					.excepted = (i & 512) != 0,
					.held = (i & 1024) != 0,
					.cause_gone = (i & 2048) != 0,
					.sign_ns =
						(i & 4096) != 0 ? now - 8 * HOUR : now - HOUR / 2,
					.now_ns = now};
		struct policy p = usual;
		struct policy_decision got;

		p.mode = (i & 8192) != 0 ? CONTAIN_ENFORCE : CONTAIN_OBSERVE;
		got = policy_decide(&p, &c);
		if (got.hold == HOLD_NONE)
			continue;
		held++;
		assert_int_equal(c.shield, SHIELD_NONE);
		if (got.reason == REASON_ORDERED)
			continue;
		assert_int_equal(got.reason, REASON_VERDICT);
		assert_true(d.local && (c.held || d.backing >= BACKING_TWO_WAY) && (i & 24) == 24 &&
			    !c.excepted);
		assert_true(p.mode == CONTAIN_ENFORCE && c.order == ORDER_NONE);
		assert_false(c.cause_gone && (i & 4096) != 0);
	}
	assert_true(held > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_infected_is_held),
		cmocka_unit_test(test_somebody_elses_packets_hold_nobody),
		cmocka_unit_test(test_the_gateway_and_the_administrator_never),
		cmocka_unit_test(test_the_owners_word),
		cmocka_unit_test(test_a_release_holds_until_it_does_it_again),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_it_ends_by_itself),
		cmocka_unit_test(test_times_at_their_ends),
		cmocka_unit_test(test_all_combinations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
