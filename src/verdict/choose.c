/* SPDX-License-Identifier: MIT */
/*
 * A capture with a million infected strangers would otherwise make a report of gigabytes: the bound is the operator's
 * (--max-devices). What is sorted is a number for each stranger, never what is known of him.
 */
#include "verdict/choose.h"

#include <stdlib.h>

struct candidate {
	uint64_t rank; /* smaller is reported first */
	const struct identity *who;
};

static int by_rank(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->who->id, b->who->id);
}

/* The worse verdict first, then the more packets. */
static uint64_t rank_of(const struct identity *who, enum verdict verdict)
{
	const uint64_t most = UINT64_MAX >> 2;
	uint64_t packets = who->packets < most ? who->packets : most;

	return (uint64_t)(VERDICT_INFECTED - verdict) << 62 | (most - packets);
}

bool choose_devices(const struct devices *devices, uint8_t *verdicts, size_t most,
		    struct arena *arena, uint64_t *left_out)
{
	struct candidate *list;
	size_t strangers = 0, local = 0, n = 0;

	*left_out = 0;
	for (size_t i = 0; i < devices->n; i++) {
		local += devices->list[i].local;
		strangers += !devices->list[i].local && verdicts[i] != VERDICT_CLEAR;
	}
	most = most > local ? most - local : 0;
	if (strangers <= most)
		return true;
	list = arena_take(arena, strangers * sizeof *list);
	if (list == NULL)
		return false;
	for (size_t i = 0; i < devices->n; i++) {
		if (!devices->list[i].local && verdicts[i] != VERDICT_CLEAR)
			list[n++] = (struct candidate){
				.rank = rank_of(&devices->list[i], (enum verdict)verdicts[i]),
				.who = &devices->list[i]};
	}
	qsort(list, n, sizeof *list, by_rank);
	for (size_t i = most; i < n; i++)
		verdicts[list[i].who - devices->list] = VERDICT_CLEAR;
	*left_out = n - most;
	return true;
}
