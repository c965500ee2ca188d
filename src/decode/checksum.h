/* SPDX-License-Identifier: MIT */
/*
 * Private to decode: the Internet checksum (RFC 1071), for checking only. Words are added as the machine loads them:
 * the sum of a correct packet is a multiple of 0xffff in either byte order. Eight bytes go in at a time and the carry
 * comes back in at the bottom (2(B) and 2(C) of the RFC); what is long goes sixteen at a time through checksum.c.
 */
#pragma once

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	CHECKSUM_STEP = 64 /* bytes that checksum_long() takes at a time; below, it does not pay */
};

/* The sum over len bytes, a multiple of CHECKSUM_STEP up to 4 GB. */
uint64_t checksum_long(const uint8_t *at, size_t len);

static inline uint64_t checksum_add_word(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

/* Adds a number as it stands in a packet. */
static inline uint64_t checksum_add_be16(uint64_t sum, uint16_t value)
{
	return checksum_add_word(sum, htons(value));
}

static inline uint64_t checksum_load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

static inline uint32_t checksum_load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* The n bytes before `end`, one to seven, with zeros behind them; eight bytes before `end` can be read. */
static inline uint64_t checksum_load_last(const uint8_t *end, size_t n)
{
	uint64_t word = checksum_load(end - sizeof word);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return word << (64 - 8 * n);
#else
	return word >> (64 - 8 * n);
#endif
}

/* Adds len bytes that begin at an even offset of what is checked; at least eight bytes of it stand before them. */
static inline uint64_t checksum_add_behind(uint64_t sum, const uint8_t *at, size_t len)
{
	if (len >= CHECKSUM_STEP) {
		size_t much = len - len % CHECKSUM_STEP;

		sum = checksum_add_word(sum, checksum_long(at, much));
		at += much;
		len -= much;
	}
	for (; len >= 8; at += 8, len -= 8)
		sum = checksum_add_word(sum, checksum_load(at));
	return len == 0 ? sum : checksum_add_word(sum, checksum_load_last(at + len, len));
}

/* Adds len bytes that begin at an even offset of what is checked. */
static inline uint64_t checksum_add(uint64_t sum, const uint8_t *at, size_t len)
{
	uint8_t few[8] = {0};

	if (len >= sizeof few)
		return checksum_add_behind(checksum_add_word(sum, checksum_load(at)), at + 8,
					   len - 8);
	if (len > 0)
		memcpy(few, at, len);
	return checksum_add_word(sum, checksum_load(few));
}

/*
 * Of a sum in which one byte at least was not zero. Multiples of 0xffff, and no others, become small when multiplied by
 * its inverse modulo 2^64; compilers know that too, but divide where they take code for unimportant.
 */
static inline bool checksum_is_good_sum(uint64_t sum)
{
	return sum * UINT64_C(0xfffefffefffeffff) <= UINT64_MAX / 0xffff;
}

/* Zeros alone have no good checksum: that would be 0xffff. */
static inline bool checksum_is_good(uint64_t sum)
{
	return sum != 0 && checksum_is_good_sum(sum);
}
