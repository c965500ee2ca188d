/* SPDX-License-Identifier: MIT */
/* By which vector a packet would hit its target, if it were part of a flood. */
#pragma once

#include "base/knowledge.h"
#include "flow/stamp.h"

enum flood_vector {
	FLOOD_UDP,
	FLOOD_SYN,
	FLOOD_ACK, /* stomp is told from it when the flood is judged */
	FLOOD_VSE,
	FLOOD_GRE_IP,
	FLOOD_GRE_ETH,
	FLOOD_DNS,
	FLOOD_HTTP,
	FLOOD_ICMP,
	FLOOD_AMPLIFICATION,
	FLOOD_FRAGMENT,
	FLOOD_VECTORS,
	FLOOD_NONE = FLOOD_VECTORS
};

enum {
	AMPLIFIER_SYN_ACK = AMPLIFIERS_MAX /* SYN-ACK reflection, beside the UDP amplifiers */
};

/* Of any packet; *amplifier is set for FLOOD_AMPLIFICATION: index in the knowledge, or AMPLIFIER_SYN_ACK. */
enum flood_vector flood_vector_find(const struct stamp *s, const struct knowledge *k,
				    unsigned *amplifier);

/* The same; what most packets are is told by few looks. */
static inline enum flood_vector flood_vector_of(const struct stamp *s, const struct knowledge *k,
						unsigned *amplifier)
{
	const struct packet *p = s->packet;

	if ((s->kind & (KIND_SYN | KIND_TCP)) == 0 || p->dst.b[12] >= 224 ||
	    (p->flags & (PACKET_V6 | PACKET_FRAGMENT | PACKET_L4)) != PACKET_L4 ||
	    p->payload_len > 0)
		return flood_vector_find(s, k, amplifier);
	if (s->kind == KIND_SYN)
		return FLOOD_SYN;
	return (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_ACK ? FLOOD_ACK
										   : FLOOD_NONE;
}
