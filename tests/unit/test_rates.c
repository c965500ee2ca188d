/* SPDX-License-Identifier: MIT */
/* base/rates against counts that are kept in full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rates.h"
#include "draw.h"

#include <string.h>

static uint64_t sum(const struct rates *r)
{
	uint64_t n = 0;

	for (int i = 0; i < RATES_BINS; i++)
		n += r->bin[i];
	return n;
}

static void test_doubles(void **state)
{
	struct rates r = {0};

	(void)state;
	for (int64_t s = 100; s < 164; s++)
		rates_add(&r, s, 1);
	assert_int_equal(r.width, 1);
	assert_int_equal(r.first, 100);
	rates_add(&r, 164, 5);
	assert_int_equal(r.width, 2);
	assert_int_equal(r.first, 50);
	assert_int_equal(r.bin[0], 2);
	assert_int_equal(r.bin[32], 5);
	rates_add(&r, 3, 7); /* before its time */
	assert_int_equal(r.bin[0], 9);
	assert_int_equal(sum(&r), 64 + 5 + 7);
}

static void test_jumps(void **state)
{
	struct rates r = {0};

	(void)state;
	rates_add(&r, -5, 1);
	rates_add(&r, INT64_MAX / 1000000000, 1);
	rates_add(&r, INT64_MIN / 1000000000, UINT32_MAX);
	assert_true(sum(&r) >= UINT32_MAX);
}

/* Joined halves are what the whole is, in whatever order they are joined. */
static void test_joins(void **state)
{
	struct draw d = {1};

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct rates whole = {0}, half[2] = {{0}, {0}}, ab, ba;
		int64_t second = (int64_t)draw_below(&d, 5000);

		for (unsigned i = 0; i < 200; i++) {
			second += (int64_t)draw_below(&d, 1U + (unsigned)(round % 50));
			rates_add(&whole, second, 1);
			rates_add(&half[draw_below(&d, 2)], second, 1);
		}
		ab = half[0];
		rates_join(&ab, &half[1]);
		ba = half[1];
		rates_join(&ba, &half[0]);
		assert_int_equal(ab.width, whole.width);
		assert_memory_equal(&ab, &ba, sizeof ab);
		assert_memory_equal(&ab, &whole, sizeof ab);
	}
}

/* One by one is the same, whatever bin it goes to. */
static void test_counting_is_adding(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct draw d = draw_from(seed);
		struct rates a = {0}, b = {0};
		int64_t second = (int64_t)draw_below(&d, 2000) - 1000;

		for (int i = 0; i < 3000; i++) {
			second += (int64_t)draw_below(&d, 5) - 1;
			if (draw_below(&d, 500) == 0)
				second += (int64_t)draw_below(&d, 1000);
			rates_add(&a, second, 1);
			rates_count(&b, second);
		}
		assert_memory_equal(&a.bin, &b.bin, sizeof a.bin);
		assert_int_equal(a.first, b.first);
		assert_int_equal(a.width, b.width);
		a.bin[1] = b.bin[1] = UINT32_MAX;
		rates_add(&a, (a.first + 1) * a.width, 1);
		rates_count(&b, (b.first + 1) * b.width);
		assert_int_equal(b.bin[1], a.bin[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting_is_adding), cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_jumps), cmocka_unit_test(test_joins)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
