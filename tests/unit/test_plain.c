/* SPDX-License-Identifier: MIT */
/* proto/plain: what must not reach a terminal, and what must not reach a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "proto/plain.h"

#define EXPECT_TEXT(in, expected) expect(plain_text, (in), sizeof(in) - 1, (expected))
#define EXPECT_IDS(in, expected) expect(plain_ids, (in), sizeof(in) - 1, (expected))

static void expect(size_t (*plain)(char *, size_t, struct bytes), const char *in, size_t len,
		   const char *expected)
{
	char out[100];
	size_t n = plain(out, sizeof out, (struct bytes){(const uint8_t *)in, len});

	assert_string_equal(out, expected);
	assert_int_equal(n, strlen(expected));
}

static void escapes(void **state)
{
	(void)state;
	EXPECT_TEXT("a\x1b[1;31mb\x1b[0mc", "abc");
	EXPECT_TEXT("\x1b]0;title\x07x\x1b]open\ny", "x y");
	EXPECT_TEXT("\x1b(Bx\x1b", "x");
	EXPECT_TEXT("a\x1b[1\ny", "a y");
	EXPECT_TEXT("  one\r\n\ttwo \x7f ", "one two");
}

static void serial_numbers(void **state)
{
	(void)state;
	EXPECT_TEXT("Cam SN:1234A, v2", "Cam, v2");
	EXPECT_TEXT("Serial number = 12 34", " 34");
	EXPECT_TEXT("S/N 99)", "");
	EXPECT_TEXT("serial no. 7; uuid:8-9", "");
	EXPECT_TEXT("serialised snow IMEI", "serialised snow IMEI");
	EXPECT_TEXT("serial:", "serial:");
	EXPECT_TEXT("Lab Serial Server 3 (SN: 4711)", "Lab Serial Server 3");
}

static void ids(void **state)
{
	(void)state;
	EXPECT_IDS("cam-00:11:22:33:44:55/x", "cam-*/x");
	EXPECT_IDS("a/00-11-22-33-44-55", "a/*");
	EXPECT_IDS("550e8400-e29b-41d4-a716-446655440000", "*");
	EXPECT_IDS("ESP8266Client-12345", "ESP8266Client-12345");
	EXPECT_IDS("DVES_1A2B3C", "DVES_*");
	EXPECT_IDS("x123456y", "x*y");
	EXPECT_IDS("Zq7Zq7Zq7Zq7Zq7Zq7!", "*!");
	EXPECT_IDS("ab:cd", "ab:cd");
	EXPECT_IDS("12-34:56-78", "12-34:56-78");
	EXPECT_IDS("", "");
}

static void small_room(void **state)
{
	char out[4];

	(void)state;
	assert_int_equal(plain_ids(out, sizeof out, bytes_of("xyzxyz")), 3);
	assert_string_equal(out, "xyz");
	assert_int_equal(plain_text(out, 1, bytes_of("xyz")), 0);
	assert_string_equal(out, "");
	assert_int_equal(plain_text(out, 0, bytes_of("xyz")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(serial_numbers),
		cmocka_unit_test(ids),
		cmocka_unit_test(small_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
