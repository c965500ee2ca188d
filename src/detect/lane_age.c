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

/* How many of a lane's tables are of our own proven devices. */
struct held {
	uint32_t hosts;
	uint32_t states[HOST_STATES];
};

static bool is_proven(const struct world *w, const struct ages *a, const struct host *host)
{
	if ((host->flags & HOST_OURS) == 0)
		return world_is_common(w, &host->addr);
	return world_fate(w, a, &host->addr, host->mac, false) == FATE_STAYS_PROVEN;
}

static bool is_old(const struct world *w, const struct ages *a, const struct host *host)
{
	if (!ages_is_old(a, host->last_ns, a->strangers_before_ns))
		return false;
	return ages_is_old(a, host->last_ns, ages_before(a, is_proven(w, a, host)));
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

static void expire_states(struct lane *lane)
{
	for (int d = 0; d < DETECTORS; d++) {
		if (detectors[d]->expire == NULL)
			continue;
		for (uint32_t i = 0; i < lane->hosts.n; i++) {
			const struct host *host = hosts_at(&lane->hosts, i);

			if (host->state[detectors[d]->slot] != 0)
				detectors[d]->expire(
					detect_state_if(lane, host, detectors[d]->slot));
		}
	}
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

/* ---- how full -------------------------------------------------------------------------------------------------- */

static void count_held(const struct lane *lane, const struct world *w, const struct ages *a,
		       struct held *held)
{
	*held = (struct held){.hosts = 0};
	for (uint32_t i = 0; i < lane->hosts.n; i++) {
		const struct host *host = hosts_at(&lane->hosts, i);

		if (!is_proven(w, a, host))
			continue;
		held->hosts++;
		for (int slot = 0; slot < HOST_STATES; slot++)
			held->states[slot] += host->state[slot] != 0;
	}
}

static void press(const struct lane *lane, const struct held *held, struct ages *a)
{
	const struct flood_lane *f = flood_lane_of(lane);

	ages_press(a, lane->hosts.n, held->hosts, lane->hosts.cap - lane->hosts.cap / 8);
	for (int d = 0; d < DETECTORS; d++) {
		const struct detector *detector = detectors[d];
		const struct pool *p;

		if (detector->slot < 0)
			continue;
		p = &lane->pools[detector->slot];
		ages_press(a, p->n, held->states[detector->slot],
			   detector->ours_only ? p->cap : p->cap - p->cap / 4);
	}
	ages_press(a, f->targets_n, 0, f->targets_cap - f->targets_cap / 4);
	ages_press(a, f->records_n, 0, f->records_cap - f->records_cap / 4);
	ages_press(a, f->senders_n, 0, f->senders_cap);
	ages_press(a, f->sources.n, 0, f->sources.cap);
}

void lanes_press(const struct lanes *lanes, const struct world *w, struct ages *a, bool surveyed)
{
	static const struct held none;

	for (int i = 0; i < LANES; i++) {
		const struct lane *lane = &lanes->lane[i];
		unsigned others = a->pressure;
		struct held held;

		press(lane, &none, a);
		if (!surveyed || a->pressure == others)
			continue;
		a->pressure = others; /* fuller than others: of whom? */
		count_held(lane, w, a, &held);
		press(lane, &held, a);
	}
}

void lanes_age(struct lanes *lanes, const struct world *w, struct ages *a)
{
	for (int i = 0; i < LANES; i++) {
		struct lane *lane = &lanes->lane[i];

		age_hosts(lane, w, a);
		expire_states(lane);
		flood_age(flood_lane_of(lane), a, &lane->knowledge->limits);
	}
}
