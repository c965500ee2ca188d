/* SPDX-License-Identifier: MIT */
/*
 * Grouping bindings into devices. It looks at one MAC at a time; what it decides depends on the bindings alone, and
 * these stand in input order, so the same input gives the same devices.
 */
#include "identify/devices.h"
#include "identify/relays.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void devices_fini(struct devices *d)
{
	free(d->list);
	free(d->of_bind);
	free(d->of_mac);
	*d = (struct devices){0};
}

static struct identity *new_device(struct devices *d)
{
	if (d->n == d->cap) {
		size_t cap = d->cap == 0 ? 64 : d->cap * 2;
		struct identity *list = realloc(d->list, cap * sizeof *list);

		if (list == NULL) {
			d->failed = true;
			return NULL;
		}
		d->list = list;
		d->cap = cap;
	}
	assert(d->list != NULL);
	d->list[d->n] = (struct identity){.mac = NO_MAC, .via = NO_MAC};
	return &d->list[d->n++];
}

static void name_by_mac(struct identity *device, const struct world *w, uint16_t mac)
{
	char text[MAC_TEXT_MAX];

	device->mac = mac;
	device->own_mac = true;
	snprintf(device->id, sizeof device->id, "mac:%s", mac_text(&w->macs[mac].mac, text));
}

static void name_by_address(struct identity *device, const struct addr *a)
{
	memcpy(device->id, "ip:", 3);
	addr_text(a, device->id + 3);
}

static enum backed backing_of(const struct binding *b, const struct identity *device)
{
	if ((b->flags & BIND_SESSION) != 0)
		return BACKED_SESSION;
	if ((b->flags & (BIND_HANDSHAKE | BIND_DHCP)) != 0 && (b->flags & BIND_CONFLICT) == 0)
		return BACKED_TWO_WAY;
	return device->own_mac ? BACKED_MAC : BACKED_ADDRESS;
}

static void add_address(struct identity *device, const struct addr *a, struct arena *arena)
{
	size_t at = 0;
	struct addr *grown;

	while (at < device->addresses_n && addr_compare(&device->addresses[at], a) < 0)
		at++;
	if (at < device->addresses_n && addr_equal(&device->addresses[at], a))
		return;
	grown = arena_take(arena, (device->addresses_n + 1) * sizeof *grown);
	if (grown == NULL)
		return;
	if (at > 0)
		memcpy(grown, device->addresses, at * sizeof *grown);
	grown[at] = *a;
	if (at < device->addresses_n)
		memcpy(grown + at + 1, device->addresses + at,
		       (device->addresses_n - at) * sizeof *grown);
	device->addresses = grown;
	device->addresses_n++;
}

static void join_binding(struct devices *d, struct identity *device, const struct world *w,
			 uint32_t bind, struct arena *arena)
{
	const struct binding *b = &w->binds[bind];
	enum backed backed = backing_of(b, device);

	if (device->addresses_n == 0 || b->first_ns < device->first_ns)
		device->first_ns = b->first_ns;
	if (device->addresses_n == 0 || b->last_ns > device->last_ns)
		device->last_ns = b->last_ns;
	if (device->addresses_n == 0 || backed > device->backed)
		device->backed = backed;
	device->local = true;
	device->bound = true;
	device->conflict |= (b->flags & BIND_CONFLICT) != 0;
	device->two_way |= (b->flags & BIND_TWO_WAY) != 0;
	device->packets += b->packets;
	device->unicast += b->unicast;
	add_address(device, &b->addr, arena);
	d->of_bind[bind] = (uint32_t)(device - d->list) + 1;
}

/* The device that the same address has behind another MAC, or NULL. */
static struct identity *find_same_address(struct devices *d, const struct world *w, uint32_t bind)
{
	const struct addr *a = &w->binds[bind].addr;
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, a));
	uint32_t at;

	if ((w->binds[bind].flags & BIND_CONFLICT) == 0)
		return NULL;
	while (slots_next(&w->bind_slots, &probe, &at)) {
		if (d->of_bind[at] != 0 && addr_equal(&w->binds[at].addr, a) &&
		    !d->list[d->of_bind[at] - 1].own_mac)
			return &d->list[d->of_bind[at] - 1];
	}
	return NULL;
}

/* A device of its own for one address, behind via or nothing. */
static void place_by_address(struct devices *d, const struct world *w, uint32_t bind, uint16_t via,
			     struct arena *arena)
{
	struct identity *device = find_same_address(d, w, bind);

	if (device == NULL)
		device = new_device(d);
	if (device == NULL)
		return;
	name_by_address(device, &w->binds[bind].addr);
	device->via = via;
	join_binding(d, device, w, bind, arena);
}

static void place_by_mac(struct devices *d, const struct world *w, uint32_t bind,
			 struct arena *arena)
{
	uint16_t mac = w->binds[bind].mac;

	if (d->of_mac[mac] == 0) {
		struct identity *device = new_device(d);

		if (device == NULL)
			return;
		name_by_mac(device, w, mac);
		d->of_mac[mac] = (uint32_t)d->n;
	}
	join_binding(d, &d->list[d->of_mac[mac] - 1], w, bind, arena);
}

static void find_wan(struct devices *d, const struct world *w)
{
	const struct end_count *best = NULL;
	uint64_t most = 0, second = 0;

	if (w->public_both * 5 < w->ends_packets * 4)
		return;
	for (int i = 0; i < COMMON_ENDS; i++) {
		uint64_t count = common_ends_count(&w->ends, i);

		if (best == NULL || count > most) {
			second = most;
			most = count;
			best = &w->ends.list[i];
		} else if (count > second) {
			second = count;
		}
	}
	/* The count is short by what Misra-Gries forgets, a seventeenth of both ends. Of two hosts that talk to nobody
	 * but each other, neither is the one. */
	if (most == 0 || w->prefixes_given > 0 || !best->received || second * 10 > most * 9 ||
	    most * 100 < w->ends_packets * (uint64_t)(w->limits->wan_share_percent - 12))
		return;
	/* There is no NAT in IPv6; and who only receives, amid nobody of ours, is the victim that the capture is about. */
	d->wan = best->sent ? addr_is_v4(&best->addr) : w->binds_n == 0;
	d->wan_addr = best->addr;
}

static void add_wan_device(struct devices *d, const struct world *w, struct arena *arena)
{
	for (uint32_t i = 0; i < w->binds_n; i++) {
		if (!addr_equal(&w->binds[i].addr, &d->wan_addr) || d->of_bind[i] != 0)
			continue;
		if (w->binds[i].mac != NO_MAC)
			place_by_mac(d, w, i, arena);
		else
			place_by_address(d, w, i, NO_MAC, arena);
	}
}

void devices_reduce(struct devices *d, const struct world *w, struct arena *arena)
{
	struct relays relays = {0};

	*d = (struct devices){0};
	d->of_bind = calloc(w->binds_n + 1, sizeof *d->of_bind);
	d->of_mac = calloc(w->macs_n + 1, sizeof *d->of_mac);
	if (d->of_bind == NULL || d->of_mac == NULL || !relays_find(&relays, w)) {
		d->failed = true;
		relays_fini(&relays);
		return;
	}
	find_wan(d, w);
	for (uint32_t i = 0; i < w->binds_n && !d->wan; i++) {
		switch (relays.place[i]) {
		case PLACED_BY_MAC:
			place_by_mac(d, w, i, arena);
			break;
		case PLACED_BY_ADDRESS:
			place_by_address(d, w, i, w->binds[i].mac, arena);
			break;
		default:
			break;
		}
	}
	if (d->wan)
		add_wan_device(d, w, arena);
	relays_fini(&relays);
}

static struct identity *get_by_mac(struct devices *d, const struct world *w, uint16_t mac)
{
	struct identity *device;

	if (d->of_mac[mac] != 0)
		return &d->list[d->of_mac[mac] - 1];
	device = new_device(d);
	if (device == NULL)
		return NULL;
	name_by_mac(device, w, mac);
	device->local = true;
	device->backed = BACKED_MAC;
	d->of_mac[mac] = (uint32_t)d->n;
	return device;
}

static struct identity *get_stranger(struct devices *d, struct arena *arena, const struct addr *a,
				     uint16_t mac)
{
	struct identity *last = d->n > 0 ? &d->list[d->n - 1] : NULL;
	struct identity *device;

	if (last != NULL && !last->local && last->addresses_n == 1 &&
	    addr_equal(&last->addresses[0], a))
		return last;
	device = new_device(d);
	if (device == NULL)
		return NULL;
	name_by_address(device, a);
	device->via = mac;
	add_address(device, a, arena);
	return device;
}

/* An address of ours that another MAC has the better claim to, or one of too many. */
static bool is_laid_to_mac(const struct world *w, const struct binding *b)
{
	return world_prefix_is_local(w, &b->addr) && !world_is_router(&w->macs[b->mac]);
}

/* A host of ours inside a tunnel, which nothing proves but what it is accused of. */
static struct identity *get_from_tunnel(struct devices *d, const struct world *w,
					struct arena *arena, uint32_t bind)
{
	if (w->binds[bind].mac != NO_MAC)
		place_by_mac(d, w, bind, arena);
	else
		place_by_address(d, w, bind, NO_MAC, arena);
	return d->of_bind[bind] == 0 ? NULL : &d->list[d->of_bind[bind] - 1];
}

struct identity *devices_get(struct devices *d, const struct world *w, struct arena *arena,
			     const struct addr *addr, uint16_t mac)
{
	const struct binding *b = addr_is_zero(addr) ? NULL : world_find(w, addr, mac);

	if (b != NULL && d->of_bind[b - w->binds] != 0)
		return &d->list[d->of_bind[b - w->binds] - 1];
	if (d->wan && addr_equal(addr, &d->wan_addr) && mac != NO_MAC) {
		struct identity *device = get_by_mac(d, w, mac);

		if (device != NULL)
			add_address(device, addr, arena);
		return device;
	}
	if (b != NULL && (b->flags & (BIND_TUNNEL | BIND_CONFLICT)) == BIND_TUNNEL)
		return get_from_tunnel(d, w, arena, (uint32_t)(b - w->binds));
	if (mac != NO_MAC && (addr_is_zero(addr) || world_is_spoofer(&w->macs[mac], w->limits) ||
			      (b != NULL && is_laid_to_mac(w, b))))
		return get_by_mac(d, w, mac);
	return get_stranger(d, arena, addr, mac);
}

bool devices_is_local(const struct devices *d, const struct world *w, const struct addr *addr)
{
	if (d->wan)
		return addr_equal(addr, &d->wan_addr);
	if (addr_is_multicast(addr) || addr_is_broadcast(addr) || world_prefix_is_local(w, addr))
		return true;
	for (uint32_t i = 0; w->public_binds && i < w->binds_n; i++) {
		if (d->of_bind[i] != 0 && addr_equal(&w->binds[i].addr, addr))
			return true;
	}
	return false;
}
