/* SPDX-License-Identifier: MIT */
/*
 * Random numbers for property tests: the same in every run, so that a failure comes again. The generator is
 * splitmix64 (Steele, Lea, Flood, 2014).
 */
#pragma once

#include <stdint.h>

struct draw {
	uint64_t state;
};

static inline struct draw draw_from(uint64_t seed)
{
	return (struct draw){.state = seed};
}

static inline uint64_t draw(struct draw *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint64_t draw_below(struct draw *d, uint64_t bound)
{
	return draw(d) % bound;
}
