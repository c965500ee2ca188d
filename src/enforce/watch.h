/* SPDX-License-Identifier: MIT */
/*
 * Hears when somebody takes our tables away or changes them, and when an interface or address of this host changes. And
 * says when to put the tables back: at once the first time, and the next time later if it comes soon, so that two programs
 * which both want the firewall don't keep a core busy.
 */
#pragma once

#include "enforce/netlink.h"

enum {
	WATCH_PAUSE_MS = 100,
	WATCH_PAUSE_MOST_MS = 60000,
	WATCH_STEADY_MS = 10000,
	WATCH_LINKS_MS = 100
};

struct watch {
	struct netlink tables, links;
	uint32_t ours[2]; /* whose changes are not somebody's: the portids of our own sockets */
	bool touched;	  /* our tables are not as we left them */
	bool moved;	  /* an interface or an address changed */
	int64_t moved_ms;
	int64_t last_ms;  /* when the tables were put back last */
	int64_t pause_ms; /* … and how long it has to be before the next time */
};

int watch_open(struct watch *w);
/* Reads what came on either socket; never much at a time. */
void watch_read(struct watch *w, int64_t now_ms);
/* Is it time to put the tables back, or to look at the interfaces? */
bool watch_is_due(const struct watch *w, int64_t now_ms);
bool watch_moved_is_due(const struct watch *w, int64_t now_ms);
/* The tables were put back, or it was tried; forgets our own changes that were heard meanwhile. */
void watch_done(struct watch *w, int64_t now_ms, bool good);
/* For poll(): how long until something is due, at most `most`; -1: no end. */
int watch_wait_ms(const struct watch *w, int64_t now_ms, int most);
