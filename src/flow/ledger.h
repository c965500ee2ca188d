/* SPDX-License-Identifier: MIT */
/*
 * A ledger of conversations for whoever wants a record of each: who spoke with whom, how long, how much. It judges nothing
 * and is there only when it was asked for. A conversation is TCP or UDP between two addresses and ports of which one at
 * least is on our side; a lone SYN, or a datagram that nobody answered, is none (design rule 7) and is never told.
 *
 * Bounded: a lane has rows of LEDGER_ROW entries, and an entry can stand in one row alone, chosen by the published hash, so
 * that the same packets give the same records with any number of threads. In a full row what was never answered goes first,
 * then what is over, then what was silent longest, whose record ends there. Records wait to be taken in a ring a lane; those
 * that find no room are counted.
 */
#pragma once

#include "base/budget.h"
#include "flow/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_ROW = 8, LEDGER_RING = 64 };

struct ledger_entry {
	struct addr client; /* who spoke first, as far as was seen */
	struct addr server;
	uint16_t client_port;
	uint16_t server_port;
	uint8_t transport; /* PROTO_TCP, PROTO_UDP; 0: the entry is free */
	uint8_t state;
	uint16_t vlan;
	uint32_t input; /* place of the capture or interface */
	int64_t first_ns;
	int64_t last_ns;
	uint64_t packets[2]; /* of the client, of the server */
	uint64_t bytes[2];   /* on the wire, link headers included */
};

struct ledger_lane {
	struct ledger_entry *entries;
	struct ledger_entry *ring; /* LEDGER_RING that ended, to be taken */
	uint32_t ring_n;
};

struct ledger {
	struct ledger_lane lane[LANES];
	uint32_t rows;	      /* of a lane: a power of two */
	uint64_t lost[LANES]; /* records that found no room */
};

/* Takes about share bytes. 0 or -ENOMEM. */
int ledger_init(struct ledger *l, struct budget *budget, size_t share);

/* Counts the packets of the lanes that are `part` modulo `parts`. */
void ledger_run(struct ledger *l, const struct work *work, unsigned part, unsigned parts);

/*
 * Hands over what ended, and what was silent for so long before now_ns (of the packets' time) that it is over; everything
 * that was answered when all is true. Lane by lane; between batches, when all threads are settled. Returns how many records
 * were lost so far.
 */
uint64_t ledger_take(struct ledger *l, int64_t now_ns, bool all,
		     void (*each)(void *context, const struct ledger_entry *e), void *context);

/* Shows those that were answered and go on; nothing changes by that. */
void ledger_each(const struct ledger *l, void (*each)(void *context, const struct ledger_entry *e),
		 void *context);
