/* SPDX-License-Identifier: MIT */
/* Counting distinct sources; see the header for the three stages it goes through. */
#include "detect/flood_sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *block_of(const struct flood_sources *s, const struct sources_pool *pool)
{
	return pool->blocks + (uint64_t)(s->block - 1) * SOURCES_CELLS;
}

/* 0 marks an empty cell, so no source may be 0. */
static uint64_t nonzero(uint64_t source)
{
	return source == 0 ? 1 : source;
}

/* True when it was not there; the block is never more than half full. */
static bool put_exact(uint64_t *cells, uint64_t source)
{
	uint32_t at = (uint32_t)(source % SOURCES_CELLS);

	for (; cells[at] != 0; at = (at + 1) % SOURCES_CELLS) {
		if (cells[at] == source)
			return false;
	}
	cells[at] = source;
	return true;
}

static void put_register(uint8_t *registers, uint64_t source)
{
	uint32_t which = (uint32_t)(source % SOURCES_REGISTERS);
	uint64_t rest = source / SOURCES_REGISTERS;
	uint8_t rank = (uint8_t)(rest == 0 ? 53 : __builtin_ctzll(rest) + 1);

	if (registers[which] < rank)
		registers[which] = rank;
}

/* The exact block becomes registers, in place. */
static void sketch(uint64_t *cells)
{
	uint8_t registers[SOURCES_REGISTERS] = {0};

	for (int i = 0; i < SOURCES_CELLS; i++) {
		if (cells[i] != 0)
			put_register(registers, cells[i]);
	}
	memset(cells, 0, SOURCES_BLOCK_BYTES);
	memcpy(cells, registers, sizeof registers);
}

/* A zeroed block, and 1 with it. One that was given back holds the next such in its first word. */
static uint32_t take_place(struct sources_pool *pool)
{
	uint32_t at = pool->free;
	uint64_t *cells;

	pool->n++;
	if (at == 0)
		return ++pool->given;
	cells = pool->blocks + (uint64_t)(at - 1) * SOURCES_CELLS;
	pool->free = (uint32_t)cells[0];
	memset(cells, 0, SOURCES_BLOCK_BYTES);
	return at;
}

static bool take_block(struct flood_sources *s, struct sources_pool *pool)
{
	uint64_t *cells;

	if (s->refused)
		return false;
	if (pool->n == pool->cap) {
		pool->refused++;
		s->refused = true;
		return false;
	}
	s->block = take_place(pool);
	cells = block_of(s, pool);
	for (uint32_t i = 0; i < s->n; i++)
		put_exact(cells, s->first[i]);
	return true;
}

void sources_give_back(struct flood_sources *s, struct sources_pool *pool)
{
	if (s->block == 0)
		return;
	block_of(s, pool)[0] = pool->free;
	pool->free = s->block;
	pool->n--;
	s->block = 0;
}

static bool is_inline(const struct flood_sources *s, uint64_t source)
{
	for (uint32_t i = 0; i < s->n; i++) {
		if (s->first[i] == source)
			return true;
	}
	return false;
}

void sources_add(struct flood_sources *s, struct sources_pool *pool, uint64_t source)
{
	source = nonzero(source);
	if (source == s->last)
		return;
	s->last = source;
	s->bits[source >> 62] |= UINT64_C(1) << (source >> 56 & 63);
	if (s->block == 0) {
		if (is_inline(s, source))
			return;
		if (s->n < SOURCES_INLINE) {
			s->first[s->n++] = source;
			return;
		}
		if (!take_block(s, pool))
			return;
	}
	if (s->sketched) {
		put_register((uint8_t *)block_of(s, pool), source);
	} else if (put_exact(block_of(s, pool), source) && ++s->n > SOURCES_EXACT) {
		sketch(block_of(s, pool));
		s->sketched = true;
	}
}

static uint64_t count_registers(const uint8_t *registers)
{
	const double m = SOURCES_REGISTERS;
	double sum = 0, estimate;
	unsigned zeros = 0;

	for (int i = 0; i < SOURCES_REGISTERS; i++) {
		sum += ldexp(1.0, -registers[i]);
		zeros += registers[i] == 0;
	}
	estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
	if (estimate <= 2.5 * m && zeros > 0)
		estimate = m * log(m / zeros);
	return (uint64_t)llround(estimate);
}

static uint64_t count_bits(const struct flood_sources *s)
{
	unsigned set = 0;

	for (int i = 0; i < 4; i++)
		set += (unsigned)__builtin_popcountll(s->bits[i]);
	if (set == 256)
		set = 255; /* the most that the bits can tell apart from more */
	return (uint64_t)llround(-256.0 * log(1.0 - set / 256.0));
}

uint64_t sources_count(const struct flood_sources *s, const struct sources_pool *pool)
{
	uint64_t linear;

	if (s->sketched)
		return count_registers((const uint8_t *)block_of(s, pool));
	if (!s->refused)
		return s->n;
	linear = count_bits(s);
	return linear > s->n ? linear : s->n;
}

static int by_value(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

uint32_t sources_list(const struct flood_sources *s, const struct sources_pool *pool, uint64_t *out)
{
	uint32_t n = 0;

	if (s->sketched || s->refused)
		return 0;
	if (s->block == 0) {
		memcpy(out, s->first, s->n * sizeof *out);
		n = s->n;
	} else {
		const uint64_t *cells = block_of(s, pool);

		for (int i = 0; i < SOURCES_CELLS && n < SOURCES_EXACT; i++) {
			if (cells[i] != 0)
				out[n++] = cells[i];
		}
	}
	qsort(out, n, sizeof *out, by_value);
	return n;
}

const uint8_t *sources_registers(const struct flood_sources *s, const struct sources_pool *pool)
{
	return s->sketched ? (const uint8_t *)block_of(s, pool) : NULL;
}

void sources_add_registers(struct flood_sources *s, struct sources_pool *pool,
			   const uint8_t *registers)
{
	uint8_t *own;

	if (s->block == 0 && !take_block(s, pool))
		return;
	if (!s->sketched)
		sketch(block_of(s, pool));
	s->sketched = true;
	own = (uint8_t *)block_of(s, pool);
	for (int i = 0; i < SOURCES_REGISTERS; i++)
		own[i] = own[i] > registers[i] ? own[i] : registers[i];
}
