/* SPDX-License-Identifier: MIT */
/*
 * base/pattern: what each sign matches and what is no pattern; then random small patterns and values against a naive
 * recursive twin, which tries every length of every star from the left; then the worst case's cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pattern.h"
#include "base/scan.h"

#include <stdlib.h>
#include <time.h>

/* NULL: no match; "" for none. */
static void expect(const char *pattern, const char *value, const char *capture)
{
	struct bytes got;
	bool match = pattern_match(bytes_of(pattern), bytes_of(value), &got);

	if (pattern_check(bytes_of(pattern)) != NULL)
		fail_msg("no pattern: %s: %s", pattern, pattern_check(bytes_of(pattern)));
	if (match != (capture != NULL))
		fail_msg("'%s' on '%s': %d", pattern, value, match);
	if (match && !bytes_are(got, capture))
		fail_msg("'%s' on '%s' took '%.*s'", pattern, value, (int)got.len,
			 (const char *)got.at);
}

static void test_signs(void **state)
{
	(void)state;
	expect("uc-httpd 1.0.0", "uc-httpd 1.0.0", "");
	expect("uc-httpd 1.0.0", "UC-HTTPd 1.0.0", "");
	expect("uc-httpd 1.0.0", "uc-httpd 1.0.0 ", NULL);
	expect("uc-httpd*", "uc-httpd", "");
	expect("*", "", "");
	expect("?", "", NULL);
	expect("#?#", "1x2", "");
	expect("#?#", "1xx", NULL);
	expect("DCS-(*)_*", "DCS-930L_B1_x", "930L");
	expect("AXIS (*) - *", "AXIS M1011 - 00408C123456", "M1011");
	expect("(DS-*)-*", "ds-2CD-2-3", "ds-2CD");
	expect("V(#*) build*", "V5.4.0 build 160530", "5.4.0");
	expect("V(#*) build*", "Vx5.4.0 build 160530", NULL);
	expect("\\*\\?\\#\\(\\)\\\\", "*?#()\\", "");
	expect("a\\B", "Ab", "");
	expect("x(*)", "x", "");
	expect("*(*)", "abc", "abc"); /* the first star takes as little as possible: nothing */
	expect("(*)*", "abc", "");
	expect("*(##)*", "ab12345", "12");
	expect("*(##)", "ab12345", "45");
	expect("\xc3\xa4*", "\xc3\xa4x", "");
}

static void test_a_group_that_takes_nothing_has_a_place(void **state)
{
	struct bytes got, value = bytes_of("abc");

	(void)state;
	assert_true(pattern_match(bytes_of("ab(*)c"), value, &got));
	assert_ptr_equal(got.at, value.at + 2);
	assert_int_equal(got.len, 0);
	assert_true(pattern_match(bytes_of("abc"), value, &got));
	assert_null(got.at);
	assert_true(pattern_match(bytes_of("(*)"), (struct bytes){NULL, 0}, &got));
	assert_int_equal(got.len, 0);
	assert_false(pattern_match((struct bytes){NULL, 0}, value, &got));
}

static void test_domains(void **state)
{
	(void)state;
	expect(".xmeye.net", "xmeye.net", "");
	expect(".xmeye.net", "XMEye.net", "");
	expect(".xmeye.net", "pub.ip.xmeye.net", "");
	expect(".xmeye.net", "notxmeye.net", NULL);
	expect(".xmeye.net", "xmeye.net.example", NULL);
	expect(".xmeye.net", "net", NULL);
	expect(".(*).example.net", "a.example.net", "a");
	expect(".p2p#.example", "x.p2p1.example", "");
	expect("\\.x", ".x", "");
	expect("\\.x", "x", NULL);
}

static void expect_wrong(const char *pattern, const char *word)
{
	const char *wrong = pattern_check(bytes_of(pattern));

	if (wrong == NULL || strstr(wrong, word) == NULL)
		fail_msg("'%s': %s", pattern, wrong == NULL ? "accepted" : wrong);
}

static void test_no_patterns(void **state)
{
	char longest[PATTERN_MAX + 2];

	(void)state;
	expect_wrong("", "nothing");
	expect_wrong(".", "name");
	expect_wrong("a\\", "last");
	expect_wrong("a\tb", "control");
	expect_wrong("a\x7f", "control");
	expect_wrong("\\\x01", "control");
	expect_wrong("(a)(b)", "one group");
	expect_wrong("((a))", "one group");
	expect_wrong("a)", "( before");
	expect_wrong("(a))", "( before");
	expect_wrong("(a", ") at the end");
	expect_wrong("()", "between");
	assert_null(pattern_check(bytes_of("(\\))")));
	assert_null(pattern_check(bytes_of("(\\()")));
	memset(longest, 'a', sizeof longest);
	longest[PATTERN_MAX + 1] = '\0';
	expect_wrong(longest, "160");
	longest[PATTERN_MAX] = '\0';
	assert_null(pattern_check(bytes_of(longest)));
}

/* The header's words and nothing else: what stands here must never be clever. */
static bool twin(const char *p, const char *v, const char **from, const char **to)
{
	if (*p == '\0')
		return *v == '\0';
	if (*p == '(') {
		*from = *to = v;
		return twin(p + 1, v, from, to);
	}
	if (*p == ')') {
		*to = v;
		if (!twin(p + 1, v, from, to))
			return false;
		*to = v;
		return true;
	}
	if (*p == '*') {
		for (const char *rest = v;; rest++) {
			const char *own_from = *from, *own_to = *to;

			if (twin(p + 1, rest, &own_from, &own_to)) {
				*from = own_from;
				*to = own_to;
				return true;
			}
			if (*rest == '\0')
				return false;
		}
	}
	if (*v == '\0')
		return false;
	if (*p == '?' || (*p == '#' && *v >= '0' && *v <= '9'))
		return twin(p + 1, v + 1, from, to);
	if (*p == '\\')
		p++;
	else if (*p == '#')
		return false;
	return ascii_lower((uint8_t)*p) == ascii_lower((uint8_t)*v) && twin(p + 1, v + 1, from, to);
}

static bool twin_match(const char *pattern, const char *value, const char **from, const char **to)
{
	char below[64] = "*";

	*from = *to = NULL;
	if (pattern[0] != '.')
		return twin(pattern, value, from, to);
	if (twin(pattern + 1, value, from, to))
		return true;
	*from = *to = NULL;
	strcat(below, pattern);
	return twin(below, value, from, to);
}

static uint32_t random_word(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void random_text(uint32_t *seed, const char *letters, size_t most, char *out)
{
	size_t n = random_word(seed) % (most + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[random_word(seed) % strlen(letters)];
	out[n] = '\0';
}

/* "head(middle)tail" */
static void random_group(uint32_t *seed, char out[16])
{
	random_text(seed, "*ab?#1\\", 3, out);
	strcat(out, "(");
	random_text(seed, "**ab?#1", 3, out + strlen(out));
	strcat(out, ")");
	random_text(seed, "*ab?#1", 4, out + strlen(out));
}

static void test_against_the_twin(void **state)
{
	uint32_t seed = 20161021;
	unsigned tried = 0, matched = 0, captured = 0;

	(void)state;
	for (int i = 0; i < 600000; i++) {
		char pattern[16], value[16];
		const char *from, *to;
		struct bytes got;
		bool match;

		random_text(&seed, "**aabB?#1().\\", 9, pattern);
		if (i % 2 == 0)
			random_group(&seed, pattern);
		random_text(&seed, "aaabAB1.", 9, value);
		if (pattern_check(bytes_of(pattern)) != NULL)
			continue;
		match = pattern_match(bytes_of(pattern), bytes_of(value), &got);
		tried++;
		matched += match;
		captured += got.at != NULL;
		if (match != twin_match(pattern, value, &from, &to))
			fail_msg("'%s' on '%s': %d", pattern, value, match);
		if (!match)
			continue;
		if ((got.at == NULL) != (from == NULL) ||
		    (from != NULL &&
		     (got.at != (const uint8_t *)from || got.len != (size_t)(to - from))))
			fail_msg("'%s' on '%s' took '%.*s'", pattern, value, (int)got.len,
				 (const char *)got.at);
	}
	assert_true(tried > 100000);
	assert_true(matched > 10000);
	assert_true(captured > 10000);
}

/* The worst that fits: many stars over a value of one letter that just does not match. */
static void test_worst_case_is_bounded(void **state)
{
	char pattern[PATTERN_MAX + 1], value[8193];
	struct bytes got;
	clock_t start;

	(void)state;
	memset(value, 'a', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (int i = 0; i < PATTERN_MAX; i++)
		pattern[i] = i % 8 == 0 ? '*' : 'a';
	pattern[PATTERN_MAX - 1] = 'b';
	pattern[PATTERN_MAX] = '\0';
	start = clock();
	assert_false(pattern_match(bytes_of(pattern), bytes_of(value), &got));
	memset(pattern, 'a', PATTERN_MAX - 1);
	pattern[0] = '*';
	assert_false(pattern_match(bytes_of(pattern), bytes_of(value), &got));
	assert_true(clock() - start < CLOCKS_PER_SEC);
}

/* Never a byte past either end: blocks of their own, at every length. */
static void test_cut_anywhere(void **state)
{
	static const char pattern[] = ".(a*#?)\\x*b\\", value[] = "a.ab1cxb";

	(void)state;
	for (size_t n = 0; n < sizeof pattern; n++) {
		for (size_t m = 0; m < sizeof value; m++) {
			uint8_t *p = malloc(n + (n == 0)), *v = malloc(m + (m == 0));
			struct bytes got;

			memcpy(p, pattern, n);
			memcpy(v, value, m);
			(void)pattern_check((struct bytes){p, n});
			(void)pattern_match((struct bytes){p, n}, (struct bytes){v, m}, &got);
			free(p);
			free(v);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_a_group_that_takes_nothing_has_a_place),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_no_patterns),
		cmocka_unit_test(test_against_the_twin),
		cmocka_unit_test(test_worst_case_is_bounded),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
