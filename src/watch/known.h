/* SPDX-License-Identifier: MIT */
/*
 * Which devices there are now and how they stand: as many numbers as control and metrics need, for as many devices as a
 * report names. When it is full, new ones are not counted, and that is counted.
 */
#pragma once

#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_slot;

struct known {
	struct known_slot *slots;
	size_t room; /* a power of two */
	size_t most;
	size_t n;
	uint64_t seed;
	uint64_t refused;
	uint64_t local[VERDICT_INFECTED + 1];
	uint64_t strangers[VERDICT_INFECTED + 1];
};

/* 0 or -ENOMEM. */
int known_init(struct known *k, size_t most, uint64_t seed);
void known_fini(struct known *k);
void known_clear(struct known *k);
void known_put(struct known *k, const char *id, bool local, enum verdict verdict);
void known_remove(struct known *k, const char *id);
