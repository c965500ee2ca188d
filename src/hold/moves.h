/* SPDX-License-Identifier: MIT */
/*
 * MACs that change ports of a bridge: somebody carries a phone through the house, or uses the MAC of a neighbour. Nobody is held
 * for what was sent from a MAC within MOVES_NS of such a move, since it could have come from either port; and the owner is told.
 *
 * Bounds: MOVES_MACS are known, MOVES_SHARE of them behind one port, so that who makes up MACs at his own port has no room for
 * the MACs of other ports to be forgotten. Beyond that they are refused and counted: a move of theirs is not seen.
 */
#pragma once

#include "base/addr.h"
#include "base/timespan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOVES_NS (60 * NS_PER_S)
#define MOVES_FLAP_NS (10 * NS_PER_S)  /* there and back within this: it is at both at once */
#define MOVES_TOLD_NS (600 * NS_PER_S) /* before it is told again of the same MAC */

enum { MOVES_MACS = 4096, MOVES_SHARE = 1024 };

struct moves_mac {
	struct mac mac;
	uint32_t bridge, port,
		before;	  /* interfaces, by number; before: where it was until it moved */
	int64_t moved_ns; /* 0: never */
	int64_t told_ns;
};

struct moves {
	int fd;	       /* -1: not open */
	uint64_t *key; /* MOVES_MACS, beside list: what is searched */
	struct moves_mac *list;
	size_t n;
	uint64_t refused;      /* MACs that found no room */
	uint64_t lost;	       /* times that the kernel had no room for what it told */
	int64_t lost_ns;       /* the last one; 0: none */
	uint64_t flapped;      /* MACs that were at two ports at once, each time it is to be told */
	struct moves_mac news; /* … the last of them */
};

/* 0 or -errno; then fd is to be polled for reading. Asks for what bridges know already. */
int moves_open(struct moves *m);
void moves_close(struct moves *m);
/* Takes what the kernel told. */
void moves_read(struct moves *m, int64_t now_ns);
/* A MAC is at this port of this bridge, or is there no more. moves_read() does these. */
void moves_seen(struct moves *m, const struct mac *mac, uint32_t bridge, uint32_t port,
		int64_t now_ns);
void moves_gone(struct moves *m, const struct mac *mac, uint32_t bridge, uint32_t port);
/* Could what was sent at that time be somebody else's at another port? */
bool moves_doubt(const struct moves *m, const struct mac *mac, int64_t at_ns);
/* So it was, and it would have been held for it: that is told, however slowly it moves. */
void moves_accused(struct moves *m, const struct mac *mac, int64_t now_ns);
