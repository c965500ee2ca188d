/* SPDX-License-Identifier: MIT */
/* Private to listen: what becomes of what a parser tells. */
#pragma once

#include "proto/listen.h"

/* Sets the two calls by which facts and logins come in. */
void listen_telling(struct telling *to);
/* Bytes after the SYN-ACK of this conversation: it was accepted. Once for each. */
void listen_accepted(struct listener *l, struct flow *f);
