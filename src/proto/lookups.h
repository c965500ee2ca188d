/* SPDX-License-Identifier: MIT */
/*
 * Which names our hosts looked up, and which addresses they were told: what a rule by name may open (the gate's exceptions,
 * RFC 8520 section 8.1). An answer counts when the client itself asked: the same two addresses, port, id, name and type
 * (RFC 5452, section 9), and only the first one. It is there for `watch` alone; nothing is judged by it.
 *
 * Bounded: a lane has so many lookups, of one client LOOKUP_NAMES at most, each with LOOKUP_ADDRESSES. What has run out makes
 * room; within a client's own number the one that runs out first does; else the new one is refused and counted. Questions that
 * wait for their answers stand in a ring: whoever floods it keeps names from being learned, which closes and opens nothing.
 * Lanes go by the client's address, so that the same packets give the same lookups with any number of threads.
 *
 * Not seen are names asked for by TCP or inside TLS or HTTPS. A forger who is on the link and answers before the resolver can
 * put an address under a name that was asked for; `server` is kept so that whoever uses this can ask who answered.
 */
#pragma once

#include "base/budget.h"
#include "flow/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOOKUP_NAME = 96, LOOKUP_ADDRESSES = 8, LOOKUP_NAMES = 32 };

/* A name as one client asked for it. */
struct lookup {
	struct addr client;
	struct addr server; /* that answered last */
	struct addr addrs[LOOKUP_ADDRESSES];
	int64_t until_ns
		[LOOKUP_ADDRESSES]; /* of each: TTL, from a minute to a day; packets' time */
	uint32_t addrs_n;	    /* 0: free */
	char name[LOOKUP_NAME];	    /* lower case, without the last dot */
};

struct lookup_asked; /* a question that waits */

struct lookups_lane {
	struct lookup *list;
	struct lookup_asked *asked; /* a ring */
	uint32_t hand;
	uint32_t changes;
	uint64_t refused;
};

struct lookups {
	struct lookups_lane lane[LANES];
	uint32_t room; /* lookups of a lane, and questions */
};

/* Takes about share bytes. 0 or -ENOMEM. */
int lookups_init(struct lookups *l, struct budget *budget, size_t share);

/* Hears the packets of the lanes that are `part` modulo `parts`. */
void lookups_run(struct lookups *l, const struct work *work, unsigned part, unsigned parts);

/* Those of a client that have not run out, at most `room`; between batches. */
size_t lookups_of(const struct lookups *l, const struct addr *client, int64_t now_ns,
		  struct lookup *out, size_t room);

/* Grows with each lookup that is new or goes on. */
uint32_t lookups_changes(const struct lookups *l);
uint64_t lookups_refused(const struct lookups *l);
uint64_t lookups_used(const struct lookups *l);
