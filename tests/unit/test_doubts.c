/* SPDX-License-Identifier: MIT */
/* watch/doubts: what is doubted stays so over a restart, and a crowd of doubts has its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/doubts.h"

#define NOW (1000 * NS_PER_S)

static struct mac mac_of(unsigned number)
{
	return (struct mac){{2, 0, 0x5e, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static void note(struct doubts *d, unsigned number, int64_t sign_ns)
{
	struct mac mac = mac_of(number);

	doubts_note(d, &mac, sign_ns);
}

static bool has(const struct doubts *d, unsigned number, int64_t sign_ns)
{
	struct mac mac = mac_of(number);

	return doubts_has(d, &mac, sign_ns);
}

static void test_up_to_a_sign(void **state)
{
	struct doubts d = {.n = 0};

	(void)state;
	assert_false(has(&d, 1, NOW));
	note(&d, 1, NOW);
	assert_true(d.changed);
	assert_true(has(&d, 1, NOW) && has(&d, 1, INT64_MIN) && has(&d, 1, NOW + NS_PER_S));
	assert_false(has(&d, 1, NOW + NS_PER_S + 1));
	assert_false(has(&d, 2, NOW));
	d.changed = false;
	note(&d, 1, NOW - 1);
	assert_false(d.changed);
	note(&d, 1, NOW + 9 * NS_PER_S);
	assert_true(d.changed && d.n == 1 && has(&d, 1, NOW + 9 * NS_PER_S));
}

static void test_the_oldest_makes_room(void **state)
{
	struct doubts d = {.n = 0};

	(void)state;
	for (unsigned i = 0; i < 3 * DOUBTS; i++)
		note(&d, i, NOW + (int64_t)i);
	assert_int_equal(d.n, DOUBTS);
	assert_false(has(&d, 2 * DOUBTS - 1, NOW));
	assert_true(has(&d, 2 * DOUBTS, NOW) && has(&d, 3 * DOUBTS - 1, NOW));
}

static void test_written_and_read(void **state)
{
	struct doubts d = {.n = 0}, again = {.n = 0};
	struct text text = {0};

	(void)state;
	note(&d, 1, NOW);
	note(&d, 2, -NOW);
	doubts_write(&d, &text);
	doubts_read(&again, text_string(&text));
	assert_false(again.changed);
	assert_int_equal(again.n, 2);
	assert_memory_equal(again.list, d.list, 2 * sizeof d.list[0]);
	text_fini(&text);
	again.n = 0;
	doubts_read(&again, "");
	doubts_read(&again, "nonsense\n\n02:00:5e:00:00\n02:00:5e:00:00:01 x\n"
			    "02:00:5e:00:00:03 7\n 02:00:5e:00:00:04");
	assert_int_equal(again.n, 1);
	assert_true(has(&again, 3, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up_to_a_sign),
		cmocka_unit_test(test_the_oldest_makes_room),
		cmocka_unit_test(test_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
