/* SPDX-License-Identifier: MIT */
/*
 * Where records live: two areas, each with room for several, written one behind the other; when one area is full the other
 * is begun anew. The record with the highest sequence number is the state. So the one before it always stands until the
 * new one is whole, and flash is erased once for every area full of records. A place that is neither blank nor a good
 * record (power failed there) is passed over.
 *
 * Nothing good anywhere means "never used" only when area B is blank: it is begun with the second record, and the first one
 * of all says "no owner". Anything else is FIRSTUSE_DAMAGED.
 *
 * Wear: an area of n bytes holds n / 384 records, and each of the two is erased once for twice as many. With 4096 bytes that
 * is one erase in 20 records; flash of 100,000 erases takes two million.
 */
#pragma once

#include "firstuse.h"

/*
 * Finds the state. FIRSTUSE_OK; FIRSTUSE_NOT_SET_UP: never used, nothing to read; FIRSTUSE_DAMAGED; FIRSTUSE_STORAGE. Leaves
 * device->standing alone. `*traces`: of what must not come back. There is no owner now, but records of one are left, or
 * pieces that may be of one: the power failed in a reset. Or there is one, and records without are left: it failed in set-up.
 */
enum firstuse_status fu_journal_load(struct firstuse *device, int *traces);

/*
 * Writes `state` as the next record and flushes; only then it becomes device->state, with the next sequence number, and
 * device->standing follows it. On any failure device->state but for its number is the old one, and what will be read after
 * a start is the old or the new. The first state with an owner goes to both areas as fu_journal_renew() has it, and is
 * FIRSTUSE_OK when the first of them has it. Refused where the device is damaged or not open (its standing is returned): a state
 * without owner must not come to be by the way. FIRSTUSE_BAD_CALL: a field is out of bounds, see fu_record_read().
 */
enum firstuse_status fu_journal_store(struct firstuse *device, const struct firstuse_state *state);

/* The first record of all, where nothing was ever stored. */
enum firstuse_status fu_journal_begin(struct firstuse *device, const struct firstuse_state *state);

/*
 * As fu_journal_store(), and leaves no older record in either area; also when damaged. With FIRSTUSE_STORAGE the state may be stored and
 * older records be left.
 */
enum firstuse_status fu_journal_renew(struct firstuse *device, const struct firstuse_state *state);
