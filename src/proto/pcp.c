/* SPDX-License-Identifier: MIT */
/*
 * Asking a router for an open port: NAT-PMP (RFC 6886, section 3) and PCP (RFC 6887, sections 7 and 11), which share
 * their ports. Told are mappings that a client asks for and those that it got, by the ports of both sides; a deletion
 * (lifetime 0) and a mapping for a third party (RFC 6887, 13.1) are not told.
 *
 * NAT-PMP begins with two small numbers that anything may begin with, so nothing is taken for it away from its ports.
 */
#include "base/bytes.h"
#include "proto/proto.h"

enum {
	PORT_ROUTER = 5351,
	PORT_CLIENTS = 5350, /* announcements to all */

	VERSION_NAT_PMP = 0,
	VERSION_PCP = 2,
	ANSWER = 0x80, /* set in the operation of both */

	NAT_PMP_ADDRESS = 0,
	NAT_PMP_UDP = 1,
	NAT_PMP_TCP = 2,

	PCP_ANNOUNCE = 0,
	PCP_MAP = 1,
	PCP_PEER = 2,
	PCP_HEADER = 24,
	PCP_MAP_LEN = 36,
	PCP_PEER_LEN = 56,
	PCP_MAX = 1100,
	PCP_THIRD_PARTY = 1,

	RESULT_MAX = 13, /* the highest in either */
	IS_TCP = 6,
	IS_UDP = 17
};

struct asked {
	bool answer;
	bool map;  /* a mapping, and not some other operation */
	bool good; /* it was given, or is asked for, to the sender itself */
	uint8_t protocol;
	uint16_t inside;
	uint16_t outside; /* 0 in a request: any */
};

static void read_ports(struct cursor *c, struct asked *m)
{
	m->inside = cursor_be16(c);
	m->outside = cursor_be16(c);
}

static bool read_nat_pmp(struct cursor c, struct asked *m)
{
	uint8_t operation = cursor_u8(&c), kind = operation & 0x7f;
	uint16_t result = cursor_be16(&c); /* reserved in a request, and then 0 */

	m->answer = (operation & ANSWER) != 0;
	if (kind > NAT_PMP_TCP || (!m->answer && result != 0) || result > RESULT_MAX)
		return false;
	if (m->answer)
		cursor_skip(&c, 4); /* seconds since it began */
	if (m->answer && result > 0 && cursor_left(&c) == 0)
		return !c.broken; /* a refusal, by all it knew of the question: one in PCP, say */
	if (kind == NAT_PMP_ADDRESS) {
		cursor_skip(&c, 4);
		return m->answer && !c.broken && cursor_left(&c) == 0;
	}
	m->map = true;
	m->protocol = kind == NAT_PMP_TCP ? IS_TCP : IS_UDP;
	read_ports(&c, m);
	m->good = cursor_be32(&c) > 0 && result == 0;
	return !c.broken && cursor_left(&c) == 0;
}

/* Options (RFC 6887, 7.3): false when they are cut; *third: one of them is THIRD_PARTY. */
static bool read_options(struct cursor *c, bool *third)
{
	while (!c->broken && cursor_left(c) > 0) {
		uint8_t code = cursor_u8(c);
		size_t len;

		cursor_skip(c, 1);
		len = cursor_be16(c);
		cursor_skip(c, (len + 3) / 4 * 4);
		*third |= code == PCP_THIRD_PARTY;
	}
	return !c->broken;
}

static bool read_map(struct cursor *c, struct asked *m, bool good)
{
	bool third = false;

	cursor_skip(c, 12); /* nonce */
	m->protocol = cursor_u8(c);
	cursor_skip(c, 3);
	read_ports(c, m);
	cursor_skip(c, 16); /* the outside address */
	m->map = true;
	if (!read_options(c, &third))
		return false;
	m->good = good && !third;
	return true;
}

static bool read_pcp(struct cursor c, size_t whole, struct asked *m)
{
	uint8_t operation = cursor_u8(&c), result;
	uint32_t lifetime;

	cursor_skip(&c, 1);
	result = cursor_u8(&c); /* reserved in a request */
	lifetime = cursor_be32(&c);
	cursor_skip(&c, 16);
	m->answer = (operation & ANSWER) != 0;
	if (c.broken || whole > PCP_MAX || whole % 4 != 0 || result > (m->answer ? RESULT_MAX : 0))
		return false;
	switch (operation & 0x7f) {
	case PCP_ANNOUNCE:
		return true;
	case PCP_MAP:
		return read_map(&c, m, lifetime > 0 && result == 0);
	case PCP_PEER:
		return cursor_left(&c) >= PCP_PEER_LEN;
	default:
		return false;
	}
}

static bool read_message(struct bytes data, struct asked *m)
{
	struct cursor c = cursor_over(data);
	uint8_t version = cursor_u8(&c);

	*m = (struct asked){.answer = false};
	if (version == VERSION_PCP)
		return read_pcp(c, data.len, m);
	if (version != VERSION_NAT_PMP)
		return false;
	/* The question for its address is two bytes in all. */
	if (data.len == 2)
		return cursor_u8(&c) == NAT_PMP_ADDRESS && !c.broken;
	return read_nat_pmp(c, m);
}

static enum match pcp_mine(const struct glance *g)
{
	struct asked m;

	if (!read_message(g->data, &m))
		return MATCH_NO;
	if (m.answer)
		return g->sport == PORT_ROUTER || g->dport == PORT_CLIENTS ? MATCH_YES : MATCH_NO;
	return g->dport == PORT_ROUTER ? MATCH_YES : MATCH_NO;
}

static bool pcp_datagram(const struct talk *t, struct telling *to)
{
	enum signal signal;
	struct asked m;

	if (!read_message(t->data, &m))
		return false;
	if (m.answer && t->packet->sport == PORT_ROUTER)
		tell_service(to, t, SENDER, &proto_pcp);
	signal = m.answer ? SIGNAL_port_mapping : SIGNAL_mapping_asked;
	if (!m.map || !m.good || m.inside == 0 || (m.answer && m.outside == 0) ||
	    (m.protocol != IS_TCP && m.protocol != IS_UDP))
		return true;
	tell_printf(to, t, signal, m.answer ? RECEIVER : SENDER, "%s %u to port %u",
		    m.protocol == IS_TCP ? "tcp" : "udp", m.outside, m.inside);
	return true;
}

const struct proto proto_pcp = {.name = "pcp",
				.summary =
					"opening ports at a router (NAT-PMP, PCP: RFC 6886, 6887)",
				.carriers = OVER_UDP,
				.timid = true,
				.ports = {PORT_ROUTER, PORT_CLIENTS},
				.mine = pcp_mine,
				.datagram = pcp_datagram};
