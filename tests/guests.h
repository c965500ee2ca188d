/* SPDX-License-Identifier: MIT */
/*
 * Who comes to a household once and never again, as frames in memory: phones with MACs of their own invention, MACs that only
 * claim an address, strangers who call, and strangers who are called. Others each time, for as long as somebody counts.
 */
#pragma once

#include "base/timespan.h"
#include "capture/frame.h"

#include <stddef.h>
#include <stdint.h>

enum { GUESTS_FRAMES = 400, GUESTS_BYTES = 128 };

#define GUESTS_NS (60 * NS_PER_S)

struct guests {
	uint32_t n; /* times they came */
	size_t frames_n;
	struct frame frames[GUESTS_FRAMES];
	uint8_t bytes[GUESTS_FRAMES][GUESTS_BYTES];
};

/* Makes the frames of the next minute. */
void guests_come(struct guests *g, int64_t begin_ns);
