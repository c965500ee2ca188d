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
#include "base/hash.h"
#include "base/knowledge.h"
#include "base/rates.h"
#include "base/slots.h"
#include "base/timespan.h"
#include "flow/bindings.h"
#include "flow/clock.h"
#include "flow/copies.h"
#include "flow/common_ends.h"
#include "flow/stamp.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WORLD_FIRST = 8,     /* first packets kept as evidence */
	WORLD_PREFIXES = 64, /* given and learned */
	WORLD_NETWORKS =
		2, /* IPv6 networks that a MAC may have global addresses in, by the hop limit alone */
	WORLD_PAIRS = 64 /* pairs of MACs that are remembered */
};

enum mac_flag {
	MAC_OURS = 1 << 0,	  /* seen with a local address of its own */
	MAC_ROUTER_SAID = 1 << 1, /* announced itself by a router advertisement */
	MAC_FREE = 1 << 2	  /* nobody's place: its MAC was forgotten (world_age.h) */
};

enum { MAC_COST = 216 }; /* planned of the budget for a MAC and its words of the index */

/* Three cache lines, the first with what is counted by the packet. */
struct world_mac {
	struct mac mac;
	uint16_t flags;
	uint32_t first_n;
	uint32_t unproven;  /* addresses bound to it that nothing proves yet */
	uint64_t next_hop;  /* frames others sent to it for an address elsewhere: it is a router */
	uint64_t forwarded; /* its frames from foreign sources whose TTL was counted down */
	uint64_t foreign;   /* … whose TTL was a start value */
	uint64_t invented;  /* … and from local addresses that found no place */
	int64_t last_ns;
	uint64_t first_key; /* of the first frame it sent; 0: none yet */

	uint64_t sources_seen[4]; /* linear counting of the sources of `foreign` and `invented` */
	int64_t first_ns;
	uint32_t claims; /* addresses it claimed by ARP or ND */
	uint32_t networks[WORLD_NETWORKS];
	uint32_t next_free; /* MAC_FREE: 1 + the next such place, 0: none */

	_Alignas(64) uint64_t first[WORLD_FIRST]; /* order keys of foreign and invented ones */
};

/* The MACs of a frame as they stand in it, and what was found for them. */
struct mac_pair {
	struct mac dst_mac;
	struct mac src_mac;
	uint16_t known; /* the flags that say which of both the frame had; PAIR_NONE: forgotten */
	uint16_t src;	/* indices, or NO_MAC */
	uint16_t dst;
	uint16_t unused[7]; /* to 32 bytes */
};

enum { PAIR_NONE = 0xffff };

/* A prefix as words to compare with, and which of their bits count. */
struct prefix_words {
	uint64_t high, low;
	uint64_t high_mask, low_mask;
};

struct prefix_word { /* the same, of IPv4 */
	uint32_t low;
	uint32_t mask;
};

struct world {
	const struct limits *limits;
	uint64_t seed;
	struct clock clock;
	struct copies copies;
	struct slots mac_slots;
	struct world_mac *macs;
	uint32_t macs_n; /* places that were given out, those that are free again among them */
	uint32_t macs_cap;
	uint32_t macs_free;   /* 1 + a place to be used again, 0: none */
	uint32_t macs_free_n; /* such places */
	int64_t second;	      /* the second looked up last, and when it began */
	int64_t second_ns;
	uint32_t last_pair; /* of the last frame that said who sent it */
	/* Direct-mapped: few pairs make most of the traffic. Behind them the last whose sender found no place. */
	struct mac_pair pairs[WORLD_PAIRS + 1];
	struct slots bind_slots;
	uint64_t *bind_words; /* of bind_slots, which stand in one piece */
	struct binding *binds;
	uint32_t binds_n;
	uint32_t binds_cap;
	struct rates *rates; /* packets sent, by time: of the bindings that came first */
	uint32_t rates_n;
	uint32_t rates_cap;
	uint32_t rates_given; /* the first so many were given out before */
	uint32_t rates_free;  /* 1 + a place to be used again, 0: none */
	struct prefix prefixes[WORLD_PREFIXES];
	uint32_t prefixes_n;
	uint32_t prefixes_given; /* --local: the first so many; then nothing is learned */
	struct prefix_words wide[WORLD_PREFIXES];  /* those that can hold IPv6 */
	struct prefix_word narrow[WORLD_PREFIXES]; /* and IPv4 */
	uint32_t wide_n;
	uint32_t narrow_n;
	uint8_t local_classes; /* local by their class alone */
	bool public_binds; /* some binding has an address that its class does not show as local */
	bool uplink_seen;
	int64_t uplink_ns; /* time of the last answer from outside: the packet's own, for the clock may be held */
	int64_t last_ns; /* … and of the last packet */
	int64_t uplink_silence_ns;
	struct common_ends ends; /* which address is at nearly every packet's end? */
	uint64_t ends_packets;	 /* unicast packets with a public end */
	uint64_t public_both;	 /* … with two */
	uint64_t packets;	 /* IP packets stamped */
	uint64_t two_way;	 /* packets that answer one seen before, by the bindings */
	uint64_t refused_macs;
	uint64_t refused_binds;
	uint64_t refused_prefixes;
	uint64_t no_actor; /* packets whose source can't be a sender: multicast, zero, loopback */
};

/* Plans and takes the tables: share is the part of the budget in bytes. -ENOMEM when it can't be had. */
int world_init(struct world *w, struct budget *budget, size_t share, const struct limits *limits,
	       const struct prefix *given, size_t given_n, uint64_t seed);

/*
 * Stamps packets [from, work->n): learns, and fills the stamps. Copies have none, and frames of unknown senders that
 * are for parsers alone: stamps close up over them, packets stay where they are. Returns the number of stamps, which is
 * work->n from then on.
 */
uint32_t world_stamp(struct world *w, struct work *work, uint32_t from);

/* Is it in one of the prefixes, given or learned? */
bool world_is_in_prefix(const struct world *w, const struct addr *a);

/* Local by class or by prefix: given, learned or private. Bindings come on top. */
bool world_prefix_is_local(const struct world *w, const struct addr *a);

/* The same with the class of the address at hand. */
static inline bool world_is_local(const struct world *w, const struct addr *a, uint8_t class)
{
	if ((class & w->local_classes) != 0)
		return true;
	return w->prefixes_n > 0 && world_is_in_prefix(w, a);
}

/* The keyed hash of an address, with the seed that all tables share. */
uint64_t world_key(const struct world *w, const struct addr *a);

/* Is there a place for one more MAC? */
static inline bool world_has_mac_room(const struct world *w)
{
	return w->macs_n < w->macs_cap || w->macs_free != 0;
}

/* Index of a MAC, or NO_MAC. */
uint16_t world_mac_find(const struct world *w, const struct mac *m);

/* What ARP, ND, RA and DHCP say (neighbours.c). The ones below are for it. */
static inline bool neighbours_may_learn(const struct packet *p)
{
	return p->proto == PROTO_ARP || p->proto == PROTO_ICMPV6 ||
	       (p->proto == PROTO_UDP && p->sport == 67);
}

void neighbours_learn(struct world *w, const struct packet *p, uint16_t src_mac);

uint16_t world_mac_get(struct world *w, const struct mac *m);
void world_learn_prefix(struct world *w, const struct prefix *p);
/* Adds one that is none of ours yet; there must be room. */
void world_add_prefix(struct world *w, const struct prefix *p);
/* The first n were given: nothing else is local but link-local addresses. 0: none was, private addresses are. */
void world_set_given(struct world *w, uint32_t n);

/* Answers from outside were seen in the last uplink_silence_s. */
static inline bool world_has_uplink(const struct world *w)
{
	return w->uplink_seen && time_is_within(w->last_ns, w->uplink_ns, w->uplink_silence_ns);
}

/* Distinct sources behind sources_seen, by linear counting; exact enough below 200. */
uint32_t world_sources(const struct world_mac *m);

/* A tag of the /64 that an address is in; odd. */
static inline uint32_t world_network(const struct addr *a)
{
	return (uint32_t)hash_mix(hash_load(a->b)) | 1;
}

static inline bool ttl_is_start(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255 || ttl == 32;
}

/* It forwards for others: said so, was sent packets for elsewhere, or its foreign packets' TTLs are counted down. */
bool world_is_router(const struct world_mac *m);
/* It sends from addresses that are not its own, and is no router: the spoofed-source detector's test. */
bool world_is_spoofer(const struct world_mac *m, const struct limits *limits);
