/* SPDX-License-Identifier: MIT */
/*
 * "2016-10-21T11:04:31Z", "2016-10-21 13:04:31.5 +02:00", "2016-10-21 11:04:31 UTC" (RFC 3339, section 5.6 and its note on
 * the blank). A time without a zone is none: an abuse notice read an hour off accuses a neighbour. "-00:00" says that the
 * zone is not known and counts as UTC, as the RFC wants it.
 */
#include "cli/moment.h"

#include "base/timespan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { YEAR_FIRST = 1970, YEAR_LAST = 2200, DAY_S = 86400 };

/* Exactly `digits` of them. */
static bool take(const char **s, int digits, int least, int most, int *out)
{
	int n = 0;

	for (int i = 0; i < digits; i++, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		n = n * 10 + (**s - '0');
	}
	*out = n;
	return n >= least && n <= most;
}

static bool take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **s, int64_t *days)
{
	int year, month, day;

	if (!take(s, 4, YEAR_FIRST, YEAR_LAST, &year) || !take_char(s, '-') ||
	    !take(s, 2, 1, 12, &month) || !take_char(s, '-') || !take(s, 2, 1, 31, &day) ||
	    day > days_in(year, month))
		return false;
	*days = day - 1;
	for (int y = YEAR_FIRST; y < year; y++)
		*days += 337 + days_in(y, 2);
	for (int m = 1; m < month; m++)
		*days += days_in(year, m);
	return true;
}

static bool take_clock(const char **s, int64_t *ns)
{
	int hour, minute, second;
	int64_t place = NS_PER_S / 10;

	if (!take(s, 2, 0, 23, &hour) || !take_char(s, ':') || !take(s, 2, 0, 59, &minute) ||
	    !take_char(s, ':') || !take(s, 2, 0, 60, &second))
		return false;
	*ns = ((int64_t)hour * 3600 + minute * 60 + second) * NS_PER_S;
	if (**s != '.')
		return true;
	(*s)++;
	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++, place /= 10)
		*ns += (**s - '0') * place;
	return true;
}

static bool take_zone(const char *s, int64_t *east_s)
{
	int sign = *s == '-' ? -1 : 1;
	int hours, minutes;

	*east_s = 0;
	if (strcasecmp(s, "Z") == 0 || strcasecmp(s, "UTC") == 0 || strcasecmp(s, "GMT") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	s++;
	if (!take(&s, 2, 0, 23, &hours))
		return false;
	(void)take_char(&s, ':');
	if (!take(&s, 2, 0, 59, &minutes) || *s != '\0')
		return false;
	*east_s = sign * ((int64_t)hours * 3600 + minutes * 60);
	return true;
}

enum moment moment_parse(const char *s, int64_t *ns)
{
	int64_t days, clock, east_s;

	if (!take_date(&s, &days) || (*s != 'T' && *s != 't' && *s != ' '))
		return MOMENT_WRONG;
	s++;
	if (!take_clock(&s, &clock))
		return MOMENT_WRONG;
	while (*s == ' ')
		s++;
	if (*s == '\0')
		return MOMENT_NO_ZONE;
	if (!take_zone(s, &east_s))
		return MOMENT_WRONG;
	*ns = days * DAY_S * NS_PER_S + clock - east_s * NS_PER_S;
	return MOMENT_OK;
}
