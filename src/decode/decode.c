/* SPDX-License-Identifier: MIT */
/*
 * The walk from a frame's first byte to its innermost transport header: which layer a link type begins with, the
 * loop over the readers, and the counting. It knows no header itself; link.c, wifi.c, ip.c, transport.c and
 * tunnels.c do.
 *
 * What it resists: headers nested without end (the loop and the number of packets are bounded) and counters driven
 * up by one frame (each kind counts once a frame).
 */
#include "decode/decode.h"

#include "decode/walk.h"

#include <assert.h>

enum {
	/* Ethernet, VLANs, PPPoE, PPP, IP, UDP and VXLAN are six readers a tunnel; honest frames stay far below. */
	WALK_STEPS = 32
};

static enum layer (*const readers[LAYERS])(struct walk *) = {
	[LAYER_ETHERNET] = read_ethernet, [LAYER_LLC] = read_llc,
	[LAYER_SLL] = read_sll,		  [LAYER_SLL2] = read_sll2,
	[LAYER_LOOPBACK] = read_loopback, [LAYER_PPP] = read_ppp,
	[LAYER_PPP_DIR] = read_ppp_dir,	  [LAYER_PPPOE] = read_pppoe,
	[LAYER_MPLS] = read_mpls,	  [LAYER_WIFI] = read_wifi,
	[LAYER_RADIOTAP] = read_radiotap, [LAYER_PRISM] = read_prism,
	[LAYER_ARP] = read_arp,		  [LAYER_IP] = read_ip,
	[LAYER_IP4] = read_ip4,		  [LAYER_IP6] = read_ip6,
	[LAYER_GRE] = read_gre,		  [LAYER_VXLAN] = read_vxlan,
};

static enum layer first_layer(uint16_t linktype)
{
	switch (linktype) {
	case LINK_ETHERNET:
		return LAYER_ETHERNET;
	case LINK_NULL:
	case LINK_LOOP:
		return LAYER_LOOPBACK;
	case LINK_PPP:
	case LINK_PPP_HDLC:
		return LAYER_PPP;
	case LINK_PPP_DIR:
		return LAYER_PPP_DIR;
	case LINK_PPPOE:
		return LAYER_PPPOE;
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_RAW:
		return LAYER_IP;
	case LINK_IPV4:
		return LAYER_IP4;
	case LINK_IPV6:
		return LAYER_IP6;
	case LINK_SLL:
		return LAYER_SLL;
	case LINK_SLL2:
		return LAYER_SLL2;
	case LINK_80211:
		return LAYER_WIFI;
	case LINK_80211_PRISM:
		return LAYER_PRISM;
	case LINK_80211_RADIOTAP:
		return LAYER_RADIOTAP;
	default:
		return LAYER_END;
	}
}

struct packet *walk_packet(struct walk *w)
{
	const struct frame *f = w->frame;
	uint16_t flags = w->link.flags;
	struct packet *p;

	if (w->n == DECODE_PACKETS) {
		w->saw |= SAW_TOO_DEEP;
		return NULL;
	}
	if (w->n > 0) {
		w->out[w->n - 1].flags |= PACKET_OUTER;
		flags |= PACKET_INNER;
	}
	p = &w->out[w->n++];
	memset(p, 0, sizeof *p);
	p->time_ns = f->time_ns;
	p->now_ns = f->time_ns;
	p->key = (uint64_t)f->input << 40 | f->number;
	p->wire_len = f->wire_len;
	p->link_key = w->link.key;
	p->session = w->link.session;
	p->vlan = w->link.vlan;
	p->flags = flags;
	p->src_mac = w->link.src;
	p->dst_mac = w->link.dst;
	return p;
}

static void count(const struct walk *w, struct decode_stats *stats)
{
	stats->frames++;
	if (w->saw == 0) {
		stats->non_ip += w->n == 0;
		return;
	}
	stats->unknown_link += (w->saw & SAW_UNKNOWN_LINK) != 0;
	stats->malformed += (w->saw & SAW_MALFORMED) != 0;
	stats->truncated += (w->saw & SAW_TRUNCATED) != 0;
	stats->bad_checksum += (w->saw & SAW_BAD_CHECKSUM) != 0;
	stats->encrypted += (w->saw & SAW_ENCRYPTED) != 0;
	stats->fragments += (w->saw & SAW_FRAGMENT) != 0;
	stats->too_deep += (w->saw & SAW_TOO_DEEP) != 0;
}

unsigned decode_frame(const struct frame *f, struct packet out[DECODE_PACKETS],
		      struct decode_stats *stats)
{
	enum layer layer = first_layer(f->linktype);
	struct walk w = {
		.c = cursor_over((struct bytes){.at = f->data, .len = f->len}),
		.cut = f->wire_len > f->len ? f->wire_len - f->len : 0,
		.link = {.key = f->iface},
		.frame = f,
		.out = out,
	};

	assert(f->data != NULL || f->len == 0);
	if (layer == LAYER_END)
		w.saw |= SAW_UNKNOWN_LINK;
	for (unsigned step = 0; layer != LAYER_END; step++) {
		if (step == WALK_STEPS) {
			w.saw |= SAW_TOO_DEEP;
			break;
		}
		layer = readers[layer](&w);
	}
	count(&w, stats);
	return w.n;
}
