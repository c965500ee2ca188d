/* SPDX-License-Identifier: MIT */
/*
 * The content hash covers what forwarding and NAT keep: destination, destination port, lengths, IP id, sequence
 * numbers and the first payload bytes. A flood of equal packets on one link is never a copy: the link must differ, or
 * a router's hand must show.
 */
#include "flow/copies.h"
#include "base/timespan.h"

void copies_init(struct copies *c, uint64_t *contents, struct copy_cell *cells,
		 const struct limits *limits)
{
	*c = (struct copies){.contents = contents,
			     .cells = cells,
			     .window_ns = limits->copy_window_ms * NS_PER_MS};
}

bool copies_match(const struct copies *c, const struct copy_cell *cell, const struct packet *p,
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
