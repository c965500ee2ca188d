/* SPDX-License-Identifier: MIT */
/*
 * Private to decode: the Internet checksum (RFC 1071), for checking only. Words are added as the machine loads them:
 * the sum of a correct packet folds to all ones in either byte order. Eight bytes go in at a time and the carry comes
 * back in at the bottom (2(B) and 2(C) of the RFC); two sums run side by side, as one would wait for its own carry.
 */
#pragma once

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* The last one to seven bytes, with zeros behind them. */
static inline uint64_t checksum_add_tail(uint64_t sum, const uint8_t *at, size_t len)
{
	uint32_t four;
	uint16_t two;

	if ((len & 4) != 0) {
		memcpy(&four, at, sizeof four);
		sum = checksum_add_word(sum, four);
		at += sizeof four;
	}
	if ((len & 2) != 0) {
		memcpy(&two, at, sizeof two);
		sum = checksum_add_word(sum, two);
		at += sizeof two;
	}
	return (len & 1) != 0 ? checksum_add_be16(sum, (uint16_t)(*at << 8)) : sum;
}

/* Adds len bytes that begin at an even offset of what is checked. */
static inline uint64_t checksum_add(uint64_t sum, const uint8_t *at, size_t len)
{
	uint64_t other = 0;

	for (; len >= 16; at += 16, len -= 16) {
		sum = checksum_add_word(sum, checksum_load(at));
		other = checksum_add_word(other, checksum_load(at + 8));
	}
	if (len >= 8) {
		sum = checksum_add_word(sum, checksum_load(at));
		at += 8;
		len -= 8;
	}
	return checksum_add_tail(checksum_add_word(sum, other), at, len);
}

static inline bool checksum_is_good(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}
