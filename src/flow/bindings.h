/* SPDX-License-Identifier: MIT */
/*
 * Bindings: which address was seen under which MAC, since when, and what proves it. A table of the reader's world
 * (world.h), which owns it; what is forgotten is taken out by world_age() alone, so between two calls of it a binding's
 * place is its number.
 *
 * Full: three quarters are for anybody, the last quarter for what was claimed or proven; what finds no room is counted
 * as refused_binds.
 */
#pragma once

#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

struct world;

enum { WORLD_PEERS = 16, WORLD_CALLERS = 4 };

enum bind_flag {
	BIND_ARP = 1 << 0,	 /* claimed by ARP or ND */
	BIND_DHCP = 1 << 1,	 /* leased to this MAC */
	BIND_HANDSHAKE = 1 << 2, /* acknowledged bytes that only a receiver can know */
	BIND_TWO_WAY = 1 << 3,	 /* spoke with a peer and was spoken to by it */
	BIND_CONFLICT = 1 << 4,	 /* another MAC uses this address too */
	BIND_FORWARDED = 1 << 5, /* packets came with a TTL counted down: it lives behind the MAC */
	BIND_ORIGIN = 1 << 6,	 /* packets came with a start TTL */
	BIND_SESSION = 1 << 7,	 /* came over a PPPoE session or a QinQ pair of its own */
	BIND_TUNNEL = 1 << 8,	 /* seen inside a tunnel */
	BIND_PROVEN = BIND_ARP | BIND_DHCP | BIND_HANDSHAKE | BIND_TWO_WAY
};

/* Three cache lines, the first with what every packet that it sends is counted in. */
struct binding {
	struct addr addr;
	uint16_t mac;
	uint16_t flags;
	uint32_t rates;	  /* 1 + place in the world's rates, 0: none */
	uint64_t packets; /* sent, IP and ARP */
	uint64_t unicast; /* sent to one receiver, IP only */
	uint64_t last_key;
	int64_t last_ns;
	int64_t last_stage_ns;

	uint32_t callers[WORLD_CALLERS]; /* tags of those who spoke to it last */
	uint32_t expect_ack; /* what it must acknowledge to prove it got what expect_peer sent */
	uint32_t expect_peer;
	uint32_t sent_ack; /* what sent_peer must acknowledge */
	uint32_t sent_peer;
	uint64_t first_key;
	int64_t first_ns;

	_Alignas(64) uint32_t peers[WORLD_PEERS]; /* tags of those it spoke to */
};

/* What a binding is planned to cost of the budget: it and the words of its index. */
enum { BINDING_COST = 208 };

/* The binding of an address under a MAC, or NULL. */
struct binding *world_find(const struct world *w, const struct addr *a, uint16_t mac);

/* The same with the address's keyed hash at hand. */
struct binding *bindings_find(const struct world *w, const struct addr *a, uint64_t key,
			      uint16_t mac);
/* For link types that do not say whom a frame is for: the first seen with the address, under any MAC. */
struct binding *bindings_find_any(const struct world *w, const struct addr *a, uint64_t key);

/* Makes one that nothing proves; NULL when refused. */
struct binding *bindings_add(struct world *w, const struct addr *a, uint64_t key, uint16_t mac,
			     const struct packet *p);

/* Binds by a claim of the wire; NULL when refused. flag is BIND_ARP or BIND_DHCP. */
struct binding *world_claim(struct world *w, const struct addr *a, uint16_t mac, uint16_t flag,
			    const struct packet *p);

/* A place in the world's rates, and 1 with it; 0: there is none. And the way back. */
uint32_t bindings_take_rates(struct world *w);
void bindings_give_rates(struct world *w, uint32_t place);

/* What a packet that its host sent says of it. The hash is the published one of who got it; unicast: one did. */
void binding_sent(struct world *w, struct binding *b, const struct packet *p, uint64_t peer_hash,
		  bool is_unicast);

/* What a packet to its host says of it; foreign: the sender is public and by no prefix ours. */
void binding_received(struct world *w, struct binding *b, const struct packet *p,
		      uint64_t peer_hash, bool is_foreign);
