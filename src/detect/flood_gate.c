/* SPDX-License-Identifier: MIT */
/* The sketch and the ring; see the header. */
#include "detect/flood_gate.h"

static uint32_t count_cell(struct gate_cell *cell, uint32_t second)
{
	if (cell->second != second || cell->count == 0)
		*cell = (struct gate_cell){.second = second};
	return ++cell->count;
}

uint32_t gate_count(struct gate *g, uint64_t target, int64_t second)
{
	uint32_t low = (uint32_t)second;
	uint32_t a = count_cell(&g->cells[target % GATE_CELLS], low);
	uint32_t b = count_cell(&g->cells[GATE_CELLS + (target >> 20) % GATE_CELLS], low);

	return a < b ? a : b;
}

void gate_remember(struct gate *g, const struct gate_seen *seen)
{
	g->ring[g->head] = *seen;
	g->head = (g->head + 1) % GATE_RING;
}
