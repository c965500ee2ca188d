/* SPDX-License-Identifier: MIT */
/* The packets process's side of guard/message.h. */
#pragma once

#include "guard/message.h"

/* What comes along with an answer: a socket, and by AF_XDP the link of its program and the map for the socket. */
enum { ASKED_SOCKET, ASKED_LINK, ASKED_MAP, ASKED_MOST };

struct asked {
	int fds[ASKED_MOST]; /* the caller's; -1: none */
	unsigned index;	     /* of the interface */
};

/*
 * Asks the guard something about an interface. 0 and *out; else -errno, what the guard met or
 * -ETIMEDOUT. A guard that ended in the middle is started again: it is asked again, for ten seconds in all.
 */
int ask_guard(int guard, enum guard_type what, const char *name, struct asked *out);
