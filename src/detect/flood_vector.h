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

/* *amplifier is set for FLOOD_AMPLIFICATION: index in the knowledge, or AMPLIFIER_SYN_ACK. */
enum flood_vector flood_vector_of(const struct stamp *s, const struct knowledge *k,
				  unsigned *amplifier);
