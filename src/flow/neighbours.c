/* SPDX-License-Identifier: MIT */
/*
 * What hosts say of their own addresses: ARP (RFC 826), IPv6 neighbour discovery (RFC 4861) and DHCP acknowledgements
 * (RFC 2131). Believed as far as a MAC's quota goes: anybody on the wire can claim anything, so a claim proves that
 * the MAC wants the address, not that it owns it; verdicts know the difference by the binding's flags.
 */
#include "base/bytes.h"
#include "flow/world.h"

enum {
	ND_ROUTER_ADVERTISEMENT = 134,
	ND_SOLICITATION = 135,
	ND_ADVERTISEMENT = 136,
	ND_OPTION_SOURCE = 1,
	ND_OPTION_TARGET = 2,
	ND_OPTION_PREFIX = 3,
	ND_PREFIX_ON_LINK = 0x80,
	DHCP_COOKIE = 0x63825363,
	DHCP_MASK = 1,
	DHCP_TYPE = 53,
	DHCP_END = 255,
	DHCP_ACK = 5
};

static bool can_own(const struct addr *a)
{
	return !addr_is_zero(a) && !addr_is_multicast(a) && !addr_is_broadcast(a) &&
	       !addr_is_loopback(a);
}

static void learn_arp(struct world *w, const struct packet *p)
{
	uint16_t owner;

	if (!can_own(&p->src) || mac_is_zero(&p->arp_mac) || mac_is_group(&p->arp_mac))
		return;
	owner = world_mac_get(w, &p->arp_mac);
	if (owner != NO_MAC)
		world_claim(w, &p->src, owner, BIND_ARP, p);
}

static void learn_prefix_option(struct world *w, struct cursor *option)
{
	struct prefix prefix;
	uint8_t flags;

	prefix.bits = cursor_u8(option);
	flags = cursor_u8(option);
	cursor_skip(option, 12);
	cursor_copy(option, prefix.addr.b, 16);
	if (!option->broken && (flags & ND_PREFIX_ON_LINK) != 0 && prefix.bits >= 16 &&
	    prefix.bits <= 128 && addr_is_public(&prefix.addr))
		world_learn_prefix(w, &prefix);
}

/* Walks the options; hands prefixes on, and tells whether a link-layer address equal to the sender's was among them. */
static bool walk_options(struct world *w, struct cursor *c, const struct mac *sender)
{
	bool said = false;

	while (cursor_left(c) >= 8) {
		uint8_t kind = cursor_u8(c);
		size_t len = (size_t)cursor_u8(c) * 8;
		struct cursor option;
		struct mac mac;

		if (len < 8)
			break;
		option = cursor_over(cursor_take(c, len - 2));
		if (kind == ND_OPTION_PREFIX) {
			learn_prefix_option(w, &option);
		} else if (kind == ND_OPTION_SOURCE || kind == ND_OPTION_TARGET) {
			cursor_copy(&option, mac.b, sizeof mac.b);
			said |= !option.broken && mac_equal(&mac, sender);
		}
	}
	return said;
}

static void learn_nd(struct world *w, const struct packet *p, uint16_t src_mac)
{
	struct cursor c = cursor_over(packet_payload(p));
	struct addr target = {{0}};

	if (p->ttl != 255) /* RFC 4861, 6.1 and 7.1: anything less was forwarded */
		return;
	if (p->icmp_type == ND_ROUTER_ADVERTISEMENT) {
		cursor_skip(&c, 8);
		if (src_mac != NO_MAC)
			w->macs[src_mac].flags |= MAC_ROUTER_SAID;
	} else {
		cursor_copy(&c, target.b, sizeof target.b);
	}
	if (c.broken)
		return;
	if (walk_options(w, &c, &p->src_mac) && src_mac != NO_MAC && can_own(&p->src))
		world_claim(w, &p->src, src_mac, BIND_ARP, p);
	if (p->icmp_type == ND_ADVERTISEMENT && src_mac != NO_MAC && can_own(&target))
		world_claim(w, &target, src_mac, BIND_ARP, p);
}

static struct prefix lease_network(const struct addr *leased, uint32_t mask)
{
	struct prefix network = {.addr = addr_v4(addr_low32(leased) & mask), .bits = 96};

	for (; (mask & 0x80000000) != 0; mask <<= 1)
		network.bits++;
	return network;
}

static void learn_dhcp(struct world *w, const struct packet *p)
{
	struct cursor c = cursor_over(packet_payload(p));
	struct addr leased;
	struct mac client;
	uint32_t mask = 0;
	uint8_t type = 0;
	uint16_t owner;

	cursor_skip(&c, 16);
	leased = addr_v4(cursor_be32(&c));
	cursor_skip(&c, 8);
	cursor_copy(&c, client.b, sizeof client.b);
	cursor_skip(&c, 10 + 64 + 128);
	if (cursor_be32(&c) != DHCP_COOKIE || c.broken)
		return;
	while (cursor_left(&c) > 0) {
		uint8_t code = cursor_u8(&c);
		struct cursor option;

		if (code == 0)
			continue;
		if (code == DHCP_END)
			break;
		option = cursor_over(cursor_take(&c, cursor_u8(&c)));
		if (code == DHCP_TYPE)
			type = cursor_u8(&option);
		else if (code == DHCP_MASK)
			mask = cursor_be32(&option);
	}
	if (type != DHCP_ACK || !can_own(&leased) || mac_is_zero(&client) || mac_is_group(&client))
		return;
	owner = world_mac_get(w, &client);
	if (owner == NO_MAC || world_claim(w, &leased, owner, BIND_DHCP, p) == NULL)
		return;
	if (mask >= 0xffff0000 && addr_is_public(&leased)) {
		struct prefix network = lease_network(&leased, mask);

		world_learn_prefix(w, &network);
	}
}

__attribute__((noinline)) void neighbours_learn(struct world *w, const struct packet *p,
						uint16_t src_mac)
{
	if ((p->flags & PACKET_INNER) != 0)
		return;
	if (p->proto == PROTO_ARP)
		learn_arp(w, p);
	else if (p->proto == PROTO_ICMPV6 && p->icmp_type >= ND_ROUTER_ADVERTISEMENT &&
		 p->icmp_type <= ND_ADVERTISEMENT)
		learn_nd(w, p, src_mac);
	else if (p->proto == PROTO_UDP && p->sport == 67 && p->payload_len > 240 &&
		 p->payload[0] == 2)
		learn_dhcp(w, p);
}
