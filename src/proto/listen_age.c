/* SPDX-License-Identifier: MIT */
/* What listeners forget: silent conversations with their parsers' states, facts and logins. */
#include "flow/ages.h"
#include "proto/facts_age.h"
#include "proto/listen.h"

/* Conversations have new positions: their parsers' states learn them. */
static void settle_states(struct listener *l)
{
	for (uint32_t i = 0; i < l->flows.n; i++) {
		for (uint32_t at = flows_at(&l->flows, i)->state; at != 0;) {
			struct parser_state *state = stripe_at(&l->states, at - 1);

			state->owner = i + 1;
			at = state->next;
		}
	}
}

void listeners_age(struct listeners *l, const struct world *w, struct ages *a)
{
	for (int i = 0; i < LANES; i++) {
		struct listener *one = &l->lane[i];
		uint32_t before = one->flows.n;

		flows_age(&one->flows, a);
		if (one->flows.n != before)
			settle_states(one);
		facts_age(&one->facts, w, a);
	}
}

void listeners_press(struct listeners *l, const struct world *w, struct ages *a, bool surveyed)
{
	for (int i = 0; i < LANES; i++)
		facts_press(&l->lane[i].facts, w, a, surveyed);
}
