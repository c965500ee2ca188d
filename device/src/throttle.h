/* SPDX-License-Identifier: MIT */
/*
 * How many passwords may be tried. Budgets that fill with time, in thousandths of a try:
 *
 *   who                                           at once   then one in
 *   all who are not on the LAN, together               10   10 minutes
 *   a client on the LAN that knew the password          5   30 seconds     each of FIRSTUSE_KNOWN_MAX
 *   a client on the LAN that is not known               5   30 seconds     each, and
 *   all of these together                              20   10 seconds
 *
 * So nobody outside can use up what the owner needs at home, nobody at home that of a client that logged in before, and
 * one client none of another's. A try costs before it is looked at, and that is on the medium by then (reserved several
 * at a time, to spare flash): turning the device off and on gives nothing back. The right password gives its try back.
 * Limit: many hosts on the LAN together can hold back a client that never logged in; docs/makers.md says what then helps.
 */
#pragma once

#include "firstuse.h"

/* The most of each budget, in thousandths of a try: a record that says more is none. */
#define FU_BUDGET_OUTSIDE 10000u
#define FU_BUDGET_LAN 20000u
#define FU_BUDGET_CLIENT 5000u

/* A try by `peer`: FIRSTUSE_OK, it may be looked at and was paid for; FIRSTUSE_WAIT, `*wait_s` says how long; FIRSTUSE_STORAGE. */
enum firstuse_status fu_throttle_take(struct firstuse *device, const struct firstuse_peer *peer,
				      uint32_t *wait_s);

/* The try was the owner's: gives it back, and remembers the client if it is on the LAN. Changes `state` only: the caller stores
 * it. */
void fu_throttle_forgive(struct firstuse *device, const struct firstuse_peer *peer,
			 struct firstuse_state *state);

/* After a load: the budgets are what is stored, and time begins now. */
void fu_throttle_start(struct firstuse *device);

/* All full and nobody known, as new; changes `state` only. */
void fu_throttle_reset(struct firstuse_state *state);
