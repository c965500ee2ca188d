/* SPDX-License-Identifier: MIT */
/*
 * The content hash covers what forwarding and NAT keep: destination, destination port, lengths, IP id, sequence
 * numbers and the first payload bytes. A flood of equal packets on one link is never a copy: the link must differ.
 */
#include "flow/copies.h"
#include "base/hash.h"
#include "base/timespan.h"

void copies_init(struct copies *c, struct copy_cell *cells, const struct limits *limits)
{
	*c = (struct copies){.cells = cells, .window_ns = limits->copy_window_ms * NS_PER_MS};
}

static uint64_t content_hash(const struct packet *p)
{
	uint64_t h = hash_addr(&p->dst);
	uint64_t head = 0;

	for (uint32_t i = 0; i < 8 && i < p->payload_len; i++)
		head = head << 8 | p->payload[i];
	h = hash_more(h, (uint64_t)p->seq << 32 | p->ack);
	h = hash_more(h, (uint64_t)p->dport << 48 | (uint64_t)p->ip_id << 32 | p->ip_len);
	h = hash_more(h, (uint64_t)p->proto << 8 | p->tcp_flags | (uint64_t)p->icmp_type << 16 |
				 (uint64_t)p->arp_op << 24);
	return hash_more(h, head);
}

static bool is_copy(const struct copies *c, const struct copy_cell *cell, const struct packet *p,
		    uint64_t source)
{
	if (cell->link_key == p->link_key ||
	    !time_is_within(p->time_ns, cell->time_ns, c->window_ns))
		return false;
	return cell->source == source || (cell->private_source && addr_is_public(&p->src));
}

bool copies_seen(struct copies *c, const struct packet *p)
{
	uint64_t content = content_hash(p);
	uint64_t source = hash_more(hash_addr(&p->src), 0);
	struct copy_cell *cell = &c->cells[content % COPIES_CELLS];

	if (cell->content == content && is_copy(c, cell, p, source)) {
		c->seen++;
		return true;
	}
	*cell = (struct copy_cell){.content = content,
				   .source = source,
				   .time_ns = p->time_ns,
				   .link_key = p->link_key,
				   .private_source = addr_is_private(&p->src)};
	return false;
}
