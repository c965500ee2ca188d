/* SPDX-License-Identifier: MIT */
/*
 * One packet against the lines of a profile; the first that matches decides. Who began a connection is told by what a packet
 * alone shows: a lone SYN begins one, a SYN with ACK answers one; all else goes with it, since without those there is no
 * connection to go with (decision 47 has what that lets through). Ports and flags of a fragment are never believed (RFC 1858): an accept that asks for them
 * does not match, a drop does.
 */
#include "contain/mud_match.h"

const char *const mud_answer_words[] = {
	[MUD_OUTSIDE] = "outside",
	[MUD_DROPPED] = "dropped",
	[MUD_ACCEPTED] = "accepted",
	[MUD_KEPT] = "kept",
};

enum { TCP = 6, UDP = 17, SYN = 0x02, ACK = 0x10 };

static bool is_in_ports(const struct mud_ports *p, uint16_t port)
{
	return (port >= p->from && port <= p->to) != p->others;
}

static bool is_in_group(const struct mud_group *g, const struct addr *addr, int64_t time_ns)
{
	for (size_t i = 0; i < g->n; i++) {
		if (addr_equal(&g->hosts[i].addr, addr))
			return g->hosts[i].until_ns == 0 || g->hosts[i].until_ns > time_ns;
	}
	return false;
}

/* May it belong to a connection that this side began? */
static bool fits_begun(const struct mud_line *l, const struct mud_packet *p)
{
	bool by_sender = (l->begun == MUD_BY_DEVICE) == (p->direction == MUD_FROM_DEVICE);
	unsigned opening = p->tcp_flags & (SYN | ACK);

	return l->begun == MUD_BY_ANY || opening != (by_sender ? (SYN | ACK) : SYN);
}

static bool fits_deep(const struct mud_line *l, const struct mud_packet *p)
{
	if (!l->deep)
		return true;
	if (p->fragment || p->cut)
		return l->drop; /* what can't be told apart is on the safe side of both */
	if (!fits_begun(l, p))
		return false;
	if (p->protocol == TCP || p->protocol == UDP)
		return is_in_ports(&l->own, p->own_port) && is_in_ports(&l->peer, p->peer_port);
	return (l->icmp_type == MUD_ANY_TYPE || l->icmp_type == p->icmp_type) &&
	       (l->icmp_code == MUD_ANY_TYPE || l->icmp_code == p->icmp_code);
}

static bool fits_ends(const struct mud_ready *ready, const struct mud_line *l,
		      const struct mud_packet *p)
{
	if (!prefix_has(&l->own_prefix, &p->own) || !prefix_has(&l->peer_prefix, &p->peer))
		return false;
	if (l->local && !mud_is_local(ready, &p->peer))
		return false;
	for (size_t i = 0; i < MUD_PEERS && l->groups[i] != MUD_NO_GROUP; i++) {
		if (!is_in_group(&ready->groups[l->groups[i]], &p->peer, p->time_ns))
			return false;
	}
	return true;
}

static bool is_kept4(const struct mud_packet *p, bool local)
{
	bool from = p->direction == MUD_FROM_DEVICE;

	if (p->protocol == UDP)
		return !p->fragment && !p->cut && local && p->own_port == 68 && p->peer_port == 67;
	if (p->protocol == 2)
		return from && p->hop_limit == 1 && addr_is_multicast(&p->peer);
	return p->protocol == 1 && !from && !p->fragment && !p->cut &&
	       (p->icmp_type == 3 || p->icmp_type == 11 || p->icmp_type == 12);
}

static bool is_kept6(const struct mud_packet *p, bool local)
{
	bool from = p->direction == MUD_FROM_DEVICE;
	uint8_t type = p->icmp_type;

	if (p->fragment || p->cut)
		return false;
	if (p->protocol == UDP)
		return local && p->own_port == 546 && p->peer_port == 547;
	if (p->protocol != 58)
		return false;
	if (type == 135 || type == 136 || type == (from ? 133 : 134))
		return (local || !from) && p->hop_limit == 255;
	if (from ? type == 131 || type == 132 || type == 143 : type == 130)
		return (local || !from) && p->hop_limit == 1;
	return !from && type >= 1 && type <= 4;
}

struct mud_verdict mud_match(const struct mud_ready *ready, const struct mud_packet *p)
{
	bool v4 = addr_is_v4(&p->peer), local = mud_is_local(ready, &p->peer);

	if (addr_is_v4(&p->own) != v4)
		return (struct mud_verdict){MUD_OUTSIDE, SIZE_MAX};
	if (v4 ? is_kept4(p, local) : is_kept6(p, local))
		return (struct mud_verdict){MUD_KEPT, SIZE_MAX};
	for (size_t i = 0; i < ready->lines_n; i++) {
		const struct mud_line *l = &ready->lines[i];

		if (l->v4 == v4 && l->to_device == (p->direction == MUD_TO_DEVICE) &&
		    (l->protocol == MUD_ANY_PROTOCOL || l->protocol == p->protocol) &&
		    fits_deep(l, p) && fits_ends(ready, l, p))
			return (struct mud_verdict){l->drop ? MUD_DROPPED : MUD_ACCEPTED, l->rule};
	}
	return (struct mud_verdict){MUD_OUTSIDE, SIZE_MAX};
}
