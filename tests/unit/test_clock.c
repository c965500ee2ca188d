/* SPDX-License-Identifier: MIT */
/*
 * flow/clock against the rule written down plainly, with exact arithmetic and a list of the packets that disagree;
 * and the cases that the rule was made for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "draw.h"
#include "flow/clock.h"

enum { AGREE = 64, STEP = 60 };

static const struct limits limits = {.clock_step_s = STEP, .clock_agree = AGREE};

struct twin {
	bool started;
	__int128 now;
	__int128 waiting[AGREE]; /* packets that lie a step away, since the last that did not */
	int n;
	uint64_t held;
};

static __int128 latest(const struct twin *t)
{
	__int128 most = t->waiting[0];

	for (int i = 1; i < t->n; i++)
		most = t->waiting[i] > most ? t->waiting[i] : most;
	return most;
}

static int64_t twin_stamp(struct twin *t, int64_t at, bool *held)
{
	const __int128 step = (__int128)STEP * NS_PER_S;

	*held = false;
	if (!t->started || (at - t->now <= step && t->now - at <= step)) {
		t->now = !t->started || at > t->now ? at : t->now;
		t->started = true;
		t->n = 0;
		return (int64_t)t->now;
	}
	if (t->n > 0 && ((at > t->now) != (t->waiting[0] > t->now) || at < latest(t) - step))
		t->n = 0;
	t->waiting[t->n++] = at;
	if (t->n == AGREE) {
		t->now = latest(t);
		t->n = 0;
	} else {
		*held = true;
		t->held++;
	}
	return (int64_t)t->now;
}

struct both {
	struct clock clock;
	struct twin twin;
};

static struct both both_new(void)
{
	struct both b = {.twin = {.n = 0}};

	clock_init(&b.clock, &limits);
	return b;
}

static int64_t both_stamp(struct both *b, int64_t at)
{
	bool held, twin_held;
	int64_t now = clock_stamp(&b->clock, at, &held);

	assert_int_equal(now, twin_stamp(&b->twin, at, &twin_held));
	assert_int_equal(held, twin_held);
	assert_int_equal(b->clock.held, b->twin.held);
	return now;
}

static int64_t pull(struct draw *d, int64_t around, int64_t other)
{
	int64_t jitter = (int64_t)draw_below(d, 130 * (uint64_t)NS_PER_S) - 65 * NS_PER_S;
	int64_t sum;

	switch (draw_below(d, 40)) {
	case 0:
		return INT64_MIN + (int64_t)draw_below(d, 100);
	case 1:
		return INT64_MAX - (int64_t)draw_below(d, 100);
	case 2:
		return (int64_t)draw(d);
	case 3:
	case 4:
		around = other;
		break;
	default:
		break;
	}
	return __builtin_add_overflow(around, jitter, &sum) ? around : sum;
}

/* Long runs at one of two places with stray packets between, so that steps are followed again and again. */
static void test_clock_does_what_the_rule_says(void **state)
{
	unsigned steps = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct draw d = draw_from(seed);
		struct both b = both_new();
		int64_t here = (int64_t)(draw(&d) >> 2), there = pull(&d, here, here);
		uint64_t stray = draw_below(&d, 4) == 0 ? 8 : 200;

		for (int i = 0; i < 3000; i++) {
			int64_t before = b.clock.now_ns;
			int64_t at = here + (int64_t)draw_below(&d, (uint64_t)NS_PER_S);

			if (draw_below(&d, stray) == 0)
				at = pull(&d, here, there);
			both_stamp(&b, at);
			steps += !time_is_within(before, b.clock.now_ns, STEP * NS_PER_S);
			if (draw_below(&d, 500) == 0) {
				there = here;
				here = (int64_t)draw(&d) / 4;
			}
		}
	}
	assert_true(steps > 200); /* the test is about them */
}

static void test_small_steps_back_change_nothing(void **state)
{
	struct both b = both_new();

	(void)state;
	assert_int_equal(both_stamp(&b, 100 * NS_PER_S), 100 * NS_PER_S);
	assert_int_equal(both_stamp(&b, 40 * NS_PER_S), 100 * NS_PER_S);
	assert_int_equal(b.clock.held, 0);
	assert_int_equal(both_stamp(&b, 160 * NS_PER_S), 160 * NS_PER_S);
	assert_int_equal(both_stamp(&b, 220 * NS_PER_S + 1), 160 * NS_PER_S);
	assert_int_equal(b.clock.held, 1);
}

static void check_step(int64_t from, int64_t to)
{
	struct both b = both_new();

	both_stamp(&b, from);
	for (int i = 1; i < AGREE; i++)
		assert_int_equal(both_stamp(&b, to), from);
	assert_int_equal(b.clock.held, AGREE - 1);
	assert_int_equal(both_stamp(&b, to), to);
	assert_int_equal(both_stamp(&b, to), to);
	assert_int_equal(b.clock.held, AGREE - 1);
}

static void test_exactly_64_agree_on_a_step(void **state)
{
	(void)state;
	check_step(1000 * NS_PER_S, 1061 * NS_PER_S);
	check_step(1000 * NS_PER_S, 939 * NS_PER_S);
	check_step(0, INT64_MAX);
	check_step(0, INT64_MIN);
	check_step(INT64_MIN, INT64_MAX);
	check_step(INT64_MAX, INT64_MIN);
}

static void test_one_packet_of_now_ends_the_agreement(void **state)
{
	struct both b = both_new();

	(void)state;
	both_stamp(&b, 0);
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i < AGREE; i++)
			both_stamp(&b, 1000 * NS_PER_S);
		assert_int_equal(both_stamp(&b, NS_PER_S), NS_PER_S);
	}
	assert_int_equal(b.clock.held, 3 * (AGREE - 1));
}

static void test_the_two_sides_do_not_agree(void **state)
{
	struct both b = both_new();

	(void)state;
	both_stamp(&b, 0);
	for (int i = 0; i < 10 * AGREE; i++)
		assert_int_equal(both_stamp(&b, (i % 2 == 0 ? 1000 : -1000) * NS_PER_S), 0);
}

/* A packet every two minutes: the first 63 after the beginning stand still, then the clock has caught up. */
static void test_a_sparse_capture_moves_on(void **state)
{
	struct both b = both_new();
	int64_t at = 0;

	(void)state;
	for (int i = 0; i < 1 + 10 * AGREE; i++, at += 120 * NS_PER_S)
		both_stamp(&b, at);
	assert_int_equal(b.clock.now_ns, at - 120 * NS_PER_S);
}

static void test_a_damaged_stamp_is_not_followed(void **state)
{
	struct both b = both_new();

	(void)state;
	for (int64_t s = 0; s < 1000; s++) {
		assert_int_equal(both_stamp(&b, s * NS_PER_S), s * NS_PER_S);
		assert_int_equal(both_stamp(&b, (int64_t)(s % 7) * INT64_C(1000000000000000000) +
							INT64_C(900000000000000000)),
				 s * NS_PER_S);
	}
	assert_int_equal(b.clock.held, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_does_what_the_rule_says),
		cmocka_unit_test(test_small_steps_back_change_nothing),
		cmocka_unit_test(test_exactly_64_agree_on_a_step),
		cmocka_unit_test(test_one_packet_of_now_ends_the_agreement),
		cmocka_unit_test(test_the_two_sides_do_not_agree),
		cmocka_unit_test(test_a_sparse_capture_moves_on),
		cmocka_unit_test(test_a_damaged_stamp_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
