/* SPDX-License-Identifier: MIT */
/*
 * See recorders.h. Who called is the ledger's to say: the sender of the SYN, or, of what was joined in the middle, the higher port; a viewer
 * who fetches a stream is the caller there, and no recorder. A conversation in which hardly anything was sent is not taken in, so a
 * scan fills nothing. Source of the ports: IANA's registry (rtsp 554, 8554, ftp 21, rtmp 1935) and the makers' manuals (DVRIP 34567,
 * Dahua 37777, Hikvision 8000).
 */
#include "hold/recorders.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdlib.h>

#define KEEP_NS (14 * 86400 * NS_PER_S)

enum { LEAST_BYTES = 4096, OUTWARD = 4, VIDEO_PART = 3 };

int recorders_init(struct recorders *r)
{
	*r = (struct recorders){.list = calloc(RECORDERS_PAIRS, sizeof *r->list)};
	return r->list == NULL ? -ENOMEM : 0;
}

void recorders_fini(struct recorders *r)
{
	free(r->list);
	*r = (struct recorders){0};
}

/* ---- pairs ----------------------------------------------------------------------------------------------------- */

static bool is_video(uint16_t port)
{
	static const uint16_t ports[] = {21, 554, 1935, 8000, 8554, 34567, 37777};

	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool is_local(const struct addr *a, const struct prefix *local, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_has(&local[i], a))
			return true;
	return false;
}

static struct recorder_pair *find(struct recorders *r, const struct addr *device,
				  const struct addr *peer)
{
	for (size_t i = 0; i < r->n; i++)
		if (addr_equal(&r->list[i].device, device) && addr_equal(&r->list[i].peer, peer))
			return &r->list[i];
	return NULL;
}

static struct recorder_pair *make_room(struct recorders *r)
{
	struct recorder_pair *oldest = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].proven_ns == INT64_MAX &&
		    (oldest == NULL || r->list[i].last_ns < oldest->last_ns))
			oldest = &r->list[i];
	if (oldest == NULL)
		r->refused++;
	return oldest;
}

/* The pair of a conversation that may be with a recorder. */
static struct recorder_pair *take_in(struct recorders *r, const struct ledger_entry *e,
				     const struct prefix *local, size_t local_n)
{
	struct recorder_pair *p;

	if (e->bytes[0] < LEAST_BYTES || e->packets[1] == 0 || addr_equal(&e->client, &e->server) ||
	    !is_local(&e->client, local, local_n) || !is_local(&e->server, local, local_n))
		return NULL;
	p = find(r, &e->client, &e->server);
	if (p == NULL) {
		p = r->n < RECORDERS_PAIRS ? &r->list[r->n++] : make_room(r);
		if (p == NULL)
			return NULL;
		*p = (struct recorder_pair){.device = e->client,
					    .peer = e->server,
					    .first_ns = e->first_ns,
					    .last_ns = e->last_ns,
					    .proven_ns = INT64_MAX};
	}
	p->video |= is_video(e->server_port);
	if (e->first_ns < p->first_ns)
		p->first_ns = e->first_ns;
	if (e->last_ns > p->last_ns)
		p->last_ns = e->last_ns;
	return p;
}

static void weigh(struct recorder_pair *p)
{
	uint64_t out = p->out + p->out_now, in = p->in + p->in_now;
	unsigned part = p->video ? VIDEO_PART : 1;

	if (p->proven_ns == INT64_MAX && out >= RECORDER_BYTES / part && out / OUTWARD >= in &&
	    time_since(p->first_ns, p->last_ns) >= RECORDER_SECONDS * NS_PER_S / part)
		p->proven_ns = p->last_ns;
}

/* ---- conversations --------------------------------------------------------------------------------------------- */

void recorders_ended(struct recorders *r, const struct ledger_entry *e, const struct prefix *local,
		     size_t local_n)
{
	struct recorder_pair *p = take_in(r, e, local, local_n);

	if (p == NULL)
		return;
	/* Whether it was counted as one that goes on is no matter: these are counted anew. */
	p->out_now = p->in_now = 0;
	p->out += e->bytes[0];
	p->in += e->bytes[1];
	weigh(p);
}

void recorders_begin(struct recorders *r)
{
	for (size_t i = 0; i < r->n; i++)
		r->list[i].out_now = r->list[i].in_now = 0;
}

void recorders_goes_on(struct recorders *r, const struct ledger_entry *e,
		       const struct prefix *local, size_t local_n)
{
	struct recorder_pair *p = take_in(r, e, local, local_n);

	if (p == NULL)
		return;
	p->out_now += e->bytes[0];
	p->in_now += e->bytes[1];
}

void recorders_end(struct recorders *r, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		weigh(&r->list[i]);
		if (time_since(r->list[i].last_ns, now_ns) <= KEEP_NS)
			r->list[kept++] = r->list[i];
	}
	r->n = kept;
}

size_t recorders_of(const struct recorders *r, const struct addr *addrs, size_t n,
		    int64_t before_ns, struct addr *out, size_t room)
{
	size_t found = 0;

	for (size_t i = 0; i < r->n && found < room; i++) {
		const struct recorder_pair *p = &r->list[i];
		bool own = false;

		if (p->proven_ns == INT64_MAX || p->proven_ns >= before_ns)
			continue;
		for (size_t k = 0; k < n && !own; k++)
			own = addr_equal(&p->device, &addrs[k]);
		for (size_t k = 0; k < n && own; k++)
			own = !addr_equal(&p->peer, &addrs[k]);
		if (own)
			out[found++] = p->peer;
	}
	return found;
}
