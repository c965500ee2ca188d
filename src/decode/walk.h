/* SPDX-License-Identifier: MIT */
/*
 * Private to decode: the walk through one frame. Each header has a reader, which takes its bytes off the front of the
 * walk and names the layer that follows; decode.c calls them in a bounded loop, so nothing recurses however deep a
 * stranger nests his headers.
 *
 * Two lengths run side by side. The cursor holds the bytes that were captured; `cut` counts those behind its end
 * which belong to the same packet and are not there. Reading moves the cursor and leaves `cut` alone, so "left on
 * the wire" is always their sum.
 */
#pragma once

#include "base/bytes.h"
#include "capture/frame.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layer {
	LAYER_END, /* nothing more to read */
	LAYER_ETHERNET,
	LAYER_LLC,
	LAYER_SLL,
	LAYER_SLL2,
	LAYER_LOOPBACK,
	LAYER_PPP,
	LAYER_PPP_DIR,
	LAYER_PPPOE,
	LAYER_MPLS,
	LAYER_WIFI,
	LAYER_RADIOTAP,
	LAYER_PRISM,
	LAYER_ARP,
	LAYER_IP, /* the first four bits say which */
	LAYER_IP4,
	LAYER_IP6,
	LAYER_GRE,
	LAYER_VXLAN,
	LAYERS
};

enum {
	PORT_VXLAN = 4789,
	PORT_VXLAN_LINUX = 8472 /* what Linux chose before there was an assignment */
};

enum ethertype {
	TYPE_IP4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_TRANSPARENT_ETHERNET = 0x6558, /* in GRE */
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_CDP = 0x2000,  /* behind SNAP, of Cisco's 00-00-0c */
	TYPE_SADP = 0x8033, /* Hikvision's discovery below IP */
	TYPE_LLDP = 0x88cc,
	TYPE_PPPOE = 0x8864,
	TYPE_QINQ = 0x88a8,
	TYPE_ERSPAN = 0x88be, /* in GRE */
	TYPE_QINQ_OLD = 0x9100
};

/* What is worth counting of a frame; each is counted once a frame, whatever the number of packets in it. */
enum saw {
	SAW_UNKNOWN_LINK = 1 << 0,
	SAW_MALFORMED = 1 << 1,
	SAW_TRUNCATED = 1 << 2,
	SAW_BAD_CHECKSUM = 1 << 3,
	SAW_ENCRYPTED = 1 << 4,
	SAW_FRAGMENT = 1 << 5,
	SAW_TOO_DEEP = 1 << 6
};

/* What the headers below IP said, as it goes into the packets. */
struct link {
	struct mac src;
	struct mac dst;
	uint16_t flags; /* PACKET_HAS_MAC, PACKET_HAS_DST_MAC, PACKET_SESSION, PACKET_RADIO_RETRY */
	uint16_t vlan;
	uint16_t outer_vlan;
	uint16_t tags; /* VLAN tags so far */
	uint32_t key;
	uint32_t session;
};

struct walk {
	struct cursor c;
	size_t cut;
	bool partial; /* a fragment: what is announced inside may go on in other frames */
	unsigned n;
	unsigned saw;
	uint64_t
		addresses; /* checksum_add() over source and destination as the last IP header had them */
	struct link link;
	const struct frame *frame;
	struct packet *out;
};

static inline uint16_t load_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t load_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline size_t walk_wire_left(const struct walk *w)
{
	return cursor_left(&w->c) + w->cut;
}

static inline enum layer walk_malformed(struct walk *w)
{
	w->saw |= SAW_MALFORMED;
	return LAYER_END;
}

/* A header was not all there: cut by the capture, in the next fragment, or never sent. */
static inline enum layer walk_short(struct walk *w)
{
	if (w->cut > 0)
		w->saw |= SAW_TRUNCATED;
	else if (!w->partial)
		w->saw |= SAW_MALFORMED;
	return LAYER_END;
}

/*
 * A header says that n bytes follow it. What lies behind them is padding. Where fewer are left even on the wire, and
 * this is no fragment, the header lies or the capture lost its original lengths (tools that slice and write the
 * short length as the true one): then it is judged like a truncated packet, and counted as both.
 */
static inline void walk_limit(struct walk *w, size_t n)
{
	size_t here = cursor_left(&w->c);

	if (n <= here) {
		w->c.end = w->c.at + n;
		w->cut = 0;
		w->partial = false;
		return;
	}
	if (w->cut > 0 || !w->partial)
		w->saw |= SAW_TRUNCATED;
	if (n > here + w->cut && !w->partial)
		w->saw |= SAW_MALFORMED;
	w->cut = n - here;
}

enum {
	LINK_KEY_VLAN = 0x10000
}; /* a property of the link, as it goes into its key: the outermost tag */

/* Folds one more property of the link into its key. Never undone, so 32 bits of mixing suffice. */
static inline uint32_t link_key_mix(uint32_t key, uint32_t value)
{
	uint32_t x = (key ^ value) * 0x9e3779b1U + 0x7f4a7c15U;

	return x ^ x >> 15;
}

static inline void link_key_add(struct link *l, uint32_t value)
{
	l->key = link_key_mix(l->key, value);
}

/* A group address or zero is never a sender (IEEE 802.3, 3.2.3); zero is what loopback devices write. */
static inline void link_set_src(struct link *l, const uint8_t *mac)
{
	memcpy(l->src.b, mac, sizeof l->src.b);
	l->flags &= (uint16_t)~PACKET_HAS_MAC;
	if (!mac_is_group(&l->src) && !mac_is_zero(&l->src))
		l->flags |= PACKET_HAS_MAC;
}

static inline void link_set_dst(struct link *l, const uint8_t *mac)
{
	memcpy(l->dst.b, mac, sizeof l->dst.b);
	l->flags &= (uint16_t)~PACKET_HAS_DST_MAC;
	if (!mac_is_zero(&l->dst))
		l->flags |= PACKET_HAS_DST_MAC;
}

/* decode.c: the next packet of the frame with all that is known below IP, or NULL when there are too many. */
struct packet *walk_packet(struct walk *w);

/* link.c */
enum layer link_ethertype(struct walk *w, uint16_t type);
enum layer read_ethernet(struct walk *w);
enum layer read_llc(struct walk *w);
enum layer read_sll(struct walk *w);
enum layer read_sll2(struct walk *w);
enum layer read_loopback(struct walk *w);
enum layer read_ppp(struct walk *w);
enum layer read_ppp_dir(struct walk *w);
enum layer read_pppoe(struct walk *w);
enum layer read_mpls(struct walk *w);
enum layer read_arp(struct walk *w);

/* wifi.c */
enum layer read_wifi(struct walk *w);
enum layer read_radiotap(struct walk *w);
enum layer read_prism(struct walk *w);

/* ip.c */
enum layer read_ip(struct walk *w);
enum layer read_ip4(struct walk *w);
enum layer read_ip6(struct walk *w);

/*
 * transport.c: the walk stands behind the IP headers of p, whose proto and payload are set. `pseudo` is false when
 * the addresses of the IP header are not those the checksum was made with (source routes).
 */
enum layer read_transport(struct walk *w, struct packet *p, bool pseudo);

/* tunnels.c */
enum layer read_gre(struct walk *w);
enum layer read_vxlan(struct walk *w);
/* Enters an IP-in-IP tunnel: `inside` is LAYER_IP4 or LAYER_IP6. */
enum layer tunnel_enter(struct walk *w, enum layer inside);
