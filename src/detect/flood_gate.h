/* SPDX-License-Identifier: MIT */
/*
 * Targets are gated (design rule 8): a sketch of counts per target and second admits those above a threshold to exact
 * counting. A short ring of the last packets to anybody gives back who sent what before the admission.
 *
 * The sketch is a count-min of two rows (Cormode & Muthukrishnan, 2005) over the published hash. It may count too much
 * and then admits early; it never counts too little.
 */
#pragma once

#include "flow/stamp.h"

#include <stdint.h>

enum {
	GATE_CELLS = 1024, /* of one row */
	GATE_RING = 256
};

struct gate_cell {
	uint32_t second; /* low bits of the second that count is about */
	uint32_t count;
};

/* What a target's record wants to know of a packet that came before it. */
struct gate_seen {
	uint64_t target;
	uint64_t source;
	uint64_t key;
	int64_t time_ns;
	int64_t second;
	struct addr actor;
	uint32_t bytes;
	uint16_t src_mac;
	uint16_t sport;
	uint16_t dport;
	uint8_t vector; /* as flood_vector says */
	uint8_t flags;	/* of the stamp */
};

struct gate {
	struct gate_cell *cells; /* two rows */
	struct gate_seen *ring;
	uint32_t head; /* oldest of the ring */
};

/* Counts one packet to the target; returns how many this second by the sketch. */
uint32_t gate_count(struct gate *g, uint64_t target, int64_t second);

void gate_remember(struct gate *g, const struct gate_seen *seen);
