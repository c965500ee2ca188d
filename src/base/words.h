/* SPDX-License-Identifier: MIT */
/*
 * Does a text of a stranger hold one of a few words? Letters of ASCII are alike in both cases. One pass over the text,
 * however many words there are: they are compared only where one of them may begin.
 */
#pragma once

#include "base/scan.h"

static inline bool words_begin(struct bytes text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text.len > 0 && ascii_lower(text.at[0]) == ascii_lower((uint8_t)words[i][0]) &&
		    bytes_begin_nocase(text, words[i]))
			return true;
	}
	return false;
}

/* Letters alike in both cases share a bit, and few others share it with them. */
static inline uint32_t words_bit(uint8_t first)
{
	return UINT32_C(1) << (first & 31);
}

static inline bool words_held(struct bytes text, const char *const *words, size_t n)
{
	uint32_t firsts = 0;

	for (size_t i = 0; i < n; i++)
		firsts |= words_bit((uint8_t)words[i][0]);
	for (size_t i = 0; i < text.len; i++) {
		if ((firsts & words_bit(text.at[i])) != 0 &&
		    words_begin(bytes_from(text, i), words, n))
			return true;
	}
	return false;
}
