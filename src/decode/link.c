/* SPDX-License-Identifier: MIT */
/*
 * Wired link headers: Ethernet with its VLAN tags, LLC/SNAP, MPLS, PPP and PPPoE, the cooked and loopback headers of
 * capture files, ARP, and the frames in which neighbours describe themselves (LLDP, CDP). Sources: IEEE 802.3 and 802.1Q, RFC 1042 (SNAP), RFC 2516 (PPPoE), RFC 1661 and 1662
 * (PPP), RFC 3032 and 4385 (MPLS and its control word), RFC 826 (ARP), the LINKTYPE pages of the pcap format.
 *
 * A frame that carries neither IP nor ARP simply ends here. What it resists: endless tags and labels, and MAC
 * addresses that can't be a sender's.
 */
#include "decode/walk.h"

enum {
	VLAN_TAGS_MAX = 8,
	MPLS_LABELS_MAX = 16,
	ETHERNET_HEADER = 14,
	MPLS_LOOK = 4 + ETHERNET_HEADER, /* bytes that tell what is under the labels */
	LENGTH_MAX = 1500		 /* a type field up to this is a length (802.3, 3.2.6) */
};

static bool is_vlan(uint16_t type)
{
	return type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD;
}

/* Notes one tag. Two or more name a subscriber's line, as providers stack them. */
static void add_vlan(struct link *l, uint16_t id)
{
	if (l->tags++ == 0) {
		l->outer_vlan = id;
		link_key_add(l, LINK_KEY_VLAN | id);
	} else {
		l->session = (uint32_t)l->outer_vlan << 12 | id;
		l->flags |= PACKET_SESSION;
	}
	l->vlan = id;
}

/* A frame of neighbours that has no addresses but its MACs: what is in it is for the parsers. */
static enum layer tell_link(struct walk *w, uint16_t type)
{
	struct packet *p = walk_packet(w);
	struct bytes rest = cursor_rest(&w->c);

	if (p == NULL)
		return LAYER_END;
	p->proto = PROTO_LINK;
	p->dport = type;
	p->payload = rest.at;
	p->payload_len = (uint32_t)rest.len;
	p->payload_wire = (uint32_t)walk_wire_left(w);
	return LAYER_END;
}

enum layer link_ethertype(struct walk *w, uint16_t type)
{
	while (is_vlan(type)) {
		struct bytes tag = cursor_take(&w->c, 4);

		if (tag.at == NULL)
			return walk_short(w);
		if (w->link.tags == VLAN_TAGS_MAX) {
			w->saw |= SAW_TOO_DEEP;
			return LAYER_END;
		}
		add_vlan(&w->link, load_be16(tag.at) & 0x0fff);
		type = load_be16(tag.at + 2);
	}
	switch (type) {
	case TYPE_IP4:
		return LAYER_IP4;
	case TYPE_IP6:
		return LAYER_IP6;
	case TYPE_ARP:
		return LAYER_ARP;
	case TYPE_PPPOE:
		return LAYER_PPPOE;
	case TYPE_LLDP:
	case TYPE_SADP:
		return tell_link(w, type);
	case TYPE_MPLS:
	case TYPE_MPLS_MULTICAST:
		return LAYER_MPLS;
	default:
		break;
	}
	if (type > LENGTH_MAX)
		return LAYER_END;
	/* Only ever shortened: most such frames are spanning tree, and none of our business when they lie. */
	if (type < walk_wire_left(w))
		walk_limit(w, type);
	return LAYER_LLC;
}

enum layer read_ethernet(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, ETHERNET_HEADER);

	if (h.at == NULL)
		return walk_short(w);
	link_set_dst(&w->link, h.at);
	link_set_src(&w->link, h.at + 6);
	return link_ethertype(w, load_be16(h.at + 12));
}

enum layer read_llc(struct walk *w)
{
	struct bytes llc = cursor_take(&w->c, 3);
	struct bytes snap;

	if (llc.at == NULL)
		return walk_short(w);
	if (bytes_start_with(llc, "\x06\x06\x03", 3))
		return LAYER_IP4;
	if (!bytes_start_with(llc, "\xaa\xaa\x03", 3))
		return LAYER_END;
	snap = cursor_take(&w->c, 5);
	if (snap.at == NULL)
		return walk_short(w);
	if (bytes_start_with(snap, "\0\0\x0c\x20\0", 5))
		return tell_link(w, TYPE_CDP);
	/* 00-00-00 is RFC 1042; 00-00-f8 is how 802.1H bridges mark frames that were Ethernet before. */
	if (!bytes_start_with(snap, "\0\0\0", 3) && !bytes_start_with(snap, "\0\0\xf8", 3))
		return LAYER_END;
	if (load_be16(snap.at + 3) <= LENGTH_MAX)
		return LAYER_END;
	return link_ethertype(w, load_be16(snap.at + 3));
}

enum cooked_header {
	COOKED_LLC = 4,	     /* in place of an ethertype: LLC follows */
	COOKED_NETLINK = 824 /* device type under which the type is a netlink family */
};

/* Both cooked headers hold the sender's link address and its length; only six bytes are a MAC. */
static enum layer cooked(struct walk *w, uint16_t type, const uint8_t *mac, unsigned mac_len)
{
	if (mac_len == 6)
		link_set_src(&w->link, mac);
	if (type == COOKED_LLC)
		return LAYER_LLC;
	return type > LENGTH_MAX ? link_ethertype(w, type) : LAYER_END;
}

enum layer read_sll(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, 16);

	if (h.at == NULL)
		return walk_short(w);
	link_key_add(&w->link, 0x20000U | load_be16(h.at));
	if (load_be16(h.at + 2) == COOKED_NETLINK)
		return LAYER_END;
	return cooked(w, load_be16(h.at + 14), h.at + 6, load_be16(h.at + 4));
}

enum layer read_sll2(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, 20);

	if (h.at == NULL)
		return walk_short(w);
	link_key_add(&w->link, 0x20000U | h.at[10]);
	link_key_add(&w->link, load_be32(h.at + 4));
	if (load_be16(h.at + 8) == COOKED_NETLINK)
		return LAYER_END;
	return cooked(w, load_be16(h.at), h.at + 12, h.at[11]);
}

/*
 * The address family of the machine that wrote the file, in its byte order or in network order. Families are small
 * numbers, so the bytes themselves show the order, also where a converter lost the file's own.
 */
enum layer read_loopback(struct walk *w)
{
	uint32_t family = cursor_be32(&w->c);

	if (w->c.broken)
		return walk_short(w);
	if (family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00) | (family << 8 & 0xff0000) |
			 family << 24;
	switch (family) {
	case 2:
		return LAYER_IP4;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return LAYER_IP6;
	default:
		return LAYER_END;
	}
}

enum layer read_ppp(struct walk *w)
{
	struct bytes b = cursor_rest(&w->c);
	uint16_t protocol;

	if (b.len < 2)
		return walk_short(w);
	if (bytes_start_with(b, "\xff\x03", 2)) {
		cursor_skip(&w->c, 2); /* address and control, which may be left out */
	} else if (bytes_start_with(b, "\x0f\x00", 2) || bytes_start_with(b, "\x8f\x00", 2)) {
		cursor_skip(&w->c, 2); /* Cisco HDLC: an ethertype follows */
		protocol = cursor_be16(&w->c);
		if (w->c.broken)
			return walk_short(w);
		return protocol > LENGTH_MAX ? link_ethertype(w, protocol) : LAYER_END;
	}
	protocol = cursor_u8(&w->c);
	if ((protocol & 1) ==
	    0) /* an odd first byte is a whole, compressed protocol field (RFC 1661, 6.5) */
		protocol = (uint16_t)(protocol << 8 | cursor_u8(&w->c));
	if (w->c.broken)
		return walk_short(w);
	switch (protocol) {
	case 0x0021:
		return LAYER_IP4;
	case 0x0057:
		return LAYER_IP6;
	case 0x0281:
	case 0x0283:
		return LAYER_MPLS;
	default:
		return LAYER_END;
	}
}

enum layer read_ppp_dir(struct walk *w)
{
	cursor_skip(&w->c, 1);
	return w->c.broken ? walk_short(w) : LAYER_PPP;
}

enum layer read_pppoe(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, 6);

	if (h.at == NULL)
		return walk_short(w);
	if (h.at[0] != 0x11)
		return walk_malformed(w);
	if (h.at[1] != 0) /* discovery */
		return LAYER_END;
	/* The narrower of the two: QinQ tags, if any, name the line, this names the subscriber on it. */
	w->link.session = load_be16(h.at + 2);
	w->link.flags |= PACKET_SESSION;
	walk_limit(w, load_be16(h.at + 4));
	return LAYER_PPP;
}

/* Would the bytes from `offset` make an Ethernet frame with something inside that we read? */
static bool looks_like_ethernet(struct bytes b, size_t offset)
{
	uint16_t type;

	if (b.len < offset + ETHERNET_HEADER)
		return false;
	type = load_be16(b.at + offset + 12);
	return type == TYPE_IP4 || type == TYPE_IP6 || type == TYPE_ARP || type == TYPE_PPPOE ||
	       type == TYPE_MPLS || is_vlan(type);
}

static bool looks_like_ip(struct bytes b, size_t wire)
{
	if (b.len < 6)
		return true; /* too little to deny it */
	if (b.at[0] >> 4 == 4)
		return (b.at[0] & 15) >= 5 && load_be16(b.at + 2) <= wire;
	return (size_t)load_be16(b.at + 4) + 40 <= wire;
}

/*
 * Nothing in the label stack says what it carries. The first four bits do by convention (RFC 4928): 4 and 6 are IP,
 * 0 is a control word in front of a pseudowire's frame. A pseudowire without control word begins with a MAC address,
 * which may begin with any of them.
 */
static enum layer mpls_inside(struct walk *w)
{
	struct bytes b = cursor_rest(&w->c);
	unsigned version;

	if (b.len == 0)
		return walk_short(w);
	version = b.at[0] >> 4;
	if ((version == 4 || version == 6) &&
	    (looks_like_ip(b, walk_wire_left(w)) || !looks_like_ethernet(b, 0)))
		return LAYER_IP;
	if (b.len < MPLS_LOOK && w->cut > 0)
		return walk_short(w);
	if (version == 0 && looks_like_ethernet(b, 4)) {
		cursor_skip(&w->c, 4);
		return LAYER_ETHERNET;
	}
	return looks_like_ethernet(b, 0) ? LAYER_ETHERNET : LAYER_END;
}

enum layer read_mpls(struct walk *w)
{
	for (unsigned i = 0; i < MPLS_LABELS_MAX; i++) {
		uint32_t label = cursor_be32(&w->c);

		if (w->c.broken)
			return walk_short(w);
		if ((label & 0x100) != 0) /* bottom of the stack */
			return mpls_inside(w);
	}
	w->saw |= SAW_TOO_DEEP;
	return LAYER_END;
}

/* Requests and replies for IPv4 over six byte addresses. Reverse and inverse ARP bind nothing that we follow. */
enum layer read_arp(struct walk *w)
{
	static const uint8_t ethernet_ip4[] = {0x08, 0x00, 6, 4};
	struct bytes h = cursor_take(&w->c, 8);
	struct bytes body;
	struct packet *p;
	uint16_t op;

	if (h.at == NULL)
		return walk_short(w);
	if (memcmp(h.at + 2, ethernet_ip4, sizeof ethernet_ip4) != 0)
		return LAYER_END;
	op = load_be16(h.at + 6);
	if (op != 1 && op != 2)
		return LAYER_END;
	body = cursor_take(&w->c, 20);
	if (body.at == NULL)
		return walk_short(w);
	p = walk_packet(w);
	if (p == NULL)
		return LAYER_END;
	p->proto = PROTO_ARP;
	p->dport = TYPE_ARP;
	p->arp_op = (uint8_t)op;
	memcpy(p->arp_mac.b, body.at, sizeof p->arp_mac.b);
	p->src = addr_v4(load_be32(body.at + 6));
	p->dst = addr_v4(load_be32(body.at + 16));
	return LAYER_END;
}
