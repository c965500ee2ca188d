/* SPDX-License-Identifier: MIT */
/*
 * Durations, read by one function for the settings file, its variables and every option, so that "2h" is the same
 * everywhere. A sum that does not fit in 64 bits of nanoseconds is refused, never wrapped into a short one.
 */
#include "base/duration.h"

#include "base/timespan.h"

#include <ctype.h>

static int64_t seconds_of(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

bool duration_parse(const char *s, int64_t *ns)
{
	int64_t n = 0, unit;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *s - '0', &n))
			return false;
	unit = seconds_of(*s);
	if (unit == 0 || s[1] != '\0')
		return false;
	return !__builtin_mul_overflow(n, unit * NS_PER_S, ns);
}
