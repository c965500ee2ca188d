/* SPDX-License-Identifier: MIT */
/*
 * Does a packet of the device, or to it, pass its profile? For the mode that only observes, and for a word on what a rule would
 * do before it does it. It decides as the firewall's text of mud_rules.h does, packet by packet and without connections.
 */
#pragma once

#include "contain/mud_compile.h"

/* The headers of one packet, from the device's side. */
struct mud_packet {
	enum mud_direction direction;
	struct addr own;
	struct addr peer;
	uint8_t protocol; /* in IPv6 that behind the extension headers */
	bool fragment;	  /* any, the first too */
	bool cut;	  /* what follows is not known */
	uint16_t own_port;
	uint16_t peer_port;
	uint8_t tcp_flags;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t hop_limit;
	int64_t time_ns;
};

enum mud_answer {
	MUD_OUTSIDE, /* no rule accepts it */
	MUD_DROPPED, /* a rule drops it */
	MUD_ACCEPTED,
	MUD_KEPT /* what every host needs to have an address: DHCP, ND, MLD, IGMP, and errors that tell it something */
};
extern const char *const mud_answer_words[];

struct mud_verdict {
	enum mud_answer answer;
	size_t rule; /* of the profile; SIZE_MAX: none */
};

struct mud_verdict mud_match(const struct mud_ready *ready, const struct mud_packet *packet);
