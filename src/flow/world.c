/* SPDX-License-Identifier: MIT */
/*
 * MACs, bindings and the stamping of packets. What proves an address here can't be had by a blind forger: the
 * acknowledgement of sequence numbers that were sent to it (RFC 9293, 3.4), or a lease.
 */
#include "flow/world.h"
#include "base/hash.h"
#include "base/timespan.h"

#include <errno.h>
#include <math.h>
#include <string.h>

bool ttl_is_start(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255 || ttl == 32;
}

static uint32_t fit(size_t share, size_t cost, uint32_t most)
{
	size_t n = share / cost;

	return n > most ? most : (uint32_t)n;
}

int world_init(struct world *w, struct budget *budget, size_t share, const struct limits *limits,
	       const struct prefix *given, size_t given_n, uint64_t seed)
{
	struct copy_cell *cells;
	uint64_t *contents, *mac_words, *bind_words;

	memset(w, 0, sizeof *w);
	w->limits = limits;
	w->seed = seed;
	w->last_mac[0].index = w->last_mac[1].index = NO_MAC;
	w->macs_cap = fit(share / 4, sizeof(struct world_mac) + 32, 32768);
	w->binds_cap = fit(share / 2, sizeof(struct binding) + 32, 1U << 20);
	cells = budget_take(budget, "copies", COPIES_CELLS, sizeof *cells);
	contents = budget_take(budget, "copy index", COPIES_CELLS, sizeof *contents);
	mac_words = budget_take(budget, "MAC index", slots_words(w->macs_cap), sizeof *mac_words);
	w->macs = budget_take(budget, "MACs", w->macs_cap, sizeof *w->macs);
	bind_words =
		budget_take(budget, "binding index", slots_words(w->binds_cap), sizeof *bind_words);
	w->binds = budget_take(budget, "bindings", w->binds_cap, sizeof *w->binds);
	w->rates_cap = fit(share / 20, sizeof *w->rates, 1U << 16);
	w->rates = budget_take(budget, "rates", w->rates_cap, sizeof *w->rates);
	if (cells == NULL || contents == NULL || mac_words == NULL || w->macs == NULL ||
	    bind_words == NULL || w->binds == NULL || w->rates == NULL)
		return -ENOMEM;
	slots_init(&w->mac_slots, stripe_alone(mac_words, sizeof *mac_words),
		   slots_words(w->macs_cap), seed);
	slots_init(&w->bind_slots, stripe_alone(bind_words, sizeof *bind_words),
		   slots_words(w->binds_cap), seed);
	clock_init(&w->clock, limits);
	copies_init(&w->copies, contents, cells, limits);
	for (size_t i = 0; i < given_n && i < WORLD_PREFIXES; i++)
		w->prefixes[w->prefixes_n++] = given[i];
	w->prefixes_given = w->prefixes_n;
	return 0;
}

uint16_t world_mac_find(const struct world *w, const struct mac *m)
{
	struct probe probe = slots_probe(&w->mac_slots, hash_mac(m));
	uint32_t at;

	while (slots_next(&w->mac_slots, &probe, &at)) {
		if (mac_equal(&w->macs[at].mac, m))
			return (uint16_t)at;
	}
	return NO_MAC;
}

uint16_t world_mac_get(struct world *w, const struct mac *m)
{
	struct probe probe = slots_probe(&w->mac_slots, hash_mac(m));
	uint32_t at;

	while (slots_next(&w->mac_slots, &probe, &at)) {
		if (mac_equal(&w->macs[at].mac, m))
			return (uint16_t)at;
	}
	if (w->macs_n == w->macs_cap) {
		w->refused_macs++;
		return NO_MAC;
	}
	w->macs[w->macs_n].mac = *m;
	slots_put(&w->mac_slots, &probe, w->macs_n);
	return (uint16_t)w->macs_n++;
}

void world_learn_prefix(struct world *w, const struct prefix *p)
{
	if (w->prefixes_given > 0)
		return;
	for (uint32_t i = 0; i < w->prefixes_n; i++) {
		if (w->prefixes[i].bits <= p->bits && prefix_has(&w->prefixes[i], &p->addr))
			return;
	}
	if (w->prefixes_n == WORLD_PREFIXES) {
		w->refused_prefixes++;
		return;
	}
	w->prefixes[w->prefixes_n++] = *p;
}

bool world_prefix_is_local(const struct world *w, const struct addr *a)
{
	for (uint32_t i = 0; i < w->prefixes_n; i++) {
		if (prefix_has(&w->prefixes[i], a))
			return true;
	}
	return w->prefixes_given > 0 ? addr_is_link_local(a) : addr_is_private(a);
}

uint64_t world_key(const struct world *w, const struct addr *a)
{
	return hash_keyed(a, w->seed);
}

struct binding *world_find(const struct world *w, const struct addr *a, uint16_t mac)
{
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, a));
	uint32_t at;

	while (slots_next(&w->bind_slots, &probe, &at)) {
		if (w->binds[at].mac == mac && addr_equal(&w->binds[at].addr, a))
			return &w->binds[at];
	}
	return NULL;
}

/* For link types that do not say whom a frame is for: the first MAC seen with the address. */
static struct binding *find_any(const struct world *w, const struct addr *a)
{
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, a));
	uint32_t at;

	while (slots_next(&w->bind_slots, &probe, &at)) {
		if (addr_equal(&w->binds[at].addr, a))
			return &w->binds[at];
	}
	return NULL;
}

/* Two MACs with one address: neither is believed more than the other from here on. */
static unsigned mark_conflict(struct world *w, struct probe *probe, const struct addr *a)
{
	unsigned others = 0;
	uint32_t at;

	while (slots_next(&w->bind_slots, probe, &at)) {
		if (!addr_equal(&w->binds[at].addr, a))
			continue;
		w->binds[at].flags |= BIND_CONFLICT;
		others++;
	}
	return others;
}

/* Room for one more under this MAC? A quarter of the table is kept for what is proven. */
static bool has_room(const struct world *w, uint16_t mac, bool proven, const struct packet *p)
{
	const struct world_mac *m = mac == NO_MAC ? NULL : &w->macs[mac];

	if (w->binds_n == w->binds_cap)
		return false;
	if (proven)
		return m == NULL || m->claims < (uint64_t)w->limits->claims_per_mac;
	if (w->binds_n >= w->binds_cap / 4 * 3)
		return false;
	return m == NULL || !ttl_is_start(p->ttl) ||
	       m->unproven < (uint64_t)w->limits->unproven_per_mac;
}

static struct binding *bind_new(struct world *w, const struct addr *a, uint16_t mac, bool proven,
				const struct packet *p)
{
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, a));
	struct binding *b;
	unsigned others;

	if (!has_room(w, mac, proven, p)) {
		w->refused_binds++;
		return NULL;
	}
	others = mark_conflict(w, &probe, a);
	if (others >= 8) {
		w->refused_binds++;
		return NULL;
	}
	b = &w->binds[w->binds_n];
	*b = (struct binding){.addr = *a,
			      .mac = mac,
			      .flags = others > 0 ? BIND_CONFLICT : 0,
			      .first_key = p->key,
			      .first_ns = p->time_ns,
			      .last_ns = p->time_ns};
	slots_put(&w->bind_slots, &probe, w->binds_n++);
	if (mac != NO_MAC && !proven)
		w->macs[mac].unproven++;
	if (!world_prefix_is_local(w, a))
		w->public_binds = true;
	return b;
}

static void prove(struct world *w, struct binding *b, uint16_t flag)
{
	if ((b->flags & BIND_PROVEN) == 0 && b->mac != NO_MAC && w->macs[b->mac].unproven > 0)
		w->macs[b->mac].unproven--;
	b->flags |= flag;
}

static void touch(struct binding *b, const struct packet *p)
{
	b->packets++;
	b->last_key = p->key;
	b->last_ns = p->time_ns;
	b->last_stage_ns = p->now_ns;
}

struct binding *world_claim(struct world *w, const struct addr *a, uint16_t mac, uint16_t flag,
			    const struct packet *p)
{
	struct binding *b = world_find(w, a, mac);

	if (w->prefixes_given > 0 && addr_is_v4(a) && !world_prefix_is_local(w, a))
		return NULL;
	if (b == NULL) {
		b = bind_new(w, a, mac, true, p);
		if (b == NULL)
			return NULL;
		w->macs[mac].claims++;
		b->flags |= flag;
	}
	prove(w, b, flag);
	w->macs[mac].flags |= MAC_OURS;
	if (p->proto == PROTO_ARP)
		touch(b, p);
	return b;
}

static uint32_t peer_tag(const struct addr *a)
{
	return (uint32_t)hash_addr(a) | 1;
}

static uint32_t peer_slot(uint32_t tag)
{
	return tag >> 8;
}

/* The first to come have one; a flood of invented addresses finds none left, and loses nothing but a picture. */
static void note_rate(struct world *w, struct binding *b, int64_t second)
{
	if (b->rates == 0 && w->rates_n < w->rates_cap)
		b->rates = ++w->rates_n;
	if (b->rates != 0)
		rates_add(&w->rates[b->rates - 1], second, 1);
}

/* A packet that a bound host sent: does it answer, or acknowledge what only it could have got? */
static void note_sent(struct world *w, struct binding *b, const struct packet *p)
{
	uint32_t peer = peer_tag(&p->dst);
	bool is_tcp = p->proto == PROTO_TCP && (p->flags & PACKET_L4) != 0;

	touch(b, p);
	note_rate(w, b, p->now_ns / NS_PER_S);
	b->flags |= ttl_is_start(p->ttl) || p->ttl <= 1 ? BIND_ORIGIN : BIND_FORWARDED;
	if ((p->flags & PACKET_SESSION) != 0)
		b->flags |= BIND_SESSION;
	if ((p->flags & PACKET_INNER) != 0)
		b->flags |= BIND_TUNNEL;
	if (addr_is_multicast(&p->dst) || addr_is_broadcast(&p->dst))
		return;
	b->unicast++;
	if (!is_tcp || (p->tcp_flags & TCP_RST) == 0) {
		b->peers[peer_slot(peer) % WORLD_PEERS] = peer;
		if (b->callers[peer_slot(peer) % WORLD_CALLERS] == peer)
			prove(w, b, BIND_TWO_WAY);
	}
	if (!is_tcp)
		return;
	if ((p->tcp_flags & (TCP_ACK | TCP_RST)) == TCP_ACK && b->expect_peer == peer &&
	    p->ack == b->expect_ack)
		prove(w, b, BIND_HANDSHAKE | BIND_TWO_WAY);
	if ((p->tcp_flags & TCP_RST) == 0 &&
	    (p->payload_wire > 0 || (p->tcp_flags & TCP_SYN) != 0) &&
	    (p->tcp_flags & TCP_ACK) != 0) {
		b->sent_peer = peer;
		b->sent_ack = p->seq + p->payload_wire + ((p->tcp_flags & TCP_SYN) != 0);
	}
}

static void note_received(struct world *w, struct binding *b, const struct packet *p)
{
	uint32_t peer = peer_tag(&p->src);
	bool is_tcp = p->proto == PROTO_TCP && (p->flags & PACKET_L4) != 0;

	if (!is_tcp || (p->tcp_flags & TCP_RST) == 0)
		b->callers[peer_slot(peer) % WORLD_CALLERS] = peer;
	if (b->peers[peer_slot(peer) % WORLD_PEERS] == peer &&
	    (!is_tcp || (p->tcp_flags & TCP_RST) == 0) && !packet_is_syn(p)) {
		prove(w, b, BIND_TWO_WAY);
		w->two_way++;
		if (addr_is_public(&p->src) && !world_prefix_is_local(w, &p->src)) {
			w->uplink_seen = true;
			w->uplink_ns = p->time_ns;
		}
	}
	if (!is_tcp || (p->tcp_flags & (TCP_ACK | TCP_RST)) != TCP_ACK)
		return;
	if (b->sent_peer == peer && p->ack == b->sent_ack)
		prove(w, b, BIND_HANDSHAKE | BIND_TWO_WAY);
	if (p->payload_wire > 0 || (p->tcp_flags & TCP_SYN) != 0) {
		b->expect_peer = peer;
		b->expect_ack = p->seq + p->payload_wire + ((p->tcp_flags & TCP_SYN) != 0);
	}
}

uint32_t world_sources(const struct world_mac *m)
{
	unsigned set = 0;

	for (int i = 0; i < 4; i++)
		set += (unsigned)__builtin_popcountll(m->sources_seen[i]);
	if (set == 256)
		set = 255; /* the most that the bits can tell apart from more */
	return (uint32_t)lround(-256.0 * log(1.0 - set / 256.0));
}

static void note_false_source(struct world_mac *m, const struct packet *p, uint64_t *counter)
{
	uint64_t bit = hash_addr(&p->src) % 256;

	(*counter)++;
	m->sources_seen[bit / 64] |= UINT64_C(1) << bit % 64;
	if (m->first_n < WORLD_FIRST)
		m->first[m->first_n++] = p->key;
	if (m->foreign + m->invented == 1)
		m->first_ns = p->time_ns;
	m->last_ns = p->time_ns;
}

bool world_is_router(const struct world_mac *m)
{
	return (m->flags & MAC_ROUTER_SAID) != 0 || m->next_hop > 0 || m->forwarded > m->foreign;
}

bool world_is_spoofer(const struct world_mac *m, const struct limits *limits)
{
	return (m->flags & MAC_OURS) != 0 && !world_is_router(m) &&
	       world_sources(m) >= limits->spoof_sources_floor;
}

static bool is_ours(const struct world *w, const struct addr *a)
{
	return world_prefix_is_local(w, a) || (w->public_binds && find_any(w, a) != NULL);
}

static uint32_t network64(const struct addr *a)
{
	return (uint32_t)hash_mix(hash_load(a->b)) | 1;
}

/* Is the /64 one of the few that this MAC has global addresses in, or can it still become one? */
static bool is_own_network(const struct world_mac *m, const struct addr *a)
{
	uint32_t network = network64(a);

	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if (m->networks[i] == 0 || m->networks[i] == network)
			return true;
	}
	return false;
}

static void note_own_network(struct world_mac *m, const struct addr *a)
{
	uint32_t network = network64(a);

	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if (m->networks[i] == 0)
			m->networks[i] = network;
		if (m->networks[i] == network)
			return;
	}
}

/*
 * A global IPv6 address of a host on our side, before any router advertisement tells the prefix: its hop limit is a
 * start value and its MAC forwards for nobody, as far as was seen until now. Reduce asks again.
 */
static bool own_global_v6(const struct world *w, const struct packet *p, uint16_t mac)
{
	return mac != NO_MAC && !addr_is_v4(&p->src) && addr_is_public(&p->src) &&
	       w->prefixes_given == 0 && ttl_is_start(p->ttl) && !world_is_router(&w->macs[mac]) &&
	       (!is_ours(w, &p->dst) || memcmp(p->src.b, p->dst.b, 8) == 0) &&
	       is_own_network(&w->macs[mac], &p->src);
}

/* The binding of the packet's source, made when the source is ours; *ours says whether it should have one. */
static struct binding *bind_source(struct world *w, const struct packet *p, uint16_t mac,
				   bool *ours)
{
	bool by_prefix = world_prefix_is_local(w, &p->src);
	struct binding *b;

	*ours = by_prefix;
	if (!by_prefix && !w->public_binds && !own_global_v6(w, p, mac))
		return NULL;
	b = world_find(w, &p->src, mac);
	if (b != NULL) {
		*ours = true;
		return b;
	}
	if (!by_prefix && !own_global_v6(w, p, mac))
		return NULL;
	*ours = true;
	if (!by_prefix)
		note_own_network(&w->macs[mac], &p->src);
	return bind_new(w, &p->src, mac, false, p);
}

static void count_end(struct world *w, const struct addr *a, bool sent)
{
	struct end_count *free_slot = NULL;

	for (int i = 0; i < WORLD_ENDS; i++) {
		struct end_count *e = &w->ends[i];

		if (e->count > 0 && addr_equal(&e->addr, a)) {
			e->count++;
			e->sent |= sent;
			e->received |= !sent;
			return;
		}
		if (e->count == 0 && free_slot == NULL)
			free_slot = e;
	}
	if (free_slot != NULL) {
		*free_slot =
			(struct end_count){.addr = *a, .count = 1, .sent = sent, .received = !sent};
		return;
	}
	for (int i = 0; i < WORLD_ENDS; i++)
		w->ends[i].count--;
}

/* Every packet at first, every 16th later: a share is wanted, not a count. */
static void note_ends(struct world *w, const struct packet *p)
{
	bool src, dst;

	if (w->packets > 65536 && w->packets % 16 != 0)
		return;
	src = addr_is_public(&p->src);
	dst = addr_is_public(&p->dst);
	if (!src && !dst)
		return;
	w->ends_packets++;
	w->public_both += src && dst;
	if (src)
		count_end(w, &p->src, true);
	if (dst)
		count_end(w, &p->dst, false);
}

static uint8_t kind_of(const struct packet *p)
{
	if (p->proto == PROTO_TCP) {
		if (packet_is_syn(p))
			return KIND_SYN;
		if ((p->flags & PACKET_L4) != 0 &&
		    ((p->tcp_flags & TCP_RST) != 0 ||
		     (p->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)))
			return KIND_ANSWER;
		return KIND_TCP;
	}
	if (p->proto == PROTO_UDP)
		return KIND_UDP;
	return p->proto == PROTO_ICMP || p->proto == PROTO_ICMPV6 ? KIND_ICMP : KIND_OTHER_IP;
}

static bool can_send(const struct addr *a)
{
	return !addr_is_zero(a) && !addr_is_multicast(a) && !addr_is_broadcast(a) &&
	       !addr_is_loopback(a);
}

/* Who is held to account for the packet, and what its MAC shows by it. */
static void stamp_sender(struct world *w, struct stamp *s, const struct packet *p)
{
	struct binding *b;
	bool ours;

	if (!can_send(&p->src)) {
		w->no_actor++;
		return;
	}
	s->flags |= STAMP_SENDER | STAMP_BELIEVED;
	s->actor = p->src;
	b = bind_source(w, p, s->src_mac, &ours);
	if (ours)
		s->flags |= STAMP_SRC_LOCAL;
	if (b != NULL) {
		s->flags |= STAMP_SRC_OURS;
		note_sent(w, b, p);
		if (s->src_mac != NO_MAC && (b->flags & (BIND_ORIGIN | BIND_PROVEN)) != 0 &&
		    (world_prefix_is_local(w, &b->addr) || (b->flags & BIND_ARP) != 0))
			w->macs[s->src_mac].flags |= MAC_OURS;
		return;
	}
	if (s->src_mac == NO_MAC)
		return;
	if (ours) {
		note_false_source(&w->macs[s->src_mac], p, &w->macs[s->src_mac].invented);
		s->actor = (struct addr){{0}};
		s->flags &= (uint8_t)~STAMP_BELIEVED;
	} else if (ttl_is_start(p->ttl)) {
		/* To one of ours it comes from outside, which is what routers are for. */
		if (!is_ours(w, &p->dst))
			note_false_source(&w->macs[s->src_mac], p, &w->macs[s->src_mac].foreign);
	} else {
		w->macs[s->src_mac].forwarded++;
	}
}

static void stamp_target(struct world *w, struct stamp *s, const struct packet *p)
{
	struct binding *b = NULL;
	bool local = world_prefix_is_local(w, &p->dst);

	if (addr_is_zero(&p->dst) || addr_is_loopback(&p->dst))
		return;
	s->flags |= local ? STAMP_TARGET | STAMP_DST_LOCAL : STAMP_TARGET;
	if (local || w->public_binds)
		b = (p->flags & PACKET_HAS_DST_MAC) != 0 ? world_find(w, &p->dst, s->dst_mac)
							 : find_any(w, &p->dst);
	if (b != NULL) {
		s->flags |= STAMP_DST_OURS;
		note_received(w, b, p);
	} else if (!local && s->dst_mac != NO_MAC && addr_is_public(&p->dst)) {
		w->macs[s->dst_mac].next_hop++;
	}
}

static uint16_t known_mac(struct world *w, const struct packet *p, bool source)
{
	const struct mac *m = source ? &p->src_mac : &p->dst_mac;
	struct mac_memo *memo = &w->last_mac[source];

	if ((p->flags & (source ? PACKET_HAS_MAC : PACKET_HAS_DST_MAC)) == 0 || mac_is_group(m))
		return NO_MAC;
	if (!mac_equal(&memo->mac, m) || (memo->index == NO_MAC && memo->macs_n != w->macs_n)) {
		memo->mac = *m;
		memo->index = source ? world_mac_get(w, m) : world_mac_find(w, m);
		memo->macs_n = w->macs_n;
	}
	if (source && memo->index != NO_MAC && w->macs[memo->index].first_key == 0)
		w->macs[memo->index].first_key = p->key;
	return memo->index;
}

bool world_has_uplink(const struct world *w)
{
	return w->uplink_seen &&
	       time_is_within(w->last_ns, w->uplink_ns, w->limits->uplink_silence_s * NS_PER_S);
}

/* Bytes, or a word on the beginning or end of a conversation; not the outside of a tunnel, whose inside comes next. */
static bool is_heard(const struct packet *p)
{
	if ((p->flags & PACKET_OUTER) != 0)
		return false;
	if (p->proto == PROTO_TCP)
		return !packet_is_syn(p) &&
		       (p->payload_len > 0 || (p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0);
	return p->proto == PROTO_UDP ? p->payload_len > 0 : p->proto == PROTO_ICMPV6;
}

/* No sender, no target: only parsers look at it. */
static bool stamp_link(struct stamp *s, const struct packet *p)
{
	s->kind = KIND_LINK;
	s->heard = true;
	s->pair_key = hash_mac(&p->src_mac);
	s->pair_lane = (uint8_t)(s->pair_key >> 58);
	return s->src_mac != NO_MAC;
}

/* Fills one stamp, hashes aside; false when the packet is not for the lanes. */
static bool stamp_one(struct world *w, struct stamp *s, struct packet *p)
{
	bool held;

	w->last_ns = p->time_ns;
	p->now_ns = clock_stamp(&w->clock, p->time_ns, &held);
	s->src_mac = known_mac(w, p, true);
	s->dst_mac = known_mac(w, p, false);
	neighbours_learn(w, p, s->src_mac);
	if (p->proto == PROTO_ARP || p->proto == PROTO_LINK)
		return stamp_link(s, p);
	w->packets += (p->flags & PACKET_INNER) == 0;
	s->second = (held ? p->time_ns : p->now_ns) / NS_PER_S;
	s->kind = kind_of(p);
	s->heard = is_heard(p);
	note_ends(w, p);
	stamp_sender(w, s, p);
	stamp_target(w, s, p);
	if (world_has_uplink(w))
		s->flags |= STAMP_UPLINK;
	s->actor_key = s->actor_hash;
	s->target_key = s->target_hash;
	s->pair_lane = (uint8_t)(hash_mix(s->actor_hash + s->target_hash) >> 58);
	if ((p->flags & PACKET_V6) != 0) {
		s->actor_key = world_key(w, &p->src);
		s->target_key = world_key(w, &p->dst);
	}
	s->pair_key = hash_mix(s->actor_key + s->target_key);
	if ((s->flags & STAMP_BELIEVED) == 0 && s->src_mac != NO_MAC)
		s->actor_hash = s->actor_key = hash_mac(&w->macs[s->src_mac].mac);
	s->actor_lane = (uint8_t)(s->actor_hash >> 58);
	s->target_lane = (uint8_t)(s->target_hash >> 58);
	return true;
}

uint32_t world_stamp(struct world *w, struct work *work, uint32_t from)
{
	uint32_t to = from;
	bool copy = false;

	for (uint32_t i = from; i < work->n; i++) {
		struct packet *p = &work->packets[i];
		struct stamp *s = &work->stamps[to];

		*s = (struct stamp){.actor_hash = hash_addr(&p->src),
				    .target_hash = hash_addr(&p->dst)};
		if ((p->flags & PACKET_INNER) == 0)
			copy = copies_seen(&w->copies, p, s->actor_hash, s->target_hash);
		if (copy)
			continue;
		if (to != i)
			work->packets[to] = *p;
		if (!stamp_one(w, s, &work->packets[to]))
			continue;
		s->packet = &work->packets[to];
		to++;
	}
	work->n = to;
	return to;
}
