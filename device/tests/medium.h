/* SPDX-License-Identifier: MIT */
/*
 * A simulated device for tests: two areas for state and two slots, as files or as flash, a clock that is fed, random bytes
 * from a seed, and power that fails at any chosen point. Everything that happens to the medium is counted as a point: each
 * byte written, each erase, each flush. So a test runs an operation once undisturbed, sees how many points it took, and
 * then runs it again for each of them with the power failing there.
 *
 *	struct medium medium, before;
 *	struct firstuse_config config = { .port = medium_port(&medium), .state_bytes = 4096, ... };
 *	medium_init(&medium, MEDIUM_FLASH, 4096, 65536, 1);
 *	firstuse_open(&device, &config);
 *	medium_copy(&before, &medium);
 *	uint64_t points = medium.points;
 *	(operation)
 *	points = medium.points - points;
 *	for (n = 0; n < points; n++)
 *		for (way = 0; way < MEDIUM_WAYS; way++) {
 *			medium_copy(&medium, &before);
 *			medium_cut(&medium, n, way);
 *			(operation: its calls fail from there on)
 *			medium_power_on(&medium);
 *			(open, look)
 *		}
 */
#pragma once

#include "firstuse.h"

#define MEDIUM_AREAS 4u
#define MEDIUM_BLOCK 4096u /* erase block of a slot, and what a file system loses or keeps as one */

enum medium_kind {
	MEDIUM_FILE, /* a write at 0 of an area for state empties it; what was not flushed may be lost */
	MEDIUM_FLASH /* erased to 0xFF; programming only clears bits; a write is there when it returns */
};

/* In which way the power fails: what is left of the byte, erase or flush at which it does. */
enum medium_way {
	MEDIUM_CLEAN, /* nothing of that step is done, all before it is there */
	MEDIUM_TORN, /* flash: that byte holds some of its bits, an erase half is done; file: nothing unflushed is there */
	MEDIUM_NOISE, /* flash: an erase leaves random bytes; file: some blocks of what was not flushed are there, some not */
	MEDIUM_DONE,  /* the step is done, and the caller never hears of it */
	MEDIUM_WAYS
};

struct medium_area {
	uint32_t size;
	uint32_t length; /* file: of what was written; flash: size */
	uint8_t *now;	 /* what reads see */
	uint32_t safe_length;
	uint8_t *safe;	  /* file: what survives for sure */
	uint32_t writes;  /* calls */
	uint32_t flushes; /* that came to their end */
	uint32_t erases;  /* of whole areas of state; of blocks of slots */
	uint64_t bytes;	  /* written */
	uint64_t bytes_read;
};

struct medium {
	enum medium_kind kind;
	struct medium_area area[MEDIUM_AREAS]; /* by enum firstuse_area */
	uint64_t now_ms;
	uint64_t random; /* of the device: its state; a test may set it */
	uint64_t noise;	 /* of what failing power leaves */
	uint64_t points; /* steps so far */
	uint64_t cut_at; /* the step that fails; UINT64_MAX: none */
	enum medium_way way;
	int off; /* power has failed: every callback fails */
	uint32_t
		wrong; /* calls that break the contract of struct firstuse_port; a test expects none */
	const char *complaint; /* the last such, in words */
	/* Callbacks that fail without loss of power: the n-th call from now; 0: none does. */
	uint32_t fail_read, fail_write, fail_flush, fail_random;
};

/* `seed` decides all random bytes. All areas are blank. */
void medium_init(struct medium *medium, enum medium_kind kind, uint32_t state_bytes,
		 uint32_t slot_bytes, uint64_t seed);
void medium_fini(struct medium *medium);

/* All of it, contents too. `to` is a medium already, or all zero. */
void medium_copy(struct medium *to, const struct medium *from);

struct firstuse_port medium_port(struct medium *medium);

/* Power will fail at the n-th point from now, 0 the next. */
void medium_cut(struct medium *medium, uint64_t n, enum medium_way way);

/* Power is back, and no cut is planned. The clock begins at 0. */
void medium_power_on(struct medium *medium);

/* The same bytes in all areas? */
int medium_same(const struct medium *a, const struct medium *b);

/* A random number for the test's own use, from a state that it keeps (not 0). */
uint64_t medium_dice(uint64_t *state);
