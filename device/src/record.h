/* SPDX-License-Identifier: MIT */
/*
 * A struct firstuse_state as bytes, and back: one record of FU_RECORD bytes, little-endian, with a sequence number and a
 * checksum over all of it (SHA-256, its first 16 bytes). A record is good or it is not: every field is checked for its
 * bounds too, so that what was read can be used as it is.
 */
#pragma once

#include "firstuse.h"

#define FU_RECORD 384u

void fu_record_write(const struct firstuse_state *state, uint8_t record[FU_RECORD]);

/* 0, or -1 and `state` is as it was. */
int fu_record_read(struct firstuse_state *state, const uint8_t record[FU_RECORD]);
