/* SPDX-License-Identifier: MIT */
/*
 * Growing an index in its reserved memory. Words of one tag must keep their order (hosts_find relies on it: the first
 * of an address is the oldest). Walking on from an empty word, every word finds only words that were moved already
 * between its home and itself, so it moves down or up by half, never past another of its tag.
 */
#include "base/slots.h"

#include <string.h>

static void put_again(struct slots *s, uint64_t word)
{
	uint32_t at = (uint32_t)(word >> 32) & s->mask;

	while (s->words[at] != 0)
		at = (at + 1) & s->mask;
	s->words[at] = word;
}

void slots_grow(struct slots *s)
{
	uint32_t old = s->mask + 1, start = 0;

	while (s->words[start] != 0)
		start++;
	memset(s->words + old, 0, old * sizeof *s->words);
	s->mask = 2 * old - 1;
	for (uint32_t i = 1; i <= old; i++) {
		uint32_t at = (start + i) & (old - 1);
		uint64_t word = s->words[at];

		if (word == 0)
			continue;
		s->words[at] = 0;
		put_again(s, word);
	}
}
