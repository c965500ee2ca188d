/* SPDX-License-Identifier: MIT */
/*
 * Two digits at a time from a table: half the divisions, and these are by constants. The date of a time costs more than
 * all its digits, and is the same for nearly all times of a report: it is kept with its minute.
 */
#include "base/put.h"

#include <string.h>

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

static char *put_pair(char *at, unsigned value)
{
	memcpy(at, pairs + 2 * (size_t)value, 2);
	return at + 2;
}

static unsigned digits_of(uint64_t value)
{
	uint64_t more = 10;
	unsigned n = 1;

	while (n < PUT_NUMBER_MAX && value >= more) {
		more *= 10;
		n++;
	}
	return n;
}

char *put_number(char *at, uint64_t value)
{
	char *end = at + digits_of(value);

	at = end;
	while (value >= 100) {
		at -= 2;
		put_pair(at, (unsigned)(value % 100));
		value /= 100;
	}
	if (value >= 10)
		put_pair(at - 2, (unsigned)value);
	else
		at[-1] = (char)('0' + value);
	return end;
}

static char *put_octet(char *at, unsigned value)
{
	if (value >= 100) {
		*at++ = (char)('0' + value / 100);
		return put_pair(at, value % 100);
	}
	if (value >= 10)
		return put_pair(at, value);
	*at++ = (char)('0' + value);
	return at;
}

char *put_addr(char *at, const struct addr *a)
{
	if (!addr_is_v4(a))
		return at + strlen(addr_text(a, at));
	for (int i = 12; i < 15; i++) {
		at = put_octet(at, a->b[i]);
		*at++ = '.';
	}
	return put_octet(at, a->b[15]);
}

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_DAY (INT64_C(86400) * NS_PER_SECOND)
#define NS_PER_MINUTE (60 * NS_PER_SECOND)

/* How many whole units lie before, or for times before 1970 the unit begun. */
static int64_t whole(int64_t ns, int64_t unit)
{
	return ns >= 0 ? ns / unit : -1 - (-1 - ns) / unit;
}

/*
 * Gregorian date of a time. Years are counted from 1 March 0000, so that the leap day ends the year and months are
 * a straight line: (153 m + 2) / 5 is the number of days before month m.
 */
struct put_date put_date_of(int64_t ns)
{
	int64_t day = whole(ns, NS_PER_DAY);
	int64_t in_day = ns % NS_PER_DAY + (ns % NS_PER_DAY < 0 ? NS_PER_DAY : 0);
	int64_t days =
		day +
		719468; /* 1970-01-01 in days since 0000-03-01; positive for every int64 time */
	int64_t era = days / 146097; /* of 400 years */
	int64_t in_era = days % 146097;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153; /* 0 is March */

	return (struct put_date){
		.year = era * 400 + year + (month >= 10),
		.month = (unsigned)(month < 10 ? month + 3 : month - 9),
		.day = (unsigned)(in_year - (153 * month + 2) / 5 + 1),
		.hour = (unsigned)(in_day / (3600 * NS_PER_SECOND)),
		.minute = (unsigned)(in_day / (60 * NS_PER_SECOND) % 60),
		.second = (unsigned)(in_day / NS_PER_SECOND % 60),
		.ns = (unsigned)(in_day % NS_PER_SECOND),
	};
}

static void keep_minute(struct put_minute *m, int64_t ns, int64_t number)
{
	struct put_date c = put_date_of(ns);
	char *at = m->text;

	m->known = true;
	m->number = number;
	at = put_pair(at, (unsigned)c.year / 100); /* 1677 to 2262: all that 64 bits of ns hold */
	at = put_pair(at, (unsigned)c.year % 100);
	*at++ = '-';
	at = put_pair(at, c.month);
	*at++ = '-';
	at = put_pair(at, c.day);
	*at++ = 'T';
	at = put_pair(at, c.hour);
	*at++ = ':';
	at = put_pair(at, c.minute);
	*at = ':';
}

char *put_time(char *at, struct put_minute *m, int64_t ns, unsigned digits)
{
	int64_t number = whole(ns, NS_PER_MINUTE);
	uint64_t behind = (uint64_t)ns - (uint64_t)number * (uint64_t)NS_PER_MINUTE;
	uint32_t second = (uint32_t)(behind / NS_PER_SECOND);
	uint32_t rest = (uint32_t)(behind % NS_PER_SECOND);

	if (!m->known || m->number != number)
		keep_minute(m, ns, number);
	memcpy(at, m->text, sizeof m->text);
	at = put_pair(at + sizeof m->text, second);
	if (digits == 0)
		return at;
	*at = '.';
	at[1] = (char)('0' + rest / 100000000);
	put_pair(at + 2, rest / 1000000 % 100);
	put_pair(at + 4, rest / 10000 % 100);
	put_pair(at + 6, rest / 100 % 100);
	put_pair(at + 8, rest % 100);
	return at + 1 + digits;
}
