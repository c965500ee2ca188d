/* SPDX-License-Identifier: MIT */
/*
 * See zone.h; localtime_r(3). The zone's name may come from the variable TZ, so that only letters, digits and signs of it are
 * shown. A time that the library has no answer for stays UTC.
 */
#include "cli/zone.h"

#include "base/put.h"
#include "base/timespan.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

static int64_t floor_seconds(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

int64_t zone_at(int64_t ns, char name[REPORT_ZONE])
{
	const time_t seconds = (time_t)floor_seconds(ns);
	struct tm tm;
	size_t n = 0;

	memcpy(name, "UTC", sizeof "UTC");
	if (localtime_r(&seconds, &tm) == NULL)
		return 0;
	for (const char *s = tm.tm_zone; s != NULL && *s != '\0' && n < REPORT_ZONE - 1; s++)
		if (isalnum((unsigned char)*s) || *s == '+' || *s == '-')
			name[n++] = *s;
	if (n > 0)
		name[n] = '\0';
	return (int64_t)tm.tm_gmtoff * NS_PER_S;
}

void zone_time(struct text *to, int64_t ns)
{
	char name[REPORT_ZONE];
	struct put_date c;
	int64_t here;

	if (__builtin_add_overflow(ns, zone_at(ns, name), &here)) {
		here = ns;
		memcpy(name, "UTC", sizeof "UTC");
	}
	c = put_date_of(here);
	text_printf(to, "%04lld-%02u-%02u %02u:%02u:%02u %s", (long long)c.year, c.month, c.day,
		    c.hour, c.minute, c.second, name);
}
