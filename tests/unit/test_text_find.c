/* SPDX-License-Identifier: MIT */
/*
 * base/scan: where a text begins, against looking at each place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "draw.h"

#include <stdlib.h>

static size_t find_slowly(struct bytes b, const char *text)
{
	for (size_t i = 0; i + strlen(text) <= b.len; i++) {
		if (memcmp(b.at + i, text, strlen(text)) == 0)
			return i;
	}
	return b.len;
}

static void test_edges(void **state)
{
	const struct bytes none = {.at = NULL, .len = 0}, abc = bytes_of("abc");

	(void)state;
	assert_int_equal(bytes_find(none, "a"), 0);
	assert_int_equal(bytes_find(abc, "abcd"), 3);
	assert_int_equal(bytes_find(abc, "abc"), 0);
	assert_int_equal(bytes_find(abc, "c"), 2);
	assert_false(bytes_hold(abc, "ac"));
	assert_int_equal(bytes_find(bytes_of("<<a<A>"), "<A>"), 3);
}

/* A copy of the right size each time, so that a look beyond it is found. */
static void test_everywhere(void **state)
{
	static const char *const texts[] = {"a", "aA", "Aa", "a.", "..a", "aaA.", "A.A", "aaaa"};
	struct draw d = draw_from(11);

	(void)state;
	for (int round = 0; round < 50000; round++) {
		size_t n = 1 + draw_below(&d, 12);
		uint8_t *copy = malloc(n);
		struct bytes b = {copy, n};

		assert_non_null(copy);
		for (size_t i = 0; i < n; i++)
			copy[i] = (uint8_t) "aA."[draw_below(&d, 3)];
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			assert_int_equal(bytes_find(b, texts[i]), find_slowly(b, texts[i]));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
