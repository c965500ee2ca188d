/* SPDX-License-Identifier: MIT */
/*
 * How many different sources hit a target: the first sixteen in place, then exactly up to 1,024 in a block from the
 * lane's pool, then by HyperLogLog (Flajolet et al., 2007) in that same block. A record that finds the pool empty
 * counts linearly in 256 bits, which is good for some hundreds, and the refusal is counted.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	SOURCES_INLINE = 16,
	SOURCES_EXACT = 1024,
	SOURCES_CELLS = 2048, /* words of a block */
	SOURCES_REGISTERS = 4096,
	SOURCES_BLOCK_BYTES = SOURCES_CELLS * 8
};

struct sources_pool {
	uint64_t *blocks;
	uint32_t n;
	uint32_t cap;
	uint32_t given; /* the first so many were given out before */
	uint32_t free;	/* 1 + one that was given back, 0: none */
	uint64_t refused;
};

struct flood_sources {
	uint64_t first[SOURCES_INLINE];
	uint64_t bits[4];
	uint64_t last;	/* the source added last */
	uint32_t block; /* 1 + index, 0: none */
	uint32_t n;	/* exact number while it is exact */
	bool sketched;	/* the block holds HyperLogLog registers */
	bool refused;
};

/* source is the published hash of the address. */
void sources_add(struct flood_sources *s, struct sources_pool *pool, uint64_t source);
/* They are counted no more: gives their block back. */
void sources_give_back(struct flood_sources *s, struct sources_pool *pool);
/*
 * The sources themselves, in ascending order: their number, and 0 when they are no longer known one by one. out has room
 * for SOURCES_EXACT.
 */
uint32_t sources_list(const struct flood_sources *s, const struct sources_pool *pool,
		      uint64_t *out);
/* The registers of one that is sketched, SOURCES_REGISTERS bytes; NULL of others. */
const uint8_t *sources_registers(const struct flood_sources *s, const struct sources_pool *pool);
/* Joins such registers; what was exact is sketched first. */
void sources_add_registers(struct flood_sources *s, struct sources_pool *pool,
			   const uint8_t *registers);
uint64_t sources_count(const struct flood_sources *s, const struct sources_pool *pool);
