/* SPDX-License-Identifier: MIT */
/*
 * base/text: growth, escaping for JSON and terminals, times, numbers, line breaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)

/* The text, compared and emptied. */
static void expect(struct text *t, const char *wanted)
{
	assert_false(t->failed);
	assert_string_equal(text_string(t), wanted);
	assert_int_equal(t->len, strlen(wanted));
	text_clear(t);
}

static void test_grows(void **state)
{
	struct text t = {0};

	(void)state;
	assert_string_equal(text_string(&t), "");
	for (unsigned i = 0; i < 100000; i++)
		text_printf(&t, "%05u,", i);
	assert_int_equal(t.len, 600000);
	assert_memory_equal(t.at + 6 * 77777, "77777,", 6);
	assert_int_equal(t.at[t.len], '\0');
	text_clear(&t);
	expect(&t, "");
	text_add(&t, "a\0b", 3);
	assert_int_equal(t.len, 3);
	text_fini(&t);
	assert_null(t.at);
	text_fini(&t);
}

static void test_fails_and_stays_failed(void **state)
{
	struct text t = {0};

	(void)state;
	text_puts(&t, "kept");
	text_repeat(&t, 'x', SIZE_MAX - 1);
	assert_true(t.failed);
	text_puts(&t, " lost");
	assert_true(t.failed);
	assert_string_equal(text_string(&t), "kept");
	text_fini(&t);
}

struct sunk {
	struct text all;
	unsigned times;
};

static void sink(void *context, const char *at, size_t len)
{
	struct sunk *s = context;

	text_add(&s->all, at, len);
	s->times++;
}

static void test_sink_gets_all_in_order(void **state)
{
	struct sunk s = {0};
	struct text t = {.sink = sink, .sink_context = &s};
	struct text whole = {0};

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		text_printf(&t, "line %u\n", i);
		text_printf(&whole, "line %u\n", i);
		text_settle(&t);
		assert_true(t.room < 256 * 1024);
	}
	text_finish(&t);
	text_finish(&t); /* nothing is left: no empty write */
	assert_true(s.times > 2);
	assert_string_equal(text_string(&s.all), text_string(&whole));
	text_fini(&t);
	text_fini(&whole);
	text_fini(&s.all);
}

static void test_json_strings(void **state)
{
	struct text t = {0};

	(void)state;
	text_json(&t, "");
	expect(&t, "\"\"");
	text_json(&t, "a\"b\\c/d\n\r\t\b\f\x01\x1f\x7f");
	expect(&t, "\"a\\\"b\\\\c/d\\n\\r\\t\\b\\f\\u0001\\u001f\\u007f\"");
	text_json(&t, "caméra 摄像头 \xf0\x9f\x93\xb7");
	expect(&t, "\"caméra 摄像头 \xf0\x9f\x93\xb7\"");
	/* a right-to-left override, C1's CSI, a tag character beyond the first plane */
	text_json(&t, "\xe2\x80\xae \xc2\x9b \xf3\xa0\x80\x81");
	expect(&t, "\"\\u202e \\u009b \\udb40\\udc01\"");
	text_fini(&t);
}

#define BAD "\xef\xbf\xbd"

static void test_json_makes_utf8_valid(void **state)
{
	struct text t = {0};

	(void)state;
	text_json(&t, "\x80 \xff \xc3");
	expect(&t, "\"" BAD " " BAD " " BAD "\"");
	text_json(&t, "\xc0\xaf"); /* an overlong slash */
	expect(&t, "\"" BAD BAD "\"");
	text_json(&t, "\xe0\x80\xaf \xf0\x80\x80\xaf"); /* longer ones */
	expect(&t, "\"" BAD BAD BAD " " BAD BAD BAD BAD "\"");
	text_json(&t, "\xed\xa0\x80"); /* half a surrogate pair */
	expect(&t, "\"" BAD BAD BAD "\"");
	text_json(&t, "\xf4\x90\x80\x80"); /* above U+10FFFF */
	expect(&t, "\"" BAD BAD BAD BAD "\"");
	text_json(&t, "\xf0\x9f\x93"); /* cut by the end */
	expect(&t, "\"" BAD BAD BAD "\"");
	text_fini(&t);
}

static void test_plain_disarms(void **state)
{
	struct text t = {0};

	(void)state;
	text_plain(&t,
		   "\033[31mred\007 a\nb\tc \x9b"
		   "31m \xc2\x9b \\",
		   true);
	expect(&t, "\\x1b[31mred\\x07 a\\x0ab\\x09c \\x9b31m \\u009b \\\\");
	text_plain(&t,
		   "a\xe2\x80\xae"
		   "b\xe2\x81\xa6"
		   "c\xe2\x80\x8b"
		   "d\xef\xbb\xbf",
		   true);
	expect(&t, "a\\u202eb\\u2066c\\u200bd\\ufeff");
	text_plain(&t, "caméra → 摄", true);
	expect(&t, "caméra → 摄");
	text_fini(&t);
}

static void test_html_disarms(void **state)
{
	static const char *const cases[][2] = {
		{"a plain name", "a plain name"},
		{"</script><script>", "&lt;/script&gt;&lt;script&gt;"},
		{"\"'&amp;", "&quot;&#39;&amp;amp;"},
		{"a\\b", "a\\b"},
		{"\x01\n\x1b[2J\x7f", "\\x01\\x0a\\x1b[2J\\x7f"},
		{"\xe2\x80\xaegpj.exe", "\\u202egpj.exe"},
		{"\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069"},
		{"\xff<\xc0\xbc\xe2\x80", "\\xff&lt;\\xc0\\xbc\\xe2\\x80"},
		{"K\xc3\xbc"
		 "che",
		 "K\xc3\xbc"
		 "che"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text t = {0};

		text_html(&t, cases[i][0]);
		assert_string_equal(text_string(&t), cases[i][1]);
		text_fini(&t);
	}
}

/* What one escape wrote, the other hands on. */
static void test_html_after_plain(void **state)
{
	struct text plain = {0};
	struct text t = {0};

	(void)state;
	text_plain(&plain, "\\<\x1b", true);
	text_html(&t, text_string(&plain));
	assert_string_equal(text_string(&t), "\\\\&lt;\\x1b");
	text_fini(&plain);
	text_fini(&t);
}

static void test_plain_in_ascii(void **state)
{
	struct text t = {0};

	(void)state;
	text_plain(&t, "é → 3 µs… “x” ≥ 2 \xf0\x9f\x93\xb7", false);
	expect(&t, "\\u00e9 -> 3 us... \"x\" >= 2 \\U0001f4f7");
	text_plain(&t, "\xe2\x80\xae\x80", false);
	expect(&t, "\\u202e\\x80");
	text_fini(&t);
}

static void test_times(void **state)
{
	struct text t = {0};

	(void)state;
	text_time(&t, 1477047871 * S + 123456789);
	expect(&t, "2016-10-21T11:04:31.123456789Z");
	text_time(&t, 0);
	expect(&t, "1970-01-01T00:00:00.000000000Z");
	text_time(&t, -1);
	expect(&t, "1969-12-31T23:59:59.999999999Z");
	text_time(&t, 951782400 * S);
	expect(&t, "2000-02-29T00:00:00.000000000Z");
	text_time(&t, 4107542400 * S); /* 2100 is no leap year */
	expect(&t, "2100-03-01T00:00:00.000000000Z");
	text_time(&t, INT64_MAX);
	expect(&t, "2262-04-11T23:47:16.854775807Z");
	text_time(&t, INT64_MIN);
	expect(&t, "1677-09-21T00:12:43.145224192Z");
	text_time_human(&t, 1477047871 * S + 999999999);
	expect(&t, "2016-10-21\xc2\xa0"
		   "11:04:31");
	text_time_as(&t, 1477047871 * S + 999999999, 0, "Z");
	expect(&t, "2016-10-21T11:04:31Z");
	text_time_clock(&t, 1477047871 * S);
	expect(&t, "11:04:31");
	assert_int_equal(text_time_day(0), 0);
	assert_int_equal(text_time_day(-1), -1);
	assert_int_equal(text_time_day(86400 * S), 1);
	text_fini(&t);
}

/* Each day to the year 2260 against the plain way of counting: months and leap years. */
static void test_every_day(void **state)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = 1970;
	unsigned month = 1;
	unsigned day = 1;

	(void)state;
	for (int64_t n = 0; n < 106000; n++) {
		struct text t = {0};
		char wanted[32];
		unsigned length = lengths[month - 1];

		if (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
			length = 29;
		(void)snprintf(wanted, sizeof wanted, "%04u-%02u-%02uT00:00:00.000000000Z", year,
			       month, day);
		text_time(&t, n * 86400 * S);
		assert_string_equal(text_string(&t), wanted);
		text_fini(&t);
		if (++day > length) {
			day = 1;
			month = month % 12 + 1;
			year += month == 1;
		}
	}
}

#define NBSP "\xc2\xa0"

static void test_numbers(void **state)
{
	struct text t = {0};

	(void)state;
	text_count(&t, 0);
	expect(&t, "0");
	text_count(&t, 999);
	expect(&t, "999");
	text_count(&t, 1000);
	expect(&t, "1" NBSP "000");
	text_count(&t, 4118220);
	expect(&t, "4" NBSP "118" NBSP "220");
	text_count(&t, UINT64_MAX);
	expect(&t, "18" NBSP "446" NBSP "744" NBSP "073" NBSP "709" NBSP "551" NBSP "615");
	text_size(&t, 1);
	expect(&t, "1" NBSP "byte");
	text_size(&t, 812);
	expect(&t, "812" NBSP "bytes");
	text_size(&t, 3149999);
	expect(&t, "3.1" NBSP "MB");
	text_size(&t, UINT64_MAX);
	expect(&t, "18.4" NBSP "EB");
	text_fini(&t);
}

static void test_durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *words;
	} cases[] = {
		{0, "0" NBSP "s"},
		{1, "under" NBSP "1" NBSP "ms"},
		{40000000, "40" NBSP "ms"},
		{800000000, "0.8" NBSP "s"},
		{9990000000, "9.9" NBSP "s"},
		{10000000000, "10" NBSP "s"},
		{24700000000, "24" NBSP "s"},
		{302000000000, "5" NBSP "m" NBSP "02" NBSP "s"},
		{3900000000000, "1" NBSP "h" NBSP "05" NBSP "m"},
		{86400000000000, "1" NBSP "d" NBSP "00" NBSP "h"},
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		text_duration(&t, cases[i].ns);
		expect(&t, cases[i].words);
	}
	text_duration(&t, UINT64_MAX);
	expect(&t, "213503" NBSP "d" NBSP "23" NBSP "h");
	text_fini(&t);
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("é→●"), 3);
	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_width("摄像头"), 6);
	assert_int_equal(text_width("\033[1;31mINFECTED\033[0m"), 8);
	assert_int_equal(text_width("\033["), 0);
	assert_int_equal(text_width("\xff\xfe"), 2);
}

static void test_wraps(void **state)
{
	struct text t = {0};

	(void)state;
	text_wrap(&t, "one two three four", 2, 10);
	expect(&t, "one two\n  three\n  four");
	text_puts(&t, "before\n1234");
	text_wrap(&t, " 678 0", 0, 8);
	expect(&t, "before\n1234 678\n0");
	text_wrap(&t, "  keeps   inner spaces", 2, 40);
	expect(&t, "  keeps   inner spaces");
	text_wrap(&t, "abcdefghijklmno", 2, 6);
	expect(&t, "abcdef\n  ghij\n  klmn\n  o");
	text_wrap(&t, "a bc 4" NBSP "118" NBSP "220 d", 0, 12);
	expect(&t, "a bc\n4 118 220 d");
	text_wrap(&t, "摄像 头头", 0, 6);
	expect(&t, "摄像\n头头");
	text_wrap(&t, "摄像头", 0, 5);
	expect(&t, "摄像\n头");
	text_wrap(&t, "x", 4, 4); /* no room at all: still no endless loop */
	expect(&t, "x");
	text_fini(&t);
}

static void test_never_wider(void **state)
{
	static const char *const words[] = {"a", "bb ", "ccc", " ", "ddddddddddddddddddddddd",
					    "é", "摄"};
	uint32_t random = 1;
	struct text line = {0};

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct text t = {0};

		text_clear(&line);
		for (unsigned i = 0; i < 60; i++) {
			random = random * 1664525 + 1013904223;
			text_puts(&line, words[(random >> 16) % (sizeof words / sizeof words[0])]);
		}
		text_wrap(&t, text_string(&line), 3, 20);
		for (char *at = t.at, *end; at != NULL; at = end != NULL ? end + 1 : NULL) {
			end = strchr(at, '\n');
			if (end != NULL)
				*end = '\0';
			assert_true(text_width(at) <= 20);
		}
		text_fini(&t);
	}
	text_fini(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_fails_and_stays_failed),
		cmocka_unit_test(test_sink_gets_all_in_order),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_makes_utf8_valid),
		cmocka_unit_test(test_plain_disarms),
		cmocka_unit_test(test_html_disarms),
		cmocka_unit_test(test_html_after_plain),
		cmocka_unit_test(test_plain_in_ascii),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_never_wider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
