/* SPDX-License-Identifier: MIT */
/*
 * Targets are gated (design rule 8): a sketch of counts per target and second admits those above a threshold to exact
 * counting. A short ring of the last packets to anybody gives back who sent what before the admission.
 *
 * The sketch is a count-min (Cormode & Muthukrishnan, 2005) of a single row over the published hash: targets that share
 * a cell are counted together, so it may admit early; it never counts too little. A second row halved that at the
 * price of another cache miss for every packet.
 */
#pragma once

#include "detect/detect.h"
#include "flow/stamp.h"

#include <assert.h>
#include <stdint.h>

enum { GATE_CELLS = AHEAD_CELLS, GATE_RING = 128 };

struct gate_cell {
	uint32_t second; /* low bits of the second that count is about */
	uint32_t count;
};

static_assert(sizeof(struct gate_cell) == AHEAD_BYTES, "the lane asks the memory for it");

/* What a target's record wants to know of a packet that came before it. One cache line. */
struct gate_seen {
	uint64_t target;
	uint64_t source;
	uint64_t key; /* 0: empty */
	int64_t time_ns;
	struct addr actor;
	uint32_t second; /* low bits */
	uint16_t src_mac;
	uint16_t sport;
	uint16_t dport;
	uint16_t bytes; /* stops at its largest value */
	uint8_t vector; /* as flood_vector says */
	uint8_t flags;	/* of the stamp */
};

static_assert(sizeof(struct gate_seen) == 64, "one packet remembered, one cache line");

struct gate {
	struct gate_cell *cells;
	struct gate_seen *ring;
	uint32_t head; /* oldest of the ring */
};

/* Counts one packet to the target; returns how many this second by the sketch. */
static inline uint32_t gate_count(struct gate *g, uint64_t target, int64_t second)
{
	struct gate_cell *cell = &g->cells[target % GATE_CELLS];

	if (cell->second != (uint32_t)second)
		*cell = (struct gate_cell){.second = (uint32_t)second};
	return ++cell->count;
}

/* The ring's oldest place, to be written over with a packet of a target that is not admitted. */
static inline struct gate_seen *gate_next(struct gate *g)
{
	struct gate_seen *oldest = &g->ring[g->head];

	g->head = (g->head + 1) % GATE_RING;
	__builtin_prefetch(&g->ring[g->head], 1);
	return oldest;
}
