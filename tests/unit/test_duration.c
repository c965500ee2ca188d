/* SPDX-License-Identifier: MIT */
/* Durations: every unit, and all that must not be taken for one. */
#include "base/duration.h"

#include "base/timespan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int64_t of(const char *s)
{
	int64_t ns = -1;

	return duration_parse(s, &ns) ? ns / NS_PER_S : -1;
}

static void test_units(void **state)
{
	(void)state;
	assert_int_equal(of("10s"), 10);
	assert_int_equal(of("5m"), 300);
	assert_int_equal(of("2h"), 7200);
	assert_int_equal(of("30d"), 30 * 86400);
	assert_int_equal(of("0s"), 0);
	assert_int_equal(of("007m"), 420);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {"",	    "s",   "10",  "-5m",  "+5m",
					    " 5m",  "5m ", "5 m", "5min", "1h30",
					    "1.5h", "5M",  "5w",  "0x5s", "5\xc2\xa0m"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(of(wrong[i]), -1);
}

/* 2^63 ns are 106,751 days and some hours. */
static void test_too_long(void **state)
{
	(void)state;
	assert_int_equal(of("106751d"), INT64_C(106751) * 86400);
	assert_int_equal(of("106752d"), -1);
	assert_int_equal(of("9223372036s"), INT64_C(9223372036));
	assert_int_equal(of("9223372037s"), -1);
	assert_int_equal(of("18446744073709551617s"), -1);
	assert_int_equal(of("99999999999999999999999999d"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
