/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one direction of a TCP connection that can't be used yet: because bytes before them are missing, or
 * because a parser wants to see more at once. A window is taken from a pool when it is needed and given back when it is
 * empty. Bytes that came first stay: who sends another text for the same place later, to show one thing to us and another
 * to the receiver, changes nothing.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WINDOW_BYTES = 8192,
	WINDOW_RANGES = 6 /* pieces that may lie apart */
};

struct window_range {
	uint16_t from;
	uint16_t to;
};

struct window {
	uint32_t owner; /* 1 + position of the flow; 0: free */
	uint8_t side;	/* direction of the flow */
	uint8_t ranges_n;
	struct window_range ranges[WINDOW_RANGES]; /* sorted, apart; the first may begin at 0 */
	int64_t touched_ns;
	uint8_t bytes[WINDOW_BYTES]; /* [0] is the next byte in order */
};

/* Puts bytes at their place; what lies outside, over bytes that are there, or in a piece too many is left out. */
void window_put(struct window *w, uint32_t offset, struct bytes data);
/* The bytes in order from 0 on: none while the first is missing. */
struct bytes window_front(const struct window *w);
/* Takes n bytes off the front; bytes missing there are gone. */
void window_drop(struct window *w, uint32_t n);
/* Where the first byte that is there stands; WINDOW_BYTES when there is none. */
uint32_t window_first(const struct window *w);

static inline bool window_is_empty(const struct window *w)
{
	return w->ranges_n == 0;
}
