/* SPDX-License-Identifier: MIT */
/*
 * Sums are added, bits joined, of first and last times the earliest and the latest are kept. Summaries are loaded in the
 * order of their packets, so that tables grow in the order in which the reader would have filled them, and reduce finds the
 * bindings by their first packets. What is only of use for the next packet (who is expected to acknowledge what) is left
 * out.
 *
 * Public ends are counted by Misra and Gries; such counts can be joined (Agarwal et al., "Mergeable Summaries", PODS
 * 2012): the counts are added, then the largest that finds no place is taken off all.
 */
#include "flow/world_join.h"

#include <stdlib.h>

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void join_false_sources(struct world_mac *m, const struct world_mac *from)
{
	if (from->first_n == 0)
		return;
	m->first_ns = m->first_n == 0 ? from->first_ns : earlier(m->first_ns, from->first_ns);
	m->last_ns = m->first_n == 0 ? from->last_ns : later(m->last_ns, from->last_ns);
	for (unsigned i = 0; i < from->first_n && m->first_n < WORLD_FIRST; i++)
		m->first[m->first_n++] = from->first[i];
}

uint16_t world_join_mac(struct world *w, const struct world_mac *from)
{
	uint16_t at = world_mac_get(w, &from->mac);
	struct world_mac *m;

	if (at == NO_MAC)
		return NO_MAC;
	m = &w->macs[at];
	join_false_sources(m, from);
	m->flags |= from->flags;
	m->next_hop += from->next_hop;
	m->forwarded += from->forwarded;
	m->foreign += from->foreign;
	m->invented += from->invented;
	for (int i = 0; i < 4; i++)
		m->sources_seen[i] |= from->sources_seen[i];
	if (m->first_key == 0)
		m->first_key = from->first_key;
	return at;
}

/* A new binding; an address that another MAC has too is in conflict with it. NULL when there is no room. */
static struct binding *bind(struct world *w, const struct binding *from)
{
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, &from->addr));
	struct binding *others[8];
	unsigned n = 0;
	uint32_t at;

	while (slots_next(&w->bind_slots, &probe, &at)) {
		if (addr_equal(&w->binds[at].addr, &from->addr) && n < 8)
			others[n++] = &w->binds[at];
	}
	if (n == 8 || w->binds_n == w->binds_cap) {
		w->refused_binds++;
		return NULL;
	}
	for (unsigned i = 0; i < n; i++)
		others[i]->flags |= BIND_CONFLICT;
	w->binds[w->binds_n] = (struct binding){.addr = from->addr,
						.mac = from->mac,
						.flags = n > 0 ? BIND_CONFLICT : 0,
						.first_key = from->first_key,
						.first_ns = from->first_ns,
						.last_ns = from->last_ns};
	slots_put(&w->bind_slots, &probe, w->binds_n);
	return &w->binds[w->binds_n++];
}

static void join_rates(struct world *w, struct binding *b, const struct rates *rates)
{
	if (b->rates == 0)
		b->rates = bindings_take_rates(w);
	if (b->rates != 0)
		rates_join(&w->rates[b->rates - 1], rates);
}

void world_join_binding(struct world *w, const struct binding *from, const struct rates *rates)
{
	struct binding *b = world_find(w, &from->addr, from->mac);

	if (b == NULL)
		b = bind(w, from);
	if (b == NULL)
		return;
	b->flags |= from->flags;
	b->packets += from->packets;
	b->unicast += from->unicast;
	if (from->last_key > b->last_key)
		b->last_key = from->last_key;
	b->first_ns = earlier(b->first_ns, from->first_ns);
	b->last_ns = later(b->last_ns, from->last_ns);
	if (rates != NULL)
		join_rates(w, b, rates);
}

void world_join_prefix(struct world *w, const struct prefix *p, bool given)
{
	uint32_t kept = w->prefixes_given;

	for (uint32_t i = 0; i < w->prefixes_n; i++) {
		if (w->prefixes[i].bits == p->bits && addr_equal(&w->prefixes[i].addr, &p->addr))
			return;
	}
	w->prefixes_given = 0; /* else nothing is learned */
	if (given && w->prefixes_n < WORLD_PREFIXES)
		world_add_prefix(w, p);
	else
		world_learn_prefix(w, p);
	w->prefixes_given = kept;
}

struct ends {
	struct end_count list[2 * COMMON_ENDS];
	size_t n;
};

static void add_end(struct ends *all, const struct end_count *e)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!addr_equal(&all->list[i].addr, &e->addr))
			continue;
		all->list[i].count += e->count;
		all->list[i].sent |= e->sent;
		all->list[i].received |= e->received;
		return;
	}
	if (e->count > 0)
		all->list[all->n++] = *e;
}

/* Largest first; equal ones in the order in which they came. */
static void sort_ends(struct ends *all)
{
	for (size_t i = 1; i < all->n; i++) {
		struct end_count e = all->list[i];
		size_t at = i;

		for (; at > 0 && all->list[at - 1].count < e.count; at--)
			all->list[at] = all->list[at - 1];
		all->list[at] = e;
	}
}

void world_join_ends(struct world *w, const struct end_count from[COMMON_ENDS])
{
	struct end_count joined[COMMON_ENDS] = {{.count = 0}};
	struct ends all = {.n = 0};
	uint64_t off = 0;

	common_ends_settle(&w->ends);
	for (int i = 0; i < COMMON_ENDS; i++)
		add_end(&all, &w->ends.list[i]);
	for (int i = 0; i < COMMON_ENDS; i++)
		add_end(&all, &from[i]);
	if (all.n > COMMON_ENDS) {
		sort_ends(&all);
		off = all.list[COMMON_ENDS].count;
	}
	for (size_t i = 0; i < all.n && i < COMMON_ENDS; i++) {
		joined[i] = all.list[i];
		joined[i].count -= off;
	}
	common_ends_set(&w->ends, joined);
}

void world_join_counts(struct world *w, const struct world *from)
{
	w->public_binds |= from->public_binds;
	w->ends_packets += from->ends_packets;
	w->public_both += from->public_both;
	w->packets += from->packets;
	w->two_way += from->two_way;
	w->refused_macs += from->refused_macs;
	w->refused_binds += from->refused_binds;
	w->refused_prefixes += from->refused_prefixes;
	w->no_actor += from->no_actor;
	w->copies.seen += from->copies.seen;
	w->clock.held += from->clock.held;
	if (!w->clock.started || from->clock.now_ns > w->clock.now_ns)
		w->clock.now_ns = from->clock.now_ns;
	w->clock.started |= from->clock.started;
}
