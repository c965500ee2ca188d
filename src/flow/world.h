/* SPDX-License-Identifier: MIT */
/*
 * The reader's small world (design rule 2): the MACs on the wire, which local addresses they were seen with, and
 * which of those are proven. It runs in input order on the reader's thread alone and stamps every packet with what
 * the lanes need; lanes never look in here. At the end, reduce reads it.
 *
 * Bounded: tables are reserved at start. A MAC holds at most unproven_per_mac addresses that nothing proves (ARP, ND,
 * DHCP or two-way traffic); a packet with one more is laid to the MAC itself, so that invented addresses never
 * become devices.
 */
#pragma once

#include "base/budget.h"
#include "base/knowledge.h"
#include "base/rates.h"
#include "base/slots.h"
#include "flow/clock.h"
#include "flow/copies.h"
#include "flow/stamp.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WORLD_FIRST = 8,     /* first packets kept as evidence */
	WORLD_PREFIXES = 64, /* given and learned */
	WORLD_PEERS = 16,
	WORLD_CALLERS = 4,
	WORLD_NETWORKS =
		2, /* IPv6 networks that a MAC may have global addresses in, by the hop limit alone */
	WORLD_ENDS = 16
};

enum mac_flag {
	MAC_OURS = 1 << 0,	 /* seen with a local address of its own */
	MAC_ROUTER_SAID = 1 << 1 /* announced itself by a router advertisement */
};

struct world_mac {
	struct mac mac;
	uint16_t flags;
	uint16_t first_n;
	uint32_t unproven;  /* addresses bound to it that nothing proves yet */
	uint32_t claims;    /* addresses it claimed by ARP or ND */
	uint64_t next_hop;  /* frames others sent to it for an address elsewhere: it is a router */
	uint64_t forwarded; /* its frames from foreign sources whose TTL was counted down */
	uint64_t foreign;   /* … whose TTL was a start value */
	uint64_t invented;  /* … and from local addresses that found no place */
	uint64_t sources_seen[4]; /* linear counting of the sources of `foreign` and `invented` */
	uint64_t first[WORLD_FIRST]; /* order keys of these */
	uint32_t networks[WORLD_NETWORKS];
	uint64_t first_key; /* of the first frame it sent; 0: none yet */
	int64_t first_ns;
	int64_t last_ns;
};

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

struct binding {
	struct addr addr;
	uint16_t mac;
	uint16_t flags;
	uint32_t rates;	     /* 1 + place in the world's rates, 0: none */
	uint32_t expect_ack; /* what it must acknowledge to prove it got what expect_peer sent */
	uint32_t expect_peer;
	uint32_t sent_ack; /* what sent_peer must acknowledge */
	uint32_t sent_peer;
	uint32_t peers[WORLD_PEERS];	 /* tags of those it spoke to last */
	uint32_t callers[WORLD_CALLERS]; /* … and of those who spoke to it */
	uint64_t packets;		 /* sent, IP and ARP */
	uint64_t unicast;		 /* sent to one receiver, IP only */
	uint64_t first_key;
	uint64_t last_key;
	int64_t first_ns;
	int64_t last_ns;
	int64_t last_stage_ns;
};

/* Misra-Gries over the public ends of packets: is one address at nearly every packet's end? */
struct end_count {
	struct addr addr;
	uint64_t count;
	bool sent;
	bool received;
};

/* The MAC looked for last, and what was found when there were macs_n of them. */
struct mac_memo {
	struct mac mac;
	uint16_t index;
	uint32_t macs_n;
};

struct world {
	const struct limits *limits;
	uint64_t seed;
	struct clock clock;
	struct copies copies;
	struct slots mac_slots;
	struct world_mac *macs;
	uint32_t macs_n;
	struct mac_memo last_mac[2]; /* by destination and source: frames come in runs */
	uint32_t macs_cap;
	struct slots bind_slots;
	struct binding *binds;
	uint32_t binds_n;
	uint32_t binds_cap;
	struct rates *rates; /* packets sent, by time: of the bindings that came first */
	uint32_t rates_n;
	uint32_t rates_cap;
	struct prefix prefixes[WORLD_PREFIXES];
	uint32_t prefixes_n;
	uint32_t prefixes_given; /* --local: the first so many; then nothing is learned */
	bool public_binds; /* some binding has an address that its class does not show as local */
	bool uplink_seen;
	int64_t uplink_ns; /* time of the last answer from outside: the packet's own, for the clock may be held */
	int64_t last_ns; /* … and of the last packet */
	struct end_count ends[WORLD_ENDS];
	uint64_t ends_packets; /* unicast packets with a public end */
	uint64_t public_both;  /* … with two */
	uint64_t packets;      /* IP packets stamped */
	uint64_t two_way;      /* packets that answer one seen before, by the bindings */
	uint64_t refused_macs;
	uint64_t refused_binds;
	uint64_t refused_prefixes;
	uint64_t no_actor; /* packets whose source can't be a sender: multicast, zero, loopback */
};

/* Plans and takes the tables: share is the part of the budget in bytes. -ENOMEM when it can't be had. */
int world_init(struct world *w, struct budget *budget, size_t share, const struct limits *limits,
	       const struct prefix *given, size_t given_n, uint64_t seed);

/*
 * Stamps packets [from, work->n): learns, drops copies and ARP (moving the rest up), fills the stamps. Returns the
 * new number of packets in work.
 */
uint32_t world_stamp(struct world *w, struct work *work, uint32_t from);

/* Local by class or by prefix: given, learned or private. Bindings come on top. */
bool world_prefix_is_local(const struct world *w, const struct addr *a);

/* The binding of an address under a MAC, or NULL. */
struct binding *world_find(const struct world *w, const struct addr *a, uint16_t mac);

/* The keyed hash of an address, with the seed that all tables share. */
uint64_t world_key(const struct world *w, const struct addr *a);

/* Index of a MAC, or NO_MAC. */
uint16_t world_mac_find(const struct world *w, const struct mac *m);

/* What ARP, ND, RA and DHCP say (neighbours.c). The ones below are for it. */
void neighbours_learn(struct world *w, const struct packet *p, uint16_t src_mac);

uint16_t world_mac_get(struct world *w, const struct mac *m);
/* Binds by a claim of the wire; NULL when refused. flag is BIND_ARP or BIND_DHCP. */
struct binding *world_claim(struct world *w, const struct addr *a, uint16_t mac, uint16_t flag,
			    const struct packet *p);
void world_learn_prefix(struct world *w, const struct prefix *p);

/* Answers from outside were seen in the last uplink_silence_s. */
bool world_has_uplink(const struct world *w);

/* Distinct sources behind sources_seen, by linear counting; exact enough below 200. */
uint32_t world_sources(const struct world_mac *m);
bool ttl_is_start(uint8_t ttl);

/* It forwards for others: said so, was sent packets for elsewhere, or its foreign packets' TTLs are counted down. */
bool world_is_router(const struct world_mac *m);
/* It sends from addresses that are not its own, and is no router: the spoofed-source detector's test. */
bool world_is_spoofer(const struct world_mac *m, const struct limits *limits);
