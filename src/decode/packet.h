/* SPDX-License-Identifier: MIT */
/*
 * A packet: what decode found in a frame, flat, one field a line. A frame with a tunnel in it gives several packets,
 * outermost first: the GRE packet that a flood sends is as much a fact as the packet inside it.
 */
#pragma once

#include "base/addr.h"
#include "base/bytes.h"

#include <stdint.h>

enum {
	PROTO_ICMP = 1,
	PROTO_IGMP = 2,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IPV6 = 41,
	PROTO_GRE = 47,
	PROTO_ICMPV6 = 58,
	PROTO_NONE = 59,
	PROTO_LINK =
		253, /* not IP: dport is the ethertype (RFC 3692 leaves 253 and 254 to experiments) */
	PROTO_ARP = 254 /* marks an ARP packet here; dport is its ethertype */
};

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20
};

enum packet_flag {
	PACKET_V6 = 1 << 0,
	PACKET_FRAGMENT = 1 << 1,	/* any fragment */
	PACKET_LATER_FRAGMENT = 1 << 2, /* not the first one: no ports, no TCP fields */
	PACKET_L4 =
		1 << 3, /* the transport header was there: ports, and for TCP all up to window */
	PACKET_TRUNCATED =
		1 << 4, /* the capture cut it: headers or payload are shorter than on the wire */
	PACKET_OUTER = 1 << 5,	 /* the next packet of the batch is inside this one */
	PACKET_INNER = 1 << 6,	 /* came out of the tunnel of the packet before it */
	PACKET_HAS_MAC = 1 << 7, /* src_mac is known */
	PACKET_HAS_DST_MAC = 1 << 8,
	PACKET_BAD_CHECKSUM =
		1 << 9, /* IP or transport checksum is wrong: counted, judged all the same */
	PACKET_SESSION = 1 << 10,	/* `session` is set: PPPoE session or QinQ tags */
	PACKET_RADIO_RETRY = 1 << 11,	/* 802.11 retry bit */
	PACKET_MORE_FRAGMENTS = 1 << 12 /* a fragment, and not the last one */
};

enum gre_inside {
	GRE_NONE,
	GRE_IP,	      /* type 0x0800 or 0x86dd */
	GRE_ETHERNET, /* type 0x6558 */
	GRE_OTHER
};

/*
 * Two cache lines: first what every stage looks at, then the rest. Fields that no one packet has together share
 * their place, so ask proto before reading one of those; a packet without either has zero there.
 */
struct packet {
	int64_t time_ns; /* as the capture says; for people */
	int64_t now_ns;	 /* stage time, stamped by flow; for logic */
	struct addr src; /* ARP: sender protocol address */
	struct addr dst; /* ARP: target protocol address */
	uint16_t sport;
	uint16_t dport;
	uint16_t flags; /* enum packet_flag */
	uint8_t proto;	/* transport protocol number, PROTO_ARP for ARP */
	uint8_t tcp_flags;
	uint32_t seq;
	uint32_t payload_len; /* bytes there */

	uint64_t key; /* order key: input << 40 | packet number */
	const uint8_t *
		payload; /* transport payload in the frame's bytes; for ICMP what follows the 8 byte header;
	                           for other protocols what follows IP */
	uint32_t payload_wire; /* bytes it had on the wire (IP length says so) */
	uint32_t ack;
	uint32_t wire_len; /* of the frame */
	uint32_t ip_len;   /* of the IP packet on the wire, header included; 0 for ARP */
	uint32_t
		link_key; /* tells copies of one packet on several links apart: interface, SLL type and index, Wi-Fi direction */
	uint32_t session; /* PPPoE session id, or outer VLAN << 12 | inner VLAN */
	union {
		struct {
			struct mac dst_mac;
			struct mac src_mac;
		};
		uint8_t macs[12]; /* both, in Ethernet's order */
	};
	uint16_t vlan;	/* innermost VLAN id, 0 when untagged */
	uint16_t ip_id; /* IPv4 identification; 0 in IPv6 without a fragment header */
	union {
		struct {
			uint16_t window;
			uint8_t tcp_options; /* bytes of TCP options */
			uint8_t icmp_code;
			uint16_t frag_offset; /* of a fragment, in 8 byte units */
		};
		struct mac arp_mac; /* ARP: sender hardware address */
	};
	union {
		uint8_t icmp_type;
		uint8_t arp_op; /* 1 request, 2 reply */
		uint8_t gre;	/* enum gre_inside, of a PROTO_GRE packet */
	};
	uint8_t ttl; /* or hop limit */
};

_Static_assert(sizeof(struct packet) <= 128, "a packet is two cache lines");

static inline struct bytes packet_payload(const struct packet *p)
{
	return (struct bytes){.at = p->payload, .len = p->payload_len};
}

static inline bool packet_is_syn(const struct packet *p)
{
	return p->proto == PROTO_TCP && (p->flags & PACKET_L4) != 0 &&
	       (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}
