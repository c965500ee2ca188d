/* SPDX-License-Identifier: MIT */
/*
 * Which parsers are asked at all whose bytes these are: by carrier, by port, and by the first byte. Asking all of them
 * about every datagram of a video stream costs a thousand instructions; looking up two ports and a byte costs twenty. A set
 * of parsers is a word with one bit for each. Made once, shared by all lanes.
 */
#pragma once

#include "proto/proto.h"

#include <stdint.h>

_Static_assert(PROTOS <= 64, "a set of parsers is one word");

enum {
	EAR_SETS = 256,
	EAR_LOOK = 4 /* fewer bytes than these may be the beginning of anything */
};

struct ears {
	uint64_t taken
		[1024]; /* a bit for each port that is somebody's: asked first, for it stays in the nearest cache */
	uint8_t port[65536];	  /* place of its set in `ports`, 0: nobody's */
	uint64_t ports[EAR_SETS]; /* those whose own port it is */
	uint64_t first[256];	  /* those whose messages may begin with this byte */
	uint64_t udp;		  /* bold ones … */
	uint64_t udp_timid;
	uint64_t tcp;
	uint64_t tcp_timid;
	uint64_t http;
	uint64_t link;
	uint64_t icmp;
};

void ears_fill(struct ears *e);

/* Those whose own port one of the two is. */
static inline uint64_t ears_own(const struct ears *e, uint16_t a, uint16_t b)
{
	if (((e->taken[a / 64] >> a % 64 | e->taken[b / 64] >> b % 64) & 1) == 0)
		return 0;
	return e->ports[e->port[a]] | e->ports[e->port[b]];
}

/* Those that may call these bytes theirs; the others would say no. `own`: of ears_own(). Bytes there must be. */
static inline uint64_t ears_may(const struct ears *e, uint64_t own, struct bytes data)
{
	return data.len < EAR_LOOK ? UINT64_MAX : own | e->first[data.at[0]];
}

/* The first of a set that is not empty. */
static inline unsigned ears_next(uint64_t set)
{
	return (unsigned)__builtin_ctzll(set);
}

static inline bool ears_has(uint64_t set, unsigned proto)
{
	return (set >> proto & 1) != 0;
}
