/* SPDX-License-Identifier: MIT */
/*
 * See peers.h. Recorders are those of before the first sign against a device: whom a hijacked camera calls in the LAN after that may be its
 * next victim, and is not let in by having been called.
 */
#include "watch/peers.h"

#include "base/timespan.h"

#include <stdio.h>
#include <string.h>

#define LATELY_NS (120 * NS_PER_S)

enum { ACCUSED_MOST = 40, OTHERS_MOST = 20 }; /* a round of the service has room for 64 */

int peers_init(struct peers *p, const struct wire_counts *counts)
{
	*p = (struct peers){.counts = counts};
	return recorders_init(&p->recorders);
}

void peers_fini(struct peers *p)
{
	recorders_fini(&p->recorders);
}

void peers_ended(struct peers *p, const struct ledger_entry *e)
{
	recorders_ended(&p->recorders, e, p->counts->local, p->counts->local_n);
}

static void goes_on(void *context, const struct ledger_entry *e)
{
	struct peers *p = context;

	recorders_goes_on(&p->recorders, e, p->counts->local, p->counts->local_n);
}

void peers_look(struct peers *p, struct engine *engine)
{
	recorders_begin(&p->recorders);
	engine_running(engine, goes_on, p);
	recorders_end(&p->recorders, engine_now(engine));
}

/* When it was first seen to be somebody else's: by a deed of its own, or since somebody got in. */
static int64_t first_sign(const struct device *d)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		if (e->first_ns < first && strcmp(e->weight, "note") != 0 &&
		    (!e->inward || strcmp(e->weight, "proof") == 0))
			first = e->first_ns;
	}
	return first;
}

static void add_viewers(struct engine *engine, const struct device *d, struct wire_peers *to)
{
	struct addr viewers[WIRE_PEERS_MOST / 2];
	size_t n = engine_peers(engine, d->addresses, d->addresses_n,
				engine_now(engine) - LATELY_NS, viewers, WIRE_PEERS_MOST / 2);

	for (size_t i = 0; i < n; i++) {
		uint32_t k = 0;

		while (k < to->peers_n && !addr_equal(&to->peers[k], &viewers[i]))
			k++;
		to->peers[k] = viewers[i];
		to->kinds[k] |= WIRE_VIEWER;
		to->peers_n += k == to->peers_n;
	}
}

static bool tell(struct peers *p, struct engine *engine, const struct device *d, bool viewers,
		 struct rounds *rounds)
{
	struct wire_peers to = {.peers_n = 0};

	(void)snprintf(to.id, sizeof to.id, "%s", d->id);
	to.peers_n = (uint32_t)recorders_of(&p->recorders, d->addresses, d->addresses_n,
					    first_sign(d), to.peers, WIRE_PEERS_MOST / 2);
	memset(to.kinds, WIRE_RECORDER, to.peers_n);
	if (viewers)
		add_viewers(engine, d, &to);
	return to.peers_n > 0 && rounds_peers(rounds, &to);
}

void peers_tell(struct peers *p, struct engine *engine, const struct judged *judged, bool all,
		struct rounds *rounds)
{
	unsigned told = 0;

	for (size_t i = 0; i < judged->devices_n && told < ACCUSED_MOST; i++) {
		const struct device *d = &judged->devices[i];

		if (d->local && d->verdict >= VERDICT_SUSPECT && d->addresses_n > 0)
			told += tell(p, engine, d, true, rounds);
	}
	told = 0;
	for (size_t i = 0; all && i < judged->devices_n && told < OTHERS_MOST; i++) {
		const struct device *d = &judged->devices[p->at++ % judged->devices_n];

		if (d->local && d->verdict < VERDICT_SUSPECT && d->addresses_n > 0)
			told += tell(p, engine, d, false, rounds);
	}
}
