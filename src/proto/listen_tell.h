/* SPDX-License-Identifier: MIT */
/* Private to listen: what becomes of what a parser tells. */
#pragma once

#include "proto/listen.h"

/* Sets the two calls by which facts and logins come in. */
void listen_telling(struct telling *to);
/* enum flow_who of a packet's sender or receiver. */
uint8_t listen_who(const struct stamp *s, bool sender);
/* Bytes after a SYN-ACK: the connection was accepted. Told once. */
void listen_accepted(struct listener *l, struct flow *f);
