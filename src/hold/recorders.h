/* SPDX-License-Identifier: MIT */
/*
 * To whom devices of ours stream in the LAN by their own doing: a camera that calls its recorder, or uploads to a store of files. Reckoned
 * from records of conversations (flow/ledger.h), so that a device that is held may go on calling it.
 *
 * A pair is a recorder's when the device called, sent RECORDER_BYTES and four times what it got, and that for a minute, in one conversation
 * or in several; a third of that on a port that video goes to. What counts is when that was first seen to be so: a peer that a bot found
 * is known later than the bot, and is none.
 *
 * Bounded: RECORDERS_PAIRS; who is no recorder yet and was silent longest makes room, else the newcomer is refused and counted.
 */
#pragma once

#include "flow/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORDERS_PAIRS = 1024, RECORDER_BYTES = 256 << 10, RECORDER_SECONDS = 60 };

struct recorder_pair {
	struct addr device;
	struct addr peer;
	bool video; /* on a port that video goes to */
	int64_t first_ns, last_ns;
	int64_t proven_ns;	  /* it was seen to be a recorder; INT64_MAX: not yet */
	uint64_t out, in;	  /* bytes of what ended */
	uint64_t out_now, in_now; /* … and of what goes on */
};

struct recorders {
	struct recorder_pair *list; /* RECORDERS_PAIRS */
	size_t n;
	uint64_t refused;
};

int recorders_init(struct recorders *r);
void recorders_fini(struct recorders *r);

/* A conversation that ended; only those within these networks count. */
void recorders_ended(struct recorders *r, const struct ledger_entry *e, const struct prefix *local,
		     size_t local_n);
/* Those that go on, all of them, from time to time: begin, each, end. */
void recorders_begin(struct recorders *r);
void recorders_goes_on(struct recorders *r, const struct ledger_entry *e,
		       const struct prefix *local, size_t local_n);
void recorders_end(struct recorders *r, int64_t now_ns);

/* Recorders of the device with these addresses, known as such before then. Returns how many, at most room. */
size_t recorders_of(const struct recorders *r, const struct addr *addrs, size_t n,
		    int64_t before_ns, struct addr *out, size_t room);
