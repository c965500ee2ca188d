/* SPDX-License-Identifier: MIT */
/*
 * What MD5, SHA-1 and SHA-256 have in common: a message is taken in blocks of 64 bytes, and the last one is filled up with
 * a 1 bit, zeros and the message's length in bits (RFC 1321 section 3, FIPS 180-4 section 5.1). Only the order of the
 * length's bytes differs. No other file than these three needs this one.
 */
#pragma once

#include "base/bytes.h"

enum { BLOCK64 = 64 };

struct block64 {
	uint64_t len; /* bytes fed so far */
	uint8_t held[BLOCK64];
};

typedef void block64_mix(void *state, const uint8_t block[BLOCK64]);

static inline void block64_feed(struct block64 *b, struct bytes data, block64_mix *mix, void *state)
{
	size_t held = b->len % BLOCK64;

	b->len += data.len;
	while (data.len > 0) {
		size_t n = BLOCK64 - held < data.len ? BLOCK64 - held : data.len;

		memcpy(b->held + held, data.at, n);
		data.at += n;
		data.len -= n;
		held += n;
		if (held < BLOCK64)
			return;
		mix(state, b->held);
		held = 0;
	}
}

static inline void block64_close(struct block64 *b, bool big_endian, block64_mix *mix, void *state)
{
	static const uint8_t one[BLOCK64] = {0x80};
	uint64_t bits = b->len * 8;
	size_t held = b->len % BLOCK64;
	size_t fill = (held < 56 ? 56 : 120) - held;
	uint8_t length[8];

	for (unsigned i = 0; i < 8; i++)
		length[big_endian ? 7 - i : i] = (uint8_t)(bits >> 8 * i);
	block64_feed(b, (struct bytes){one, fill}, mix, state);
	block64_feed(b, (struct bytes){length, sizeof length}, mix, state);
}

static inline uint32_t block64_left(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static inline uint32_t block64_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void block64_put_be32(uint8_t *to, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < 4 * n; i++)
		to[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}
