/* SPDX-License-Identifier: MIT */
/*
 * What lanes forget. A sender of ours with a proven address goes by our own time, everybody else by the strangers': who
 * invents MACs and local addresses makes senders of ours too, but can't prove one of them. Those that stay close up in the
 * order in which they came, for hosts_find() takes the first of an address.
 */
#include "base/hash.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "flow/ages.h"

static bool is_old(const struct world *w, const struct ages *a, const struct host *host)
{
	bool proven = false;

	if (!ages_is_old(a, host->last_ns, a->strangers_before_ns))
		return false;
	if ((host->flags & HOST_OURS) != 0)
		proven = world_fate(w, a, &host->addr, host->mac, false) == FATE_STAYS_PROVEN;
	return ages_is_old(a, host->last_ns, ages_before(a, proven));
}

/* As it was put in: by its address, or by its MAC when it invents those. */
static uint64_t hash_of(const struct world *w, const struct host *host)
{
	if (addr_is_zero(&host->addr) && host->mac != NO_MAC)
		return hash_mac(&w->macs[host->mac].mac);
	return world_key(w, &host->addr);
}

static void close_up(struct lane *lane, const struct world *w, const struct ages *a)
{
	struct hosts *t = &lane->hosts;
	uint32_t kept = 0;

	slots_clear(&t->slots);
	for (uint32_t i = 0; i < t->n; i++) {
		struct host *host = hosts_at(t, i);

		if (is_old(w, a, host)) {
			detect_give_back(lane, host);
			continue;
		}
		if (kept != i)
			*hosts_at(t, kept) = *host;
		slots_put_last(&t->slots, hash_of(w, host), kept++);
	}
	t->n = kept;
}

static void age_hosts(struct lane *lane, const struct world *w, struct ages *a)
{
	bool any = false;

	for (uint32_t i = 0; i < lane->hosts.n; i++) {
		const struct host *host = hosts_at(&lane->hosts, i);

		if (is_old(w, a, host))
			any = true;
		else if (host->mac != NO_MAC)
			ages_name(a, host->mac);
	}
	if (any)
		close_up(lane, w, a);
}

void lanes_age(struct lanes *lanes, const struct world *w, struct ages *a)
{
	for (int i = 0; i < LANES; i++) {
		struct lane *lane = &lanes->lane[i];

		age_hosts(lane, w, a);
		flood_age(flood_lane_of(lane), a, &lane->knowledge->limits);
	}
}
