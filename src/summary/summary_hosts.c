/* SPDX-License-Identifier: MIT */
/*
 * Who sent something, with what detectors made of it. Scores and counts compose in order, so the state of a detector is
 * saved and not its finding: two halves of a scan that say little each may say enough together.
 */
#include "summary/sections.h"
#include "base/hash.h"

#include <assert.h>

enum { HOST_LEAST = 50, STATE_MOST = 4096 };

/* A detector's state on its way from one to the other. */
struct scratch {
	_Alignas(16) uint8_t bytes[STATE_MOST];
};

/* Who wants to see the next packet is of use to the lanes alone. */
enum { FLAGS_SAVED = HOST_DECIDED | HOST_REFUSED_STATE | HOST_OURS };

static void host_fields(struct archive *a, struct host *host)
{
	archive_addr(a, &host->addr);
	archive_mac(a, &host->mac);
	archive_u16(a, &host->flags);
	host->flags &= FLAGS_SAVED;
	archive_u32(a, &host->packets);
	archive_u32(a, &host->marked);
	archive_i64(a, &host->first_ns);
	archive_i64(a, &host->last_ns);
	archive_i64(a, &host->last_marked_ns);
}

/* The lane that its packets went to: that of its address, or of its MAC when it invents addresses. */
static struct lane *lane_of(const struct hands *h, const struct host *host, uint64_t *key)
{
	const struct world *w = h->t->world;
	uint64_t hash;

	if (addr_is_zero(&host->addr) && host->mac != NO_MAC) {
		*key = hash_mac(&w->macs[host->mac].mac);
		return &h->t->lanes->lane[*key >> 58];
	}
	hash = hash_addr(&host->addr);
	*key = world_key(w, &host->addr);
	return &h->t->lanes->lane[hash >> 58];
}

static struct host *join_host(struct lane *lane, const struct host *from, uint64_t key)
{
	struct host *host = hosts_get(&lane->hosts, &from->addr, from->mac, key,
				      (from->flags & HOST_OURS) != 0);
	bool first = host != NULL && host->packets == 0;

	if (host == NULL)
		return NULL;
	host->flags |= from->flags;
	host->first_ns = first || from->first_ns < host->first_ns ? from->first_ns : host->first_ns;
	host->last_ns = first || from->last_ns > host->last_ns ? from->last_ns : host->last_ns;
	if (from->marked > 0 && (host->marked == 0 || from->last_marked_ns > host->last_marked_ns))
		host->last_marked_ns = from->last_marked_ns;
	host->packets = add_most(host->packets, from->packets);
	host->marked = add_most(host->marked, from->marked);
	return host;
}

static void join_state(struct lane *lane, struct host *host, const struct detector *d,
		       const struct scratch *from)
{
	bool had = host->state[d->slot] != 0;
	void *state = detect_state(lane, host, d->slot);

	if (state == NULL)
		return;
	if (had)
		d->join(state, from->bytes, &lane->knowledge->limits);
	else
		memcpy(state, from->bytes, d->state_size);
}

/* host and lane: where it is saved from, or joined to; host is NULL when there is no place for it. */
static void state_fields(struct hands *h, const struct detector *d, struct lane *lane,
			 struct host *host)
{
	bool saves = !h->a->reading && host != NULL;
	bool any = saves && host->state[d->slot] != 0;
	struct scratch scratch;

	archive_bool(h->a, &any);
	if (!any)
		return;
	assert(d->state_size <= STATE_MOST);
	memset(scratch.bytes, 0, d->state_size);
	if (saves) {
		memcpy(scratch.bytes, detect_state_if(lane, host, d->slot), d->state_size);
		d->settle(lane, scratch.bytes);
	}
	d->fields(h->a, scratch.bytes);
	if (joins(h) && host != NULL)
		join_state(lane, host, d, &scratch);
}

static void states_fields(struct hands *h, struct lane *lane, struct host *host)
{
	for (int d = 0; d < DETECTORS && !h->a->broken; d++) {
		if (detectors[d]->slot >= 0)
			state_fields(h, detectors[d], lane, host);
	}
}

static uint32_t count_hosts(const struct hands *h)
{
	uint32_t n = 0;

	for (int i = 0; i < LANES; i++) {
		const struct hosts *hosts = &h->t->lanes->lane[i].hosts;

		for (uint32_t k = 0; k < hosts->n; k++)
			n += ours_host(h->ours, hosts_at(hosts, k));
	}
	return n;
}

static void save_hosts(struct hands *h)
{
	struct lanes *lanes = h->t->lanes;
	uint32_t n = count_hosts(h);

	archive_count(h->a, &n, HOST_LEAST);
	for (int i = 0; i < LANES; i++) {
		struct lane *lane = &lanes->lane[i];

		for (uint32_t k = 0; k < lane->hosts.n; k++) {
			struct host host = *hosts_at(&lane->hosts, k);

			if (!ours_host(h->ours, &host))
				continue;
			host.flags &= FLAGS_SAVED;
			host_fields(h->a, &host);
			states_fields(h, lane, &host);
		}
	}
}

static void read_hosts(struct hands *h)
{
	uint32_t n = 0;

	archive_count(h->a, &n, HOST_LEAST);
	for (uint32_t i = 0; i < n && !h->a->broken; i++) {
		struct host from = {.packets = 0}, *host = NULL;
		struct lane *lane = NULL;
		uint64_t key;

		host_fields(h->a, &from);
		archive_require(h->a, from.packets > 0, "somebody sent nothing");
		if (joins(h)) {
			lane = lane_of(h, &from, &key);
			host = join_host(lane, &from, key);
		}
		states_fields(h, lane, host);
	}
}

/* One map for all: the lanes' are only ever looked at together. */
static void section_map(struct hands *h)
{
	uint8_t map[SCAN_MAP_BYTES] = {0};
	bool any = false;

	for (int i = 0; !h->a->reading && i < LANES; i++) {
		for (size_t at = 0; at < SCAN_MAP_BYTES; at++) {
			map[at] |= h->t->lanes->lane[i].scan_map[at];
			any |= map[at] != 0;
		}
	}
	archive_bool(h->a, &any);
	if (any)
		archive_bytes(h->a, map, sizeof map);
	for (size_t at = 0; joins(h) && at < SCAN_MAP_BYTES; at++)
		h->t->lanes->lane[0].scan_map[at] |= map[at];
}

void section_hosts(struct hands *h)
{
	if (h->a->reading)
		read_hosts(h);
	else
		save_hosts(h);
	section_map(h);
}
