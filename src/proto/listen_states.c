/* SPDX-License-Identifier: MIT */
/*
 * Parsers' states: fixed slots from a pool of the lane, chained to their conversation. Who opens a thousand connections and
 * leaves them can take no slot from a conversation that goes on: only those of the silent, and his own older ones, are
 * used again.
 */
#include "proto/listen_states.h"

static struct parser_state *state_at(const struct listener *l, uint32_t place)
{
	return place == 0 ? NULL : stripe_at(&l->states, place - 1);
}

/* Those given back last are used first: they are still at hand. */
void listen_free_states(struct listener *l, struct flow *f)
{
	uint32_t at = f->state;

	f->state = 0;
	while (at != 0) {
		struct parser_state *state = state_at(l, at);
		uint32_t next = state->next;

		state->owner = 0;
		state->next = l->states_free;
		l->states_free = at;
		l->states_n--;
		at = next;
	}
}

void listen_turn_deaf(struct listener *l, struct flow *f)
{
	f->flags |= FLOW_DEAF;
	flow_forget(&l->flows, f);
	listen_free_states(l, f);
}

/* Does the state belong to another conversation of the same two hosts, and to an older one than `oldest`? */
static bool is_older_sibling(const struct listener *l, const struct flow *f, uint32_t at,
			     uint32_t oldest)
{
	const struct flow *owner = flows_at(&l->flows, state_at(l, at)->owner - 1);

	if (owner == f || !addr_equal(&owner->client, &f->client) ||
	    !addr_equal(&owner->server, &f->server))
		return false;
	return oldest == 0 ||
	       owner->last_ns < flows_at(&l->flows, state_at(l, oldest)->owner - 1)->last_ns;
}

static uint32_t take_free_state(struct listener *l)
{
	uint32_t at = l->states_free;

	if (at != 0)
		l->states_free = state_at(l, at)->next;
	else if (l->states_used < l->states_cap)
		at = ++l->states_used;
	return at;
}

/*
 * A free state; else one whose conversation ended, was never answered (a datagram from an invented address never is) or has
 * been silent; else the oldest of the same two hosts, so that who tries a hundred passwords in a hundred connections makes
 * room for the last of them and takes nothing from others. 0: none.
 */
static uint32_t find_state(struct listener *l, const struct flow *f, int64_t now_ns)
{
	uint32_t oldest = 0, free = take_free_state(l);

	for (uint32_t i = 0; free == 0 && i < l->states_cap; i++) {
		uint32_t at = l->states_hand;
		struct flow *owner = flows_at(&l->flows, state_at(l, at + 1)->owner - 1);

		l->states_hand = (at + 1) % l->states_cap;
		if (is_older_sibling(l, f, at + 1, oldest))
			oldest = at + 1;
		if (owner == f || !flows_may_go(&l->flows, owner, now_ns))
			continue;
		listen_turn_deaf(l, owner);
		return take_free_state(l);
	}
	if (free == 0 && oldest != 0) {
		listen_turn_deaf(l, flows_at(&l->flows, state_at(l, oldest)->owner - 1));
		free = take_free_state(l);
	}
	return free;
}

struct parser_state *listen_state(struct listener *l, struct flow *f, uint8_t proto, int64_t now_ns)
{
	uint32_t *link = &f->state;
	struct parser_state *state;
	uint32_t at;

	for (; *link != 0; link = &state->next) {
		state = state_at(l, *link);
		if (state->proto == proto)
			return state;
	}
	at = find_state(l, f, now_ns);
	if (at == 0) {
		l->refused_states++;
		return NULL;
	}
	state = state_at(l, at);
	state->owner = flows_position(&l->flows, f) + 1;
	state->proto = proto;
	state->next = 0;
	memset(state->bytes, 0, protos[proto]->state_size);
	*link = at;
	l->states_n++;
	return state;
}
