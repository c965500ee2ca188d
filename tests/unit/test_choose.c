/* SPDX-License-Identifier: MIT */
/*
 * verdict/choose: who is left out of a report that is bounded, against a twin that takes the best again and again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verdict/choose.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 60, ROUNDS = 400 };

static uint64_t state = 7;

static uint64_t next(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void make(struct identity *who, uint8_t *verdict, size_t i)
{
	*who = (struct identity){.local = next(5) == 0, .packets = next(4)};
	(void)snprintf(who->id, sizeof who->id, "ip:192.0.2.%u",
		       (unsigned)(i * 7 % MOST)); /* each once, in no order */
	*verdict = (uint8_t)next(VERDICT_INFECTED + 1);
}

static bool is_before(const struct identity *a, uint8_t x, const struct identity *b, uint8_t y)
{
	if (x != y)
		return x > y;
	if (a->packets != b->packets)
		return a->packets > b->packets;
	return strcmp(a->id, b->id) < 0;
}

/* Clears the verdicts of all strangers but the best `room`; returns how many that were. */
static uint64_t leave_out(const struct identity *list, uint8_t *verdicts, size_t n, size_t room)
{
	bool kept[MOST] = {false};
	uint64_t out = 0;

	for (; room > 0; room--) {
		size_t best = n;

		for (size_t i = 0; i < n; i++) {
			if (!list[i].local && !kept[i] && verdicts[i] != VERDICT_CLEAR &&
			    (best == n ||
			     is_before(&list[i], verdicts[i], &list[best], verdicts[best])))
				best = i;
		}
		if (best == n)
			break;
		kept[best] = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].local || kept[i] || verdicts[i] == VERDICT_CLEAR)
			continue;
		verdicts[i] = VERDICT_CLEAR;
		out++;
	}
	return out;
}

static void the_best_are_chosen(void **unused)
{
	struct identity list[MOST];
	uint8_t verdicts[MOST], expected[MOST];

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = next(MOST) + 1, most = next(n + 5) + 1, local = 0;
		struct devices devices = {.list = list, .n = n};
		struct arena arena = {0};
		uint64_t left_out;

		for (size_t i = 0; i < n; i++) {
			make(&list[i], &verdicts[i], i);
			local += list[i].local;
		}
		memcpy(expected, verdicts, n);
		assert_true(choose_devices(&devices, verdicts, most, &arena, &left_out));
		assert_int_equal(left_out,
				 leave_out(list, expected, n, most > local ? most - local : 0));
		assert_memory_equal(verdicts, expected, n);
		arena_fini(&arena);
	}
}

static void local_devices_are_never_left_out(void **unused)
{
	struct identity list[3] = {{.local = true}, {.local = true}, {.packets = 9}};
	uint8_t verdicts[3] = {VERDICT_CLEAR, VERDICT_SUSPECT, VERDICT_INFECTED};
	struct devices devices = {.list = list, .n = 3};
	struct arena arena = {0};
	uint64_t left_out;

	(void)unused;
	assert_true(choose_devices(&devices, verdicts, 1, &arena, &left_out));
	assert_int_equal(left_out, 1);
	assert_int_equal(verdicts[1], VERDICT_SUSPECT);
	assert_int_equal(verdicts[2], VERDICT_CLEAR);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_are_chosen),
		cmocka_unit_test(local_devices_are_never_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
