/* SPDX-License-Identifier: MIT */
/*
 * The published hash: a fixed function of the key, the same on every machine and in every run. It chooses lanes and
 * sketch cells, where its value shows in the output (design rule 1). Tables use the keyed hash, whose random seed moves
 * entries inside the table and changes no output.
 *
 * The mixer is the finaliser of MurmurHash3 (Appleby, public domain) over 64-bit words, multiplied between words.
 */
#pragma once

#include "base/addr.h"

#include <stdint.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	x ^= x >> 33;
	return x;
}

/* Two words of a fixed size key; word order inside the key is the bytes' order in memory, read little-endian. */
static inline uint64_t hash_words(uint64_t a, uint64_t b)
{
	return hash_mix(a * 0x9e3779b97f4a7c15ULL + hash_mix(b ^ 0x2545f4914f6cdd1dULL));
}

/* Written out, so that compilers see the one load that it is on most machines. */
static inline uint64_t hash_load(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* One mixing is enough for IPv4: it maps 64 bits onto 64, so different addresses never share a hash. */
static inline uint64_t hash_addr(const struct addr *a)
{
	uint64_t high = hash_load(a->b), low = hash_load(a->b + 8);

	if (high == 0 && (uint32_t)low == 0xffff0000)
		return hash_mix(low);
	return hash_words(high, low);
}

/*
 * The hash that places addresses in tables, which mix the seed in once more (slots.h). For IPv6 the published one can't
 * do it: of addresses with one and the same published hash a stranger can write down as many as he likes. In IPv4 no
 * two addresses share it, so there it is the same.
 */
static inline uint64_t hash_keyed(const struct addr *a, uint64_t seed)
{
	uint64_t high = hash_load(a->b), low = hash_load(a->b + 8);

	if (high == 0 && (uint32_t)low == 0xffff0000)
		return hash_mix(low);
	return hash_words(high ^ seed, low + seed);
}

static inline uint64_t hash_mac(const struct mac *m)
{
	uint64_t v = 0;

	for (int i = 0; i < 6; i++)
		v = v << 8 | m->b[i];
	return hash_mix(v + 1);
}

static inline uint64_t hash_more(uint64_t h, uint64_t v)
{
	return hash_mix((h ^ v) * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL);
}
