/* SPDX-License-Identifier: MIT */
/*
 * The stage between flow and identify: finds out which protocol a packet or a connection speaks, offers the bytes to its
 * parser, and keeps what the parser tells. One listener a lane; what two addresses say to each other always meets the same
 * one. It runs in input order and does no I/O.
 */
#pragma once

#include "base/budget.h"
#include "base/catalogue.h"
#include "base/knowledge.h"
#include "flow/flows.h"
#include "flow/stamp.h"
#include "flow/world.h"
#include "proto/ears.h"
#include "proto/facts.h"
#include "proto/proto.h"

#include <stddef.h>
#include <stdint.h>

/* State of one parser for one conversation, and of the parsers that live on bodies of HTTP. */
struct parser_state {
	uint32_t owner; /* 1 + position of the flow; 0: free */
	uint8_t proto;
	uint32_t next; /* 1 + another one of the same flow: of a body's parser */
	_Alignas(16) uint8_t bytes[PROTO_STATE_MAX];
};

enum { UNHEARD_CELLS = 256 };

/* Datagrams of one conversation that were nobody's, one after the other. */
struct unheard {
	uint32_t tag;
	uint32_t n;
};

struct listener {
	struct telling telling; /* first: parsers get this and mean the whole */
	const struct ears *ears;
	const struct catalogue *catalogue;
	const struct limits *limits;
	struct flows flows;
	struct facts facts;
	struct stripe states; /* of struct parser_state */
	uint32_t states_n;
	uint32_t states_cap;
	uint32_t states_used; /* the first so many were given out before */
	uint32_t states_free; /* 1 + place of the one given back last, 0: none */
	uint32_t states_hand;
	struct unheard unheard[UNHEARD_CELLS];
	const struct stamp *stamp; /* of the packet at hand … */
	struct flow *flow;	   /* … its conversation, or NULL */
	uint8_t proto;		   /* … and its parser */
	uint64_t malformed;	   /* datagrams that looked like a protocol and were not */
	uint64_t refused_states;
	uint64_t encrypted; /* conversations of which nothing more can be read */
	uint64_t packets;   /* offered to a parser */
};

struct listeners {
	struct ears ears;
	struct listener lane[LANES];
};

/* Takes the tables of all lanes from the budget, share bytes of it. 0 or -ENOMEM. */
int listeners_init(struct listeners *l, struct budget *budget, size_t share,
		   const struct limits *limits, const struct catalogue *catalogue, uint64_t seed);

/* Takes the work through the lanes that are `worker` modulo `workers`. */
void listeners_run(struct listeners *l, const struct work *work, unsigned worker, unsigned workers);

struct ages;
/* Forgets conversations, facts and logins. Those that stay name their MACs. */
void listeners_age(struct listeners *l, const struct world *w, struct ages *a);
/* How full the stores of facts are. surveyed: so much is known of the world as after world_survey(). */
void listeners_press(struct listeners *l, const struct world *w, struct ages *a, bool surveyed);

/* All packets were seen: what still waits is offered, and every side ends. Once, before the facts are read. */
void listeners_finish(struct listeners *l);
