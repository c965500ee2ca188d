/* SPDX-License-Identifier: MIT */
/*
 * The simulated device of medium.h. It is stricter than most real media: a flash byte that is programmed without an erase
 * keeps the bits that were cleared, a file loses what was not flushed, wholly or by blocks, and a call that breaks the
 * contract of struct firstuse_port is counted instead of forgiven.
 */
#include "medium.h"

#include <stdlib.h>
#include <string.h>

uint64_t medium_dice(uint64_t *state) /* xorshift64*, Vigna 2014 */
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545F4914F6CDD1DULL;
}

static void *want(size_t size)
{
	void *bytes = malloc(size ? size : 1);

	if (!bytes)
		abort();
	return bytes;
}

void medium_init(struct medium *medium, enum medium_kind kind, uint32_t state_bytes,
		 uint32_t slot_bytes, uint64_t seed)
{
	memset(medium, 0, sizeof *medium);
	medium->kind = kind;
	medium->random = seed * 2 + 1;
	medium->noise = seed * 2 + 1 + (1ULL << 40);
	medium->cut_at = UINT64_MAX;
	for (unsigned i = 0; i < MEDIUM_AREAS; i++) {
		struct medium_area *area = &medium->area[i];

		area->size = i < 2 ? state_bytes : slot_bytes;
		area->length = kind == MEDIUM_FLASH ? area->size : 0;
		area->now = want(area->size);
		area->safe = want(area->size);
		memset(area->now, 0xFF, area->size);
		memset(area->safe, 0xFF, area->size);
	}
}

void medium_fini(struct medium *medium)
{
	for (unsigned i = 0; i < MEDIUM_AREAS; i++) {
		free(medium->area[i].now);
		free(medium->area[i].safe);
	}
	memset(medium, 0, sizeof *medium);
}

void medium_copy(struct medium *to, const struct medium *from)
{
	struct medium old = *to;

	*to = *from;
	for (unsigned i = 0; i < MEDIUM_AREAS; i++) {
		struct medium_area *area = &to->area[i];

		if (old.area[i].now && old.area[i].size == area->size) {
			area->now = old.area[i].now;
			area->safe = old.area[i].safe;
		} else {
			free(old.area[i].now);
			free(old.area[i].safe);
			area->now = want(area->size);
			area->safe = want(area->size);
		}
		memcpy(area->now, from->area[i].now, area->size);
		memcpy(area->safe, from->area[i].safe, area->size);
	}
}

int medium_same(const struct medium *a, const struct medium *b)
{
	for (unsigned i = 0; i < MEDIUM_AREAS; i++)
		if (a->area[i].size != b->area[i].size ||
		    memcmp(a->area[i].now, b->area[i].now, a->area[i].size) != 0)
			return 0;
	return 1;
}

void medium_cut(struct medium *medium, uint64_t n, enum medium_way way)
{
	medium->cut_at = medium->points + n;
	medium->way = way;
}

void medium_power_on(struct medium *medium)
{
	medium->off = 0;
	medium->cut_at = UINT64_MAX;
	medium->now_ms = 0;
}

static void complain(struct medium *medium, const char *words)
{
	medium->wrong++;
	medium->complaint = words;
}

/* ---- what is left when the power fails ---------------------------------------------------------------------- */

static void keep_safe(struct medium_area *area)
{
	memcpy(area->safe, area->now, area->size);
	area->safe_length = area->length;
}

/* Of a file that was not flushed: nothing, or some of its blocks; a length that came through without its bytes reads zeros. */
static void lose_unflushed(struct medium *medium, struct medium_area *area)
{
	const uint32_t block = area->size < MEDIUM_BLOCK * 2 ? 128 : MEDIUM_BLOCK;

	if (medium->way == MEDIUM_TORN) {
		memcpy(area->now, area->safe, area->size);
		area->length = area->safe_length;
	} else if (medium->way == MEDIUM_NOISE) {
		for (uint32_t at = 0; at < area->size; at += block) {
			uint32_t n = area->size - at < block ? area->size - at : block;

			if (memcmp(area->now + at, area->safe + at, n) == 0 ||
			    medium_dice(&medium->noise) % 2)
				continue;
			if (at >= area->safe_length) {
				memset(area->now + at, 0, n);
				continue;
			}
			memcpy(area->now + at, area->safe + at, n);
			if (area->length < area->safe_length) /* nor was it shortened then */
				area->length = area->safe_length;
		}
	}
	keep_safe(area);
}

static void power_fails(struct medium *medium)
{
	medium->off = 1;
	if (medium->kind == MEDIUM_FILE)
		for (unsigned i = 0; i < MEDIUM_AREAS; i++)
			lose_unflushed(medium, &medium->area[i]);
}

/* Counts a step. True when the power fails at it; then nothing of it was done yet. */
static int fails_here(struct medium *medium)
{
	return medium->points++ == medium->cut_at;
}

/* ---- steps -------------------------------------------------------------------------------------------------- */

static void erase_bytes(struct medium_area *area, uint32_t from, uint32_t size)
{
	memset(area->now + from, 0xFF, size);
}

/* -1 when the power failed at it. */
static int erase(struct medium *medium, struct medium_area *area, uint32_t from, uint32_t size)
{
	area->erases++;
	if (!fails_here(medium)) {
		erase_bytes(area, from, size);
		return 0;
	}
	switch (medium->way) {
	case MEDIUM_TORN:
		erase_bytes(area, from, size / 2);
		break;
	case MEDIUM_NOISE:
		for (uint32_t i = 0; i < size; i++)
			area->now[from + i] = (uint8_t)(medium_dice(&medium->noise) >> 32);
		break;
	case MEDIUM_DONE:
		erase_bytes(area, from, size);
		break;
	default:
		break;
	}
	power_fails(medium);
	return -1;
}

/* A file begun anew is empty at once; that too is safe only after a flush. */
static int make_empty(struct medium *medium, struct medium_area *area)
{
	int fails = fails_here(medium);

	area->erases++;
	if (!fails || medium->way != MEDIUM_CLEAN) {
		erase_bytes(area, 0, area->size);
		area->length = 0;
	}
	if (fails)
		power_fails(medium);
	return fails ? -1 : 0;
}

static int put_byte(struct medium *medium, struct medium_area *area, uint32_t at, uint8_t byte)
{
	uint8_t *place = &area->now[at];
	int fails = fails_here(medium);
	uint8_t stays = 0; /* bits that the failing power did not let be cleared */

	if (fails && medium->way == MEDIUM_CLEAN) {
		power_fails(medium);
		return -1;
	}
	if (medium->kind == MEDIUM_FLASH) {
		if (byte & (uint8_t) ~*place)
			complain(medium, "flash is written where it was not erased");
		if (fails && medium->way != MEDIUM_DONE)
			stays = (uint8_t)(medium_dice(&medium->noise) >> 32);
		*place = (uint8_t)(*place & (byte | stays));
	} else {
		if (at > area->length) /* a hole in a file reads as zeros */
			memset(area->now + area->length, 0, at - area->length);
		*place = byte;
		if (at >= area->length)
			area->length = at + 1;
	}
	if (fails)
		power_fails(medium);
	return fails ? -1 : 0;
}

/* ---- the callbacks ------------------------------------------------------------------------------------------ */

static int due(uint32_t *count)
{
	return *count != 0 && --*count == 0;
}

static int fits(struct medium *medium, enum firstuse_area which, uint32_t offset, uint32_t size)
{
	if ((unsigned)which < MEDIUM_AREAS && offset <= medium->area[which].size &&
	    size <= medium->area[which].size - offset)
		return 1;
	complain(medium, "outside of an area");
	return 0;
}

static int medium_read(void *user, enum firstuse_area which, uint32_t offset, void *to,
		       uint32_t size)
{
	struct medium *medium = user;

	if (medium->off || due(&medium->fail_read) || !fits(medium, which, offset, size))
		return -1;
	memcpy(to, medium->area[which].now + offset, size);
	medium->area[which].bytes_read += size;
	return 0;
}

/* A slot is erased block by block, when a write reaches a block's first byte. */
static int prepare(struct medium *medium, enum firstuse_area which, uint32_t offset, uint32_t at)
{
	struct medium_area *area = &medium->area[which];

	if (which == FIRSTUSE_STATE_A || which == FIRSTUSE_STATE_B) {
		if (offset != 0 || at != 0)
			return 0;
		return medium->kind == MEDIUM_FILE ? make_empty(medium, area)
						   : erase(medium, area, 0, area->size);
	}
	if (medium->kind == MEDIUM_FILE || at % MEDIUM_BLOCK != 0)
		return 0;
	return erase(medium, area, at,
		     area->size - at < MEDIUM_BLOCK ? area->size - at : MEDIUM_BLOCK);
}

static int medium_write(void *user, enum firstuse_area which, uint32_t offset, const void *from,
			uint32_t size)
{
	struct medium *medium = user;
	const uint8_t *bytes = from;

	if (medium->off || due(&medium->fail_write) || !fits(medium, which, offset, size))
		return -1;
	if (size == 0) {
		complain(medium, "a write of nothing");
		return -1;
	}
	medium->area[which].writes++;
	for (uint32_t i = 0; i < size; i++) {
		if (prepare(medium, which, offset, offset + i) != 0 ||
		    put_byte(medium, &medium->area[which], offset + i, bytes[i]) != 0)
			return -1;
		medium->area[which].bytes++;
	}
	return 0;
}

static int medium_flush(void *user, enum firstuse_area which)
{
	struct medium *medium = user;

	if (medium->off || due(&medium->fail_flush))
		return -1;
	if ((unsigned)which >= MEDIUM_AREAS) {
		complain(medium, "flush of no area");
		return -1;
	}
	if (fails_here(medium)) {
		if (medium->way == MEDIUM_DONE)
			keep_safe(&medium->area[which]);
		power_fails(medium);
		return -1;
	}
	keep_safe(&medium->area[which]);
	medium->area[which].flushes++;
	return 0;
}

static uint64_t medium_now(void *user)
{
	return ((struct medium *)user)->now_ms;
}

static int medium_random(void *user, void *to, uint32_t size)
{
	struct medium *medium = user;
	uint8_t *bytes = to;

	if (medium->off || due(&medium->fail_random))
		return -1;
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(medium_dice(&medium->random) >> 32);
	return 0;
}

struct firstuse_port medium_port(struct medium *medium)
{
	struct firstuse_port port = {
		.user = medium,
		.read = medium_read,
		.write = medium_write,
		.flush = medium_flush,
		.now_ms = medium_now,
		.random = medium_random,
	};

	return port;
}
