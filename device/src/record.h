/* SPDX-License-Identifier: MIT */
/*
 * A struct firstuse_state as bytes, and back: one record of FU_RECORD bytes, little-endian, with a sequence number and a
 * checksum over all of it (SHA-256, its first 16 bytes). A record is good or it is not: every field is checked for its
 * bounds too, so that what was read can be used as it is.
 */
#pragma once

#include "firstuse.h"

#define FU_RECORD 384u

/* One for each second of a century; the last one is for nobody, so that there always is a next. */
#define FU_SEQUENCE_MAX 0xFFFFFFF0u

/* What a stored cost may be at most: a damaged or forged record can't make a login ask for gigabytes or hash for hours. */
#define FU_ARGON2_KIB_MAX (256u * 1024u)
#define FU_ARGON2_PASSES_MAX 64u
#define FU_PBKDF2_PASSES_MAX 4000000u

/* Is it one of FU_METHOD_*, with a cost that it can have? */
int fu_cost_is_good(uint8_t method, const struct firstuse_cost *cost);

void fu_record_write(const struct firstuse_state *state, uint8_t record[FU_RECORD]);

/*
 * 0, or -1 and `state` is as it was. Good means: the numbers of firstuse.h and throttle.h hold, what has no owner has neither
 * password nor key of a stream, and a sequence number is left for the next record.
 */
int fu_record_read(struct firstuse_state *state, const uint8_t record[FU_RECORD]);
