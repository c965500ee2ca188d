/* SPDX-License-Identifier: MIT */
/*
 * Writing numbers, times and addresses into room that is there already. Each returns where it ended and writes no NUL. A
 * report of fifty thousand strangers has two million of these, so none goes through printf.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PUT_NUMBER_MAX = 20, PUT_TIME_MAX = sizeof "YYYY-MM-DDTHH:MM:SS.nnnnnnnnn" - 1 };

/* n bytes as they are. Like the others it returns the place behind what it wrote. */
static inline char *put_bytes(char *at, const char *from, size_t n)
{
	memcpy(at, from, n);
	return at + n;
}

/* In decimal. */
char *put_number(char *at, uint64_t value);
/* As addr_text(); room for ADDR_TEXT_MAX. */
char *put_addr(char *at, const struct addr *a);

/* The minute that was written last: nearly always the next time falls into it too. {0} knows none. */
struct put_minute {
	bool known;
	int64_t number; /* since 1970 */
	char text[sizeof "YYYY-MM-DDTHH:MM:" - 1];
};

/*
 * 2016-10-21T11:04:31 and so many digits of the second behind a point, 0 to 9; nanoseconds since 1970, UTC. Room for
 * PUT_TIME_MAX, whatever the digits.
 */
char *put_time(char *at, struct put_minute *minute, int64_t ns, unsigned digits);

struct put_date {
	int64_t year;
	unsigned month;
	unsigned day;
	unsigned hour;
	unsigned minute;
	unsigned second;
	unsigned ns;
};

/* The Gregorian date and time of day, UTC. */
struct put_date put_date_of(int64_t ns);
