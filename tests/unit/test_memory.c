/* SPDX-License-Identifier: MIT */
/*
 * base/budget, base/arena, base/timespan, base/bytes: alignment, limits, what a thing does once it has failed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/bytes.h"
#include "base/timespan.h"
#include "draw.h"

#include <stdlib.h>

/* AddressSanitizer reads this: a refused allocation is what a test is about here. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static bool is_all(const uint8_t *at, size_t n, uint8_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] != value)
			return false;
	}
	return true;
}

/* Takes until nothing fits: shares lie apart, aligned, zeroed, inside the region. */
static void test_budget_shares_lie_apart(void **state)
{
	static const char *const names[] = {"one", "two", "three"};
	struct draw d = draw_from(1);
	struct budget b;
	uint8_t *end, *before = NULL;
	size_t sum = 0;

	(void)state;
	assert_int_equal(budget_init(&b, 1 << 20), 0);
	end = b.region;
	for (;;) {
		uint64_t n = draw_below(&d, 100);
		size_t size = 1 + draw_below(&d, 70);
		uint8_t *at = budget_take(&b, names[draw_below(&d, 3)], n, size);

		if (at == NULL) {
			assert_true((n * size + 63) / 64 * 64 > b.size - b.taken);
			break;
		}
		assert_int_equal((uintptr_t)at % 64, 0);
		assert_true(at >= end && at + n * size <= b.region + b.size);
		assert_true(before == NULL || before != at || n == 0 || end == at);
		assert_true(is_all(at, n * size, 0));
		memset(at, 0xa5, n * size);
		end = at + n * size;
		before = at;
		sum += n;
	}
	assert_int_equal(b.shares_n, 3);
	assert_int_equal(b.shares[0].entries + b.shares[1].entries + b.shares[2].entries, sum);
	assert_int_equal(b.shares[0].bytes + b.shares[1].bytes + b.shares[2].bytes, b.taken);
	budget_fini(&b);
	budget_fini(&b);
}

static void test_budget_is_used_to_the_end(void **state)
{
	struct budget b;

	(void)state;
	assert_int_equal(budget_init(&b, 4096), 0);
	assert_null(budget_take(&b, "too much", 4097, 1));
	assert_non_null(budget_take(&b, "all", 4096, 1));
	assert_null(budget_take(&b, "more", 1, 1));
	assert_int_equal(b.taken, 4096);
	budget_fini(&b);
}

static void test_budget_of_the_impossible(void **state)
{
	struct budget b;

	(void)state;
	assert_true(budget_init(&b, (size_t)1 << 62) < 0);
}

static void test_budget_prints_a_line_a_share(void **state)
{
	struct budget b;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(budget_init(&b, 3 << 20), 0);
	budget_take(&b, "bindings", 1 << 20, 1);
	budget_take(&b, "bindings", 1 << 20, 1);
	budget_take(&b, "hosts", 1 << 10, 1);
	budget_used(&b, "bindings", 70);
	budget_used(&b, "bindings", 7);
	budget_print(&b, to);
	fclose(to);
	assert_non_null(strstr(text, "bindings"));
	assert_non_null(strstr(text, "2.0 MB   2097152 entries, 77 used\n"));
	assert_non_null(strstr(text, "1024 entries\n")); /* nobody counted */
	assert_non_null(strstr(text, "2.0 MB of 3.0 MB\n"));
	free(text);
	budget_fini(&b);
}

static void test_arena_gives_apart_and_zeroed(void **state)
{
	enum { TAKES = 3000 };
	static uint8_t *at[TAKES];
	static size_t size[TAKES];
	struct draw d = draw_from(2);
	struct arena a = {0};

	(void)state;
	for (int i = 0; i < TAKES; i++) {
		size[i] = draw_below(&d, draw_below(&d, 50) == 0 ? 200000 : 300);
		at[i] = arena_take(&a, size[i]);
		assert_non_null(at[i]);
		assert_int_equal((uintptr_t)at[i] % _Alignof(max_align_t), 0);
		assert_true(is_all(at[i], size[i], 0));
		memset(at[i], i & 0xff, size[i]);
	}
	for (int i = 0; i < TAKES; i++)
		assert_true(is_all(at[i], size[i], (uint8_t)i));
	assert_false(a.failed);
	arena_fini(&a);
	assert_null(a.last);
	arena_fini(&a);
}

static void test_arena_never_gives_the_same_twice(void **state)
{
	struct arena a = {0};
	void *first = arena_take(&a, 0), *second = arena_take(&a, 0);

	(void)state;
	assert_non_null(first);
	assert_ptr_not_equal(first, second);
	arena_fini(&a);
}

static void test_arena_remembers_that_it_failed(void **state)
{
	struct arena a = {0};

	(void)state;
	assert_null(arena_take(&a, SIZE_MAX / 2));
	assert_true(a.failed);
	arena_take(&a, 8);
	assert_true(a.failed);
	arena_fini(&a);
}

static void test_arena_prints(void **state)
{
	struct arena a = {0};
	char *empty = arena_print(&a, "%s", ""), *text = arena_print(&a, "%s-%d", "port", 23);
	char *wide = arena_print(&a, "%100000d", 7);

	(void)state;
	assert_string_equal(empty, "");
	assert_string_equal(text, "port-23");
	assert_int_equal(strlen(wide), 100000);
	arena_fini(&a);
}

static void test_times_apart(void **state)
{
	struct draw d = draw_from(3);

	(void)state;
	assert_true(time_apart(INT64_MIN, INT64_MAX) == UINT64_MAX);
	assert_true(time_apart(INT64_MAX, INT64_MIN) == UINT64_MAX);
	assert_true(time_apart(INT64_MIN, INT64_MIN) == 0);
	assert_true(time_is_within(5, 15, 10) && time_is_within(15, 5, 10));
	assert_false(time_is_within(5, 16, 10) || time_is_within(16, 5, 10));
	assert_false(time_is_within(INT64_MIN, INT64_MAX, INT64_MAX));
	for (int i = 0; i < 10000; i++) {
		int64_t a = (int64_t)draw(&d), b = (int64_t)draw(&d);
		__int128 apart = (__int128)a - b;

		assert_true(time_apart(a, b) == (uint64_t)(apart < 0 ? -apart : apart));
		if (apart >= INT64_MIN && apart <= INT64_MAX)
			assert_true(time_since(b, a) == (int64_t)apart);
		else
			assert_true(time_since(b, a) == (apart < 0 ? INT64_MIN : INT64_MAX));
	}
}

static void test_cursor_reads_straight_down(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct cursor c = cursor_over((struct bytes){bytes, sizeof bytes});
	uint8_t two[2];

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_be16(&c), 0x0203);
	assert_int_equal(cursor_be32(&c), 0x04050607);
	cursor_skip(&c, 1);
	assert_ptr_equal(cursor_take(&c, 1).at, bytes + 8);
	assert_int_equal(cursor_rest(&c).len, 3);
	cursor_copy(&c, two, 2);
	assert_int_equal(two[1], 11);
	assert_int_equal(cursor_left(&c), 1);
	assert_false(c.broken);
}

/* Whatever asks too much first, nothing is read after it. */
static void test_cursor_stays_broken(void **state)
{
	static const uint8_t bytes[3] = {1, 2, 3};

	(void)state;
	for (int how = 0; how < 5; how++) {
		struct cursor c = cursor_over((struct bytes){bytes, sizeof bytes});
		uint8_t four[4] = {9, 9, 9, 9};

		if (how == 0)
			assert_int_equal(cursor_be32(&c), 0);
		else if (how == 1)
			cursor_skip(&c, 4);
		else if (how == 2)
			assert_null(cursor_take(&c, SIZE_MAX).at);
		else if (how == 3)
			cursor_copy(&c, four, 4);
		else
			assert_false(cursor_need(&c, 4));
		assert_true(how != 3 || is_all(four, 4, 0));
		assert_true(c.broken);
		assert_int_equal(cursor_left(&c), 0);
		assert_int_equal(cursor_u8(&c), 0);
		assert_int_equal(cursor_be16(&c), 0);
		assert_false(cursor_need(&c, 0));
		assert_int_equal(cursor_rest(&c).len, 0);
	}
}

static void test_cursor_over_nothing(void **state)
{
	struct cursor c = cursor_over((struct bytes){NULL, 0});

	(void)state;
	assert_int_equal(cursor_left(&c), 0);
	assert_true(cursor_need(&c, 0) && !c.broken);
	assert_int_equal(cursor_u8(&c), 0);
	assert_true(c.broken);
}

static void test_bytes_start(void **state)
{
	struct bytes b = {(const uint8_t *)"HTTP", 4};

	(void)state;
	assert_true(bytes_start_with(b, "HTTP", 4) && bytes_start_with(b, "x", 0));
	assert_false(bytes_start_with(b, "HTTP/", 5) || bytes_start_with(b, "HTTX", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget_shares_lie_apart),
		cmocka_unit_test(test_budget_is_used_to_the_end),
		cmocka_unit_test(test_budget_of_the_impossible),
		cmocka_unit_test(test_budget_prints_a_line_a_share),
		cmocka_unit_test(test_arena_gives_apart_and_zeroed),
		cmocka_unit_test(test_arena_never_gives_the_same_twice),
		cmocka_unit_test(test_arena_remembers_that_it_failed),
		cmocka_unit_test(test_arena_prints),
		cmocka_unit_test(test_times_apart),
		cmocka_unit_test(test_cursor_reads_straight_down),
		cmocka_unit_test(test_cursor_stays_broken),
		cmocka_unit_test(test_cursor_over_nothing),
		cmocka_unit_test(test_bytes_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
