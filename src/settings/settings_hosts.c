/* SPDX-License-Identifier: MIT */
/*
 * Lists of hosts in settings: who is never held, who is left alone until a day, and whom one may reach that waits at the gate. A day ends at midnight, UTC, and an
 * exception without an end or a reason is none: it would outlive what it was made for.
 */
#include "settings/settings_table.h"

#include "base/timespan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { YEAR_FIRST = 2016, YEAR_LAST = 2199 };

static const char exception_form[] =
	"a device, a day and why, such as 02:00:5e:00:53:01 until 2027-01-31 the till needs its cloud";

static int wants(struct text *wanted, const char *words)
{
	text_puts(wanted, words);
	return -EINVAL;
}

int settings_host_add(struct settings_hosts *hosts, const char *word, struct text *wanted)
{
	struct settings_host *h = &hosts->list[hosts->n];

	if (hosts->n == SETTINGS_HOSTS)
		return wants(wanted, "64 hosts at most");
	*h = (struct settings_host){.is_mac = mac_parse(word, &h->mac)};
	if (h->is_mac)
		(void)mac_parse(word, &h->mac);
	else if (!addr_parse(word, &h->addr))
		return wants(wanted, "MACs or addresses such as 02:00:5e:00:53:01 or 192.168.1.9");
	hosts->n++;
	return 0;
}

void settings_hosts_write(const struct settings_hosts *hosts, struct text *to)
{
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < hosts->n; i++) {
		const struct settings_host *h = &hosts->list[i];

		text_printf(to, "%s%s", i > 0 ? ", " : "",
			    h->is_mac ? mac_text(&h->mac, buf) : addr_text(&h->addr, buf));
	}
}

/* A name of the domain system (RFC 1123, 2.1), in small letters; "*." before it means all names below. */
static bool read_name(const char *word, char name[SETTINGS_PLACE_NAME])
{
	size_t len = strlen(word), at = strncmp(word, "*.", 2) == 0 ? 2 : 0;
	bool letter = false;

	if (len >= SETTINGS_PLACE_NAME || strchr(word + at, '.') == NULL)
		return false;
	memset(name, 0, SETTINGS_PLACE_NAME);
	memcpy(name, word, at);
	for (char before = '.'; at < len; before = word[at++]) {
		char c = word[at];
		bool plain = isalnum((unsigned char)c) || c == '-' || c == '_';

		if (!plain && (c != '.' || before == '.'))
			return false;
		letter |= isalpha((unsigned char)c) != 0;
		name[at] = (char)tolower((unsigned char)c);
	}
	return letter && name[len - 1] != '.';
}

int settings_place_add(struct settings_places *places, const char *word, struct text *wanted)
{
	struct settings_place *p = &places->list[places->n];

	if (places->n == SETTINGS_PLACES)
		return wants(wanted, "64 names, addresses and networks at most");
	*p = (struct settings_place){.name = ""};
	if (!prefix_parse(word, &p->network) && !read_name(word, p->name))
		return wants(
			wanted,
			"names, addresses or networks such as time.example, *.updates.example or 192.0.2.0/24");
	places->n++;
	return 0;
}

void settings_places_write(const struct settings_places *places, struct text *to)
{
	char buf[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < places->n; i++) {
		const struct settings_place *p = &places->list[i];

		text_printf(to, "%s%s", i > 0 ? ", " : "",
			    p->name[0] != '\0'	     ? p->name
			    : p->network.bits == 128 ? addr_text(&p->network.addr, buf)
						     : prefix_text(&p->network, buf));
	}
}

/* The end of the day "2027-01-31", or false. */
static bool read_day(const char *s, int64_t *end_ns)
{
	struct tm day = {0}, same;
	time_t start;
	char rest;

	/* NOLINTNEXTLINE(cert-err34-c): ten letters, and bounded below */
	int n = sscanf(s, "%4d-%2d-%2d%c", &day.tm_year, &day.tm_mon, &day.tm_mday, &rest);

	if (strlen(s) != 10 || n != 3 || day.tm_year < YEAR_FIRST || day.tm_year > YEAR_LAST)
		return false;
	day.tm_year -= 1900;
	day.tm_mon--;
	same = day;
	start = timegm(&same);
	if (same.tm_mon != day.tm_mon || same.tm_mday != day.tm_mday)
		return false; /* there is no such day */
	*end_ns = ((int64_t)start + 86400) * NS_PER_S;
	return true;
}

static bool is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

int settings_exception_add(struct settings_exceptions *list, const char *value, struct text *wanted)
{
	struct settings_exception *e = &list->list[list->n];
	char mac[MAC_TEXT_MAX], until[6], day[11];
	int at = 0;

	if (*value == '\0') /* the default */
		return 0;
	if (list->n == SETTINGS_HOSTS)
		return wants(wanted, "64 exceptions at most");
	if (sscanf(value, "%17s %5s %10s %n", mac, until, day, &at) != 3 || at == 0 ||
	    strcmp(until, "until") != 0 || !mac_parse(mac, &e->mac) || !read_day(day, &e->until_ns))
		return wants(wanted, exception_form);
	value += at;
	if (*value == '\0' || strlen(value) >= sizeof e->reason || !is_plain(value))
		return wants(wanted, exception_form);
	memset(e->reason, 0, sizeof e->reason); /* settings are compared */
	memcpy(e->reason, value, strlen(value));
	list->n++;
	return 0;
}

void settings_exceptions_write(const struct settings_exceptions *list, const char *key,
			       struct text *to)
{
	char mac[MAC_TEXT_MAX], day[16];

	for (size_t i = 0; i < list->n; i++) {
		const struct settings_exception *e = &list->list[i];
		time_t last = (time_t)(e->until_ns / NS_PER_S - 86400);
		struct tm tm;

		(void)gmtime_r(&last, &tm);
		(void)strftime(day, sizeof day, "%Y-%m-%d", &tm);
		if (i > 0)
			text_printf(to, "\n%s = ", key);
		text_printf(to, "%s until %s %s", mac_text(&e->mac, mac), day, e->reason);
	}
}
