/* SPDX-License-Identifier: MIT */
/*
 * The same packet seen on several interfaces (`-i any`: port, bridge, uplink) counts once (design rule 2). A copy
 * comes within milliseconds, on another link or from another MAC with a smaller TTL, with the same content; behind a NAT it also has another source
 * address, a public one where the first was private. Forwarding changes MACs, TTL and checksums, so these are left
 * out of the comparison.
 *
 * Memory is fixed: a direct-mapped table where a newer packet overwrites an older one. A copy that comes after its
 * original was overwritten is judged as a packet of its own.
 */
#pragma once

#include "base/hash.h"
#include "base/knowledge.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

enum { COPIES_CELLS = 1024 };

struct copy_cell {
	uint64_t source;
	int64_t time_ns;
	uint32_t link_key;
	struct mac src_mac;
	uint8_t ttl;
	bool private_source;
};

struct copies {
	uint64_t *
		contents; /* COPIES_CELLS, zeroed: apart, because nearly every packet looks no further */
	struct copy_cell *cells; /* COPIES_CELLS */
	int64_t window_ns;
	uint64_t seen; /* copies left out */
};

void copies_init(struct copies *c, uint64_t *contents, struct copy_cell *cells,
		 const struct limits *limits);

/* Is what lies in the cell of p's content the original of p? Asked only where the content is the same. */
bool copies_match(const struct copies *c, const struct copy_cell *cell, const struct packet *p,
		  uint64_t source);

/* The first bytes of the payload, eight at most, rolled into c. */
static inline uint64_t copies_roll(uint64_t c, const uint8_t *payload, uint32_t len)
{
	uint64_t bytes = 0;

	if (len >= 8) /* eight rolls by a byte are none */
		return c ^ __builtin_bswap64(hash_load(payload));
	if (len == 0)
		return c;
	for (uint32_t i = 0; i < len; i++)
		bytes = bytes << 8 | payload[i];
	return (c << 8 * len | c >> (64 - 8 * len)) ^ bytes;
}

static inline uint64_t copies_content(const struct packet *p, uint64_t dst_hash)
{
	uint64_t a = (uint64_t)p->seq << 32 | p->ack;
	uint64_t b = (uint64_t)p->dport << 48 | (uint64_t)p->ip_id << 32 | p->ip_len;
	uint64_t c = (uint64_t)p->proto << 8 | p->tcp_flags | (uint64_t)p->icmp_type << 16;

	c = copies_roll(c, p->payload, p->payload_len);
	return hash_mix(dst_hash + a * 0x9e3779b97f4a7c15ULL + b * 0xff51afd7ed558ccdULL +
			c * 0xc4ceb9fe1a85ec53ULL);
}

/*
 * True when p is a copy of a packet that was seen on another link just before. Remembers p otherwise. The hashes are
 * the published ones of its addresses, and is_private is the class of the source: the caller has all three at hand.
 */
static inline bool copies_seen(struct copies *c, const struct packet *p, uint64_t src_hash,
			       uint64_t dst_hash, bool is_private)
{
	uint64_t content = copies_content(p, dst_hash);
	uint32_t at = (uint32_t)(content % COPIES_CELLS);
	struct copy_cell *cell = &c->cells[at];

	if (c->contents[at] == content && copies_match(c, cell, p, src_hash)) {
		c->seen++;
		return true;
	}
	c->contents[at] = content;
	cell->source = src_hash;
	cell->time_ns = p->time_ns;
	cell->link_key = p->link_key;
	cell->src_mac = p->src_mac;
	cell->ttl = p->ttl;
	cell->private_source = is_private;
	return false;
}
