/* SPDX-License-Identifier: MIT */
/*
 * Counting ends; see the header. A place whose count is the floor is free, and the first free one is taken. Which are
 * free is only looked for when the floor has come up to the lowest: a flood from ever new addresses fills the places
 * and empties them again, all at once, every seventeenth time.
 */
#include "flow/common_ends.h"
#include "base/hash.h"

#include <string.h>

static uint64_t bit_of(uint32_t tag)
{
	return UINT64_C(1) << tag % 64;
}

static struct end_count *find(struct common_ends *e, const struct addr *a, uint32_t tag)
{
	if ((e->filter & bit_of(tag)) == 0)
		return NULL;
	for (int i = 0; i < COMMON_ENDS; i++) {
		if (e->tags[i] == tag && e->list[i].count != e->floor &&
		    addr_equal(&e->list[i].addr, a))
			return &e->list[i];
	}
	return NULL;
}

static void look_for_free(struct common_ends *e)
{
	e->taken = 0;
	e->filter = 0;
	e->lowest = UINT64_MAX;
	for (int i = 0; i < COMMON_ENDS; i++) {
		uint64_t count = e->list[i].count;

		if (count == e->floor)
			continue;
		e->taken |= 1U << i;
		e->filter |= bit_of(e->tags[i]);
		if (count < e->lowest)
			e->lowest = count;
	}
}

void common_ends_add(struct common_ends *e, const struct addr *a, uint64_t hash, bool sent)
{
	uint32_t tag = (uint32_t)hash;
	struct end_count *c = find(e, a, tag);
	int at;

	if (c != NULL) {
		c->count++;
		c->sent |= sent;
		c->received |= !sent;
		return;
	}
	if (e->taken == (1U << COMMON_ENDS) - 1) {
		if (++e->floor == e->lowest)
			look_for_free(e);
		return;
	}
	at = __builtin_ctz(~e->taken);
	e->taken |= 1U << at;
	e->tags[at] = tag;
	e->filter |= bit_of(tag);
	e->lowest = e->floor + 1;
	e->list[at] = (struct end_count){
		.addr = *a, .count = e->floor + 1, .sent = sent, .received = !sent};
}

void common_ends_settle(struct common_ends *e)
{
	for (int i = 0; i < COMMON_ENDS; i++)
		e->list[i].count -= e->floor;
	e->floor = 0;
	look_for_free(e);
}

void common_ends_set(struct common_ends *e, const struct end_count list[COMMON_ENDS])
{
	memcpy(e->list, list, sizeof e->list);
	e->floor = 0;
	for (int i = 0; i < COMMON_ENDS; i++)
		e->tags[i] = (uint32_t)hash_addr(&list[i].addr);
	look_for_free(e);
}
