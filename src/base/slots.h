/* SPDX-License-Identifier: MIT */
/*
 * The index over a dense table: open addressing with linear probing over words of tag and position. Entries stay
 * where they were put, in the order of arrival; only the words move, with the seed and when the index grows, so nothing a stranger can aim at
 * and nothing the seed decides ever shows in the output (design rule 1). Nothing is taken out one by one: a table that
 * forgets closes up, empties the index and puts what is left in again, in order.
 *
 *	struct probe p = slots_probe(&t->slots, hash);
 *	while (slots_next(&t->slots, &p, &at))
 *		if (entries[at] is it)
 *			return &entries[at];
 *	slots_put(&t->slots, &p, n);
 */
#pragma once

#include "base/stripe.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct slots {
	struct stripe words; /* tag in the upper half, 1 + position in the lower; 0: empty */
	uint64_t seed;
	uint32_t
		mask; /* words in use, less one: grows with the table, so that few entries stand close together */
	uint32_t words_n; /* words there are */
};

struct probe {
	uint32_t tag;
	uint32_t at;
};

enum { SLOTS_FIRST = 64 };

/* Words needed for an index over cap entries: a power of two, at most half full. */
static inline uint32_t slots_words(uint32_t cap)
{
	uint32_t n = SLOTS_FIRST;

	while (n < 2 * cap)
		n *= 2;
	return n;
}

static inline uint64_t *slots_word(const struct slots *s, uint32_t at)
{
	return stripe_of(&s->words, at, sizeof(uint64_t));
}

/* words_n zeroed words, from slots_words(). */
static inline void slots_init(struct slots *s, struct stripe words, uint32_t words_n, uint64_t seed)
{
	assert((words_n & (words_n - 1)) == 0 && words_n >= SLOTS_FIRST);
	*s = (struct slots){
		.words = words, .seed = seed, .mask = SLOTS_FIRST - 1, .words_n = words_n};
}

static inline struct probe slots_probe(const struct slots *s, uint64_t hash)
{
	uint32_t tag = (uint32_t)((hash ^ s->seed) * 0x9e3779b97f4a7c15ULL >> 32);

	return (struct probe){.tag = tag, .at = tag & s->mask};
}

/* The next position whose tag fits; false when there is none, and the probe stands where a new one would go. */
static inline bool slots_next(const struct slots *s, struct probe *p, uint32_t *position)
{
	uint64_t word;

	for (; (word = *slots_word(s, p->at)) != 0; p->at = (p->at + 1) & s->mask) {

		if ((uint32_t)(word >> 32) != p->tag)
			continue;
		*position = (uint32_t)word - 1;
		p->at = (p->at + 1) & s->mask;
		return true;
	}
	return false;
}

/* Doubles the words in use: moves those whose home is now in the upper half. */
void slots_grow(struct slots *s);

/* Empties it, for a table that closes up. */
void slots_clear(struct slots *s);

/*
 * Puts in, behind all of its tag, an entry that is not there: of a table that closes up, or whose place was free. Positions
 * below the largest that was put may come in any order.
 */
void slots_put_last(struct slots *s, uint64_t hash, uint32_t position);

/* n is the table's number of entries before this one, and its position. */
static inline void slots_put(struct slots *s, struct probe *p, uint32_t n)
{
	uint32_t position;

	if (2 * (n + 1) > s->mask && s->mask + 1 < s->words_n) {
		slots_grow(s);
		p->at = p->tag & s->mask;
		while (slots_next(s, p, &position))
			;
	}
	assert(*slots_word(s, p->at) == 0);
	*slots_word(s, p->at) = (uint64_t)p->tag << 32 | (n + 1);
}

/* Always inline: gcc 12 takes a function that only prefetches for one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void slots_prefetch(const struct slots *s,
								 uint64_t hash)
{
	__builtin_prefetch(slots_word(s, slots_probe(s, hash).at));
}
