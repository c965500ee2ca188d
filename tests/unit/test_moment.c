/* SPDX-License-Identifier: MIT */
/* cli/moment.c: times as notices write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/moment.h"

#define S INT64_C(1000000000)
#define AT (1477047871 * S) /* 2016-10-21 11:04:31 UTC */

static void test_right(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} right[] = {
		{"2016-10-21T11:04:31Z", AT},
		{"2016-10-21 11:04:31 UTC", AT},
		{"2016-10-21 11:04:31z", AT},
		{"2016-10-21T13:04:31+02:00", AT},
		{"2016-10-21 07:04:31 -0400", AT},
		{"2016-10-21T11:04:31.25Z", AT + S / 4},
		{"2016-10-21T11:04:31.123456789123Z", AT + 123456789},
		{"1970-01-01T00:00:00Z", 0},
		{"2000-02-29T00:00:00Z", 951782400 * S},
		{"2100-03-01T00:00:00Z", 4107542400 * S},
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		assert_int_equal(moment_parse(right[i].text, &ns), MOMENT_OK);
		assert_int_equal(ns, right[i].ns);
	}
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"",
		"now",
		"2016-10-21",
		"2016-10-21T11:04Z",
		"1477047871",
		"2016-13-21T11:04:31Z",
		"2016-02-30T11:04:31Z",
		"2100-02-29T00:00:00Z",
		"1969-12-31T23:59:59Z",
		"2016-10-21T24:04:31Z",
		"2016-10-21T11:04:31 CEST",
		"2016-10-21T11:04:31Zx",
		"2016-10-21T11:04:31.Z",
		"2016-10-21T11:04:31+2",
		"99999999999-10-21T11:04:31Z",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(moment_parse(wrong[i], &ns), MOMENT_WRONG);
	assert_int_equal(moment_parse("2016-10-21 11:04:31", &ns), MOMENT_NO_ZONE);
	assert_int_equal(moment_parse("2016-10-21T11:04:31.5 ", &ns), MOMENT_NO_ZONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
