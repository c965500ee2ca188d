/* SPDX-License-Identifier: MIT */
/*
 * How many passwords may be tried. Budgets that fill with time, in thousandths of a try:
 *
 *   who                                           at once   then one in
 *   all who are not on the LAN, together               10   10 minutes
 *   a client on the LAN that knew the password          5   30 seconds     each of FIRSTUSE_KNOWN_MAX
 *   a client on the LAN that is not known               5   30 seconds     each, and
 *   all of these together                              64   10 seconds
 *
 * So nobody outside can use up what the owner needs at home, nobody at home that of a client that logged in before, and
 * one client none of another's. Of what the unknown ones have together, each must leave as many tries as it has itself
 * made of late, up to eight: who comes for the first or second time finds one, also behind thirty hosts that guess
 * without end. A try costs before it is looked at, and that is on the medium by then (reserved several at a time, to spare
 * flash): turning the device off and on gives nothing back. The right password gives its try back.
 *
 * Limits: a host on the LAN that takes a new address for each try, or more hosts than FIRSTUSE_CLIENTS, can hold back a
 * client that never logged in, and one that forges the address of a client that did can hold back that one. Numbers, wear
 * of flash, reasons: docs/decisions/0037-firstuse-throttle.md.
 */
#pragma once

#include "firstuse.h"

/* The most of each budget, in thousandths of a try: a record that says more is none. */
#define FU_BUDGET_OUTSIDE 10000u
#define FU_BUDGET_LAN 64000u
#define FU_BUDGET_CLIENT 5000u

/* Failed tries are counted on the medium when they are so many more; loss of power forgets fewer. */
#define FU_FAILED_STEP 64u

/* A try by `peer`: FIRSTUSE_OK, it may be looked at and was paid for; FIRSTUSE_WAIT, `*wait_s` says how long; FIRSTUSE_STORAGE,
 * it could not be paid for. */
enum firstuse_status fu_throttle_take(struct firstuse *device, const struct firstuse_peer *peer,
				      uint32_t *wait_s);

/* The try was wrong: counts it. */
void fu_throttle_failed(struct firstuse *device);

/* The try was the owner's: gives it back. */
void fu_throttle_give_back(struct firstuse *device, const struct firstuse_peer *peer);

/*
 * The owner is at `peer`: remembers that when it is on the LAN, and no failed tries. Stores `state`, a changed copy of
 * device->state, when the caller changed it (`changed`) or when this does; a login like the one before writes nothing.
 */
enum firstuse_status fu_throttle_remember(struct firstuse *device, const struct firstuse_peer *peer,
					  struct firstuse_state *state, int changed);

/* After a load: the budgets are what is stored, and time begins now. */
void fu_throttle_start(struct firstuse *device);

/* All full and nobody known, as new; changes `state` only. */
void fu_throttle_reset(struct firstuse_state *state);
