/* SPDX-License-Identifier: MIT */
/*
 * What the reader's small world says about one packet before the lanes see it. Lanes never look at the world
 * itself: they run at other times and on other threads.
 */
#pragma once

#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	LANES = 64, /* always, whatever the number of threads (design rule 1) */
	NO_MAC = 0xffff
};

enum stamp_kind {
	KIND_SYN = 1 << 0,    /* a TCP SYN alone: the first word of a contact */
	KIND_ANSWER = 1 << 1, /* SYN-ACK, or RST: the answer to a contact */
	KIND_TCP = 1 << 2,    /* TCP that is neither */
	KIND_UDP = 1 << 3,
	KIND_ICMP = 1 << 4,
	KIND_OTHER_IP = 1 << 5,
	KIND_LINK = 1 << 6 /* ARP, LLDP, …: for the parsers alone */
};

enum stamp_flag {
	STAMP_SENDER = 1 << 0,	 /* has a sender's part: state keyed by who sent it */
	STAMP_TARGET = 1 << 1,	 /* has a target's part */
	STAMP_UPLINK = 1 << 2,	 /* answers from outside are seen on this link these minutes */
	STAMP_SRC_OURS = 1 << 3, /* the source is bound to a MAC on our side */
	STAMP_DST_OURS = 1 << 4,
	STAMP_BELIEVED =
		1
		<< 5, /* the source address is the actor's own: not one of a MAC that invents them */
	STAMP_DST_LOCAL = 1 << 6, /* the target's prefix is local */
	STAMP_SRC_LOCAL = 1 << 7
};

struct stamp {
	const struct packet *packet;
	struct addr
		actor; /* who is held to account: the source address, or zero when only the MAC counts */
	uint64_t actor_hash; /* published hash of the actor, which chose the lane */
	uint64_t target_hash;
	uint64_t actor_key; /* keyed hashes of the same: for tables */
	uint64_t target_key;
	uint64_t pair_key; /* the same for both directions between two addresses; set where heard */
	int64_t second;	   /* for rates: stage time, or the packet's own while the clock is held */
	uint16_t src_mac;  /* index in the world's MACs, or NO_MAC */
	uint16_t dst_mac;
	uint8_t actor_lane;
	uint8_t target_lane;
	uint8_t pair_lane; /* chosen by the published hash of the unordered pair; set where heard */
	bool heard;	   /* there may be something in it for a parser */
	uint8_t kind;	   /* one of enum stamp_kind */
	uint8_t flags;
};

/* Sent from our side: from a bound address, or laid to a MAC of ours. */
static inline bool stamp_is_ours(const struct stamp *s)
{
	return (s->flags & STAMP_SRC_OURS) != 0 ||
	       (s->flags & (STAMP_SENDER | STAMP_BELIEVED)) == STAMP_SENDER;
}

/* Sent to one of ours from a name server's port. */
static inline bool stamp_is_name_answer(const struct stamp *s)
{
	return s->kind == KIND_UDP && s->packet->sport == 53 && (s->flags & STAMP_DST_OURS) != 0;
}

/* Everything that goes to the lanes at once. */
enum { WORK_PACKETS = 4096 };

struct work {
	uint32_t n;
	struct packet packets[WORK_PACKETS];
	struct stamp stamps[WORK_PACKETS];
};
