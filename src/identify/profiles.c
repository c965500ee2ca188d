/* SPDX-License-Identifier: MIT */
/*
 * Facts come out of the lanes, are laid to devices, and each distinct one is matched once against the fingerprints of its
 * signal. profile_weigh.c then decides. Everything is sorted by what the capture holds, so that neither lanes nor threads
 * show.
 */
#include "identify/profiles.h"

#include "identify/profile_weigh.h"

#include <stdlib.h>

struct gather {
	struct profiles *out;
	struct devices *devices;
	const struct world *world;
	const struct catalogue *catalogue;
	struct arena *arena;
	uint32_t *strangers; /* positions of strangers in the devices, by address */
	size_t strangers_n;
};

static int compare_facts(const struct told *a, const struct told *b)
{
	int order = addr_compare(&a->fact->addr, &b->fact->addr);

	if (order != 0)
		return order;
	if (a->fact->mac != b->fact->mac)
		return a->fact->mac < b->fact->mac ? -1 : 1;
	if (a->fact->key != b->fact->key)
		return a->fact->key < b->fact->key ? -1 : 1;
	if (a->fact->signal != b->fact->signal)
		return a->fact->signal < b->fact->signal ? -1 : 1;
	if (a->value.len != b->value.len)
		return a->value.len < b->value.len ? -1 : 1;
	order = memcmp(a->value.at, b->value.at, a->value.len);
	return order != 0 ? order : (int)a->fact->port - (int)b->fact->port;
}

/*
 * What a fact is sorted by, as far as two numbers tell: its address in the order of addr_compare(), then its device and
 * signal, and its packet. Looking at the facts themselves costs a miss of the cache each time.
 */
struct order {
	uint64_t first, second;
	const struct told *told;
};

static int by_order(const void *x, const void *y)
{
	const struct order *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return compare_facts(a->told, b->told);
}

static void order_by_subject(struct order *o, const struct told *t)
{
	o->first = bytes_be64(t->fact->addr.b);
	o->second = bytes_be64(t->fact->addr.b + 8);
}

static void order_by_device(struct order *o, const struct told *t)
{
	o->first = (uint64_t)t->device << 16 | (uint64_t)t->fact->signal;
	o->second = t->fact->key;
}

/* False when memory is out. */
static bool sort(struct gather *g, void (*order_by)(struct order *o, const struct told *t))
{
	struct profiles *p = g->out;
	struct order *list = malloc((p->told_n + 1) * sizeof *list);
	struct told *sorted = malloc((p->told_n + 1) * sizeof *sorted);
	bool fits = list != NULL && sorted != NULL;

	for (size_t i = 0; fits && i < p->told_n; i++) {
		list[i].told = &p->told[i];
		order_by(&list[i], &p->told[i]);
	}
	if (fits && p->told_n > 0) {
		qsort(list, p->told_n, sizeof *list, by_order);
		for (size_t i = 0; i < p->told_n; i++)
			sorted[i] = *list[i].told;
		memcpy(p->told, sorted, p->told_n * sizeof *sorted);
	}
	free(list);
	free(sorted);
	return fits;
}

static void collect(struct gather *g, const struct listeners *listeners)
{
	size_t n = 0;

	for (int i = 0; i < LANES; i++)
		n += listeners->lane[i].facts.n;
	g->out->told = arena_take(g->arena, (n + 1) * sizeof *g->out->told);
	if (g->out->told == NULL)
		return;
	for (int i = 0; i < LANES; i++) {
		const struct facts *facts = &listeners->lane[i].facts;

		for (uint32_t f = 0; f < facts->n; f++) {
			const struct fact *fact = facts_at(facts, f);

			g->out->told[g->out->told_n++] =
				(struct told){.fact = fact, .value = fact_value(facts, fact)};
		}
	}
	g->out->failed |= !sort(g, order_by_subject);
}

static int by_bind_address(const void *x, const void *y, void *context)
{
	const struct binding *binds = context;
	const uint32_t *a = x, *b = y;
	int order = addr_compare(&binds[*a].addr, &binds[*b].addr);

	return order != 0 ? order : (*a > *b) - (*a < *b);
}

static void index_addresses(struct gather *g)
{
	const struct world *w = g->world;
	const struct devices *d = g->devices;

	g->out->binds = arena_take(g->arena, (w->binds_n + 1) * sizeof *g->out->binds);
	g->strangers = arena_take(g->arena, (d->n + 1) * sizeof *g->strangers);
	if (g->out->binds == NULL || g->strangers == NULL)
		return;
	for (uint32_t i = 0; i < w->binds_n; i++)
		g->out->binds[i] = i;
	qsort_r(g->out->binds, w->binds_n, sizeof *g->out->binds, by_bind_address, w->binds);
	for (size_t i = 0; i < d->n; i++) {
		if (!d->list[i].local && d->list[i].addresses_n == 1)
			g->strangers[g->strangers_n++] = (uint32_t)i;
	}
}

enum { NO_DEVICE = UINT32_MAX };

/* The one device that has this address, whatever the MAC; NO_DEVICE when there are several, or none. */
static uint32_t find_by_address(const struct profiles *p, const struct devices *d,
				const struct world *w, const struct addr *a)
{
	uint32_t low = 0, high = w->binds_n, found = NO_DEVICE;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (addr_compare(&w->binds[p->binds[middle]].addr, a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < w->binds_n; low++) {
		uint32_t bind = p->binds[low];
		uint32_t device = d->of_bind[bind];

		if (!addr_equal(&w->binds[bind].addr, a))
			break;
		if (device == 0 || device - 1 == found)
			continue;
		if (found != NO_DEVICE)
			return NO_DEVICE;
		found = device - 1;
	}
	return found;
}

uint32_t profiles_device(const struct profiles *p, const struct devices *d, const struct world *w,
			 const struct addr *a, uint16_t mac)
{
	const struct binding *b = world_find(w, a, mac);

	if (b != NULL && d->of_bind[b - w->binds] != 0)
		return d->of_bind[b - w->binds] - 1;
	return find_by_address(p, d, w, a);
}

/* Strangers stand in the list by their addresses. */
static uint32_t find_stranger(const struct gather *g, const struct addr *a)
{
	size_t low = 0, high = g->strangers_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct identity *i = &g->devices->list[g->strangers[middle]];

		if (addr_compare(&i->addresses[0], a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < g->strangers_n &&
	    addr_equal(&g->devices->list[g->strangers[low]].addresses[0], a))
		return g->strangers[low];
	return NO_DEVICE;
}

static uint32_t get(struct gather *g, const struct addr *a, uint16_t mac)
{
	struct identity *device = devices_get(g->devices, g->world, g->arena, a, mac);

	return device == NULL ? NO_DEVICE : (uint32_t)(device - g->devices->list);
}

static uint32_t device_of(struct gather *g, const struct fact *fact)
{
	uint32_t found;

	if (addr_is_zero(&fact->addr))
		return fact->mac == NO_MAC ? NO_DEVICE : get(g, &fact->addr, fact->mac);
	if (g->devices->wan && addr_equal(&fact->addr, &g->devices->wan_addr))
		return get(g, &fact->addr, fact->mac);
	found = profiles_device(g->out, g->devices, g->world, &fact->addr, fact->mac);
	if (found != NO_DEVICE || fact->ours)
		return found;
	found = find_stranger(g, &fact->addr);
	return found != NO_DEVICE ? found : get(g, &fact->addr, fact->mac);
}

/* A device of which no other packet counts was there when it told something. */
static void observe(struct identity *device, const struct fact *fact)
{
	if (device->bound || device->packets > 0)
		return;
	if (device->first_ns == 0 || fact->first_ns < device->first_ns)
		device->first_ns = fact->first_ns;
	if (fact->last_ns > device->last_ns)
		device->last_ns = fact->last_ns;
}

static void lay_to_devices(struct gather *g)
{
	struct profiles *p = g->out;
	size_t kept = 0;

	for (size_t i = 0; i < p->told_n && !g->devices->failed; i++) {
		uint32_t device = device_of(g, p->told[i].fact);

		if (device == NO_DEVICE)
			continue;
		observe(&g->devices->list[device], p->told[i].fact);
		p->told[kept] = p->told[i];
		p->told[kept++].device = device;
	}
	p->told_n = kept;
	p->failed |= !sort(g, order_by_device);
}

void profiles_find(struct profiles *p, const struct listeners *listeners, struct devices *d,
		   const struct world *w, const struct catalogue *c, struct arena *arena)
{
	struct gather g = {.out = p, .devices = d, .world = w, .catalogue = c, .arena = arena};
	struct matches *matches;
	size_t at = 0;

	*p = (struct profiles){0};
	collect(&g, listeners);
	index_addresses(&g);
	if (!arena->failed)
		lay_to_devices(&g);
	p->n = d->n;
	p->list = arena_take(arena, (d->n + 1) * sizeof *p->list);
	matches = arena_take(arena, sizeof *matches);
	if (arena->failed || d->failed || p->failed) {
		p->failed = true;
		return;
	}
	matches->catalogue = c;
	for (size_t i = 0; i < d->n; i++) {
		struct profile *profile = &p->list[i];
		const struct identity *device = &d->list[i];

		profile->told = p->told + at;
		while (at < p->told_n && p->told[at].device == i)
			at++;
		profile->told_n = (size_t)(p->told + at - profile->told);
		if (profile->told_n == 0 && !device->own_mac)
			continue; /* nearly all strangers */
		profile_weigh(profile, device->own_mac ? &w->macs[device->mac] : NULL, matches,
			      arena);
	}
	p->failed = arena->failed;
}
