/* SPDX-License-Identifier: MIT */
/*
 * Reduce, first half: from the reader's bindings to devices (design rule 5). Addresses under one MAC become one
 * device only by succession or as the IPv4 and IPv6 of one host; a MAC with several hosts at once is a relay, and
 * behind it the address is the device. An address that two MACs use at once belongs to the one that proved it; what
 * the other sent under it is laid to that MAC.
 */
#pragma once

#include "base/arena.h"
#include "flow/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum backed { /* weakest first; the names are the report's */
	      BACKED_ADDRESS,
	      BACKED_MAC,
	      BACKED_TWO_WAY,
	      BACKED_SESSION
};

struct identity {
	char id[64];
	uint16_t mac; /* its own, or NO_MAC */
	uint16_t via; /* the relay's, or NO_MAC */
	bool local;
	bool own_mac;
	bool bound; /* observed by its bindings */
	enum backed backed;
	bool conflict; /* another MAC uses an address of it */
	bool two_way;
	uint64_t packets;
	uint64_t unicast;
	int64_t first_ns;
	int64_t last_ns;
	struct addr *addresses; /* sorted */
	size_t addresses_n;
};

struct devices {
	struct identity *list;
	size_t n;
	size_t cap;
	uint32_t *of_bind;    /* by binding: 1 + device, 0: of none */
	uint32_t *of_mac;     /* by MAC: 1 + the device that the MAC itself is, 0: none */
	bool wan;	      /* the capture is of a router's Internet side … */
	struct addr wan_addr; /* … whose address this is */
	bool failed;	      /* out of memory */
};

/* All local devices. The world must outlive the result; arrays live in the arena. */
void devices_reduce(struct devices *d, const struct world *w, struct arena *arena);
void devices_fini(struct devices *d);

/* The device behind (address, MAC), made when it is a stranger or a MAC without a device; never NULL but when
 * memory is out. addr zero: the MAC itself. Strangers must be asked for in the order of their addresses. */
struct identity *devices_get(struct devices *d, const struct world *w, struct arena *arena,
			     const struct addr *addr, uint16_t mac);

/* Is the address of a local device, or in a network that is ours? */
bool devices_is_local(const struct devices *d, const struct world *w, const struct addr *addr);
