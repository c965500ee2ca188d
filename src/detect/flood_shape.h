/* SPDX-License-Identifier: MIT */
/*
 * Is what hits a target a disciplined stream? Streams continue themselves: RTP and counters move by one, MPEG-TS and
 * QUIC repeat identifiers, TCP's sequence numbers follow its lengths. Floods have random ports, random payload, or
 * the very same payload again and again. Each packet is compared with the one before it of the same pair of ports.
 */
#pragma once

#include "flow/stamp.h"

#include <stdint.h>

enum { SHAPE_SLOTS = 8, SHAPE_HEAD = 16 };

struct shape_slot {
	uint64_t tuple; /* published hash of source and ports; 0: empty */
	uint32_t next_seq;
	uint32_t length;
	uint16_t ip_id;
	uint8_t head_n;
	uint8_t head[SHAPE_HEAD];
};

struct flood_shape {
	struct shape_slot slots[SHAPE_SLOTS];
	uint64_t judged;      /* packets that had one before them */
	uint64_t orderly;     /* … and continue it */
	uint64_t same;	      /* … and are equal to it */
	uint64_t same_length; /* packets as long as the one before */
	uint64_t seen;
	uint32_t last_length;
	uint64_t dports[4]; /* linear counting */
	uint64_t sports[4];
	uint16_t port; /* majority vote over destination ports */
	int64_t port_votes;
	uint64_t port_hits;
};

void shape_add(struct flood_shape *f, const struct stamp *s);
/* Packets from before admission: ports only. */
void shape_add_ports(struct flood_shape *f, uint16_t sport, uint16_t dport);

uint32_t shape_ports(const uint64_t bits[4]);
