/* SPDX-License-Identifier: MIT */
/*
 * base/put against what libc writes, and text_json() against a twin that looks at one byte after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/put.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20000 };

static uint64_t state = 1;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Of any length in bits, so that short ones are among them. */
static uint64_t any(void)
{
	unsigned bits = (unsigned)(next() % 64) + 1;

	return next() >> (64 - bits);
}

static void expect_number(uint64_t value)
{
	char wrote[PUT_NUMBER_MAX + 1], meant[32];

	*put_number(wrote, value) = '\0';
	(void)snprintf(meant, sizeof meant, "%llu", (unsigned long long)value);
	assert_string_equal(wrote, meant);
}

static void numbers_are_as_printf_has_them(void **unused)
{
	uint64_t power = 1;

	(void)unused;
	expect_number(0);
	expect_number(UINT64_MAX);
	for (int i = 0; i < 19; i++) {
		power *= 10;
		expect_number(power - 1);
		expect_number(power);
	}
	for (int i = 0; i < ROUNDS; i++)
		expect_number(any());
}

static void addresses_are_as_addr_text_has_them(void **unused)
{
	char wrote[ADDR_TEXT_MAX + 1], meant[ADDR_TEXT_MAX];

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		struct addr a = addr_v4((uint32_t)next());

		if (i % 4 == 0) {
			uint64_t high = next();

			memcpy(a.b, &high, sizeof high);
		}
		*put_addr(wrote, &a) = '\0';
		assert_string_equal(wrote, addr_text(&a, meant));
	}
}

static void expect_time(struct put_minute *minute, int64_t ns)
{
	int64_t second = ns >= 0 ? ns / 1000000000 : -1 - (-1 - ns) / 1000000000;
	time_t seconds = (time_t)second;
	char wrote[PUT_TIME_MAX + 1], meant[64], day[32];
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	assert_true(strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) > 0);
	for (unsigned digits = 0; digits <= 9; digits++) {
		size_t n;

		(void)snprintf(meant, sizeof meant, "%s.%09u", day,
			       (unsigned)((uint64_t)ns - (uint64_t)second * 1000000000));
		n = strlen(day) + (digits == 0 ? 0 : 1 + digits);
		assert_int_equal(put_time(wrote, minute, ns, digits) - wrote, n);
		assert_memory_equal(wrote, meant, n);
	}
}

static void times_are_as_libc_has_them(void **unused)
{
	struct put_minute minute = {0};
	int64_t ns = 0;

	(void)unused;
	expect_time(&minute, 0);
	expect_time(&minute, -1);
	expect_time(&minute, INT64_MAX);
	expect_time(&minute, INT64_MIN);
	for (int i = 0; i < ROUNDS / 10; i++) {
		/* A jump now and then, else steps within a minute and over its ends. */
		ns = i % 16 == 0 ? (int64_t)next() : (int64_t)((uint64_t)ns + next() % 20000000000);
		expect_time(&minute, ns);
	}
}

/* One byte after the other, for strings of ASCII. */
static void naive_json(const char *s, char *to)
{
	*to++ = '"';
	for (; *s != '\0'; s++) {
		const char *special = strchr("\"\"\\\\\bb\ff\nn\rr\tt", *s);

		if (strchr("\"\\\b\f\n\r\t", *s) != NULL) {
			*to++ = '\\';
			*to++ = *s == '"' || *s == '\\' ? *s : special[1];
		} else if (*s < ' ' || *s == 0x7f) {
			to += sprintf(to, "\\u%04x", (unsigned)*s);
		} else {
			*to++ = *s;
		}
	}
	*to++ = '"';
	*to = '\0';
}

/* Each ASCII byte at each place of strings of each length: what is looked at by eight is looked at by one. */
static void strings_are_escaped_wherever_it_is_needed(void **unused)
{
	char meant[256];

	(void)unused;
	for (size_t len = 0; len < 20; len++) {
		for (size_t at = 0; at < len; at++) {
			for (int c = 1; c < 128; c++) {
				char *s = malloc(len + 1);
				struct text t = {0};

				assert_non_null(s);
				memset(s, c % 2 == 0 ? 'x' : '~', len);
				s[at] = (char)c;
				s[len] = '\0';
				naive_json(s, meant);
				text_json(&t, s);
				assert_string_equal(text_string(&t), meant);
				text_fini(&t);
				free(s);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_as_printf_has_them),
		cmocka_unit_test(addresses_are_as_addr_text_has_them),
		cmocka_unit_test(times_are_as_libc_has_them),
		cmocka_unit_test(strings_are_escaped_wherever_it_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
