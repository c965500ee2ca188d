/* SPDX-License-Identifier: MIT */
/*
 * Time stamps of pcapng: a 64-bit count of ticks, whose length an interface states as a power of ten or of two
 * (if_tsresol), on top of an offset in whole seconds (if_tsoffset).
 */
#pragma once

#include <stdint.h>

enum {
	TICK_MICROSECONDS = 6, /* what an interface has that states nothing */
	TICK_BINARY = 0x80     /* set: 2^-n seconds, else 10^-n; n is the rest */
};

/* Nanoseconds since 1970; what a signed 64-bit count can't hold becomes its nearest end. */
int64_t tick_ns(uint64_t ticks, uint8_t resolution, int64_t offset_s);
