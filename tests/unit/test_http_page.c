/* SPDX-License-Identifier: MIT */
/*
 * proto/http_page: marks and words of pages are found in one pass wherever they stand: random texts of their pieces,
 * against one search for each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "proto/http_page.c"

enum { ROOM = 200 };

/* Pieces of the words with noise between them; most are cut. */
static struct bytes random_text(struct draw *d, const char *const *words, size_t n, char room[ROOM])
{
	size_t most = draw_below(d, ROOM - 40), len = 0;

	while (len < most) {
		const char *word = words[draw_below(d, n)];
		size_t whole = strlen(word), part = draw_below(d, whole + 1);

		if (draw_below(d, 4) == 0)
			part = whole;
		memcpy(room + len, word, part);
		if (part > 0 && draw_below(d, 4) == 0)
			room[len + draw_below(d, part)] ^= ' ';
		len += part;
		for (size_t i = draw_below(d, 7); i > 0; i--)
			room[len++] = (char)draw(d);
	}
	return (struct bytes){(const uint8_t *)room, len};
}

static void test_marks(void **state)
{
	struct draw d = draw_from(1);
	unsigned some = 0, none = 0;

	(void)state;
	for (size_t k = 0; k < MARKS; k++)
		assert_true(strlen(marks[k]) >= MARK_MIN);
	for (int i = 0; i < 100000; i++) {
		char room[ROOM];
		struct bytes text = random_text(&d, marks, MARKS, room);
		unsigned found = find_marks(text), expected = 0;

		for (unsigned k = 0; k < MARKS; k++)
			expected |= (unsigned)bytes_hold(text, marks[k]) << k;
		assert_int_equal(found, expected);
		some += found != 0;
		none += found == 0;
	}
	assert_true(some > 10000);
	assert_true(none > 10000);
}

static void test_words(void **state)
{
	enum { ERRORS = sizeof errors / sizeof errors[0] };
	struct draw d = draw_from(2);
	unsigned some = 0, none = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char room[ROOM];
		size_t n = 1 + draw_below(&d, ERRORS);
		struct bytes text = bytes_upto(random_text(&d, errors, ERRORS, room), 30);
		bool found = words_held(text, errors, n), expected = false;

		for (size_t k = 0; k < n; k++)
			expected |= find_nocase(text, errors[k]) < text.len;
		assert_int_equal(found, expected);
		some += found;
		none += !found;
	}
	assert_true(some > 10000);
	assert_true(none > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
