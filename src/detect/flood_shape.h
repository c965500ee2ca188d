/* SPDX-License-Identifier: MIT */
/*
 * Is what hits a target a disciplined stream? Streams continue themselves: RTP and counters move by one, MPEG-TS and
 * QUIC repeat identifiers, TCP's sequence numbers follow its lengths. Floods have random ports, random payload, or
 * the very same payload again and again. A few tuples of source and ports are watched, each until it has not been met
 * for long, and every packet of theirs is compared with the one before.
 */
#pragma once

#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SHAPE_SLOTS = 8,
	SHAPE_HEAD = 16,
	SHAPE_PATIENCE =
		4096 /* packets that a slot waits for its tuple: of 2,000 streams at once some are met again */
};

struct shape_slot {
	uint64_t tuple;	  /* published hash of source and ports; 0: empty */
	uint32_t seen_at; /* count of packets when it was last met */
	uint32_t next_seq;
	uint32_t length;
	uint16_t ip_id;
	uint16_t frag_next; /* where the next fragment of the series begins, in 8 bytes */
	bool frag_more;	    /* … if there is one */
	uint8_t head_n;
	uint8_t head[SHAPE_HEAD];
};

struct flood_shape {
	struct shape_slot slots[SHAPE_SLOTS];
	uint64_t judged;  /* packets of a tuple that a slot holds */
	uint64_t orderly; /* … and continue it */
	uint64_t same;	  /* … and are equal to it */

	uint64_t seen;
	uint64_t installs;  /* tuples that got a slot */
	uint64_t dports[4]; /* linear counting */
	uint64_t sports[4];
	uint32_t last_ports; /* whose bits are set already: streams keep theirs */
	uint16_t port;	     /* majority vote over destination ports */
	int64_t port_votes;
	uint64_t port_hits;
};

/* The tuples that were watched hardly ever came back: every packet has its own ports. */
bool shape_is_fresh(const struct flood_shape *f);

/* source is the published hash of the packet's source. */
void shape_add(struct flood_shape *f, const struct packet *p, uint64_t source);
/* Packets from before admission: ports only. */
void shape_add_ports(struct flood_shape *f, uint16_t sport, uint16_t dport);

uint32_t shape_ports(const uint64_t bits[4]);
