/* SPDX-License-Identifier: MIT */
/*
 * Ticks to nanoseconds, exactly (rounded down), for every resolution that the format can state (draft-ietf-opsawg-
 * pcapng, section 4.2), without 128-bit integers: those are missing on the 32-bit routers cordon runs on. A stranger
 * chooses all three inputs, so every step is bounded.
 */
#include "capture/tick.h"

#include <stdbool.h>

#define SECOND_NS UINT64_C(1000000000)

struct instant {
	uint64_t seconds;
	uint64_t ns; /* below SECOND_NS */
};

/* 10^n, or 0 when 64 bits don't hold it. */
static uint64_t power_of_ten(unsigned n)
{
	if (n > 19)
		return 0;
	uint64_t p = 1;
	while (n-- > 0)
		p *= 10;
	return p;
}

static struct instant from_decimal(uint64_t ticks, unsigned n)
{
	if (n <= 9) {
		uint64_t per_second = power_of_ten(n);
		return (struct instant){.seconds = ticks / per_second,
					.ns = ticks % per_second * (SECOND_NS / per_second)};
	}
	uint64_t per_ns = power_of_ten(n - 9);
	uint64_t ns = per_ns == 0 ? 0 : ticks / per_ns;
	return (struct instant){.seconds = ns / SECOND_NS, .ns = ns % SECOND_NS};
}

static struct instant from_binary(uint64_t ticks, unsigned n)
{
	uint64_t seconds = n < 64 ? ticks >> n : 0;
	uint64_t part = n < 64 ? ticks & ((UINT64_C(1) << n) - 1) : ticks;
	if (n < 32)
		return (struct instant){.seconds = seconds, .ns = part * SECOND_NS >> n};
	/* part * SECOND_NS >> n in two halves of 32 bits; the bits that the lower one leaves never count. */
	uint64_t low = (part & UINT32_MAX) * SECOND_NS;
	uint64_t high = (part >> 32) * SECOND_NS + (low >> 32);
	return (struct instant){.seconds = seconds, .ns = n - 32 < 64 ? high >> (n - 32) : 0};
}

static int64_t clamp_ns(bool negative)
{
	return negative ? INT64_MIN : INT64_MAX;
}

int64_t tick_ns(uint64_t ticks, uint8_t resolution, int64_t offset_s)
{
	unsigned n = resolution & (TICK_BINARY - 1u);
	struct instant t =
		resolution & TICK_BINARY ? from_binary(ticks, n) : from_decimal(ticks, n);
	if (t.seconds > INT64_MAX)
		t.seconds =
			INT64_MAX; /* centuries beyond what ns can say, whatever the offset adds */
	int64_t seconds;
	int64_t ns;
	if (__builtin_add_overflow((int64_t)t.seconds, offset_s, &seconds))
		return clamp_ns(offset_s < 0);
	if (__builtin_mul_overflow(seconds, (int64_t)SECOND_NS, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)t.ns, &ns))
		return clamp_ns(seconds < 0);
	return ns;
}
