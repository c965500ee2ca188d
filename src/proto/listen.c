/* SPDX-License-Identifier: MIT */
/*
 * From packets to parsers. A datagram goes to the protocol whose port it bears, else to the first whose marks it shows; a
 * connection is looked at until one side's first bytes show whose it is, then its bytes go to that parser alone. What
 * nobody knows, and what is encrypted, costs one look-up from then on.
 */
#include "proto/listen.h"

#include "base/hash.h"
#include "proto/listen_tables.h"
#include "proto/listen_tell.h"

static bool has_port(const struct proto *proto, uint16_t a, uint16_t b)
{
	for (int i = 0; i < PROTO_PORTS && proto->ports[i] != 0; i++) {
		if (proto->ports[i] == a || proto->ports[i] == b)
			return true;
	}
	return false;
}

/* known: one of the ports is some protocol's own. */
static bool is_mine(const struct proto *proto, struct glance *g, bool known, enum match *match)
{
	g->hinted = known && has_port(proto, g->sport, g->dport);
	*match = proto->mine == NULL ? MATCH_NO : proto->mine(g);
	return *match == MATCH_YES;
}

/* ---- parsers' states ------------------------------------------------------------------------------------------- */

static struct parser_state *state_at(const struct listener *l, uint32_t place)
{
	return place == 0 ? NULL : stripe_at(&l->states, place - 1);
}

/* Those given back last are used first: they are still at hand. */
static void free_states(struct listener *l, struct flow *f)
{
	uint32_t at = f->state;

	f->state = 0;
	while (at != 0) {
		struct parser_state *state = state_at(l, at);
		uint32_t next = state->next;

		state->owner = 0;
		state->next = l->states_free;
		l->states_free = at;
		l->states_n--;
		at = next;
	}
}

static void leave(void *context, struct flow *f)
{
	free_states(context, f);
}

static void turn_deaf(struct listener *l, struct flow *f)
{
	f->flags |= FLOW_DEAF;
	flow_forget(&l->flows, f);
	free_states(l, f);
}

/* Does the state belong to another conversation of the same two hosts, and to an older one than `oldest`? */
static bool is_older_sibling(const struct listener *l, const struct flow *f, uint32_t at,
			     uint32_t oldest)
{
	const struct flow *owner = flows_at(&l->flows, state_at(l, at)->owner - 1);

	if (owner == f || !addr_equal(&owner->client, &f->client) ||
	    !addr_equal(&owner->server, &f->server))
		return false;
	return oldest == 0 ||
	       owner->last_ns < flows_at(&l->flows, state_at(l, oldest)->owner - 1)->last_ns;
}

static uint32_t take_free_state(struct listener *l)
{
	uint32_t at = l->states_free;

	if (at != 0)
		l->states_free = state_at(l, at)->next;
	else if (l->states_used < l->states_cap)
		at = ++l->states_used;
	return at;
}

/*
 * A free state; else one whose conversation has been silent; else the oldest of the same two hosts, so that who tries a
 * hundred passwords in a hundred connections makes room for the last of them and takes nothing from others. 0: none.
 */
static uint32_t find_state(struct listener *l, const struct flow *f, int64_t now_ns)
{
	uint32_t oldest = 0, free = take_free_state(l);

	for (uint32_t i = 0; free == 0 && i < l->states_cap; i++) {
		uint32_t at = l->states_hand;
		struct flow *owner = flows_at(&l->flows, state_at(l, at + 1)->owner - 1);

		l->states_hand = (at + 1) % l->states_cap;
		if (is_older_sibling(l, f, at + 1, oldest))
			oldest = at + 1;
		if (owner == f || now_ns - owner->last_ns <= l->flows.idle_ns)
			continue;
		turn_deaf(l, owner);
		return take_free_state(l);
	}
	if (free == 0 && oldest != 0) {
		turn_deaf(l, flows_at(&l->flows, state_at(l, oldest)->owner - 1));
		free = take_free_state(l);
	}
	return free;
}

/* The state of this parser for the conversation, made when there is room; NULL otherwise. */
static struct parser_state *get_state(struct listener *l, struct flow *f, uint8_t proto,
				      int64_t now_ns)
{
	uint32_t *link = &f->state;
	struct parser_state *state;
	uint32_t at;

	for (; *link != 0; link = &state->next) {
		state = state_at(l, *link);
		if (state->proto == proto)
			return state;
	}
	at = find_state(l, f, now_ns);
	if (at == 0) {
		l->refused_states++;
		return NULL;
	}
	state = state_at(l, at);
	state->owner = flows_position(&l->flows, f) + 1;
	state->proto = proto;
	state->next = 0;
	memset(state->bytes, 0, protos[proto]->state_size);
	*link = at;
	l->states_n++;
	return state;
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
	bool known = l->ears->tcp_port[g->sport] != 0 || l->ears->tcp_port[g->dport] != 0;
	enum match match;
	bool maybe = false;

	for (unsigned i = 0; i < l->ears->tcp_n; i++) {
		if (is_mine(protos[l->ears->tcp[i]], g, known, &match))
			return l->ears->tcp[i];
		maybe |= match == MATCH_MAYBE;
	}
	*wait = maybe;
	for (unsigned i = 0; i < l->ears->tcp_timid_n; i++) {
		const struct proto *proto = protos[l->ears->tcp_timid[i]];

		if (maybe && !(known && has_port(proto, g->sport, g->dport)))
			continue;
		if (is_mine(proto, g, known, &match))
			return l->ears->tcp_timid[i];
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
		turn_deaf(l, f);
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
		struct parser_state *state = get_state(l, f, l->proto, l->stamp->packet->now_ns);

		if (state == NULL) {
			turn_deaf(l, f);
			return 0;
		}
		talk.state = state->bytes;
	}
	l->packets++;
	used = proto->stream(&talk, &l->telling);
	if (used == STREAM_DONE || f->side[side].seen > l->limits->flow_read_bytes)
		turn_deaf(l, f);
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
		size_t used;

		if (f->parser == 0)
			found = recognise(l, f, side, &got, &used);
		if (f->parser != 0)
			used = parse(l, f, side, &got);
		if ((f->flags & FLOW_DEAF) != 0)
			return;
		got = flow_used(&l->flows, f, side, &got, used, now_ns);
	}
	if (found)
		offer_waiting(l, f, 1 - side);
}

/* Joined in the middle: who listens on a known port, or on the lower one, is the server. */
static unsigned guess_side(const struct listener *l, const struct packet *p)
{
	bool from_known = l->ears->tcp_port[p->sport] != 0,
	     to_known = l->ears->tcp_port[p->dport] != 0;

	if (from_known != to_known)
		return from_known ? SERVER_SIDE : CLIENT_SIDE;
	return p->sport < p->dport ? SERVER_SIDE : CLIENT_SIDE;
}

static void note_who(struct flow *f, unsigned side, const struct stamp *s)
{
	f->mac[side] = s->src_mac;
	f->mac[1 - side] = s->dst_mac != NO_MAC ? s->dst_mac : f->mac[1 - side];
	f->who[side] = listen_who(s, true);
	f->who[1 - side] = listen_who(s, false);
}

static void open_flow(struct listener *l, struct flow *f, const struct stamp *s)
{
	const struct packet *p = s->packet;

	if (f != NULL && (f->flags & FLOW_OPENED) != 0 && (f->flags & FLOW_RESET) == 0 &&
	    f->side[SERVER_SIDE].next - (p->seq + 1) < 1U << 20 &&
	    f->side[CLIENT_SIDE].next - p->ack < 1U << 20)
		return; /* the same one, again */
	if (f != NULL && !(p->sport == f->server_port && addr_equal(&p->src, &f->server)))
		return; /* both at once (RFC 9293, 3.5): rare enough to be left out */
	if (f == NULL)
		f = flows_add(&l->flows, s, SERVER_SIDE);
	if (f == NULL)
		return;
	free_states(l, f);
	f->parser = 0;
	f->guesses = 0;
	flow_open(&l->flows, f, p);
	f->mac[CLIENT_SIDE] = f->mac[SERVER_SIDE] = NO_MAC;
	note_who(f, SERVER_SIDE, s);
}

static void hear_tcp(struct listener *l, const struct stamp *s)
{
	const struct packet *p = s->packet;
	bool answer = (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
	unsigned side = SERVER_SIDE;
	struct flow *f;

	if ((p->flags & (PACKET_L4 | PACKET_FRAGMENT)) != PACKET_L4 ||
	    (p->payload_len == 0 && !answer && (p->tcp_flags & (TCP_FIN | TCP_RST)) == 0) ||
	    packet_is_syn(p))
		return;
	f = flows_find(&l->flows, s, &side);
	if (answer) {
		open_flow(l, f, s);
		return;
	}
	if (f == NULL) {
		if (p->payload_len == 0)
			return;
		side = guess_side(l, p);
		f = flows_add(&l->flows, s, side);
		if (f == NULL)
			return;
		f->mac[1 - side] = NO_MAC;
	}
	if (p->payload_len > 0)
		note_who(f, side, s);
	/* Bytes, or the caller's FIN: an acknowledgement alone is not looked up. */
	if (p->payload_len > 0 || (side == CLIENT_SIDE && (p->tcp_flags & TCP_FIN) != 0))
		listen_accepted(l, f);
	if ((f->flags & FLOW_DEAF) != 0) {
		flow_skip(f, side, p);
		return;
	}
	l->flow = f;
	offer(l, f, side, flow_take(&l->flows, f, side, p));
	if ((f->side[0].flags & f->side[1].flags & SIDE_TOLD) != 0 && (f->flags & FLOW_DEAF) == 0)
		turn_deaf(l, f); /* both have ended: its state is for others */
	l->flow = NULL;
}

enum { ICMP_REST = 4 /* bytes of the ICMP header behind the checksum */ };

/* ---- datagrams ------------------------------------------------------------------------------------------------- */

static void parse_datagram(struct listener *l, unsigned proto)
{
	const struct stamp *s = l->stamp;
	struct talk talk = {
		.packet = s->packet, .data = packet_payload(s->packet), .from_client = true};
	unsigned side = CLIENT_SIDE;

	l->proto = (uint8_t)proto;
	if (s->packet->proto == PROTO_ICMPV6) { /* from behind type, code and checksum */
		talk.data.at -= ICMP_REST;
		talk.data.len += ICMP_REST;
	}
	if (protos[proto]->paired) {
		struct flow *f = flows_find(&l->flows, s, &side);
		struct parser_state *state;

		if (f == NULL)
			f = flows_add(&l->flows, s, side);
		if (f == NULL)
			return;
		f->last_ns = s->packet->now_ns;
		f->side[side].flags |= SIDE_SPOKE;
		note_who(f, side, s);
		l->flow = f;
		state = get_state(l, f, (uint8_t)proto, s->packet->now_ns);
		if (state == NULL) {
			l->flow = NULL;
			return;
		}
		talk.state = state->bytes;
		talk.from_client = side == CLIENT_SIDE;
	}
	l->packets++;
	l->malformed += !protos[proto]->datagram(&talk, &l->telling);
	l->flow = NULL;
}

static unsigned recognise_udp(const struct listener *l, struct glance *g)
{
	unsigned hinted = l->ears->udp_port[g->dport] != 0 ? l->ears->udp_port[g->dport]
							   : l->ears->udp_port[g->sport];
	enum match match;

	if (hinted != 0 && is_mine(protos[hinted - 1], g, true, &match))
		return hinted - 1;
	for (unsigned i = 0; hinted != 0 && i < PROTOS; i++) {
		if ((protos[i]->carriers & OVER_UDP) != 0 && protos[i]->timid &&
		    has_port(protos[i], g->sport, g->dport) && is_mine(protos[i], g, true, &match))
			return i;
	}
	for (unsigned i = 0; i < l->ears->udp_n; i++) {
		if (is_mine(protos[l->ears->udp[i]], g, hinted != 0, &match))
			return l->ears->udp[i];
	}
	return PROTOS;
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

static void hear_udp(struct listener *l, const struct stamp *s)
{
	const struct packet *p = s->packet;
	struct glance g = {.data = packet_payload(p),
			   .sport = p->sport,
			   .dport = p->dport,
			   .from_client = true};
	bool known = l->ears->udp_port[p->sport] != 0 || l->ears->udp_port[p->dport] != 0;
	struct unheard *cell = NULL;
	uint32_t tag = 0;
	unsigned proto;

	if ((p->flags & (PACKET_L4 | PACKET_LATER_FRAGMENT)) != PACKET_L4 || p->payload_len == 0)
		return;
	if (!known) {
		cell = unheard_cell(l, s, &tag);
		if (cell->tag == tag && cell->n >= (uint64_t)l->limits->datagrams_unheard)
			return;
	}
	proto = recognise_udp(l, &g);
	if (cell != NULL)
		note_unheard(cell, tag, proto < PROTOS);
	if (proto < PROTOS)
		parse_datagram(l, proto);
}

static void hear_link(struct listener *l, uint16_t ethertype)
{
	for (unsigned i = 0; i < l->ears->link_n; i++) {
		if (has_port(protos[l->ears->link[i]], ethertype, 0))
			parse_datagram(l, l->ears->link[i]);
	}
}

static void hear_icmp(struct listener *l, const struct packet *p)
{
	if ((p->flags & (PACKET_L4 | PACKET_FRAGMENT)) != PACKET_L4 || p->payload == NULL)
		return;
	for (unsigned i = 0; i < l->ears->icmp_n; i++)
		parse_datagram(l, l->ears->icmp[i]);
}

static void hear(struct listener *l, const struct stamp *s)
{
	const struct packet *p = s->packet;

	l->stamp = s;
	if (p->proto == PROTO_TCP)
		hear_tcp(l, s);
	else if (p->proto == PROTO_UDP)
		hear_udp(l, s);
	else if (s->kind == KIND_LINK)
		hear_link(l, p->dport);
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

	for (unsigned i = 0; i < l->ears->http_n && l->flow != NULL; i++) {
		unsigned n = l->ears->http[i];
		struct talk inner = *talk;
		struct parser_state *state = NULL;

		if (protos[n]->mine != NULL && !is_mine(protos[n], &g, false, &match))
			continue;
		if (protos[n]->state_size > 0) {
			state = get_state(l, l->flow, (uint8_t)n, talk->packet->now_ns);
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

enum { LOOK_FAR = 16, LOOK_NEAR = 8 };

static bool needs_flow(const struct stamp *s)
{
	return s->heard && (s->kind == KIND_TCP || s->kind == KIND_ANSWER);
}

void listeners_run(struct listeners *l, const struct work *work, unsigned worker, unsigned workers)
{
	bool own[LANES];

	for (unsigned i = 0; i < LANES; i++)
		own[i] = i % workers == worker;
	for (uint32_t i = 0; i < work->n; i++) {
		const struct stamp *s = &work->stamps[i];

		if (i + LOOK_FAR < work->n) {
			const struct stamp *far = &work->stamps[i + LOOK_FAR];

			if (own[far->pair_lane] && needs_flow(far))
				flows_look_far(&l->lane[far->pair_lane].flows, far);
		}
		if (i + LOOK_NEAR < work->n) {
			const struct stamp *near = &work->stamps[i + LOOK_NEAR];

			if (own[near->pair_lane] && needs_flow(near))
				flows_look_near(&l->lane[near->pair_lane].flows, near);
		}
		if (s->heard && own[s->pair_lane])
			hear(&l->lane[s->pair_lane], s);
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

			if (f->transport == PROTO_TCP && f->last_key != 0)
				finish_flow(&l->lane[lane], f);
		}
	}
}

static void fill_ears(struct ears *e)
{
	memset(e, 0, sizeof *e);
	for (unsigned n = 0; n < PROTOS; n++) {
		const struct proto *p = protos[n];

		if ((p->carriers & OVER_UDP) != 0 && !p->timid)
			e->udp[e->udp_n++] = (uint8_t)n;
		if ((p->carriers & OVER_TCP) != 0 && !p->timid)
			e->tcp[e->tcp_n++] = (uint8_t)n;
		if ((p->carriers & OVER_TCP) != 0 && p->timid)
			e->tcp_timid[e->tcp_timid_n++] = (uint8_t)n;
		if ((p->carriers & OVER_HTTP) != 0)
			e->http[e->http_n++] = (uint8_t)n;
		if ((p->carriers & OVER_LINK) != 0)
			e->link[e->link_n++] = (uint8_t)n;
		if ((p->carriers & OVER_ICMP) != 0)
			e->icmp[e->icmp_n++] = (uint8_t)n;
		for (int i = 0; i < PROTO_PORTS && p->ports[i] != 0; i++) {
			if ((p->carriers & OVER_UDP) != 0 && e->udp_port[p->ports[i]] == 0)
				e->udp_port[p->ports[i]] = (uint8_t)(n + 1);
			if ((p->carriers & OVER_TCP) != 0 && e->tcp_port[p->ports[i]] == 0)
				e->tcp_port[p->ports[i]] = (uint8_t)(n + 1);
		}
	}
}

int listeners_init(struct listeners *l, struct budget *budget, size_t share,
		   const struct limits *limits, const struct catalogue *catalogue, uint64_t seed)
{
	int err;

	memset(l, 0, sizeof *l);
	fill_ears(&l->ears);
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
