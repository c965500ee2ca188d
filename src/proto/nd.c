/* SPDX-License-Identifier: MIT */
/*
 * Router advertisements (RFC 4861, 4.2 and 4.6.2): who offers itself as an IPv6 router, with the prefixes that it gives.
 * A lifetime of zero says "no default router" (also: not any more), and a hop limit below 255 that the message came from
 * elsewhere (6.1.2). Anybody on the wire can send one, so this is a fact about its sender and none about the network.
 */
#include "proto/proto.h"

enum {
	ROUTER_ADVERTISEMENT = 134,
	HOP_LIMIT = 255,
	OPTION_UNIT = 8,
	OPTION_PREFIX = 3,
	PREFIX_LEN = 30, /* of the option, without kind and length */
	PREFIXES_MAX = 16
};

/* Link-local prefixes are everybody's, and one whose lifetime is over is taken back. */
static bool read_prefix(struct bytes option, struct prefix *prefix)
{
	struct cursor c = cursor_over(option);
	uint32_t valid;

	prefix->bits = cursor_u8(&c);
	cursor_skip(&c, 1);
	valid = cursor_be32(&c);
	cursor_skip(&c, 8);
	cursor_copy(&c, prefix->addr.b, sizeof prefix->addr.b);
	return !c.broken && option.len == PREFIX_LEN && valid > 0 && prefix->bits > 0 &&
	       prefix->bits <= 128 && !addr_is_link_local(&prefix->addr) &&
	       !addr_is_multicast(&prefix->addr) && !addr_is_v4(&prefix->addr);
}

static void clear_host_bits(struct prefix *p)
{
	for (unsigned bit = p->bits; bit < 128; bit++)
		p->addr.b[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
}

/* Code and checksum are decode's; what comes here begins with the hop limit for hosts. */
static bool nd_datagram(const struct talk *t, struct telling *to)
{
	const struct packet *p = t->packet;
	struct cursor c = cursor_over(t->data);
	unsigned told = 0;
	uint16_t lifetime;

	if (p->proto != PROTO_ICMPV6 || p->icmp_type != ROUTER_ADVERTISEMENT || p->icmp_code != 0 ||
	    p->ttl != HOP_LIMIT || !addr_is_link_local(&p->src))
		return false;
	cursor_skip(&c, 2);
	lifetime = cursor_be16(&c);
	cursor_skip(&c, 8);
	while (lifetime > 0 && cursor_left(&c) > 0 && told < PREFIXES_MAX) {
		uint8_t kind = cursor_u8(&c), units = cursor_u8(&c);
		struct bytes option = cursor_take(&c, units > 0 ? units * OPTION_UNIT - 2U : 0U);
		char text[PREFIX_TEXT_MAX];
		struct prefix prefix;

		if (c.broken || units == 0)
			return false;
		if (kind != OPTION_PREFIX || !read_prefix(option, &prefix))
			continue;
		clear_host_bits(&prefix);
		tell_text(to, t, SIGNAL_nd_router, SENDER, prefix_text(&prefix, text));
		told++;
	}
	return !c.broken;
}

const struct proto proto_nd = {.name = "nd",
			       .summary = "IPv6 router advertisements (RFC 4861)",
			       .carriers = OVER_ICMP,
			       .datagram = nd_datagram};
