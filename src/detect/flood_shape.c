/* SPDX-License-Identifier: MIT */
/* Comparing a packet with the one before it; see the header for what that tells. */
#include "detect/flood_shape.h"
#include "base/hash.h"

#include <math.h>
#include <string.h>

enum {
	ORDERLY_BYTES = 3 /* of the first 16 equal or one up: random bytes have 0.13 by chance */
};

static void set_bit(uint64_t bits[4], uint16_t port)
{
	uint64_t h = hash_mix((uint64_t)port + 1);

	bits[h >> 62] |= UINT64_C(1) << (h >> 56 & 63);
}

uint32_t shape_ports(const uint64_t bits[4])
{
	unsigned set = 0;

	for (int i = 0; i < 4; i++)
		set += (unsigned)__builtin_popcountll(bits[i]);
	if (set == 256)
		set = 255; /* the most that the bits can tell apart from more */
	return (uint32_t)lround(-256.0 * log(1.0 - set / 256.0));
}

void shape_add_ports(struct flood_shape *f, uint16_t sport, uint16_t dport)
{
	uint32_t ports = (uint32_t)sport << 16 | dport;

	if (ports != f->last_ports || f->last_ports == 0) {
		f->last_ports = ports;
		set_bit(f->sports, sport);
		set_bit(f->dports, dport);
	}
	if (f->port_votes == 0) {
		f->port = dport;
		f->port_hits = 0;
	}
	f->port_votes += f->port == dport ? 1 : -1;
	f->port_hits += f->port == dport;
}

static bool continues_payload(const struct shape_slot *slot, const struct packet *p, bool *same)
{
	unsigned n = p->payload_len < SHAPE_HEAD ? p->payload_len : SHAPE_HEAD;
	unsigned equal = 0, close = 0;

	if (n > slot->head_n)
		n = slot->head_n;
	for (unsigned i = 0; i < n; i++) {
		equal += p->payload[i] == slot->head[i];
		close += p->payload[i] == slot->head[i] ||
			 p->payload[i] == (uint8_t)(slot->head[i] + 1);
	}
	*same = n > 0 && equal == n && slot->length == p->payload_wire;
	return !*same && close >= ORDERLY_BYTES;
}

/* The next fragment of the same packet, or the first one of another after the last. */
static bool continues_series(const struct shape_slot *slot, const struct packet *p)
{
	if (slot->ip_id == p->ip_id)
		return slot->frag_more && p->frag_offset == slot->frag_next;
	return !slot->frag_more && p->frag_offset == 0;
}

static bool continues(const struct shape_slot *slot, const struct packet *p, bool *same)
{
	*same = false;
	if ((p->flags & PACKET_FRAGMENT) != 0)
		return continues_series(slot, p);
	if (p->proto == PROTO_TCP)
		return p->seq == slot->next_seq;
	return continues_payload(slot, p, same);
}

/* Bytes of the original packet that a fragment carries: the transport header is among them in the first one. */
static uint32_t fragment_bytes(const struct packet *p)
{
	uint32_t header = (p->flags & PACKET_LATER_FRAGMENT) != 0 ? 0
			  : p->proto == PROTO_UDP		  ? 8
			  : p->proto == PROTO_TCP		  ? 20U + p->tcp_options
								  : 8;

	return p->payload_wire + ((p->flags & PACKET_L4) != 0 ? header : 0);
}

static void remember(struct shape_slot *slot, const struct packet *p, uint64_t tuple)
{
	slot->tuple = tuple;
	slot->next_seq = p->seq + p->payload_wire;
	slot->length = p->payload_wire;
	slot->ip_id = p->ip_id;
	slot->frag_next = (uint16_t)(p->frag_offset + fragment_bytes(p) / 8);
	slot->frag_more = (p->flags & PACKET_MORE_FRAGMENTS) != 0;
	slot->head_n = (uint8_t)(p->payload_len < SHAPE_HEAD ? p->payload_len : SHAPE_HEAD);
	if (slot->head_n > 0)
		memcpy(slot->head, p->payload, slot->head_n);
}

bool shape_is_fresh(const struct flood_shape *f)
{
	return f->judged < 2 * f->installs || f->judged == 0;
}

void shape_add(struct flood_shape *f, const struct packet *p, uint64_t source)
{
	uint64_t tuple = hash_more(source, (uint64_t)p->sport << 16 | p->dport) | 1;
	struct shape_slot *slot = &f->slots[tuple >> 32 & (SHAPE_SLOTS - 1)];
	bool same;

	shape_add_ports(f, p->sport, p->dport);
	f->seen++;
	if (slot->tuple == tuple) {
		f->judged++;
		if (continues(slot, p, &same))
			f->orderly++;
		f->same += same;
	} else if (slot->tuple != 0 && (uint32_t)f->seen - slot->seen_at <= SHAPE_PATIENCE) {
		return;
	} else {
		f->installs++;
	}
	slot->seen_at = (uint32_t)f->seen;
	remember(slot, p, tuple);
}
