/* SPDX-License-Identifier: MIT */
/*
 * base/built and base/version_order: the forms in which devices write dates and versions, what is no date, every day of
 * the calendar, and that "older" is never said of what can't be compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/built.h"
#include "base/scan.h"
#include "base/version_order.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_2020_11_24 = 18590, DAY_2017_04_20 = 17276 };

static void expect_day(int32_t day, const char *text)
{
	int32_t got = -1;

	if (!built_parse(bytes_of(text), &got) || got != day)
		fail_msg("'%s': %d instead of %d", text, got, day);
}

static void expect_no_day(const char *text)
{
	int32_t got;

	if (built_parse(bytes_of(text), &got))
		fail_msg("'%s': %d", text, got);
}

static void test_forms(void **state)
{
	(void)state;
	expect_day(DAY_2020_11_24, "2020-11-24 16:47:14");
	expect_day(DAY_2020_11_24, "2020-11-24T16:47:14Z");
	expect_day(DAY_2020_11_24, " 2020-11-24 ");
	expect_day(DAY_2020_11_24, "2020/11/24");
	expect_day(DAY_2020_11_24, "Nov 24 2020");
	expect_day(DAY_2020_11_24, "nov 24 2020 16:47:14");
	expect_day(DAY_2020_11_24, "24 Nov 2020");
	expect_day(DAY_2020_11_24 - 20, "Nov  4 2020");
	expect_day(DAY_2020_11_24 - 20, "4 NOV 2020");
	expect_day(DAY_2020_11_24 - 20, "2020-11-4");
	expect_day(DAY_2017_04_20, "20170420");
	expect_day(DAY_2017_04_20, "build 170420");
	expect_day(DAY_2017_04_20, "V5.4.5build 170420");
	expect_day(DAY_2017_04_20, "rebuilds 1, Build170420 Rel. 3");
	expect_day(13879, "2008-01-01");
	expect_day(47481, "2099-12-31");
}

static void test_no_dates(void **state)
{
	static const char *const texts[] = {
		"",
		"-",
		"1970-01-01 00:00:00",
		"2000-01-01",
		"2007-12-31",
		"2100-01-01",
		"00170420",
		"2020-13-01",
		"2020-00-01",
		"2020-02-30",
		"2019-02-29",
		"2020-11-00",
		"2020-11/24",
		"2020.11.24",
		"2020-11-24x",
		"2020-11-241",
		"2020-11",
		"20-11-24",
		"2017042",
		"201704200",
		"2017042x",
		"Nov 2020",
		"Nov 31 2020",
		"November 24 2020",
		"24 2020 Nov",
		"24 Nov 20",
		"24-Nov-2020",
		"build",
		"build 1704",
		"build 17042012",
		"build 171332",
		"170420",
		"24/11/2020",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		expect_no_day(texts[i]);
}

/* One after the other, as the calendar has them. */
static void test_every_day(void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int32_t next = 13879;

	(void)state;
	for (int y = 2008; y <= 2099; y++) {
		for (int m = 1; m <= 12; m++) {
			int length = lengths[m - 1] + (m == 2 && y % 4 == 0);

			for (int d = 1; d <= length; d++) {
				char text[40];

				snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
				expect_day(next, text);
				snprintf(text, sizeof text, "V1.%02d%02d%02d build %02d%02d%02d", d,
					 d, d, y % 100, m, d);
				expect_day(next++, text);
			}
		}
	}
}

static void test_at_end(void **state)
{
	int32_t day;

	(void)state;
	assert_true(built_at_end(bytes_of("V4.02.R11.7601.Nat.Onvif.20170420"), &day));
	assert_int_equal(day, DAY_2017_04_20);
	assert_true(built_at_end(bytes_of("20170420 "), &day));
	assert_false(built_at_end(bytes_of("120170420"), &day));
	assert_false(built_at_end(bytes_of("V4.02.R11.00000117.10001.131900.00000"), &day));
	assert_false(built_at_end(bytes_of("0170420"), &day));
	assert_false(built_at_end((struct bytes){NULL, 0}, &day));
}

static void test_cut_anywhere(void **state)
{
	static const char *const texts[] = {"2020-11-24 16:47:14", "Nov  4 2020", "24 Nov 2020",
					    "V5.4.5build 170420", "20170420"};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		for (size_t n = 0; n <= strlen(texts[i]); n++) {
			uint8_t *block = malloc(n + (n == 0));
			int32_t day;

			memcpy(block, texts[i], n);
			(void)built_parse((struct bytes){block, n}, &day);
			(void)built_at_end((struct bytes){block, n}, &day);
			(void)version_compare((struct bytes){block, n}, bytes_of("2.3 Nov"));
			free(block);
		}
	}
}

static void expect_order(const char *a, enum version_order order, const char *b)
{
	static const enum version_order back[] = {VERSION_NEWER, VERSION_EQUAL, VERSION_OLDER,
						  VERSION_UNCLEAR};

	if (version_compare(bytes_of(a), bytes_of(b)) != order)
		fail_msg("'%s' against '%s': %d", a, b, version_compare(bytes_of(a), bytes_of(b)));
	if (version_compare(bytes_of(b), bytes_of(a)) != back[order])
		fail_msg("'%s' against '%s': %d", b, a, version_compare(bytes_of(b), bytes_of(a)));
}

static void test_versions(void **state)
{
	(void)state;
	expect_order("1.3.3", VERSION_OLDER, "1.3.4");
	expect_order("1.9", VERSION_OLDER, "1.10");
	expect_order("V5.4.0 build 160401", VERSION_OLDER, "v5.4.1");
	expect_order("1.1.4 Build 20230218", VERSION_OLDER, "1.1.4 build 20230219");
	expect_order("1.3", VERSION_EQUAL, "1.3.0");
	expect_order("1.3", VERSION_OLDER, "1.3.0.1");
	expect_order("01.03", VERSION_EQUAL, "1.3");
	expect_order("V1.2", VERSION_EQUAL, " 1.2 ");
	expect_order("4.02.R11", VERSION_OLDER, "4.02.R12");
	expect_order("4.02.R11", VERSION_EQUAL, "4.02.r11");
	expect_order("1.2a", VERSION_OLDER, "1.2b");
	expect_order("123456789012345678901", VERSION_OLDER, "123456789012345678902");
	expect_order("20170420", VERSION_OLDER, "20170421");
	expect_order("FullImg-1023-1007", VERSION_OLDER, "FullImg-1023-1008");
}

static void test_versions_that_can_not_be_compared(void **state)
{
	(void)state;
	expect_order("", VERSION_UNCLEAR, "1.2");
	expect_order("unknown", VERSION_UNCLEAR, "1.2");
	expect_order("1\x01.2", VERSION_UNCLEAR, "1.3");
	expect_order("1.3", VERSION_UNCLEAR, "1.3b");
	expect_order("1.3", VERSION_UNCLEAR, "1.3.0-rc1");
	expect_order("1.3", VERSION_UNCLEAR, "1.x");
	expect_order("1.2.3", VERSION_UNCLEAR, "20240412");
	expect_order("Viper1", VERSION_UNCLEAR, "1");
	expect_order("Alpha 1", VERSION_UNCLEAR, "Beta 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_no_dates),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_at_end),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_versions_that_can_not_be_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
