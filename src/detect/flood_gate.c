/* SPDX-License-Identifier: MIT */
/* The sketch and the ring; see the header. */
#include "detect/flood_gate.h"

#include <assert.h>

static_assert(sizeof(struct gate_seen) == 64, "one packet remembered, one cache line");

uint32_t gate_count(struct gate *g, uint64_t target, int64_t second)
{
	struct gate_cell *cell = &g->cells[target % GATE_CELLS];

	if (cell->second != (uint32_t)second)
		*cell = (struct gate_cell){.second = (uint32_t)second};
	return ++cell->count;
}

struct gate_seen *gate_next(struct gate *g)
{
	struct gate_seen *oldest = &g->ring[g->head];

	g->head = (g->head + 1) % GATE_RING;
	return oldest;
}
