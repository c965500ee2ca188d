/* SPDX-License-Identifier: MIT */
/*
 * A few letters in some hundred bytes: memmem() makes a table first, which costs as much as the search. Here the rarest byte
 * of the text is looked for, and what stands around it is compared. A text full of that byte costs a comparison for each,
 * which is bounded, as texts are.
 */
#include "base/scan.h"

enum { SHORT = 48 /* bytes in which a byte that is not the rarest is found as well */ };

/* Of words, values and marks capital letters are the rarest, then what is no letter. */
static size_t rarest(const char *text, size_t n)
{
	size_t other = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] >= 'A' && text[i] <= 'Z')
			return i;
		if (text[i] < 'a' || text[i] > 'z')
			other = i;
	}
	return other;
}

size_t bytes_seek(struct bytes b, const char *text, size_t n)
{
	size_t rare = b.len > SHORT ? rarest(text, n) : 0, left = b.len - n + 1;
	const uint8_t *at = b.at + rare, *hit;

	if (n == 0)
		return 0;
	while ((hit = memchr(at, (uint8_t)text[rare], left)) != NULL) {
		if (n == 1 || memcmp(hit - rare, text, n) == 0)
			return (size_t)(hit - rare - b.at);
		left -= (size_t)(hit - at) + 1;
		at = hit + 1;
	}
	return b.len;
}
