/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum over many bytes, two words of 64 bits side by side, in the compiler's vectors: where a machine
 * has none they become plain additions. A vector gives no carries back, so each word is added twice: whole, and its
 * upper half alone. The upper halves can't overflow (fewer than 2^32 of them come), and what they make of the whole sum
 * leaves that of the lower halves, exactly.
 */
#include "decode/checksum.h"

typedef uint64_t lanes __attribute__((vector_size(16)));

struct sums {
	lanes whole;
	lanes upper;
};

static inline void add(struct sums *s, const uint8_t *at)
{
	lanes word;

	memcpy(&word, at, sizeof word);
	s->whole += word;
	s->upper += word >> 32;
}

uint64_t checksum_long(const uint8_t *at, size_t len)
{
	struct sums s = {.whole = {0}, .upper = {0}};
	const uint8_t *end = at + len;
	lanes lower;

	for (; at != end; at += CHECKSUM_STEP) {
		add(&s, at);
		add(&s, at + 16);
		add(&s, at + 32);
		add(&s, at + 48);
	}
	lower = s.whole - (s.upper << 32);
	/* 2^32 is one more than a multiple of 0xffff: halves add up as they are. */
	return (lower[0] + lower[1]) + (s.upper[0] + s.upper[1]);
}
