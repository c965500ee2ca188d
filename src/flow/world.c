/* SPDX-License-Identifier: MIT */
/*
 * The world's tables: MACs, and the prefixes that are ours. Prefixes are kept a second time as words and masks, one
 * list for each family, since they are compared with both ends of every packet.
 */
#include "flow/world.h"
#include "base/hash.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static uint32_t fit(size_t share, size_t cost, uint32_t most)
{
	size_t n = share / cost;

	return n > most ? most : (uint32_t)n;
}

/* Leading bits as a mask over the bytes of an address. */
static struct addr mask_of(unsigned bits)
{
	struct addr mask = {{0}};

	for (unsigned bit = 0; bit < bits; bit++)
		mask.b[bit / 8] |= (uint8_t)(0x80U >> (bit % 8));
	return mask;
}

void world_set_given(struct world *w, uint32_t n)
{
	w->prefixes_given = n;
	w->local_classes = n > 0 ? ADDR_LINK_LOCAL : ADDR_PRIVATE;
}

/* Which lists it belongs to: one that is shorter than the mapped block may hold addresses of both families. */
void world_add_prefix(struct world *w, const struct prefix *p)
{
	struct addr mask = mask_of(p->bits), first_v4 = addr_v4(0);
	bool in_v4 = p->bits >= 96 && addr_is_v4(&p->addr);

	w->prefixes[w->prefixes_n++] = *p;
	if (in_v4 || prefix_has(p, &first_v4))
		w->narrow[w->narrow_n++] = (struct prefix_word){
			.low = (uint32_t)(hash_load(p->addr.b + 8) >> 32),
			.mask = (uint32_t)(hash_load(mask.b + 8) >> 32),
		};
	if (!in_v4)
		w->wide[w->wide_n++] = (struct prefix_words){
			.high = hash_load(p->addr.b),
			.low = hash_load(p->addr.b + 8),
			.high_mask = hash_load(mask.b),
			.low_mask = hash_load(mask.b + 8),
		};
}

int world_init(struct world *w, struct budget *budget, size_t share, const struct limits *limits,
	       const struct prefix *given, size_t given_n, uint64_t seed)
{
	struct copy_cell *cells;
	uint64_t *contents, *mac_words, *bind_words;

	memset(w, 0, sizeof *w);
	w->limits = limits;
	w->seed = seed;
	w->uplink_silence_ns = limits->uplink_silence_s * NS_PER_S;
	for (int i = 0; i <= WORLD_PAIRS; i++)
		w->pairs[i].known = PAIR_NONE;
	w->last_pair = WORLD_PAIRS;
	w->macs_cap = fit(share / 4, MAC_COST, 32768);
	w->binds_cap = fit(share / 2, BINDING_COST, 1U << 20);
	cells = budget_take(budget, "copies", COPIES_CELLS, sizeof *cells);
	contents = budget_take(budget, "copy index", COPIES_CELLS, sizeof *contents);
	mac_words = budget_take(budget, "MAC index", slots_words(w->macs_cap), sizeof *mac_words);
	w->macs = budget_take(budget, "MACs", w->macs_cap, sizeof *w->macs);
	bind_words =
		budget_take(budget, "binding index", slots_words(w->binds_cap), sizeof *bind_words);
	w->binds = budget_take(budget, "bindings", w->binds_cap, sizeof *w->binds);
	w->rates_cap = fit(share / 20, sizeof *w->rates, 1U << 16);
	w->rates = budget_take(budget, "rates", w->rates_cap, sizeof *w->rates);
	if (cells == NULL || contents == NULL || mac_words == NULL || w->macs == NULL ||
	    bind_words == NULL || w->binds == NULL || w->rates == NULL)
		return -ENOMEM;
	slots_init(&w->mac_slots, stripe_alone(mac_words, sizeof *mac_words),
		   slots_words(w->macs_cap), seed);
	slots_init(&w->bind_slots, stripe_alone(bind_words, sizeof *bind_words),
		   slots_words(w->binds_cap), seed);
	w->bind_words = bind_words;
	clock_init(&w->clock, limits);
	copies_init(&w->copies, contents, cells, limits);
	for (size_t i = 0; i < given_n && i < WORLD_PREFIXES; i++)
		world_add_prefix(w, &given[i]);
	world_set_given(w, w->prefixes_n);
	return 0;
}

uint16_t world_mac_find(const struct world *w, const struct mac *m)
{
	struct probe probe = slots_probe(&w->mac_slots, hash_mac(m));
	uint32_t at;

	while (slots_next(&w->mac_slots, &probe, &at)) {
		if (mac_equal(&w->macs[at].mac, m))
			return (uint16_t)at;
	}
	return NO_MAC;
}

/* A MAC that was not known comes: what was remembered of others as not known may be about it. */
static void forget_unknown(struct world *w)
{
	for (int i = 0; i < WORLD_PAIRS; i++) {
		if (w->pairs[i].dst == NO_MAC)
			w->pairs[i].known = PAIR_NONE;
	}
}

/* The place that was free before, or a new one. There is room. */
static uint32_t take_mac(struct world *w)
{
	uint32_t at = w->macs_free;

	if (at == 0)
		return w->macs_n++;
	w->macs_free = w->macs[at - 1].next_free;
	w->macs_free_n--;
	w->macs[at - 1] = (struct world_mac){.flags = 0};
	return at - 1;
}

uint16_t world_mac_get(struct world *w, const struct mac *m)
{
	struct probe probe = slots_probe(&w->mac_slots, hash_mac(m));
	uint32_t at;

	while (slots_next(&w->mac_slots, &probe, &at)) {
		if (mac_equal(&w->macs[at].mac, m))
			return (uint16_t)at;
	}
	if (!world_has_mac_room(w)) {
		w->refused_macs++;
		return NO_MAC;
	}
	forget_unknown(w);
	at = take_mac(w);
	w->macs[at].mac = *m;
	slots_put(&w->mac_slots, &probe, at);
	return (uint16_t)at;
}

void world_learn_prefix(struct world *w, const struct prefix *p)
{
	if (w->prefixes_given > 0)
		return;
	for (uint32_t i = 0; i < w->prefixes_n; i++) {
		if (w->prefixes[i].bits <= p->bits && prefix_has(&w->prefixes[i], &p->addr))
			return;
	}
	if (w->prefixes_n == WORLD_PREFIXES) {
		w->refused_prefixes++;
		return;
	}
	world_add_prefix(w, p);
}

bool world_is_in_prefix(const struct world *w, const struct addr *a)
{
	uint64_t high = hash_load(a->b), low = hash_load(a->b + 8);

	if (high == 0 && (uint32_t)low == 0xffff0000) {
		for (uint32_t i = 0; i < w->narrow_n; i++) {
			if ((((low >> 32) ^ w->narrow[i].low) & w->narrow[i].mask) == 0)
				return true;
		}
		return false;
	}
	for (uint32_t i = 0; i < w->wide_n; i++) {
		const struct prefix_words *p = &w->wide[i];

		if ((((high ^ p->high) & p->high_mask) | ((low ^ p->low) & p->low_mask)) == 0)
			return true;
	}
	return false;
}

bool world_prefix_is_local(const struct world *w, const struct addr *a)
{
	return world_is_local(w, a, addr_class(a));
}

uint64_t world_key(const struct world *w, const struct addr *a)
{
	return hash_keyed(a, w->seed);
}

uint32_t world_sources(const struct world_mac *m)
{
	unsigned set = 0;

	for (int i = 0; i < 4; i++)
		set += (unsigned)__builtin_popcountll(m->sources_seen[i]);
	if (set == 256)
		set = 255; /* the most that the bits can tell apart from more */
	return (uint32_t)lround(-256.0 * log(1.0 - set / 256.0));
}

bool world_is_router(const struct world_mac *m)
{
	return (m->flags & MAC_ROUTER_SAID) != 0 || m->next_hop > 0 || m->forwarded > m->foreign;
}

bool world_is_spoofer(const struct world_mac *m, const struct limits *limits)
{
	return (m->flags & MAC_OURS) != 0 && !world_is_router(m) &&
	       world_sources(m) >= limits->spoof_sources_floor;
}
