/* SPDX-License-Identifier: MIT */
/*
 * From packets to parsers. A datagram goes to the protocol whose port it bears, else to the first whose marks it shows; a
 * connection is looked at until one side's first bytes show whose it is, then its bytes go to that parser alone. What
 * nobody knows, and what is encrypted, costs one look-up from then on.
 */
#include "proto/listen.h"

#include "base/hash.h"
#include "proto/listen_states.h"
#include "proto/listen_tables.h"
#include "proto/listen_tell.h"

/* `own`: of ears_own(), whose own ports these are. */
static bool is_mine(unsigned proto, struct glance *g, uint64_t own, enum match *match)
{
	g->hinted = ears_has(own, proto);
	*match = protos[proto]->mine == NULL ? MATCH_NO : protos[proto]->mine(g);
	return *match == MATCH_YES;
}

/* ---- connections ----------------------------------------------------------------------------------------------- */

enum { LOOKS_OPENED = 1, LOOKS_JOINED = 4 }; /* joined in the middle, a message may begin later */

static unsigned looks_of(const struct flow *f, unsigned side)
{
	return f->guesses >> 4 * side & 15;
}

/* Which parser's are these bytes? The number, or PROTOS; *wait when more bytes may tell. */
static unsigned recognise_tcp(const struct listener *l, struct glance *g, bool *wait)
{
	const struct ears *e = l->ears;
	uint64_t own = ears_own(e, g->sport, g->dport), may = ears_may(e, own, g->data);
	enum match match;
	bool maybe = false;

	for (uint64_t left = e->tcp & may; left != 0; left &= left - 1) {
		if (is_mine(ears_next(left), g, own, &match))
			return ears_next(left);
		maybe |= match == MATCH_MAYBE;
	}
	*wait = maybe;
	for (uint64_t left = e->tcp_timid & may & (maybe ? own : UINT64_MAX); left != 0;
	     left &= left - 1) {
		if (is_mine(ears_next(left), g, own, &match))
			return ears_next(left);
		*wait |= match == MATCH_MAYBE;
	}
	return PROTOS;
}

/* True when the conversation's parser is known from now on; otherwise *used says what to do with the bytes. */
static bool recognise(struct listener *l, struct flow *f, unsigned side,
		      const struct flow_bytes *got, size_t *used)
{
	bool client = side == CLIENT_SIDE, wait = false;
	unsigned most = (f->flags & FLOW_OPENED) != 0 ? LOOKS_OPENED : LOOKS_JOINED;
	struct glance g = {.data = got->data,
			   .sport = client ? f->client_port : f->server_port,
			   .dport = client ? f->server_port : f->client_port,
			   .from_client = client};
	unsigned proto;

	*used = got->data.len;
	if (got->data.len == 0 || looks_of(f, side) >= most)
		return false;
	proto = recognise_tcp(l, &g, &wait);
	if (proto < PROTOS) {
		f->parser = (uint8_t)(proto + 1);
		return true;
	}
	if (wait && !got->closed && got->data.len < (size_t)l->limits->flow_look_bytes) {
		*used = 0;
		return false;
	}
	f->guesses = (uint8_t)(f->guesses + (1U << 4 * side));
	if (looks_of(f, 0) >= most && looks_of(f, 1) >= most)
		listen_turn_deaf(l, f);
	return false;
}

/* Offers bytes to the conversation's parser. Returns how many were used up. */
static size_t parse(struct listener *l, struct flow *f, unsigned side, const struct flow_bytes *got)
{
	const struct proto *proto = protos[f->parser - 1];
	struct talk talk = {
		.packet = l->stamp->packet,
		.data = got->data,
		.from_client = side == CLIENT_SIDE,
		.gap = got->gap,
		.joined = got->gap && (f->flags & FLOW_OPENED) == 0 &&
			  f->side[side].seen <= got->data.len,
		.closed = got->closed,
		.foreign = {(f->who[side] & WHO_OURS) == 0, (f->who[1 - side] & WHO_OURS) == 0}};
	size_t used;

	l->proto = (uint8_t)(f->parser - 1);
	if (proto->state_size > 0) {
		struct parser_state *state = listen_state(l, f, l->proto, l->stamp->packet->now_ns);

		if (state == NULL) {
			listen_turn_deaf(l, f);
			return 0;
		}
		talk.state = state->bytes;
	}
	l->packets++;
	used = proto->stream(&talk, &l->telling);
	if (used == STREAM_DONE || f->side[side].seen > l->limits->flow_read_bytes)
		listen_turn_deaf(l, f);
	return used == STREAM_DONE ? 0 : used;
}

static void offer(struct listener *l, struct flow *f, unsigned side, struct flow_bytes got);

/* What the other side said before it was known which parser it is for. */
static void offer_waiting(struct listener *l, struct flow *f, unsigned side)
{
	struct flow_bytes waiting = flow_waiting(&l->flows, f, side);

	if (waiting.data.len > 0 && (f->flags & FLOW_DEAF) == 0)
		offer(l, f, side, waiting);
}

static void offer(struct listener *l, struct flow *f, unsigned side, struct flow_bytes got)
{
	int64_t now_ns = l->stamp->packet->now_ns;
	bool found = false;

	while (got.data.len > 0 || got.closed) {
		size_t used = 0;

		if (f->parser == 0)
			found = recognise(l, f, side, &got, &used);
		if (f->parser != 0)
			used = parse(l, f, side, &got);
		if ((f->flags & FLOW_DEAF) != 0)
			return;
		if (flow_used_all(f, side, &got, used))
			break;
		got = flow_used(&l->flows, f, side, &got, used, now_ns);
	}
	if (found)
		offer_waiting(l, f, 1 - side);
}

/* Joined in the middle: who listens on a known port, or on the lower one, is the server. */
static unsigned guess_side(const struct listener *l, const struct packet *p)
{
	uint64_t tcp = l->ears->tcp | l->ears->tcp_timid;
	bool from_known = (ears_own(l->ears, p->sport, p->sport) & tcp) != 0,
	     to_known = (ears_own(l->ears, p->dport, p->dport) & tcp) != 0;

	if (from_known != to_known)
		return from_known ? SERVER_SIDE : CLIENT_SIDE;
	return p->sport < p->dport ? SERVER_SIDE : CLIENT_SIDE;
}

static uint8_t who_is(uint8_t before, unsigned ours)
{
	uint8_t public = before & WHO_PUBLIC;

	if (ours != 0)
		return public | WHO_OURS;
	return public != 0 ? WHO_PUBLIC | WHO_STRANGER : 0;
}

static void note_who(struct flow *f, unsigned side, const struct stamp *s)
{
	f->mac[side] = s->src_mac;
	f->mac[1 - side] = s->dst_mac != NO_MAC ? s->dst_mac : f->mac[1 - side];
	f->who[side] = who_is(f->who[side], s->flags & (STAMP_SRC_OURS | STAMP_SRC_LOCAL));
	f->who[1 - side] = who_is(f->who[1 - side], s->flags & (STAMP_DST_OURS | STAMP_DST_LOCAL));
}

static void open_flow(struct listener *l, struct flow *f, const struct stamp *s, uint32_t bucket)
{
	const struct packet *p = s->packet;

	if (f != NULL && (f->flags & FLOW_OPENED) != 0 && (f->flags & FLOW_RESET) == 0 &&
	    f->side[SERVER_SIDE].next - (p->seq + 1) < 1U << 20 &&
	    f->side[CLIENT_SIDE].next - p->ack < 1U << 20)
		return; /* the same one, again */
	if (f != NULL && !(p->sport == f->server_port && addr_equal(&p->src, &f->server)))
		return; /* both at once (RFC 9293, 3.5): rare enough to be left out */
	if (f == NULL)
		f = flows_add(&l->flows, s, bucket, SERVER_SIDE);
	if (f == NULL)
		return;
	listen_free_states(l, f);
	f->parser = 0;
	f->guesses = 0;
	flow_open(&l->flows, f, p);
	f->mac[CLIENT_SIDE] = f->mac[SERVER_SIDE] = NO_MAC;
	note_who(f, SERVER_SIDE, s);
}

/* The conversation of a packet with bytes, or with an end of one that is known; NULL when there is none. */
static struct flow *find_flow(struct listener *l, const struct stamp *s, uint32_t bucket,
			      unsigned *side)
{
	struct flow *f = flows_find(&l->flows, s, bucket, side);

	if (f != NULL || s->packet->payload_len == 0)
		return f;
	*side = guess_side(l, s->packet);
	f = flows_add(&l->flows, s, bucket, *side);
	if (f != NULL)
		f->mac[1 - *side] = NO_MAC;
	return f;
}

/* Its opening was seen, and no bytes after it. */
static bool is_unaccepted(const struct flow *f)
{
	return (f->flags & (FLOW_OPENED | FLOW_ACCEPTED)) == FLOW_OPENED;
}

static void hear_flow(struct listener *l, struct flow *f, unsigned side)
{
	const struct stamp *s = l->stamp;
	const struct packet *p = s->packet;

	if (p->payload_len > 0)
		note_who(f, side, s);
	/* Bytes, or the caller's FIN: an acknowledgement alone is not looked up. */
	if (is_unaccepted(f) &&
	    (p->payload_len > 0 || (side == CLIENT_SIDE && (p->tcp_flags & TCP_FIN) != 0)))
		listen_accepted(l, f);
	if ((f->flags & FLOW_DEAF) != 0) {
		flow_skip(f, side, p);
		return;
	}
	l->flow = f;
	offer(l, f, side, flow_take(&l->flows, f, side, p));
	if ((f->side[0].flags & f->side[1].flags & SIDE_TOLD) != 0 && (f->flags & FLOW_DEAF) == 0)
		listen_turn_deaf(l, f); /* both have ended: its state is for others */
	l->flow = NULL;
}

static void hear_tcp(struct listener *l, const struct stamp *s, uint32_t bucket)
{
	const struct packet *p = s->packet;
	unsigned side = SERVER_SIDE;
	struct flow *f;

	if ((p->flags & (PACKET_L4 | PACKET_FRAGMENT)) != PACKET_L4)
		return;
	if ((p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK)) {
		f = flows_find(&l->flows, s, bucket, &side);
		open_flow(l, f, s, bucket);
		return;
	}
	if ((p->payload_len == 0 && (p->tcp_flags & (TCP_FIN | TCP_RST)) == 0) || packet_is_syn(p))
		return;
	f = find_flow(l, s, bucket, &side);
	if (f == NULL)
		return;
	if ((f->flags & FLOW_DEAF) != 0 && !is_unaccepted(f))
		flow_skip(f, side, p); /* only its end counts */
	else
		hear_flow(l, f, side);
}

enum { ICMP_REST = 4 /* bytes of the ICMP header behind the checksum */ };

/* ---- datagrams ------------------------------------------------------------------------------------------------- */

/* The conversation of a question and its answers, and its state: false when there is no room for them. */
static bool find_pair(struct listener *l, uint8_t proto, struct talk *talk)
{
	const struct stamp *s = l->stamp;
	uint32_t bucket = flows_bucket(&l->flows, s);
	unsigned side = CLIENT_SIDE;
	struct flow *f = flows_find(&l->flows, s, bucket, &side);
	struct parser_state *state;

	if (f == NULL)
		f = flows_add(&l->flows, s, bucket, side);
	if (f == NULL)
		return false;
	f->last_ns = s->packet->now_ns;
	f->side[side].flags |= SIDE_SPOKE;
	note_who(f, side, s);
	state = listen_state(l, f, proto, s->packet->now_ns);
	if (state == NULL)
		return false;
	l->flow = f;
	talk->state = state->bytes;
	talk->from_client = side == CLIENT_SIDE;
	return true;
}

static void parse_datagram(struct listener *l, unsigned proto)
{
	const struct packet *p = l->stamp->packet;
	struct talk talk = {.packet = p, .data = packet_payload(p), .from_client = true};

	l->proto = (uint8_t)proto;
	if (p->proto == PROTO_ICMPV6) { /* from behind type, code and checksum */
		talk.data.at -= ICMP_REST;
		talk.data.len += ICMP_REST;
	}
	if (protos[proto]->paired && !find_pair(l, (uint8_t)proto, &talk))
		return;
	l->packets++;
	l->malformed += !protos[proto]->datagram(&talk, &l->telling);
	l->flow = NULL;
}

/* The first of a set that calls the datagram its own, or PROTOS. */
static unsigned first_of(uint64_t set, struct glance *g, uint64_t own)
{
	enum match match;

	for (; set != 0; set &= set - 1) {
		if (is_mine(ears_next(set), g, own, &match))
			return ears_next(set);
	}
	return PROTOS;
}

/* Whose port the datagram goes to, else whose it comes from; then the timid ones that have one of them, then all. */
static unsigned recognise_udp(const struct listener *l, struct glance *g, uint64_t own)
{
	const struct ears *e = l->ears;
	uint64_t all = e->udp | e->udp_timid, to = ears_own(e, g->dport, g->dport) & all;
	uint64_t hinted = to != 0 ? to : own & all, may = ears_may(e, own, g->data);
	unsigned proto = PROTOS;

	if (hinted != 0) {
		proto = first_of(hinted & -hinted, g, own);
		if (proto == PROTOS)
			proto = first_of(e->udp_timid & own, g, own);
	}
	return proto < PROTOS ? proto : first_of(e->udp & may, g, own);
}

/*
 * Streams of sound, pictures and encrypted datagrams are most of UDP: what was nobody's so many times running
 * (datagrams_unheard), on ports that are no protocol's own, is not looked at again until another conversation takes its cell. By the published hash, so that
 * no seed decides what is heard.
 */
static struct unheard *unheard_cell(struct listener *l, const struct stamp *s, uint32_t *tag)
{
	const struct packet *p = s->packet;
	uint64_t ports = (uint64_t)p->sport * p->dport + ((uint64_t)(p->sport + p->dport) << 32);
	uint64_t key = hash_mix(s->actor_hash + s->target_hash + ports);

	*tag = (uint32_t)(key >> 32);
	return &l->unheard[key % UNHEARD_CELLS];
}

static void note_unheard(struct unheard *cell, uint32_t tag, bool heard)
{
	if (heard && cell->tag != tag)
		return;
	if (heard || cell->tag != tag)
		*cell = (struct unheard){.tag = tag};
	cell->n += !heard;
}

/* tag and cell: of unheard_cell() */
static void hear_udp(struct listener *l, const struct stamp *s, uint32_t tag, struct unheard *cell)
{
	const struct packet *p = s->packet;
	struct glance g = {.data = packet_payload(p),
			   .sport = p->sport,
			   .dport = p->dport,
			   .from_client = true};
	uint64_t own = ears_own(l->ears, p->sport, p->dport);
	unsigned proto;

	if ((p->flags & (PACKET_L4 | PACKET_LATER_FRAGMENT)) != PACKET_L4 || p->payload_len == 0)
		return;
	if ((own & (l->ears->udp | l->ears->udp_timid)) != 0)
		cell = NULL;
	else if (cell->tag == tag && cell->n >= (uint64_t)l->limits->datagrams_unheard)
		return;
	proto = recognise_udp(l, &g, own);
	if (cell != NULL)
		note_unheard(cell, tag, proto < PROTOS);
	if (proto < PROTOS)
		parse_datagram(l, proto);
}

static void parse_for_all(struct listener *l, uint64_t set)
{
	for (; set != 0; set &= set - 1)
		parse_datagram(l, ears_next(set));
}

static void hear_icmp(struct listener *l, const struct packet *p)
{
	if ((p->flags & (PACKET_L4 | PACKET_FRAGMENT)) == PACKET_L4 && p->payload != NULL)
		parse_for_all(l, l->ears->icmp);
}

/* A packet that somebody listens to. */
struct heard {
	const struct stamp *stamp;
	struct unheard *cell; /* of its conversation, when it is UDP … */
	uint32_t tag;
	uint32_t bucket; /* … or TCP */
};

static void hear(struct listener *l, const struct heard *h)
{
	const struct stamp *s = h->stamp;
	const struct packet *p = s->packet;

	l->stamp = s;
	if (p->proto == PROTO_TCP)
		hear_tcp(l, s, h->bucket);
	else if (p->proto == PROTO_UDP)
		hear_udp(l, s, h->tag, h->cell);
	else if (s->kind == KIND_LINK) /* the port is the ethertype */
		parse_for_all(l, l->ears->link & ears_own(l->ears, p->dport, 0));
	else if (p->proto == PROTO_ICMPV6)
		hear_icmp(l, p);
}

/* ---- bodies of HTTP -------------------------------------------------------------------------------------------- */

static void tell_body(struct telling *to, const struct talk *talk, struct bytes body)
{
	struct listener *l = (struct listener *)to;
	struct glance g = {.data = body, .from_client = talk->from_client, .body = true};
	uint8_t carrier = l->proto;
	enum match match;

	for (uint64_t left = l->ears->http; left != 0 && l->flow != NULL; left &= left - 1) {
		unsigned n = ears_next(left);
		struct talk inner = *talk;
		struct parser_state *state = NULL;

		if (protos[n]->mine != NULL && !is_mine(n, &g, 0, &match))
			continue;
		if (protos[n]->state_size > 0) {
			state = listen_state(l, l->flow, (uint8_t)n, talk->packet->now_ns);
			if (state == NULL)
				continue;
		}
		inner.data = body;
		inner.state = state == NULL ? NULL : state->bytes;
		l->proto = (uint8_t)n;
		protos[n]->datagram(&inner, &l->telling);
		l->proto = carrier;
	}
}

/* ---- lanes ----------------------------------------------------------------------------------------------------- */

enum {
	RUN = 64, /* packets of which the memory is asked for at once */
	LOOK_NEAR = 8
};

/* Those of [from, to) that are for these lanes, and the words of the index that they need are on their way. */
static unsigned gather(struct listeners *l, const struct work *work, uint32_t from, uint32_t to,
		       const bool *own, struct heard *out)
{
	unsigned n = 0;

	for (uint32_t i = from; i < to; i++) {
		const struct stamp *s = &work->stamps[i];

		if (!s->heard || !own[s->pair_lane])
			continue;
		out[n].stamp = s;
		if (s->packet->proto == PROTO_TCP) {
			const struct flows *flows = &l->lane[s->pair_lane].flows;

			out[n].bucket = flows_bucket(flows, s);
			flows_look_far(flows, out[n].bucket);
		} else if (s->packet->proto == PROTO_UDP) {
			out[n].cell = unheard_cell(&l->lane[s->pair_lane], s, &out[n].tag);
			__builtin_prefetch(out[n].cell);
		}
		n++;
	}
	return n;
}

static void look_near(struct listeners *l, const struct heard *h)
{
	if (h->stamp->packet->proto == PROTO_TCP)
		flows_look_near(&l->lane[h->stamp->pair_lane].flows, h->bucket);
}

void listeners_run(struct listeners *l, const struct work *work, unsigned worker, unsigned workers)
{
	struct heard heard[RUN];
	bool own[LANES] = {false};

	for (unsigned i = worker; i < LANES; i += workers)
		own[i] = true;
	for (uint32_t from = 0; from < work->n; from += RUN) {
		uint32_t to = work->n - from < RUN ? work->n : from + RUN;
		unsigned n = gather(l, work, from, to, own, heard);

		for (unsigned i = 0; i < LOOK_NEAR && i < n; i++)
			look_near(l, &heard[i]);
		for (unsigned i = 0; i < n; i++) {
			if (i + LOOK_NEAR < n)
				look_near(l, &heard[i + LOOK_NEAR]);
			hear(&l->lane[heard[i].stamp->pair_lane], &heard[i]);
		}
	}
}

static void finish_flow(struct listener *l, struct flow *f)
{
	struct packet last = {.key = f->last_key,
			      .time_ns = f->last_time_ns,
			      .now_ns = f->last_ns,
			      .proto = PROTO_TCP};
	struct stamp stamp = {.packet = &last, .src_mac = NO_MAC, .dst_mac = NO_MAC};

	l->stamp = &stamp;
	l->flow = f;
	for (unsigned side = 0; side < 2; side++) {
		struct flow_bytes got;

		for (bool again = false;
		     (f->flags & FLOW_DEAF) == 0 && flow_rest(&l->flows, f, side, again, &got);
		     again = true)
			offer(l, f, side, got);
	}
	l->flow = NULL;
}

void listeners_finish(struct listeners *l)
{
	for (int lane = 0; lane < LANES; lane++) {
		for (uint32_t i = 0; i < l->lane[lane].flows.n; i++) {
			struct flow *f = flows_at(&l->lane[lane].flows, i);

			if (f->transport == PROTO_TCP && (f->flags & FLOW_DEAF) == 0 &&
			    f->last_key != 0)
				finish_flow(&l->lane[lane], f);
		}
	}
}

static void leave(void *context, struct flow *f)
{
	listen_free_states(context, f);
}

int listeners_init(struct listeners *l, struct budget *budget, size_t share,
		   const struct limits *limits, const struct catalogue *catalogue, uint64_t seed)
{
	int err;

	memset(l, 0, sizeof *l);
	ears_fill(&l->ears);
	for (int i = 0; i < LANES; i++) {
		listen_telling(&l->lane[i].telling);
		l->lane[i].telling.body = tell_body;
		l->lane[i].ears = &l->ears;
		l->lane[i].limits = limits;
		l->lane[i].catalogue = catalogue;
		l->lane[i].flows.leave = leave;
		l->lane[i].flows.context = &l->lane[i];
	}
	err = listen_take_flows(l, budget, share / LANES, seed);
	return err != 0 ? err : listen_take_facts(l, budget, share / LANES, seed);
}
