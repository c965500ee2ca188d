/* SPDX-License-Identifier: MIT */
/*
 * flow/window against a naive twin: an array of bytes, each of which is there or not. What the twin holds to is the
 * window's promise, put exactly: of two copies of a byte the first counts; what lies outside is left out; and while
 * WINDOW_RANGES pieces lie apart, bytes that touch none of them are left out as a whole, all others are taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "flow/window.h"

#include <stdlib.h>

struct twin {
	uint8_t bytes[WINDOW_BYTES];
	bool there[WINDOW_BYTES];
};

static unsigned twin_pieces(const struct twin *t)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < WINDOW_BYTES; i++)
		n += t->there[i] && (i == 0 || !t->there[i - 1]);
	return n;
}

/* Is a byte of [a, b), or one right beside it, there? */
static bool twin_touches(const struct twin *t, uint32_t a, uint32_t b)
{
	for (uint32_t i = a > 0 ? a - 1 : 0; i <= b && i < WINDOW_BYTES; i++) {
		if (t->there[i])
			return true;
	}
	return false;
}

static void twin_put(struct twin *t, uint32_t offset, struct bytes data)
{
	uint32_t end = offset >= WINDOW_BYTES || data.len > WINDOW_BYTES - offset
			       ? WINDOW_BYTES
			       : offset + (uint32_t)data.len;

	if (twin_pieces(t) == WINDOW_RANGES && !twin_touches(t, offset, end))
		return;
	for (uint32_t i = offset; i < end; i++) {
		if (!t->there[i])
			t->bytes[i] = data.at[i - offset];
		t->there[i] = true;
	}
}

static void twin_drop(struct twin *t, uint32_t n)
{
	for (uint32_t i = 0; i < WINDOW_BYTES; i++) {
		bool kept = n < WINDOW_BYTES - i;

		t->there[i] = kept && t->there[i + n];
		t->bytes[i] = kept ? t->bytes[i + n] : 0;
	}
}

static void expect_same(const struct window *w, const struct twin *t)
{
	struct bytes front = window_front(w);
	uint32_t at = 0, first = 0;

	for (unsigned r = 0; r < w->ranges_n; r++) {
		const struct window_range *range = &w->ranges[r];

		assert_true(range->from < range->to && range->to <= WINDOW_BYTES);
		assert_true(r == 0 || range->from > w->ranges[r - 1].to);
		for (; at < range->from; at++)
			assert_false(t->there[at]);
		for (; at < range->to; at++)
			assert_true(t->there[at] && w->bytes[at] == t->bytes[at]);
	}
	for (; at < WINDOW_BYTES; at++)
		assert_false(t->there[at]);
	while (first < WINDOW_BYTES && !t->there[first])
		first++;
	assert_int_equal(window_first(w), first);
	assert_int_equal(window_is_empty(w), first == WINDOW_BYTES);
	for (at = 0; at < WINDOW_BYTES && t->there[at]; at++)
		;
	assert_int_equal(front.len, at);
	assert_true(at == 0 || front.at == w->bytes);
}

static void put_both(struct window *w, struct twin *t, uint32_t offset, const uint8_t *at,
		     size_t len)
{
	/* A block of its own: reads behind its end are seen. */
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct bytes data = {copy, len};

	if (len > 0)
		memcpy(copy, at, len);
	window_put(w, offset, data);
	twin_put(t, offset, data);
	free(copy);
}

/* Sizes from a byte to more than the window, places mostly inside it. */
static void play(uint64_t seed, unsigned operations, uint32_t spread, uint32_t most)
{
	static struct window w;
	static struct twin t;
	static uint8_t noise[2 * WINDOW_BYTES];
	struct draw d = draw_from(seed);

	w.ranges_n = 0;
	memset(&t, 0, sizeof t);
	for (unsigned i = 0; i < operations; i++) {
		uint32_t offset = (uint32_t)draw_below(&d, spread);
		size_t len = draw_below(&d, most);

		if (draw_below(&d, 4) == 0) {
			window_drop(&w, offset);
			twin_drop(&t, offset);
		} else {
			for (size_t k = 0; k < len; k++)
				noise[k] = (uint8_t)draw(&d);
			put_both(&w, &t, offset, noise, len);
		}
		expect_same(&w, &t);
	}
}

static void test_as_the_twin(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		play(seed, 150, 40, 6);			   /* crowded: pieces touch and join */
		play(seed, 150, 200, 4);		   /* sparse: too many pieces */
		play(seed, 100, WINDOW_BYTES + 200, 1500); /* as networks cut */
		play(seed, 50, WINDOW_BYTES + 200, 2 * WINDOW_BYTES); /* beyond its end */
	}
}

static const uint8_t letters[] = "abcdefghijklmnopqrstuvwxyz";

static void test_first_copy_wins(void **state)
{
	static struct window w;
	static struct twin t;

	(void)state;
	put_both(&w, &t, 5, letters, 3);
	put_both(&w, &t, 0, letters + 10, 12);
	expect_same(&w, &t);
	assert_memory_equal(w.bytes, "klmnoabcstuv", 12);
	put_both(&w, &t, 0, letters, 12);
	assert_memory_equal(w.bytes, "klmnoabcstuv", 12);
}

/* The seventh piece is left out; what touches one of the six, or closes a hole, is not. */
static void test_a_piece_too_many(void **state)
{
	static struct window w;
	static struct twin t;

	(void)state;
	for (uint32_t i = 1; i <= WINDOW_RANGES; i++)
		put_both(&w, &t, 10 * i, letters, 2);
	put_both(&w, &t, 100, letters, 2);
	put_both(&w, &t, 0, letters, 9);
	assert_int_equal(w.ranges_n, WINDOW_RANGES);
	assert_int_equal(window_first(&w), 10);
	put_both(&w, &t, 62, letters, 5); /* right behind the last */
	assert_int_equal(w.ranges[WINDOW_RANGES - 1].to, 67);
	put_both(&w, &t, 12, letters, 8); /* closes the first hole */
	assert_int_equal(w.ranges_n, WINDOW_RANGES - 1);
	put_both(&w, &t, 100, letters, 2);
	assert_int_equal(w.ranges_n, WINDOW_RANGES);
	put_both(&w, &t, 0, letters, 20); /* touches the first */
	assert_int_equal(window_front(&w).len, 22);
	put_both(&w, &t, 0, letters, 26);
	expect_same(&w, &t);
}

static void test_ends_of_the_window(void **state)
{
	static struct window w;
	static struct twin t;

	(void)state;
	put_both(&w, &t, WINDOW_BYTES, letters, 4);
	put_both(&w, &t, UINT32_MAX, letters, 4);
	put_both(&w, &t, 0, letters, 0);
	assert_true(window_is_empty(&w));
	put_both(&w, &t, WINDOW_BYTES - 3, letters, 26);
	expect_same(&w, &t);
	assert_int_equal(w.ranges[0].to, WINDOW_BYTES);
	window_drop(&w, WINDOW_BYTES - 3);
	assert_int_equal(window_front(&w).len, 3);
	assert_memory_equal(window_front(&w).at, "abc", 3);
	window_drop(&w, UINT32_MAX);
	assert_true(window_is_empty(&w));
	window_drop(&w, 1);
	assert_int_equal(window_first(&w), WINDOW_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_twin),
		cmocka_unit_test(test_first_copy_wins),
		cmocka_unit_test(test_a_piece_too_many),
		cmocka_unit_test(test_ends_of_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
