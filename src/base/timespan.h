/* SPDX-License-Identifier: MIT */
/* Distances between times in ns, safe over the whole range: a damaged file's stamps reach both ends of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static inline uint64_t time_apart(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static inline bool time_is_within(int64_t a, int64_t b, int64_t span)
{
	return time_apart(a, b) <= (uint64_t)span;
}

/* From then to now, negative when now lies before it; where 64 bits don't hold that, the nearest they do. */
static inline int64_t time_since(int64_t then, int64_t now)
{
	int64_t gap;

	if (__builtin_sub_overflow(now, then, &gap))
		return now > then ? INT64_MAX : INT64_MIN;
	return gap;
}
