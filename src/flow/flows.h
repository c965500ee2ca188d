/* SPDX-License-Identifier: MIT */
/*
 * Conversations: one table a lane, keyed by the unordered pair of addresses and ports. A lone SYN makes none (design rule
 * 7): an entry is made by a SYN-ACK, or by bytes in a connection whose opening was not seen. A new conversation takes the
 * place of one that is over when there is one among the next few, else a place of its own. In a full table it takes that
 * of one that was never answered or has been silent; when there is none, the new one is refused and counted. What was told
 * of a conversation stays told.
 */
#pragma once

#include "base/addr.h"
#include "base/knowledge.h"
#include "base/stripe.h"
#include "flow/stamp.h"
#include "flow/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_SIDE, SERVER_SIDE }; /* who sends in a direction */

enum side_flag {
	SIDE_KNOWN = 1 << 0,  /* `next` holds */
	SIDE_GAP = 1 << 1,    /* bytes before the next were lost */
	SIDE_CLOSED = 1 << 2, /* a FIN or RST was seen; `end` is the place behind the last byte */
	SIDE_TOLD = 1 << 3,   /* the parser was told that it ended */
	SIDE_SPOKE = 1 << 4,  /* sent bytes, or acknowledged some */
	SIDE_CUT = 1 << 5     /* the capture cut a packet: bytes up to `cut_to` are lost */
};

struct side {
	uint32_t next; /* sequence number of the next byte in order */
	uint32_t end;  /* … of the place behind the last, when closed */
	uint32_t cut_to;
	uint32_t seen;	 /* bytes taken so far, stops at its largest value */
	uint16_t window; /* 1 + place in the pool, 0: none */
	uint8_t flags;	 /* enum side_flag */
};

enum flow_who {
	WHO_OURS = 1 << 0,
	WHO_STRANGER = 1 << 1,
	WHO_PUBLIC = 1 << 2 /* the address is one of the Internet: a stranger's unless it is ours */
};

enum flow_flag {
	FLOW_OPENED = 1 << 0,	/* SYN-ACK seen: it is known who called whom */
	FLOW_ACCEPTED = 1 << 1, /* … and bytes after it */
	FLOW_DEAF = 1 << 2,	/* nobody listens any more */
	FLOW_RESET = 1 << 3
};

/*
 * Two lines of the cache. What a packet of a conversation that nobody listens to any more reads and writes stands in the
 * first, and most packets of long conversations are such.
 */
struct flow {
	struct addr client;
	struct addr server;
	uint16_t client_port;
	uint16_t server_port;
	uint8_t transport; /* PROTO_TCP or PROTO_UDP */
	uint8_t flags;
	uint8_t parser;	 /* 0: not known yet; else 1 + its number */
	uint8_t guesses; /* looks taken in vain */
	uint32_t chain;	 /* 1 + next in the same bucket */
	uint32_t state;	 /* 1 + place in the pool of parsers' states, 0: none */
	int64_t last_ns;
	uint16_t mac[2]; /* of client and server, as in stamps */
	uint8_t who[2];	 /* enum flow_who of the same */
	struct side side[2];
	uint32_t bucket;
	int64_t last_time_ns; /* as the capture says */
	uint64_t last_key;    /* order key of its last packet with bytes */
};

_Static_assert(offsetof(struct flow, side) <= 64 && sizeof(struct flow) <= 128,
	       "a conversation is two lines of the cache");

struct flows {
	struct stripe entries; /* of struct flow */
	struct stripe buckets; /* of uint32_t: 1 + first in the bucket */
	uint64_t seed;
	uint32_t buckets_n; /* a power of two */
	uint32_t n;
	uint32_t cap;
	uint32_t hand;	       /* where the search for a place goes on */
	struct stripe windows; /* of struct window */
	uint32_t windows_cap;
	int64_t idle_ns;
	int64_t answer_ns; /* opened for so long and nobody spoke: over */
	uint64_t refused;
	uint64_t cut;		  /* given up for others while they went on */
	uint64_t refused_windows; /* bytes that found no window */
	/* Called before an entry is used anew. */
	void (*leave)(void *context, struct flow *f);
	void *context;
};

/* What a side says next, in order. */
struct flow_bytes {
	struct bytes data;
	bool gap;    /* bytes before these were lost */
	bool closed; /* the side ends with these */
};

/* The conversation that a packet belongs to, or NULL. `bucket` is flows_bucket() of it; *side is its sender's. */
struct flow *flows_find(const struct flows *t, const struct stamp *s, uint32_t bucket,
			unsigned *side);
/* Makes one, with the packet's sender on that side; NULL when there is no place. */
struct flow *flows_add(struct flows *t, const struct stamp *s, uint32_t bucket, unsigned side);

/* A SYN-ACK says who called whom and where both sides begin. */
void flow_open(struct flows *t, struct flow *f, const struct packet *syn_ack);
/* Takes a TCP packet with bytes, FIN or RST of that side. What it returns must be given to flow_used(). */
struct flow_bytes flow_take(struct flows *t, struct flow *f, unsigned side, const struct packet *p);
/*
 * Of `got` the first `used` bytes are done with; the others are kept until more comes. Returns what can be offered
 * now: nothing (no data, not closed) when all waits. A full window of which nothing was used is given up.
 */
struct flow_bytes flow_used(struct flows *t, struct flow *f, unsigned side,
			    const struct flow_bytes *got, size_t used, int64_t now_ns);
/* The same where all was used up and nothing waits, which is nearly always; false when it is another case. */
static inline bool flow_used_all(struct flow *f, unsigned side, const struct flow_bytes *got,
				 size_t used)
{
	if (used != got->data.len || f->side[side].window != 0)
		return false;
	f->side[side].next += (uint32_t)used;
	return true;
}
/*
 * Whatever still waits on that side, piece by piece: nothing will come before it any more. `again` after the first call;
 * false when the side has ended.
 */
bool flow_rest(struct flows *t, struct flow *f, unsigned side, bool again, struct flow_bytes *got);
/* What waits on that side and was offered before. */
struct flow_bytes flow_waiting(struct flows *t, struct flow *f, unsigned side);
/* A packet of a conversation that nobody listens to: only its end counts. */
void flow_skip(struct flow *f, unsigned side, const struct packet *p);
/* May others take what this conversation has: did it end, was it never answered, or is it silent? */
bool flows_may_go(const struct flows *t, const struct flow *f, int64_t now_ns);
/* The place of an entry in the table. */
uint32_t flows_position(const struct flows *t, const struct flow *f);
struct ages;
/* Takes out those in which nobody spoke since, and closes up; those that stay name their MACs. Positions change. */
void flows_age(struct flows *t, struct ages *a);
/* Nobody listens any more: gives the windows back. */
void flow_forget(struct flows *t, struct flow *f);

static inline struct flow *flows_at(const struct flows *t, uint32_t i)
{
	return stripe_at(&t->entries, i);
}

static inline uint32_t flows_bucket(const struct flows *t, const struct stamp *s)
{
	const struct packet *p = s->packet;
	uint64_t ports = (uint64_t)p->sport * p->dport + ((uint64_t)(p->sport + p->dport) << 32);

	return (uint32_t)((s->pair_key ^ (ports + p->proto) * 0x9e3779b97f4a7c15ULL ^ t->seed) *
				  0xff51afd7ed558ccdULL >>
			  32) &
	       (t->buckets_n - 1);
}

/* Always inline, for the reason given at slots_prefetch. */
static inline __attribute__((always_inline)) void flows_look_far(const struct flows *t,
								 uint32_t bucket)
{
	__builtin_prefetch(stripe_at(&t->buckets, bucket));
}

static inline __attribute__((always_inline)) void flows_look_near(const struct flows *t,
								  uint32_t bucket)
{
	const uint32_t *first = stripe_at(&t->buckets, bucket);
	const char *flow;

	if (*first == 0)
		return;
	flow = (const char *)flows_at(t, *first - 1);
	__builtin_prefetch(flow);
	__builtin_prefetch(flow + 64);
}
