/* SPDX-License-Identifier: MIT */
/*
 * flow/flows against what was sent. Streams are made of bytes that tell their place; packets are cut, mixed, doubled,
 * forged and lost on their way. Whatever a reader is offered must be those bytes, in order, none twice, with a gap
 * wherever some are missing; and nothing may be missing where nothing was lost and no window too small.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conversations.h"

/* ---- in order --------------------------------------------------------------------------------------------------- */

static void test_in_order(void **state)
{
	struct table *t = table_new(4, 4, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 0xfffffff0, READ_ALL);
	for (uint32_t at = 0; at < 400; at += 40)
		reader_send(&r, at, 40, 0);
	expect_read(&r, 400, 0);
	reader_send(&r, 400, 0, TCP_FIN);
	assert_int_equal(r.closed, 1);
	reader_send(&r, 400, 0, TCP_FIN);
	assert_int_equal(r.closed, 1);
	table_free(t);
}

/* Cut anywhere, mixed within what six pieces can hold, doubled, and every second copy a lie: nothing is missing. */
static void play_mild(uint64_t seed, enum reading reading)
{
	struct draw d = draw_from(seed);
	struct table *t = table_new(4, 2, seed);
	struct reader r;
	uint32_t sent = 0;

	reader_open(&r, t, 0U - (uint32_t)draw_below(&d, 2 * STREAM), reading); /* most wrap */
	while (sent < STREAM) {
		uint32_t cuts[WINDOW_RANGES + 1], n = 1 + (uint32_t)draw_below(&d, WINDOW_RANGES);
		uint32_t order[WINDOW_RANGES];

		cuts[0] = sent;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t len = 1 + (uint32_t)draw_below(&d, 1000);

			cuts[i + 1] = cuts[i] + len > STREAM ? STREAM : cuts[i] + len;
			order[i] = i;
		}
		for (uint32_t i = n; i > 1; i--) {
			uint32_t k = (uint32_t)draw_below(&d, i), swap = order[i - 1];

			order[i - 1] = order[k];
			order[k] = swap;
		}
		for (uint32_t i = 0; i < n; i++) {
			uint32_t a = cuts[order[i]], b = cuts[order[i] + 1];
			uint32_t from = a - (uint32_t)draw_below(&d, a < 300 ? a + 1 : 300);

			reader_send(&r, a, b - a, 0);
			if (draw_below(&d, 2) == 0)
				reader_lie(&r, from, b - from);
		}
		sent = cuts[n];
		assert_true(reading == READ_LINES || r.read == sent);
	}
	reader_send(&r, STREAM, 0, TCP_FIN);
	assert_int_equal(r.closed, 1);
	assert_int_equal(r.gaps, 0);
	assert_true(r.read == STREAM || (reading == READ_LINES && STREAM - r.read < LINE));
	assert_int_equal(t->flows.refused_windows, 0);
	table_free(t);
}

static void test_nothing_is_missing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		play_mild(seed, READ_ALL);
		play_mild(seed, READ_LINES);
		play_mild(seed, READ_SOME);
	}
}

/* Losses, lies before the truth, jumps, cut packets, resets out of place, acknowledgements of what was lost. */
static void play_rough(uint64_t seed, enum reading reading)
{
	struct draw d = draw_from(seed);
	struct table *t = table_new(4, 1 + draw_below(&d, 2), seed);
	struct reader r;
	uint32_t at = 0;

	reader_open(&r, t, 0U - (uint32_t)draw_below(&d, 2 * STREAM), reading); /* most wrap */
	r.strict = false;
	for (int i = 0; i < 400 && at < STREAM; i++) {
		uint32_t len = 1 + (uint32_t)draw_below(&d, draw_below(&d, 9) == 0 ? 20000 : 900);
		uint32_t from = at + (uint32_t)draw_below(&d, 3000);

		len = len > STREAM - at ? STREAM - at : len;
		from = draw_below(&d, 4) == 0 && from + len <= STREAM ? from : at;
		switch (draw_below(&d, 10)) {
		case 0: /* lost */
			break;
		case 1:
			reader_cut(&r, from, len, (uint32_t)draw_below(&d, len));
			break;
		case 2:
			reader_lie(&r, from, len);
			break;
		case 3:
			reader_acknowledge(&r, from + len);
			reader_send(&r, from, len, 0);
			break;
		case 4:
			reader_send(&r, at + 0x100000, 0, TCP_RST);
			break;
		case 5:
			reader_send(&r, at / 2, len, 0);
			break;
		default:
			reader_send(&r, from, len, 0);
		}
		if (draw_below(&d, 3) > 0)
			at += len;
	}
	reader_finish(&r);
	assert_int_equal(r.closed, 1);
	assert_int_equal(r.flow->flags & FLOW_RESET, 0);
	table_free(t);
}

static void test_gaps_are_marked(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++)
		play_rough(seed, (enum reading)(seed % 3));
}

static void test_first_copy_counts(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 7, READ_ALL);
	reader_send(&r, 100, 50, 0);
	reader_lie(&r, 60, 100); /* 60 to 100 and 150 to 160 are news, the rest is not */
	reader_send(&r, 0, 60, 0);
	expect_read(&r, 160, 0);
	table_free(t);
}

/* ---- holes ------------------------------------------------------------------------------------------------------ */

static void test_hole_ends_when_acknowledged(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_ALL);
	reader_send(&r, 0, 10, 0);
	reader_send(&r, 30, 10, 0);
	reader_acknowledge(&r, 29); /* one byte short of it all */
	reader_send(&r, 50, 10, 0);
	expect_read(&r, 10, 0);
	reader_acknowledge(&r, 40);
	reader_send(&r, 60, 10, 0);
	expect_read(&r, 40, 1);
	reader_send(&r, 10, 20, 0); /* comes too late */
	expect_read(&r, 40, 1);
	reader_send(&r, 40, 10, 0);
	expect_read(&r, 70, 1);
	table_free(t);
}

/* A stream that goes on behind a hole: when the window is full the hole is given up, not what waits behind it. */
static void test_hole_ends_when_the_window_is_full(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_ALL);
	for (uint32_t at = 1000; at + 1000 <= WINDOW_BYTES; at += 1000)
		reader_send(&r, at, 1000, 0);
	expect_read(&r, 0, 0);
	reader_send(&r, 8000, 1000, 0);
	expect_read(&r, 9000, 1);
	assert_int_equal(r.missed, 1000);
	table_free(t);
}

static void test_pieces_that_wait_at_the_end(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_ALL);
	for (uint32_t at = 10; at < 70; at += 20)
		reader_send(&r, at, 10, 0);
	reader_finish(&r);
	expect_read(&r, 60, 3);
	assert_int_equal(r.missed, 30);
	assert_int_equal(r.closed, 1);
	table_free(t);
}

static void test_fin_comes_early(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_ALL);
	reader_send(&r, 0, 10, 0);
	reader_send(&r, 5, 0, TCP_FIN); /* an end before what was read is none */
	reader_send(&r, 20, 5, TCP_FIN);
	assert_int_equal(r.closed, 0);
	reader_send(&r, 10, 10, 0);
	expect_read(&r, 25, 0);
	assert_int_equal(r.closed, 1);
	table_free(t);
}

static void test_resets(void **state)
{
	static const struct {
		uint32_t at;
		bool counts;
	} cases[] = {{100, true}, {99, true}, {100 + 0xffff, true}, {98, false}, {0x20000, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct table *t = table_new(4, 2, 1);
		struct reader r;

		reader_open(&r, t, 0xffffffff, READ_ALL);
		reader_send(&r, 0, 100, 0);
		reader_send(&r, cases[i].at, 0, TCP_RST);
		assert_int_equal(r.closed, cases[i].counts);
		assert_int_equal((r.flow->flags & FLOW_RESET) != 0, cases[i].counts);
		table_free(t);
	}
}

static void test_cut_by_the_capture(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_ALL);
	reader_cut(&r, 0, 100, 30);
	expect_read(&r, 30, 0);
	reader_send(&r, 100, 10, 0);
	expect_read(&r, 110, 1);
	reader_cut(&r, 110, 50, 50); /* whole after all */
	reader_send(&r, 160, 10, 0);
	expect_read(&r, 170, 1);
	reader_cut(&r, 170, 10, 0);
	reader_finish(&r);
	assert_int_equal(r.closed, 1);
	table_free(t);
}

static void test_joined_in_the_middle(void **state)
{
	struct table *t = table_new(4, 2, 1);
	struct reader r;

	(void)state;
	reader_join(&r, t, 1, READ_ALL);
	reader_send(&r, 500, 10, 0);
	expect_read(&r, 510, 1);
	reader_send(&r, 400, 105, 0);
	expect_read(&r, 510, 1);
	reader_send(&r, 510, 10, 0);
	expect_read(&r, 520, 1);
	table_free(t);
}

/* ---- what a reader leaves --------------------------------------------------------------------------------------- */

static void test_reader_that_waits_for_ever(void **state)
{
	struct table *t = table_new(4, 1, 1);
	struct reader r;

	(void)state;
	reader_open(&r, t, 1, READ_NOTHING);
	for (uint32_t at = 0; at < WINDOW_BYTES; at += 1024)
		reader_send(&r, at, 1024, 0);
	assert_int_equal(r.offered_most, WINDOW_BYTES);
	r.reading = READ_ALL;
	reader_send(&r, WINDOW_BYTES, 10, 0);
	expect_read(&r, WINDOW_BYTES + 10, 1); /* the window was given up */
	assert_int_equal(r.missed, WINDOW_BYTES);
	table_free(t);
}

/* What is left of the last bytes is offered once more, still as the last. */
static void test_closed_stays_said(void **state)
{
	struct table *t = table_new(4, 1, 1);

	(void)state;
	for (int hole = 0; hole < 2; hole++) {
		struct reader r;

		reader_open(&r, t, 1, READ_SOME);
		if (hole == 1)
			reader_send(&r, 1, 10, 0);
		reader_send(&r, 0, 20, TCP_FIN);
		expect_read(&r, 20, 0);
		assert_int_equal(r.closed, 1);
		assert_true(r.last_was_closed);
	}
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_nothing_is_missing),
		cmocka_unit_test(test_gaps_are_marked),
		cmocka_unit_test(test_first_copy_counts),
		cmocka_unit_test(test_hole_ends_when_acknowledged),
		cmocka_unit_test(test_hole_ends_when_the_window_is_full),
		cmocka_unit_test(test_pieces_that_wait_at_the_end),
		cmocka_unit_test(test_fin_comes_early),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_cut_by_the_capture),
		cmocka_unit_test(test_joined_in_the_middle),
		cmocka_unit_test(test_reader_that_waits_for_ever),
		cmocka_unit_test(test_closed_stays_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
