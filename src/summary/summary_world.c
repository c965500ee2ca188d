/* SPDX-License-Identifier: MIT */
/* The reader's world: which MACs there are, which addresses they have, which networks are ours. */
#include "summary/sections.h"
#include "flow/world_join.h"

#include <stdlib.h>

enum { MAC_LEAST = 80, BINDING_LEAST = 60, RATES_WIDTH_MOST = 1 << 30 };

/* Times of packets are within 64 bits of nanoseconds, so their seconds are within this. */
#define SECONDS_MOST INT64_C(10000000000)

void section_rates(struct archive *a, struct rates *r)
{
	uint8_t n = RATES_BINS;

	archive_u32(a, &r->width);
	archive_require(a, (r->width & (r->width - 1)) == 0 && r->width <= RATES_WIDTH_MOST,
			"a step of time is none");
	if (r->width == 0)
		return;
	archive_i64(a, &r->first);
	archive_require(a,
			r->first <= SECONDS_MOST / r->width + RATES_BINS &&
				r->first >= -SECONDS_MOST / r->width - RATES_BINS,
			"a time is beyond all times");
	while (n > 0 && r->bin[n - 1] == 0)
		n--;
	archive_u8_within(a, &n, 0, RATES_BINS);
	for (unsigned i = 0; i < n; i++)
		archive_u32(a, &r->bin[i]);
	if (a->broken)
		*r = (struct rates){.width = 0};
}

/* ---- MACs ------------------------------------------------------------------------------------------------------ */

static void mac_fields(struct archive *a, struct world_mac *m)
{
	uint8_t first_n = (uint8_t)m->first_n;
	bool sent = m->first_key != 0;

	archive_bytes(a, m->mac.b, sizeof m->mac.b);
	archive_u16(a, &m->flags);
	m->flags &= MAC_OURS | MAC_ROUTER_SAID;
	archive_keys(a, m->first, &first_n, 0, WORLD_FIRST);
	m->first_n = first_n;
	archive_u64(a, &m->next_hop);
	archive_u64(a, &m->forwarded);
	archive_u64(a, &m->foreign);
	archive_u64(a, &m->invented);
	archive_words(a, m->sources_seen, 4);
	archive_require(a,
			first_n > 0 || (m->sources_seen[0] | m->sources_seen[1] |
					m->sources_seen[2] | m->sources_seen[3]) == 0,
			"forged senders without packets");
	archive_bool(a, &sent);
	if (sent)
		archive_key(a, &m->first_key);
	archive_i64(a, &m->first_ns);
	archive_i64(a, &m->last_ns);
}

static void section_macs(struct hands *h)
{
	struct archive *a = h->a;
	uint32_t n = a->reading ? 0 : h->ours->macs_n;

	archive_count(a, &n, MAC_LEAST);
	archive_require(a, n < NO_MAC, "it has too many MACs");
	if (joins(h)) {
		h->macs = calloc(n + 1, sizeof *h->macs);
		h->failed |= h->macs == NULL;
		if (h->failed)
			return;
	}
	for (uint32_t i = 0, from = 0; i < n && !a->broken; i++) {
		struct world_mac m = {.flags = 0};

		if (!a->reading) {
			while (!ours_mac(h->ours, from))
				from++;
			m = h->t->world->macs[from++];
		}
		mac_fields(a, &m);
		if (joins(h))
			h->macs[i] = world_join_mac(h->t->world, &m);
	}
	if (!a->reading)
		return;
	a->macs_n = n;
	a->macs = h->macs;
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

static void binding_fields(struct archive *a, struct binding *b)
{
	archive_addr(a, &b->addr);
	archive_mac(a, &b->mac);
	archive_u16(a, &b->flags);
	archive_u64(a, &b->packets);
	archive_u64(a, &b->unicast);
	archive_key(a, &b->first_key);
	archive_i64(a, &b->first_ns);
	archive_i64(a, &b->last_ns);
}

/* Of an address that was claimed and never sent a packet, no last one is known. */
static void last_key(struct archive *a, struct binding *b)
{
	bool any = b->last_key != 0;

	archive_bool(a, &any);
	if (any)
		archive_key(a, &b->last_key);
}

static void section_bindings(struct hands *h)
{
	struct archive *a = h->a;
	const struct world *w = h->t == NULL ? NULL : h->t->world;
	bool saves = !a->reading && w != NULL;
	uint32_t n = saves ? h->ours->binds_n : 0;

	archive_count(a, &n, BINDING_LEAST);
	for (uint32_t i = 0, from = 0; i < n && !a->broken; i++) {
		struct binding b = {.rates = 0};
		struct rates rates = {.width = 0};

		if (saves) {
			while (!ours_binding(h->ours, from))
				from++;
			b = w->binds[from++];
			if (b.rates != 0)
				rates = w->rates[b.rates - 1];
		}
		binding_fields(a, &b);
		last_key(a, &b);
		section_rates(a, &rates);
		if (joins(h))
			world_join_binding(h->t->world, &b, rates.width == 0 ? NULL : &rates);
	}
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

static void prefix_fields(struct archive *a, struct prefix *p)
{
	archive_addr(a, &p->addr);
	archive_u8_within(a, &p->bits, 0, 128);
}

/* Networks were given to all of the summaries, or they hold beside what is learned. */
static void section_prefixes(struct hands *h)
{
	struct archive *a = h->a;
	struct world *w = h->t == NULL ? NULL : h->t->world;
	bool saves = !a->reading && w != NULL;
	uint8_t n = saves ? (uint8_t)w->prefixes_n : 0;
	bool given = saves && w->prefixes_given > 0;
	bool all_given;

	archive_u8_within(a, &n, 0, WORLD_PREFIXES);
	archive_bool(a, &given);
	archive_require(a, n > 0 || !given, "networks were given, but it has none");
	all_given =
		w != NULL && joins(h) && given && (w->prefixes_given > 0 || h->t->cuts.parts == 0);
	for (unsigned i = 0; i < n && !a->broken; i++) {
		struct prefix p = {.bits = 0};

		if (saves)
			p = w->prefixes[i];
		prefix_fields(a, &p);
		if (joins(h))
			world_join_prefix(w, &p, given);
	}
	if (w != NULL && joins(h))
		world_set_given(w, all_given ? w->prefixes_n : 0);
}

static void end_fields(struct archive *a, struct end_count *e)
{
	archive_u64(a, &e->count);
	if (e->count == 0)
		return;
	archive_addr(a, &e->addr);
	archive_bool(a, &e->sent);
	archive_bool(a, &e->received);
}

static void world_fields(struct archive *a, struct world *w)
{
	archive_bool(a, &w->public_binds);
	archive_u64(a, &w->ends_packets);
	archive_u64(a, &w->public_both);
	archive_u64(a, &w->packets);
	archive_u64(a, &w->two_way);
	archive_u64(a, &w->refused_macs);
	archive_u64(a, &w->refused_binds);
	archive_u64(a, &w->refused_prefixes);
	archive_u64(a, &w->no_actor);
	archive_u64(a, &w->copies.seen);
	archive_u64(a, &w->clock.held);
	archive_bool(a, &w->clock.started);
	archive_i64(a, &w->clock.now_ns);
}

static void section_numbers(struct hands *h)
{
	struct world w = {.packets = 0};

	if (!h->a->reading)
		w = *h->t->world;
	common_ends_settle(&w.ends);
	world_fields(h->a, &w);
	for (int i = 0; i < COMMON_ENDS; i++)
		end_fields(h->a, &w.ends.list[i]);
	if (!joins(h))
		return;
	world_join_counts(h->t->world, &w);
	world_join_ends(h->t->world, w.ends.list);
}

void section_world(struct hands *h)
{
	section_numbers(h);
	section_prefixes(h);
	section_macs(h);
	if (!h->failed)
		section_bindings(h);
}
