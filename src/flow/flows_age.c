/* SPDX-License-Identifier: MIT */
/*
 * Conversations make room for each other as they come, so nothing here is for room: an entry that is silent for good would
 * hold the place of its MACs. Those that stay close up in order, and all that knows them by position is told the new one;
 * parsers' states are the listener's concern.
 */
#include "flow/ages.h"
#include "flow/flows.h"

static bool is_old(const struct ages *a, const struct flow *f)
{
	return ages_is_old(a, f->last_ns,
			   ages_before(a, ((f->who[0] | f->who[1]) & WHO_OURS) != 0));
}

static void name_macs(struct ages *a, const struct flow *f)
{
	for (int side = 0; side < 2; side++) {
		if (f->mac[side] != NO_MAC)
			ages_name(a, f->mac[side]);
	}
}

/* The entry stands at a new position, and is chained anew. */
static void settle(struct flows *t, uint32_t at)
{
	struct flow *f = flows_at(t, at);
	uint32_t *head = stripe_at(&t->buckets, f->bucket);

	f->chain = *head;
	*head = at + 1;
	for (int side = 0; side < 2; side++) {
		if (f->side[side].window != 0)
			((struct window *)stripe_at(&t->windows, f->side[side].window - 1U))
				->owner = at + 1;
	}
}

static void close_up(struct flows *t, const struct ages *a)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->buckets_n; i++)
		*(uint32_t *)stripe_at(&t->buckets, i) = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		struct flow *f = flows_at(t, i);

		if (is_old(a, f)) {
			flow_forget(t, f);
			t->leave(t->context, f);
			continue;
		}
		if (kept != i)
			*flows_at(t, kept) = *f;
		settle(t, kept++);
	}
	t->n = kept;
	t->hand = 0;
}

void flows_age(struct flows *t, struct ages *a)
{
	bool any = false;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct flow *f = flows_at(t, i);

		if (is_old(a, f))
			any = true;
		else
			name_macs(a, f);
	}
	if (any)
		close_up(t, a);
}
