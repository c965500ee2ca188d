/* SPDX-License-Identifier: MIT */
/* store: what the owner ordered of a device, and how long who was held: it comes back, ends, is bounded, and is history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kept.h"

static struct told camera;
static struct arena arena;

static struct kept *with_camera(void)
{
	struct kept *k = kept_new();

	told_init(&camera, false, 1, "192.0.2.7", START, START + MINUTE);
	kept_tell(k, &camera.d);
	arena = (struct arena){0};
	return k;
}

static void done(struct kept *k)
{
	arena_fini(&arena);
	kept_free(k);
}

static void order(struct kept *k, const struct store_order *o)
{
	kept_begin(k);
	assert_int_equal(store_order_set(k->s, o), 0);
	kept_commit(k);
}

static void hold(struct kept *k, const struct store_hold *h)
{
	kept_begin(k);
	assert_int_equal(store_hold_set(k->s, h), 0);
	kept_commit(k);
}

static size_t holds(struct kept *k, int64_t since, struct store_hold **out)
{
	size_t n;

	assert_int_equal(store_holds(k->s, since, &arena, out, &n), 0);
	return n;
}

static void test_orders_last(void **state)
{
	struct kept *k = with_camera();
	struct store_order o = {.device = camera.d.id,
				.what = "contain",
				.given_ns = START,
				.until_ns = START + DAY,
				.by = "the owner"};
	struct store_order *list;
	size_t n;

	(void)state;
	order(k, &o);
	o.what = "release";
	o.until_ns = 0;
	order(k, &o);			    /* the last word counts */
	o.device = "mac:02:00:5e:00:53:ee"; /* nobody knows it */
	order(k, &o);
	kept_restart(k, 2);
	assert_int_equal(store_orders(k->s, &arena, &list, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].device, camera.d.id);
	assert_string_equal(list[0].what, "release");
	assert_int_equal(list[0].given_ns, START);
	assert_int_equal(list[0].until_ns, 0);
	assert_string_equal(list[0].by, "the owner");
	kept_begin(k);
	assert_int_equal(store_order_clear(k->s, camera.d.id), 0);
	kept_commit(k);
	assert_int_equal(store_orders(k->s, &arena, &list, &n), 0);
	assert_int_equal(n, 0);
	done(k);
}

static void test_a_hold_begins_goes_on_and_ends(void **state)
{
	struct kept *k = with_camera();
	struct store_hold h = {.device = camera.d.id,
			       .hold = "contained",
			       .reason = "what it did",
			       .by = "policy",
			       .began_ns = START};
	struct store_hold *list;

	(void)state;
	hold(k, &h);
	h.packets = 12;
	h.bytes = 720;
	h.began_ns = START + 5; /* of one that goes on nobody asks */
	hold(k, &h);
	kept_restart(k, 2);
	assert_int_equal(holds(k, INT64_MAX, &list), 1);
	assert_int_equal(list[0].began_ns, START);
	assert_int_equal(list[0].packets, 12);
	assert_int_equal(list[0].ended_ns, 0);
	assert_null(list[0].ended);
	assert_string_equal(list[0].reason, "what it did");
	assert_string_equal(list[0].name, camera.d.names_n > 0 ? camera.d.names[0] : "192.0.2.7");
	h.ended_ns = START + DAY;
	h.ended = "its owner released it";
	hold(k, &h);
	assert_int_equal(holds(k, INT64_MAX, &list), 0);
	assert_int_equal(holds(k, START + DAY, &list), 1);
	assert_string_equal(list[0].ended, "its owner released it");
	/* Again: another row, and the first one stays as it was. */
	h = (struct store_hold){.device = camera.d.id,
				.hold = "isolated",
				.reason = "ordered",
				.by = "uid 0",
				.began_ns = START + 2 * DAY};
	hold(k, &h);
	assert_int_equal(holds(k, INT64_MIN, &list), 2);
	assert_string_equal(list[0].hold, "isolated");
	assert_string_equal(list[1].hold, "contained");
	done(k);
}

static void test_history_tells_of_it(void **state)
{
	struct kept *k = with_camera();
	struct store_hold h = {.device = camera.d.id,
			       .hold = "contained",
			       .reason = "what it did",
			       .by = "policy",
			       .began_ns = START + MINUTE};
	struct store_query q = {.since_ns = INT64_MIN, .until_ns = INT64_MAX};
	struct store_event_row *rows;
	size_t n, found = 0;

	(void)state;
	hold(k, &h);
	h.ended_ns = START + DAY;
	h.ended = "its time is over";
	h.packets = 3;
	hold(k, &h);
	assert_int_equal(store_history(k->s, &q, &arena, &rows, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].kind, "hold") != 0)
			continue;
		assert_string_equal(
			rows[i].text,
			found++ == 0 ? "contained by policy: what it did"
				     : "released: its time is over; 3 packets of it were dropped");
	}
	assert_int_equal(found, 2);
	done(k);
}

/* One that comes and goes all the time keeps its last sixty-four times, whatever is open. */
static void test_the_past_is_bounded(void **state)
{
	struct kept *k = with_camera();
	struct store_hold *list;

	(void)state;
	for (int64_t i = 0; i < 200; i++) {
		struct store_hold h = {.device = camera.d.id,
				       .hold = "contained",
				       .reason = "r",
				       .by = "policy",
				       .began_ns = START + i * MINUTE};

		hold(k, &h);
		h.ended_ns = h.began_ns + 1;
		h.ended = "over";
		hold(k, &h);
	}
	assert_int_equal(holds(k, INT64_MIN, &list), 64);
	assert_int_equal(list[63].began_ns, START + 199 * MINUTE);
	done(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders_last),
		cmocka_unit_test(test_a_hold_begins_goes_on_and_ends),
		cmocka_unit_test(test_history_tells_of_it),
		cmocka_unit_test(test_the_past_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
