/* SPDX-License-Identifier: MIT */
/*
 * Community ID, version 1 (https://github.com/corelight/community-id-spec): the name by which Zeek, Suricata, Wireshark and
 * others call the same conversation, so that an owner finds cordon's events among theirs. VLANs are not part of it.
 */
#pragma once

#include "base/addr.h"

#include <stdint.h>

enum { COMMUNITY_ID_MAX = sizeof "1:" + 28 /* base64 of 20 bytes */ };

/* IANA's numbers of those protocols that a conversation's ports, or types and codes, belong to. */
enum {
	TRANSPORT_ICMP = 1,
	TRANSPORT_TCP = 6,
	TRANSPORT_UDP = 17,
	TRANSPORT_ICMP6 = 58,
	TRANSPORT_SCTP = 132
};

struct community {
	struct addr src;
	struct addr dst;
	uint8_t protocol;
	/* Of TCP, UDP and SCTP the ports; of ICMP and ICMPv6 type and code; of others nothing counts. */
	uint16_t src_port;
	uint16_t dst_port;
};

/* Both directions of a conversation have the same id. Returns out. */
char *community_id(const struct community *c, uint16_t seed, char out[COMMUNITY_ID_MAX]);
