/* SPDX-License-Identifier: MIT */
/*
 * Where records live: two areas, each with room for several, written one behind the other; when one area is full the other
 * is begun anew. The record with the highest sequence number is the state. So the one before it always stands until the
 * new one is whole, and flash is erased once for every area full of records. A place that is neither blank nor a good
 * record (power failed there) is passed over.
 *
 * Nothing good anywhere means "never used" only when nothing but the first place of area A was ever written, since the
 * first record of all says "no owner"; anything else is FIRSTUSE_DAMAGED.
 */
#pragma once

#include "firstuse.h"

/* Finds the state. FIRSTUSE_OK; FIRSTUSE_NOT_SET_UP: never used, nothing to read; FIRSTUSE_DAMAGED; FIRSTUSE_STORAGE. */
enum firstuse_status fu_journal_load(struct firstuse *device);

/*
 * Writes `state` as the next record and flushes; only then it becomes device->state, with the next sequence number. On any
 * failure device->state and what will be read after a start are the old state or the new one, and device->state is the old.
 */
enum firstuse_status fu_journal_store(struct firstuse *device, const struct firstuse_state *state);
