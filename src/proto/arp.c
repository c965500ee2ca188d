/* SPDX-License-Identifier: MIT */
/*
 * ARP as decode read it (RFC 826): an address that a host announces unasked. That is a gratuitous ARP, request or reply
 * (RFC 5227, 1.1 and 2.3), or a reply that is addressed to nobody. Probes come from 0.0.0.0 and claim nothing yet. A
 * claim for somebody else's MAC, as a proxy makes it, is passed over; a lie is told like a truth, since it is a fact
 * about the one who sent it.
 */
#include "proto/proto.h"

enum {
	ETHERTYPE = 0x0806, /* the hint of what is carried over the link */
	REPLY = 2
};

static bool is_host(const struct addr *a)
{
	return !addr_is_zero(a) && !addr_is_multicast(a) && !addr_is_broadcast(a) &&
	       !addr_is_loopback(a);
}

static bool is_announcement(const struct packet *p)
{
	return addr_equal(&p->src, &p->dst) ||
	       (p->arp_op == REPLY && (addr_is_zero(&p->dst) || addr_is_broadcast(&p->dst)));
}

static bool arp_datagram(const struct talk *t, struct telling *to)
{
	const struct packet *p = t->packet;
	char text[ADDR_TEXT_MAX];

	if (p->proto != PROTO_ARP)
		return false;
	if (!is_host(&p->src) || !is_announcement(p) || mac_is_zero(&p->arp_mac) ||
	    mac_is_group(&p->arp_mac))
		return true;
	if ((p->flags & PACKET_HAS_MAC) == 0 || mac_equal(&p->arp_mac, &p->src_mac))
		tell_text(to, t, SIGNAL_arp_announce, SENDER, addr_text(&p->src, text));
	return true;
}

const struct proto proto_arp = {.name = "arp",
				.summary = "addresses announced unasked (RFC 826, 5227)",
				.carriers = OVER_LINK,
				.ports = {ETHERTYPE},
				.datagram = arp_datagram};
