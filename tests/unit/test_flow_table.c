/* SPDX-License-Identifier: MIT */
/*
 * flow/flows as a table: who is found, who loses a place when it is full, who loses a window, and that the seed decides
 * nothing of it. A naive twin keeps the entries as a list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conversations.h"

#include "base/timespan.h"

static void speak(struct flow *f, unsigned side)
{
	f->side[side].flags |= SIDE_SPOKE;
}

/* A conversation that goes on: both have spoken, just now. */
static struct flow *talk(struct table *t, unsigned n)
{
	struct flow *f = table_add(t, n);

	if (f != NULL) {
		speak(f, 0);
		speak(f, 1);
	}
	return f;
}

static struct flow *find(const struct table *t, const struct stamp *s, unsigned *side)
{
	return flows_find(&t->flows, s, flows_bucket(&t->flows, s), side);
}

static void test_both_directions_find_it(void **state)
{
	struct table *t = table_new(4, 1, 1);
	struct packet p = table_packet(t, 1, false);
	struct stamp s = table_stamp(&p);
	struct flow *f = table_add(t, 1);
	unsigned side = 9;

	(void)state;
	assert_ptr_equal(table_find(t, 1), f);
	assert_ptr_equal(find(t, &s, &side), f);
	assert_int_equal(side, CLIENT_SIDE);
	assert_null(table_find(t, 2));
	p.proto = PROTO_UDP;
	assert_null(find(t, &s, &side));
	p.proto = PROTO_TCP;
	p.sport++;
	assert_null(find(t, &s, &side));
	assert_int_equal(flows_position(&t->flows, f), 0);
	table_free(t);
}

enum { CLOSED, RESET, UNANSWERED, HALF, IDLE, GOES_ON, OPENED, KINDS_OF_FLOW };

/* Makes it so, and says whether it may lose its place, and whether that would be counted. */
static void make(struct table *t, struct flow *f, int kind, bool *goes, bool *counted)
{
	speak(f, 1);
	if (kind != HALF && kind != OPENED)
		speak(f, 0);
	if (kind == CLOSED)
		f->side[0].flags = f->side[1].flags |= SIDE_CLOSED;
	if (kind == RESET)
		f->flags |= FLOW_RESET;
	if (kind == UNANSWERED)
		f->side[0].flags = f->side[1].flags = 0;
	if (kind == IDLE)
		f->last_ns = t->now_ns - IDLE_S * NS_PER_S - 1;
	if (kind == OPENED) /* one side is enough where a SYN-ACK was seen */
		f->flags |= FLOW_OPENED;
	*goes = kind != GOES_ON && kind != OPENED;
	*counted = kind == UNANSWERED || kind == HALF || kind == IDLE;
}

static void test_who_loses_a_place(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS_OF_FLOW; kind++) {
		struct table *t = table_new(2, 1, 1);
		bool goes, counted;

		t->now_ns = 1000 * NS_PER_S;
		talk(t, 0);
		make(t, table_add(t, 1), kind, &goes, &counted);
		assert_int_equal(talk(t, 2) != NULL, goes);
		assert_int_equal(t->left, goes);
		assert_int_equal(t->flows.refused, !goes);
		assert_int_equal(t->flows.cut, counted);
		assert_int_equal(table_find(t, 1) == NULL, goes);
		assert_int_equal(table_find(t, 2) != NULL, goes);
		assert_non_null(table_find(t, 0));
		table_free(t);
	}
}

/* Of deaf ones nothing is lost. */
/* Long before the table is full what is over makes room; what may still be answered, or goes on, does not. */
static void test_over_makes_room_early(void **state)
{
	static const struct {
		int kind;
		int64_t later_ns;
		bool early;
	} cases[] = {{CLOSED, 0, true},
		     {RESET, 0, true},
		     {UNANSWERED, 0, false},
		     {UNANSWERED, ANSWER_S * NS_PER_S + 1, true},
		     {GOES_ON, ANSWER_S * NS_PER_S + 1, false},
		     {OPENED, ANSWER_S * NS_PER_S + 1, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct table *t = table_new(512, 1, 1);
		bool goes, counted;

		for (unsigned n = 0; n < 128; n++)
			assert_non_null(table_add(t, n));
		for (unsigned n = 0; n < 128; n++)
			make(t, table_find(t, n), cases[i].kind, &goes, &counted);
		t->now_ns += cases[i].later_ns;
		for (unsigned n = 128; n < 192; n++)
			assert_non_null(talk(t, n));
		assert_int_equal(t->flows.n, cases[i].early ? 128 : 192);
		for (unsigned n = 128; n < 192; n++)
			assert_non_null(table_find(t, n));
		table_free(t);
	}
}

static void test_deaf_ones_are_not_cut(void **state)
{
	struct table *t = table_new(1, 1, 1);

	(void)state;
	table_add(t, 0)->flags |= FLOW_DEAF;
	assert_non_null(table_add(t, 1));
	assert_int_equal(t->flows.cut, 0);
	assert_non_null(table_add(t, 2));
	assert_int_equal(t->flows.cut, 1);
	table_free(t);
}

/* The search for a place looks at sixteen, and goes on behind them the next time. */
static void test_search_goes_on(void **state)
{
	struct table *t = table_new(40, 1, 1);

	(void)state;
	for (unsigned n = 0; n < 40; n++)
		talk(t, n);
	flows_at(&t->flows, 20)->flags |= FLOW_RESET;
	assert_null(table_add(t, 40));
	assert_ptr_equal(table_add(t, 40), flows_at(&t->flows, 20));
	assert_int_equal(t->flows.refused, 1);
	assert_null(table_find(t, 20));
	assert_ptr_equal(table_find(t, 40), flows_at(&t->flows, 20));
	table_free(t);
}

/* ---- against a list --------------------------------------------------------------------------------------------- */

enum { CAP = 32, CLIENTS = 100 };

struct list {
	unsigned client[CAP]; /* by place */
	uint32_t n;
};

static bool in_list(const struct list *l, unsigned n, uint32_t *place)
{
	for (*place = 0; *place < l->n; ++*place) {
		if (l->client[*place] == n)
			return true;
	}
	return false;
}

static uint64_t play(uint64_t seed)
{
	struct table *t = table_new(CAP, 1, seed);
	struct draw d = draw_from(99);
	struct list list = {.n = 0};
	uint64_t digest = 0;

	for (int i = 0; i < 5000; i++) {
		unsigned n = (unsigned)draw_below(&d, CLIENTS);
		struct flow *f = table_find(t, n);
		uint32_t place;

		t->now_ns += (int64_t)draw_below(&d, NS_PER_S / 2);
		assert_int_equal(in_list(&list, n, &place), f != NULL);
		if (f != NULL) {
			assert_ptr_equal(f, flows_at(&t->flows, place));
			assert_int_equal(flows_position(&t->flows, f), place);
			speak(f, draw_below(&d, 2));
			f->last_ns = t->now_ns;
			if (draw_below(&d, 9) == 0)
				f->flags |= FLOW_RESET;
		} else if ((f = draw_below(&d, 4) == 0 ? table_add(t, n) : talk(t, n)) != NULL) {
			place = flows_position(&t->flows, f);
			list.client[place] = n;
			list.n = t->flows.n;
		}
		digest = hash_more(digest, f == NULL ? CAP : place);
	}
	assert_true(t->flows.refused > 0 && t->flows.cut > 0 && t->left > 0);
	digest = hash_more(digest, t->flows.refused << 32 | t->flows.cut);
	table_free(t);
	return digest;
}

static void test_as_the_list_with_any_seed(void **state)
{
	uint64_t digest = play(0);

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++)
		assert_true(play(seed * 0x123456789abcdef) == digest);
}

/* ---- windows ---------------------------------------------------------------------------------------------------- */

static void test_no_window_left(void **state)
{
	static struct reader a, b;
	struct table *t = table_new(4, 1, 1);

	(void)state;
	reader_open_as(&a, t, 0, 5, READ_LINES);
	reader_open_as(&b, t, 1, 6, READ_ALL);
	reader_send(&a, 0, 10, 0); /* waits for the line's end */
	reader_send(&b, 10, 10, 0);
	expect_read(&b, 20, 1);
	assert_int_equal(t->flows.refused_windows, 1);
	b.reading = READ_NOTHING;
	reader_send(&b, 20, 10, 0);
	assert_int_equal(t->flows.refused_windows, 2);
	b.reading = READ_ALL;
	reader_send(&b, 30, 10, 0);
	expect_read(&b, 40, 2);
	reader_send(&a, 10, 27, 0);
	expect_read(&a, LINE, 0);
	reader_send(&b, 50, 10, 0); /* the window is free again */
	expect_read(&b, 40, 2);
	reader_send(&b, 40, 10, 0);
	expect_read(&b, 60, 2);
	table_free(t);
}

/* Untouched for long enough, a window goes to somebody else; its owner goes on with a gap, and reads nothing twice. */
static void test_idle_window_is_taken(void **state)
{
	static struct reader a, b;
	struct table *t = table_new(4, 1, 1);

	(void)state;
	reader_open_as(&a, t, 0, 5, READ_LINES);
	reader_open_as(&b, t, 1, 6, READ_ALL);
	reader_send(&a, 0, LINE + 10, 0);
	expect_read(&a, LINE, 0);
	t->now_ns += IDLE_S * NS_PER_S - 2000;
	reader_send(&b, 10, 10, 0);
	assert_int_equal(t->flows.refused_windows, 1);
	t->now_ns += 4000;
	reader_send(&b, 30, 10, 0);
	assert_int_equal(t->flows.refused_windows, 1);
	reader_send(&a, 0, LINE + 10, 0); /* nothing new */
	expect_read(&a, LINE, 0);
	reader_send(&a, LINE + 10, LINE - 10, 0);
	expect_read(&a, 2 * LINE, 1);
	assert_int_equal(a.missed, 10);
	table_free(t);
}

static void test_windows_come_back(void **state)
{
	static struct reader a, b;
	struct table *t = table_new(2, 1, 1);

	(void)state;
	reader_open_as(&a, t, 0, 5, READ_NOTHING);
	reader_send(&a, 0, 10, 0);
	flow_forget(&t->flows, a.flow);
	reader_open_as(&b, t, 1, 5, READ_NOTHING);
	reader_send(&b, 0, 10, 0);
	assert_int_equal(t->flows.refused_windows, 0);
	/* … also when its owner's place is given away */
	reader_packet(&b, 0, 0, 0, TCP_RST, false);
	reader_open_as(&a, t, 2, 5, READ_NOTHING);
	reader_send(&a, 0, 10, 0);
	assert_int_equal(t->flows.refused_windows, 0);
	table_free(t);
}

/* Many at once, more than there are places and windows: the seed changes no byte of what is offered. */
static uint64_t play_crowd(uint64_t seed)
{
	static struct reader readers[6];
	struct table *t = table_new(8, 2, seed);
	struct draw d = draw_from(5);
	uint64_t digest = 0;

	for (unsigned i = 0; i < 6; i++) {
		reader_open_as(&readers[i], t, i, i, (enum reading)(i % 3));
		readers[i].strict = false;
	}
	for (uint32_t i = 0; i < 3000; i++) {
		struct reader *r = &readers[draw_below(&d, 6)];
		uint32_t at = r->read + (uint32_t)draw_below(&d, 300);

		if (draw_below(&d, 100) == 0)
			t->now_ns += 30 * NS_PER_S;
		if (at + 200 < STREAM)
			reader_send(r, at, 1 + (uint32_t)draw_below(&d, 200), 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		reader_finish(&readers[i]);
		digest = hash_more(digest, readers[i].digest);
	}
	assert_true(t->flows.refused_windows > 0);
	digest = hash_more(digest, t->flows.refused_windows);
	table_free(t);
	return digest;
}

static void test_seed_changes_nothing(void **state)
{
	uint64_t digest = play_crowd(0);

	(void)state;
	for (uint64_t seed = 1; seed < 10; seed++)
		assert_true(play_crowd(seed * 0xabcdef123) == digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_directions_find_it),
		cmocka_unit_test(test_who_loses_a_place),
		cmocka_unit_test(test_over_makes_room_early),
		cmocka_unit_test(test_deaf_ones_are_not_cut),
		cmocka_unit_test(test_search_goes_on),
		cmocka_unit_test(test_as_the_list_with_any_seed),
		cmocka_unit_test(test_no_window_left),
		cmocka_unit_test(test_idle_window_is_taken),
		cmocka_unit_test(test_windows_come_back),
		cmocka_unit_test(test_seed_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
