/* SPDX-License-Identifier: MIT */
/*
 * One MAC, several addresses: the same host over time, the IPv4 and IPv6 of one host, or several hosts behind a
 * gateway or repeater? Two IPv4 addresses in use at the same time tell, unless one was only claimed; so do two link-local
 * IPv6 addresses. Of a relay's addresses, the one that it alone claimed by ARP is its own.
 */
#include "identify/relays.h"

#include <stdlib.h>
#include <string.h>

struct group {
	const struct world *w;
	const uint32_t *binds; /* of one MAC, in input order */
	uint32_t n;
};

/* VRRP and CARP (RFC 9568), HSRP v1 and v2: MACs that routers share are nobody's own. */
static bool is_virtual(const struct mac *m)
{
	static const uint8_t vrrp[4] = {0x00, 0x00, 0x5e, 0x00};
	static const uint8_t hsrp[5] = {0x00, 0x00, 0x0c, 0x07, 0xac};
	static const uint8_t hsrp2[4] = {0x00, 0x00, 0x0c, 0x9f};

	return (memcmp(m->b, vrrp, sizeof vrrp) == 0 && (m->b[4] == 1 || m->b[4] == 2)) ||
	       memcmp(m->b, hsrp, sizeof hsrp) == 0 || memcmp(m->b, hsrp2, sizeof hsrp2) == 0;
}

static bool overlap(const struct binding *a, const struct binding *b)
{
	return a->first_key <= b->last_key && b->first_key <= a->last_key;
}

static unsigned proof_of(const struct binding *b)
{
	if ((b->flags & (BIND_HANDSHAKE | BIND_DHCP)) != 0)
		return 3;
	if ((b->flags & BIND_TWO_WAY) != 0)
		return 2;
	return (b->flags & BIND_ARP) != 0 ? 1 : 0;
}

/* Another MAC has the better claim to this address, at the same time. */
static bool is_forged(const struct world *w, uint32_t bind)
{
	const struct binding *b = &w->binds[bind];
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, &b->addr));
	uint32_t at;

	if ((b->flags & BIND_CONFLICT) == 0)
		return false;
	while (slots_next(&w->bind_slots, &probe, &at)) {
		const struct binding *other = &w->binds[at];

		if (at == bind || !addr_equal(&other->addr, &b->addr) || !overlap(other, b))
			continue;
		if (proof_of(other) > proof_of(b) || (proof_of(other) == proof_of(b) && at < bind))
			return true;
	}
	return false;
}

/* A global IPv6 address that nothing but the hop limit shows as ours: believed when it spoke and was spoken to, or
 * when its MAC has a local address too, and when that MAC turned out to be no router. */
static bool is_guess_gone_wrong(const struct world *w, const struct binding *b)
{
	if (addr_is_v4(&b->addr) || (b->flags & (BIND_ARP | BIND_DHCP)) != 0 ||
	    world_prefix_is_local(w, &b->addr))
		return false;
	return world_is_router(&w->macs[b->mac]) ||
	       ((b->flags & BIND_TWO_WAY) == 0 && (w->macs[b->mac].flags & MAC_OURS) == 0);
}

static bool is_nobodys(const struct world *w, uint32_t bind)
{
	const struct binding *b = &w->binds[bind];
	bool proven = (b->flags & BIND_PROVEN) != 0;

	if (is_forged(w, bind) || (b->mac != NO_MAC && is_guess_gone_wrong(w, b)))
		return true;
	if (proven)
		return false;
	if ((b->flags & BIND_TUNNEL) != 0)
		return true;
	if (b->mac == NO_MAC)
		return false;
	if (w->macs[b->mac].invented > 0 || world_is_spoofer(&w->macs[b->mac], w->limits))
		return true;
	return world_is_router(&w->macs[b->mac]) && (b->flags & BIND_ORIGIN) == 0;
}

/* An IPv4 address that was claimed but never spoken from to one receiver. */
static bool is_silent(const struct binding *b)
{
	return addr_is_v4(&b->addr) && (b->flags & BIND_ARP) != 0 && b->unicast == 0;
}

/*
 * Devices fresh from set-up hold the address of their own network for a while, beside the one they were leased: one or two
 * silent addresses are no second host. More are claimed by proxies and forgers.
 */
static bool has_left_over(const struct group *g)
{
	unsigned silent = 0;

	for (uint32_t i = 0; i < g->n; i++)
		silent += is_silent(&g->w->binds[g->binds[i]]);
	return silent <= (uint64_t)g->w->limits->relay_claims_left_over;
}

static bool counts_for_relay(const struct binding *b, bool left_over)
{
	if (left_over && is_silent(b))
		return false;
	return addr_is_v4(&b->addr) != addr_is_link_local(&b->addr);
}

/*
 * Two hosts at once: IPv4 with IPv4, or link-local IPv6 with link-local IPv6, in use at the same time. Two leases of
 * one MAC are one host. One after the other they are one host only where ARP or DHCP tells of the change. The bindings
 * stand by their first packet, so one pass with the latest last packet is enough.
 */
static bool is_relay(const struct group *g)
{
	uint64_t last[2][2] = {{0}}; /* by family and by "not leased" */
	unsigned hosts = 0, unclaimed = 0;
	bool left_over = has_left_over(g);

	if (is_virtual(&g->w->macs[g->w->binds[g->binds[0]].mac].mac))
		return true;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct binding *b = &g->w->binds[g->binds[i]];
		bool v4 = addr_is_v4(&b->addr), leased = (b->flags & BIND_DHCP) != 0;

		if (!counts_for_relay(b, left_over))
			continue;
		if (v4 && (b->flags & (BIND_ARP | BIND_DHCP)) == 0)
			unclaimed++;
		if (v4 && ++hosts > 1 && unclaimed > 0)
			return true;
		if (b->first_key <= last[v4][1] || (!leased && b->first_key <= last[v4][0]))
			return true;
		if (b->last_key > last[v4][!leased])
			last[v4][!leased] = b->last_key;
	}
	return false;
}

/* The one IPv4 address that the relay claimed for itself, or -1. */
static int64_t own_of_relay(const struct group *g)
{
	int64_t own = -1;

	if (is_virtual(&g->w->macs[g->w->binds[g->binds[0]].mac].mac))
		return -1;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct binding *b = &g->w->binds[g->binds[i]];

		if (!addr_is_v4(&b->addr) || (b->flags & (BIND_ARP | BIND_DHCP)) == 0)
			continue;
		if (own >= 0)
			return -1;
		own = g->binds[i];
	}
	return own;
}

static void place_group(struct relays *r, const struct group *g)
{
	bool relay = is_relay(g);
	int64_t own = relay ? own_of_relay(g) : -1;

	for (uint32_t i = 0; i < g->n; i++) {
		const struct binding *b = &g->w->binds[g->binds[i]];
		bool claimed = own >= 0 && !addr_is_v4(&b->addr) && (b->flags & BIND_ARP) != 0;

		r->place[g->binds[i]] =
			!relay || g->binds[i] == own || claimed ? PLACED_BY_MAC : PLACED_BY_ADDRESS;
	}
}

/* Bindings of one MAC stand together in `sorted`, in input order: a counting sort by MAC. */
static void sort_by_mac(const struct relays *r, const struct world *w, uint32_t *sorted,
			uint32_t *start)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < w->binds_n; i++) {
		if (r->place[i] != PLACED_NOWHERE && w->binds[i].mac != NO_MAC)
			start[w->binds[i].mac]++;
	}
	for (uint32_t m = 0; m <= w->macs_n; m++) {
		uint32_t n = start[m];

		start[m] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < w->binds_n; i++) {
		if (r->place[i] != PLACED_NOWHERE && w->binds[i].mac != NO_MAC)
			sorted[start[w->binds[i].mac]++] = i;
	}
}

bool relays_find(struct relays *r, const struct world *w)
{
	uint32_t *sorted = calloc(w->binds_n + 1, sizeof *sorted);
	uint32_t *end = calloc(w->macs_n + 1, sizeof *end);
	bool ok;

	r->place = calloc(w->binds_n + 1, 1);
	ok = sorted != NULL && end != NULL && r->place != NULL;
	for (uint32_t i = 0; ok && i < w->binds_n; i++)
		r->place[i] = is_nobodys(w, i) ? PLACED_NOWHERE : PLACED_BY_ADDRESS;
	if (ok)
		sort_by_mac(r, w, sorted, end);
	for (uint32_t m = 0, from = 0; ok && m < w->macs_n; m++) {
		struct group g = {.w = w, .binds = sorted + from, .n = end[m] - from};

		if (g.n > 0)
			place_group(r, &g);
		from = end[m];
	}
	free(sorted);
	free(end);
	return ok;
}

void relays_fini(struct relays *r)
{
	free(r->place);
	r->place = NULL;
}
