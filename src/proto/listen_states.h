/* SPDX-License-Identifier: MIT */
/* Private to listen: the states that parsers have in conversations. */
#pragma once

#include "proto/listen.h"

/* The state of this parser for the conversation, made when there is room; NULL otherwise. */
struct parser_state *listen_state(struct listener *l, struct flow *f, uint8_t proto,
				  int64_t now_ns);
void listen_free_states(struct listener *l, struct flow *f);
/* Nobody listens to it any more: its windows and states are for others. */
void listen_turn_deaf(struct listener *l, struct flow *f);
