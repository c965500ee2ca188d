/* SPDX-License-Identifier: MIT */
/* store: where devices stand at the first-use gate: it comes back, and who was here when it was switched on has a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kept.h"

static struct told camera, printer;
static struct arena arena;

static struct kept *with_two(void)
{
	struct kept *k = kept_new();

	told_init(&camera, false, 1, "192.0.2.7", START, START + MINUTE);
	told_init(&printer, false, 2, "192.0.2.8", START, START + MINUTE);
	kept_tell(k, &camera.d);
	arena = (struct arena){0};
	return k;
}

static void done(struct kept *k)
{
	arena_fini(&arena);
	kept_free(k);
}

static struct store_gate *rows(struct kept *k, size_t *n)
{
	struct store_gate *list;

	assert_int_equal(store_gates(k->s, &arena, &list, n), 0);
	return list;
}

static void test_a_row_comes_back(void **state)
{
	struct kept *k = with_two();
	struct store_gate g = {.device = camera.d.id,
			       .state = "waiting",
			       .reason = "factory",
			       .service = "http/80",
			       .since_ns = START,
			       .word = "none"};
	struct store_gate *list;
	size_t n;

	(void)state;
	kept_begin(k);
	assert_int_equal(store_gate_set(k->s, &g), 0);
	g.state = "open";
	g.reason = "by-owner";
	g.service = NULL;
	g.word = "confirmed";
	g.word_ns = START + MINUTE;
	g.by = "the owner (uid 0)";
	assert_int_equal(store_gate_set(k->s, &g), 0);
	g.device = "mac:02:00:5e:00:53:ee"; /* nobody knows it */
	assert_int_equal(store_gate_set(k->s, &g), 0);
	kept_commit(k);
	kept_restart(k, 2);
	list = rows(k, &n);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].device, camera.d.id);
	assert_string_equal(list[0].state, "open");
	assert_string_equal(list[0].reason, "by-owner");
	assert_null(list[0].service);
	assert_string_equal(list[0].word, "confirmed");
	assert_string_equal(list[0].by, "the owner (uid 0)");
	assert_int_equal(list[0].word_ns, START + MINUTE);
	assert_int_equal(list[0].since_ns, START);
	assert_false(list[0].before);
	done(k);
}

/* Who is here has a row from then on, but for those that have one; who comes later has none. */
static void test_it_is_switched_on(void **state)
{
	struct kept *k = with_two();
	struct store_gate g = {
		.device = printer.d.id, .state = "waiting", .reason = "unused", .word = "none"};
	struct store_gate *list;
	struct told phone;
	size_t n, before = 0;

	(void)state;
	kept_tell(k, &printer.d);
	assert_int_equal(store_gate_since(k->s), 0);
	kept_begin(k);
	assert_int_equal(store_gate_set(k->s, &g), 0);
	assert_int_equal(store_gate_on(k->s, START + MINUTE, "open", "was-here"), 0);
	kept_commit(k);
	told_init(&phone, false, 3, "192.0.2.9", START + MINUTE, START + 2 * MINUTE);
	kept_tell(k, &phone.d);
	kept_restart(k, 2);
	assert_int_equal(store_gate_since(k->s), START + MINUTE);
	list = rows(k, &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		before += list[i].before && strcmp(list[i].device, camera.d.id) == 0 &&
			  strcmp(list[i].state, "open") == 0;
	assert_int_equal(before, 1);
	kept_begin(k);
	assert_int_equal(store_gate_since_set(k->s, 0), 0);
	kept_commit(k);
	assert_int_equal(store_gate_since(k->s), 0);
	(void)rows(k, &n);
	assert_int_equal(n, 2);
	done(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_row_comes_back),
					   cmocka_unit_test(test_it_is_switched_on)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
