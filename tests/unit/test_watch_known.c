/* SPDX-License-Identifier: MIT */
/*
 * watch/known against a plain list under random operations, and watch/attacks_open: who is told that an attack is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "draw.h"
#include "watch/attacks_open.h"
#include "watch/known.h"

#include <stdio.h>
#include <string.h>

enum { IDS = 300, MOST = 200, STEPS = 200000 };

struct plain {
	bool there;
	bool local;
	enum verdict verdict;
};

static void expect_counts(const struct known *k, const struct plain *list)
{
	uint64_t local[4] = {0}, strangers[4] = {0};

	for (size_t i = 0; i < IDS; i++)
		if (list[i].there)
			(list[i].local ? local : strangers)[list[i].verdict]++;
	assert_memory_equal(local, k->local, sizeof local);
	assert_memory_equal(strangers, k->strangers, sizeof strangers);
}

static void test_known(void **state)
{
	struct plain list[IDS] = {{0}};
	struct draw seed = draw_from(7);
	uint64_t refused = 0;
	struct known k;
	size_t n = 0;

	(void)state;
	assert_int_equal(known_init(&k, MOST, 42), 0);
	for (int step = 0; step < STEPS; step++) {
		size_t i = draw(&seed) % IDS;
		char id[32];

		(void)snprintf(id, sizeof id, "mac:02:00:5e:00:%zu", i);
		if (draw(&seed) % 3 == 0) {
			n -= list[i].there;
			list[i].there = false;
			known_remove(&k, id);
		} else if (!list[i].there && n == MOST) {
			refused++;
			known_put(&k, id, true, VERDICT_CLEAR);
		} else {
			n += !list[i].there;
			list[i] = (struct plain){true, draw(&seed) % 2 == 0, draw(&seed) % 4};
			known_put(&k, id, list[i].local, list[i].verdict);
		}
		if (step % 1000 == 0)
			expect_counts(&k, list);
	}
	expect_counts(&k, list);
	assert_int_equal(k.n, n);
	assert_int_equal(k.refused, refused);
	assert_true(refused > 0);
	known_clear(&k);
	assert_int_equal(k.n + k.local[0] + k.strangers[3], 0);
	known_fini(&k);
}

#define T(s) ((s)*NS_PER_S)

static void test_over(void **state)
{
	static const char *const ids[] = {"mac:02:00:5e:00:53:01", "ip:192.0.2.7"};
	struct attack a = {.vector = VECTOR_SYN,
			   .target = addr_v4(0xc6336401),
			   .port = 80,
			   .first_ns = T(1000),
			   .last_ns = T(1010),
			   .devices = ids,
			   .devices_n = 2,
			   .detail = "why"};
	static struct attacks_open o;
	const struct attack *over;
	size_t cursor = 0;

	(void)state;
	attacks_open_put(&o, &a, T(1011));
	assert_null(attacks_open_over(&o, T(1100), &cursor));
	a.last_ns = T(1090);
	attacks_open_put(&o, &a, T(1100));
	assert_int_equal(o.n, 1);
	cursor = 0;
	assert_null(attacks_open_over(&o, T(1200), &cursor));
	cursor = 0;
	over = attacks_open_over(&o, T(1300), &cursor);
	assert_non_null(over);
	assert_int_equal(over->last_ns, T(1090));
	assert_int_equal(over->devices_n, 2);
	assert_string_equal(over->devices[1], ids[1]);
	assert_string_equal(over->detail, "why");
	assert_null(attacks_open_over(&o, T(1300), &cursor));
	assert_int_equal(o.n, 1); /* until the store has it */
	attacks_open_close(&o, T(1300));
	assert_int_equal(o.n, 0);
	/* One that is long over when it is told first, as after a restart, is not told again. */
	attacks_open_put(&o, &a, T(1300));
	assert_int_equal(o.n, 0);
}

static void test_many(void **state)
{
	struct attack a = {.vector = VECTOR_UDP, .port = -1, .first_ns = T(1), .last_ns = T(2)};
	static struct attacks_open o;

	(void)state;
	for (uint32_t i = 0; i < ATTACKS_OPEN + 5; i++) {
		a.target = addr_v4(0xc6336400 + i);
		attacks_open_put(&o, &a, T(3));
	}
	assert_int_equal(o.n, ATTACKS_OPEN);
	assert_int_equal(o.refused, 5);
	attacks_open_fini(&o);
	assert_int_equal(o.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
