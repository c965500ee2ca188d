/* SPDX-License-Identifier: MIT */
/*
 * Growing an index in its reserved memory. Words of one tag must keep their order (hosts_find relies on it: the first
 * of an address is the oldest). Walking on from an empty word, every word finds only words that were moved already
 * between its home and itself, so it moves down or up by half, never past another of its tag.
 */
#include "base/slots.h"

static void put_again(struct slots *s, uint64_t word)
{
	uint32_t at = (uint32_t)(word >> 32) & s->mask;

	while (*slots_word(s, at) != 0)
		at = (at + 1) & s->mask;
	*slots_word(s, at) = word;
}

void slots_grow(struct slots *s)
{
	uint32_t old = s->mask + 1, start = 0;

	while (*slots_word(s, start) != 0)
		start++;
	s->mask = 2 * old - 1;
	for (uint32_t i = 1; i <= old; i++) {
		uint32_t at = (start + i) & (old - 1);
		uint64_t word = *slots_word(s, at);

		if (word == 0)
			continue;
		*slots_word(s, at) = 0;
		put_again(s, word);
	}
}

void slots_clear(struct slots *s)
{
	for (uint32_t i = 0; i <= s->mask; i++)
		*slots_word(s, i) = 0;
	s->mask = SLOTS_FIRST - 1;
}

void slots_put_last(struct slots *s, uint64_t hash, uint32_t position)
{
	struct probe probe = slots_probe(s, hash);
	uint32_t other;

	while (slots_next(s, &probe, &other))
		;
	slots_put(s, &probe, position);
}
