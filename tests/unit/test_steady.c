/* SPDX-License-Identifier: MIT */
/* watch/steady: a clock that follows the wall's drift and none of its jumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/steady.h"

#define S NS_PER_S
#define YEAR (365 * 86400 * S)

static void test_it_follows_drift(void **state)
{
	struct steady c = {0};

	(void)state;
	assert_int_equal(steady_now(&c, 50 * YEAR, 7 * S), 50 * YEAR);
	for (int i = 1; i < 1000; i++) /* 1 ms a second too fast */
		assert_int_equal(steady_now(&c, 50 * YEAR + i * (S + NS_PER_MS), (7 + i) * S),
				 50 * YEAR + i * (S + NS_PER_MS));
	assert_int_equal(c.step_ns, 0);
}

static void test_it_knows_jumps(void **state)
{
	struct steady c = {0};

	(void)state;
	assert_int_equal(steady_now(&c, 0, 7 * S), 0);
	assert_int_equal(steady_now(&c, 50 * YEAR, 8 * S), S);
	assert_int_equal(steady_now(&c, 50 * YEAR + S, 9 * S), 2 * S);
	assert_int_equal(steady_wall(&c, 2 * S), 50 * YEAR + S);
	assert_int_equal(steady_now(&c, 10 * YEAR, 10 * S), 3 * S);
	assert_int_equal(steady_wall(&c, 3 * S), 10 * YEAR);
	assert_int_equal(steady_wall(&c, 0), 0);
	/* Asked after a day in which nobody jumped. */
	assert_int_equal(steady_now(&c, 10 * YEAR + 86400 * S, (10 + 86400) * S), (3 + 86400) * S);
}

static void test_the_ends_of_numbers(void **state)
{
	struct steady c = {0};

	(void)state;
	(void)steady_now(&c, INT64_MIN, 1);
	(void)steady_now(&c, INT64_MAX, INT64_MAX);
	(void)steady_now(&c, INT64_MIN, 2);
	assert_int_equal(steady_wall(&c, 0), 0);
	(void)steady_wall(&c, INT64_MAX);
	(void)steady_wall(&c, INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_follows_drift),
		cmocka_unit_test(test_it_knows_jumps),
		cmocka_unit_test(test_the_ends_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
