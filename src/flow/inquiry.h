/* SPDX-License-Identifier: MIT */
/*
 * A question about one moment: who had a connection with this port then? The flow table forgets, so the reader's thread
 * shows every packet near that moment to an inquiry, which keeps the connections themselves: those with the port,
 * and others beside them, because behind a NAT the same connection has another port inside.
 *
 * Bounded: INQUIRY_MATCHES connections with the port, at most INQUIRY_OTHERS without it; more are counted. It sees packets before
 * copies are left out: the outside of a NAT is a copy to everybody else. What it keeps does not depend on the seed.
 */
#pragma once

#include "base/addr.h"
#include "base/budget.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	INQUIRY_MATCHES = 64,
	INQUIRY_OTHERS = 16384 - INQUIRY_MATCHES,
	INQUIRY_FAR =
		32, /* of those with the port, the ones not begun from it: a service's port has thousands */
	INQUIRY_KEYS = 4 /* first packets of a connection that are kept for the answer */
};

struct inquiry_question {
	int64_t time_ns;
	int64_t within_ns; /* before and after */
	struct addr address;
	bool has_address; /* one of both ends is this */
	uint16_t port;
	uint8_t proto; /* PROTO_TCP, PROTO_UDP, or 0 for both */
};

struct inquiry_end {
	struct addr addr;
	struct mac mac; /* zero: not known */
	uint16_t port;
	bool sent;     /* `mark` holds */
	uint64_t mark; /* of the first packet that it sent: what a NAT leaves as it is */
};

struct inquiry_talk {
	struct inquiry_end end[2]; /* the lower address and port first */
	uint8_t proto;
	uint8_t opener;	  /* which end began it, as far as was seen */
	bool syn;	  /* it was seen */
	bool matches;	  /* one end has the port, and the address fits */
	int64_t first_ns; /* seen near the moment; it may be older and younger */
	int64_t last_ns;
	uint64_t packets;
	uint64_t keys[INQUIRY_KEYS]; /* order keys of its first packets */
	size_t keys_n;
	uint32_t last_seq; /* of its last packet: a copy on another interface is none more */
	uint16_t last_id;
	uint32_t last_len;
	uint8_t last_end;
};

struct inquiry {
	struct inquiry_question question;
	struct inquiry_talk *talks; /* in the order first seen */
	uint16_t *slots;
	uint32_t n;
	uint32_t matches_n;
	uint32_t far_n;	      /* of them not begun from the port */
	uint32_t others_most; /* INQUIRY_OTHERS, or what the budget has left */
	uint64_t seed;
	uint64_t packets; /* near the moment */
	uint64_t
		refused_matches; /* packets of connections with the port for which there was no room */
	uint64_t refused_others;
};

/* The name of its share of the budget. */
#define INQUIRY_SHARE "asked about"

/* Takes its tables from what the budget has left, last of all. 0 or -ENOMEM. */
int inquiry_init(struct inquiry *q, const struct inquiry_question *question, struct budget *budget,
		 uint64_t seed);
void inquiry_see(struct inquiry *q, const struct packet *p);

/*
 * The other side of a NAT: another connection with the same stranger at `far` of talk `t` that began with the same
 * bytes. NULL when there is none.
 */
const struct inquiry_talk *inquiry_other_side(const struct inquiry *q, const struct inquiry_talk *t,
					      int far, int *other_far);
