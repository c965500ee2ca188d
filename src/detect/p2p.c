/* SPDX-License-Identifier: MIT */
/*
 * Bots that need no server: Hide-and-Seek's find each other over UDP, each on a port of its own chosen at random (NJCCIC
 * and Trend Micro, 2018). What they say looks random and is published nowhere in a form that could be matched, so only the
 * manner shows: from one port of its own the device speaks with many strangers, each on another port, and with the same
 * ones again later.
 *
 * File sharing, games, telephony and the clouds of cameras do exactly that. So it is told of a device only when it was
 * *proven* to have taken in a program before (verdict/founded.c): then it says what became of it, and convicts nobody that
 * was not convicted already. What is left out: servers' ports on either side (below 1024), and who is called only once,
 * as in floods and traces. Three own ports are followed; that with fewest peers makes room for another.
 */
#include "base/archive.h"
#include "base/timespan.h"
#include "detect/detect.h"

#include <stdio.h>

enum {
	OWN_PORTS = 3,
	PEERS = 8,	    /* kept; p2p_peers in knowledge/limits.tsv can ask for no more */
	PORT_SERVERS = 1024 /* below are the system ports (RFC 6335, 6) */
};

struct peer {
	uint32_t tag;
	uint16_t port;
	bool again; /* spoken to once more after a while */
	int64_t first_ns;
};

struct own_port {
	uint16_t port;
	uint8_t peers_n;
	struct peer peers[PEERS];
	uint64_t keys[PEERS];
	int64_t last_ns;
	uint64_t packets;
};

struct p2p_state {
	struct own_port ports[OWN_PORTS];
};

static struct own_port *find_port(struct p2p_state *state, uint16_t port)
{
	struct own_port *fewest = &state->ports[0];

	for (unsigned i = 0; i < OWN_PORTS; i++) {
		struct own_port *o = &state->ports[i];

		if (o->port == port)
			return o;
		if (o->peers_n < fewest->peers_n ||
		    (o->peers_n == fewest->peers_n && o->last_ns < fewest->last_ns))
			fewest = o;
	}
	*fewest = (struct own_port){.port = port};
	return fewest;
}

/* Has somebody been met before, it counts whether that is long enough ago; who is new is kept while there is room. */
static void note_peer(struct own_port *o, const struct peer *met, uint64_t key, int64_t apart_ns)
{
	for (unsigned i = 0; i < o->peers_n; i++) {
		struct peer *peer = &o->peers[i];

		if (peer->tag != met->tag || peer->port != met->port)
			continue;
		peer->again |= met->again || time_since(peer->first_ns, met->first_ns) >= apart_ns;
		return;
	}
	if (o->peers_n == PEERS)
		return;
	o->keys[o->peers_n] = key;
	o->peers[o->peers_n++] = *met;
}

static void p2p_sent(struct lane *lane, struct host *host, const struct stamp *s)
{
	const struct packet *p = s->packet;
	const struct peer met = {
		.tag = (uint32_t)(s->target_hash >> 16), .port = p->dport, .first_ns = p->time_ns};
	struct p2p_state *state;
	struct own_port *o;

	if ((p->flags & PACKET_L4) == 0 || p->sport < PORT_SERVERS || p->dport < PORT_SERVERS ||
	    (s->flags & STAMP_DST_LOCAL) != 0 || !addr_is_public(&p->dst))
		return;
	state = detect_state(lane, host, detector_p2p.slot);
	if (state == NULL)
		return;
	o = find_port(state, p->sport);
	o->packets++;
	o->last_ns = p->time_ns;
	note_peer(o, &met, p->key, lane->knowledge->limits.p2p_apart_s * NS_PER_S);
}

/* Peers met again, and whether nearly each has a port of its own. */
static unsigned lasting_peers(const struct own_port *o, bool *ports_differ)
{
	unsigned again = 0, same = 0;

	for (unsigned i = 0; i < o->peers_n; i++) {
		again += o->peers[i].again;
		for (unsigned k = 0; k < i; k++)
			same += o->peers[i].port == o->peers[k].port;
	}
	*ports_differ = same < o->peers_n;
	return again;
}

static void tell_peers(const struct own_port *o, unsigned peers, struct findings *out)
{
	struct finding *f = findings_add(out);

	if (f == NULL)
		return;
	f->weight = WEIGHT_SIGN;
	f->stranger = WEIGHT_NOTE;
	f->after_load = true;
	f->act = ACT_RECRUITED;
	f->first_ns = o->peers[0].first_ns;
	f->last_ns = o->last_ns;
	f->count = o->packets;
	for (unsigned i = 0; i < o->peers_n; i++)
		finding_cite(f, o->keys[i]);
	snprintf(f->text, FINDING_TEXT,
		 "speaks from its UDP port %u with %u strangers or more, nearly each on another "
		 "port, and with the same ones again later: bots that need no server do that",
		 o->port, peers);
}

static void p2p_conclude(struct lane *lane, const struct host *host, const void *opaque,
			 struct findings *out)
{
	const struct p2p_state *state = opaque;

	(void)host;
	for (unsigned i = 0; i < OWN_PORTS; i++) {
		bool ports_differ;
		unsigned peers = lasting_peers(&state->ports[i], &ports_differ);

		if (peers >= lane->knowledge->limits.p2p_peers && ports_differ)
			tell_peers(&state->ports[i], peers, out);
	}
}

static void p2p_settle(struct lane *lane, void *state)
{
	(void)lane;
	(void)state; /* nothing waits for more packets */
}

static void port_fields(struct archive *a, struct own_port *o)
{
	archive_u16(a, &o->port);
	if (o->port == 0)
		return;
	archive_keys(a, o->keys, &o->peers_n, 1, PEERS);
	for (unsigned i = 0; i < o->peers_n; i++) {
		archive_u32(a, &o->peers[i].tag);
		archive_u16(a, &o->peers[i].port);
		archive_bool(a, &o->peers[i].again);
		archive_i64(a, &o->peers[i].first_ns);
	}
	archive_i64(a, &o->last_ns);
	archive_u64(a, &o->packets);
}

static void p2p_fields(struct archive *a, void *opaque)
{
	struct p2p_state *state = opaque;

	for (unsigned i = 0; i < OWN_PORTS; i++)
		port_fields(a, &state->ports[i]);
}

/* A port with fewer peers than any that is there finds no place. */
static void join_port(struct p2p_state *state, const struct own_port *later, int64_t apart_ns)
{
	struct own_port *o = NULL;
	unsigned fewest = PEERS;

	for (unsigned i = 0; i < OWN_PORTS; i++) {
		if (state->ports[i].port == later->port)
			o = &state->ports[i];
		if (state->ports[i].peers_n < fewest)
			fewest = state->ports[i].peers_n;
	}
	if (o == NULL && later->peers_n <= fewest)
		return;
	if (o == NULL)
		o = find_port(state, later->port);
	for (unsigned i = 0; i < later->peers_n; i++)
		note_peer(o, &later->peers[i], later->keys[i], apart_ns);
	o->packets += later->packets;
	o->last_ns = later->last_ns > o->last_ns ? later->last_ns : o->last_ns;
}

static void p2p_join(void *opaque, const void *more, const struct limits *limits)
{
	const struct p2p_state *later = more;

	for (unsigned i = 0; i < OWN_PORTS; i++) {
		if (later->ports[i].port != 0)
			join_port(opaque, &later->ports[i], limits->p2p_apart_s * NS_PER_S);
	}
}

const struct detector detector_p2p = {
	.name = "p2p",
	.code = "C-0012",
	.summary =
		"after a program was loaded: talk with many strangers, each on a port of its own",
	.hints = HINT_OURS,
	.kinds = KIND_UDP,
	.slot = 4,
	.state_size = sizeof(struct p2p_state),
	.share = 1,
	.ours_only = true,
	.sent = p2p_sent,
	.conclude = p2p_conclude,
	.settle = p2p_settle,
	.fields = p2p_fields,
	.join = p2p_join,
};
