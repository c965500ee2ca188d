/* SPDX-License-Identifier: MIT */
/*
 * Who sent something: 64 bytes for each (address, MAC) that was a sender, one table a lane. Full means that new
 * hosts are refused and counted: a flood of invented addresses must not push out what is known. Entries stand in
 * the order of arrival; the seeded index over them decides nothing that shows.
 */
#pragma once

#include "base/addr.h"
#include "base/slots.h"

#include <stdint.h>

enum {
	HOST_STATES = 5 /* detectors that keep state of their own for a host */
};

struct host {
	struct addr addr; /* zero: the MAC itself, for packets whose address can't be believed */
	uint16_t mac;	  /* index in the world's MACs, or NO_MAC */
	uint16_t flags;	  /* enum host_flag */
	uint32_t packets; /* sent; stops at its largest value */
	uint16_t state[HOST_STATES]; /* 1 + index in the detector's pool, 0: none yet */
	uint32_t marked;	     /* SYNs with the Mirai mark */
	int64_t first_ns;
	int64_t last_ns;
	int64_t last_marked_ns;
};

enum host_flag {
	HOST_DECIDED =
		1 << 0, /* it scans as Mirai does: more marks change nothing and are only counted */
	HOST_REFUSED_STATE = 1 << 2, /* a detector had no room for it */
	HOST_OURS = 1 << 3, /* on our side: has a share of every table that strangers can't take */
	/* A bit for each of HOST_STATES: that detector wants to see every packet of its kinds. */
	HOST_WATCHED = 1 << 8
};

struct hosts {
	struct slots slots;
	struct stripe entries; /* of struct host */
	uint32_t n;
	uint32_t cap;
	uint64_t refused; /* packets of senders that found no room */
};

enum {
	HOST_MACS_MAX =
		8 /* MACs that one address is kept under: a table of (address, MAC) must not be filled by one */
};

/*
 * The host, made when there is room; NULL otherwise (counted). hash is the keyed hash of addr, or any of the MAC when addr is zero. An eighth of the
 * table is kept for hosts on our side.
 */
struct host *hosts_get(struct hosts *t, const struct addr *addr, uint16_t mac, uint64_t hash,
		       bool ours);

/*
 * The host an answer to addr is for: with this MAC, else the first ever seen with the address (frames to a router
 * pair carry a virtual MAC that never sends). NULL when it never sent.
 */
struct host *hosts_find(const struct hosts *t, const struct addr *addr, uint16_t mac,
			uint64_t hash);

static inline bool hosts_is(const struct host *host, const struct addr *addr, uint16_t mac)
{
	return host->mac == mac && addr_equal(&host->addr, addr);
}

static inline struct host *hosts_at(const struct hosts *t, uint32_t i)
{
	return stripe_of(&t->entries, i, sizeof(struct host));
}
