/* SPDX-License-Identifier: MIT */
/*
 * Finding, making and proving bindings. What proves an address here can't be had by a blind forger: the
 * acknowledgement of sequence numbers that were sent to it (RFC 9293, 3.4), or a lease.
 */
#include "flow/bindings.h"
#include "base/hash.h"
#include "flow/world.h"

struct binding *bindings_find(const struct world *w, const struct addr *a, uint64_t key,
			      uint16_t mac)
{
	struct probe probe = slots_probe(&w->bind_slots, key);
	uint64_t word;

	for (uint32_t at = probe.at; (word = w->bind_words[at]) != 0;
	     at = (at + 1) & w->bind_slots.mask) {
		struct binding *b = &w->binds[(uint32_t)word - 1];

		if ((uint32_t)(word >> 32) == probe.tag && b->mac == mac && addr_equal(&b->addr, a))
			return b;
	}
	return NULL;
}

struct binding *bindings_find_any(const struct world *w, const struct addr *a, uint64_t key)
{
	struct probe probe = slots_probe(&w->bind_slots, key);
	uint32_t at;

	while (slots_next(&w->bind_slots, &probe, &at)) {
		if (addr_equal(&w->binds[at].addr, a))
			return &w->binds[at];
	}
	return NULL;
}

struct binding *world_find(const struct world *w, const struct addr *a, uint16_t mac)
{
	return bindings_find(w, a, world_key(w, a), mac);
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

static struct binding *add(struct world *w, const struct addr *a, uint64_t key, uint16_t mac,
			   bool proven, const struct packet *p)
{
	struct probe probe = slots_probe(&w->bind_slots, key);
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

struct binding *bindings_add(struct world *w, const struct addr *a, uint64_t key, uint16_t mac,
			     const struct packet *p)
{
	return add(w, a, key, mac, false, p);
}

static void prove(struct world *w, struct binding *b, uint16_t flag)
{
	if ((b->flags & flag) == flag) /* proven before */
		return;
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
		b = add(w, a, world_key(w, a), mac, true, p);
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

static uint32_t peer_tag(uint64_t hash)
{
	return (uint32_t)hash | 1;
}

static uint32_t peer_slot(uint32_t tag)
{
	return tag >> 8;
}

uint32_t bindings_take_rates(struct world *w)
{
	uint32_t at = w->rates_free;

	if (at != 0) {
		w->rates_free = (uint32_t)w->rates[at - 1].first;
		w->rates[at - 1] = (struct rates){.width = 0};
	} else if (w->rates_given < w->rates_cap) {
		at = ++w->rates_given;
	}
	w->rates_n += at != 0;
	return at;
}

void bindings_give_rates(struct world *w, uint32_t place)
{
	w->rates[place - 1] = (struct rates){.first = w->rates_free};
	w->rates_free = place;
	w->rates_n--;
}

/* The first to come have one; a flood of invented addresses finds none left, and loses nothing but a picture. */
static void note_rate(struct world *w, struct binding *b, int64_t second)
{
	if (b->rates == 0)
		b->rates = bindings_take_rates(w);
	if (b->rates != 0)
		rates_count(&w->rates[b->rates - 1], second);
}

/* A packet that a bound host sent: does it answer, or acknowledge what only it could have got? */
void binding_sent(struct world *w, struct binding *b, const struct packet *p, uint64_t peer_hash,
		  bool is_unicast)
{
	uint32_t peer = peer_tag(peer_hash);
	bool is_tcp = p->proto == PROTO_TCP && (p->flags & PACKET_L4) != 0;

	touch(b, p);
	note_rate(w, b, p->now_ns / NS_PER_S);
	b->flags |= ttl_is_start(p->ttl) || p->ttl <= 1 ? BIND_ORIGIN : BIND_FORWARDED;
	if ((p->flags & PACKET_SESSION) != 0)
		b->flags |= BIND_SESSION;
	if ((p->flags & PACKET_INNER) != 0)
		b->flags |= BIND_TUNNEL;
	if (!is_unicast)
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

void binding_received(struct world *w, struct binding *b, const struct packet *p,
		      uint64_t peer_hash, bool is_foreign)
{
	uint32_t peer = peer_tag(peer_hash);
	bool is_tcp = p->proto == PROTO_TCP && (p->flags & PACKET_L4) != 0;

	if (!is_tcp || (p->tcp_flags & TCP_RST) == 0)
		b->callers[peer_slot(peer) % WORLD_CALLERS] = peer;
	if (b->peers[peer_slot(peer) % WORLD_PEERS] == peer &&
	    (!is_tcp || (p->tcp_flags & TCP_RST) == 0) && !packet_is_syn(p)) {
		prove(w, b, BIND_TWO_WAY);
		w->two_way++;
		if (is_foreign) {
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
