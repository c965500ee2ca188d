/* SPDX-License-Identifier: MIT */
/*
 * The content hash covers what forwarding and NAT keep: destination, destination port, lengths, IP id, sequence
 * numbers and the first payload bytes. A flood of equal packets on one link is never a copy: the link must differ, or
 * a router's hand must show.
 */
#include "flow/copies.h"
#include "base/hash.h"
#include "base/timespan.h"

void copies_init(struct copies *c, uint64_t *contents, struct copy_cell *cells,
		 const struct limits *limits)
{
	*c = (struct copies){.contents = contents,
			     .cells = cells,
			     .window_ns = limits->copy_window_ms * NS_PER_MS};
}

static uint64_t content_hash(const struct packet *p, uint64_t dst_hash)
{
	uint64_t a = (uint64_t)p->seq << 32 | p->ack;
	uint64_t b = (uint64_t)p->dport << 48 | (uint64_t)p->ip_id << 32 | p->ip_len;
	uint64_t c = (uint64_t)p->proto << 8 | p->tcp_flags | (uint64_t)p->icmp_type << 16 |
		     (uint64_t)p->arp_op << 24;

	for (uint32_t i = 0; i < 8 && i < p->payload_len; i++)
		c = (c << 8 | c >> 56) ^ p->payload[i];
	return hash_mix(dst_hash + a * 0x9e3779b97f4a7c15ULL + b * 0xff51afd7ed558ccdULL +
			c * 0xc4ceb9fe1a85ec53ULL);
}

static bool is_copy(const struct copies *c, const struct copy_cell *cell, const struct packet *p,
		    uint64_t source)
{
	bool other_link = cell->link_key != p->link_key;
	bool other_mac = !mac_equal(&p->src_mac, &cell->src_mac);

	if (!time_is_within(p->time_ns, cell->time_ns, c->window_ns))
		return false;
	if (cell->source == source)
		return other_link || (other_mac && p->ttl < cell->ttl);
	/* On one link the content must be one that hardly comes twice. */
	if (!other_link && (!other_mac || (p->ip_id == 0 && p->proto != PROTO_TCP)))
		return false;
	return cell->private_source && addr_is_public(&p->src);
}

bool copies_seen(struct copies *c, const struct packet *p, uint64_t src_hash, uint64_t dst_hash)
{
	uint64_t content = content_hash(p, dst_hash);
	uint32_t at = (uint32_t)(content % COPIES_CELLS);

	if (c->contents[at] == content && is_copy(c, &c->cells[at], p, src_hash)) {
		c->seen++;
		return true;
	}
	c->contents[at] = content;
	c->cells[at] = (struct copy_cell){.source = src_hash,
					  .time_ns = p->time_ns,
					  .link_key = p->link_key,
					  .src_mac = p->src_mac,
					  .ttl = p->ttl,
					  .private_source = addr_is_private(&p->src)};
	return false;
}
