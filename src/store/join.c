/* SPDX-License-Identifier: MIT */
/*
 * Who is who over months. The engine names devices by MAC, or by address where no MAC tells them apart; the store keeps a row
 * for each such id and says which of them are one device. Two rules join, and one parts again:
 *
 * - The engine thought again: an id is gone within a life, and another had its address for all of the time that it did.
 * - A phone took another MAC. Both MACs are locally administered (IEEE 802, the second bit of the first octet); both call
 *   themselves by the same name, one that is somebody's own and not what the maker gave all of a kind; both ask for their
 *   lease in the same way; the old one has been silent since before the new one came, and for a quarter of an hour; and
 *   there is nobody else of that name, neither silent nor speaking.
 * - Two identities of one device that speak in turns within a quarter of an hour are two devices: they are parted, and the
 *   one that showed it is never joined again.
 *
 * A wrong join lays one device's deeds to another; two rows for one device are only untidy. So where a rule leaves doubt, two
 * stay two. Who copies a phone's name and way of asking for its lease while that is away is taken for it: nothing on the wire
 * tells them apart.
 */
#include "store/inside.h"

#include "base/timespan.h"

#include <string.h>

#define SILENT_NS (900 * NS_PER_S)
/* How often somebody is looked for that an identity goes on from. */
#define LOOK_NS (60 * NS_PER_S)

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Words that makers give all of a kind, or that say what a thing is and not whose. */
static const char *const common_words[] = {
	"air",	       "android",   "apple",  "asus",	  "book",    "cam",	  "camera",
	"client",      "desktop",   "device", "dhcp",	  "dvr",     "echo",	  "edge",
	"esp",	       "espressif", "fold",   "galaxy",	  "google",  "guest",	  "home",
	"honor",       "host",	    "huawei", "ipad",	  "ipcam",   "iphone",	  "ipod",
	"laptop",      "lenovo",    "linux",  "lite",	  "local",   "localhost", "max",
	"mini",	       "mobile",    "moto",   "motorola", "network", "nokia",	  "none",
	"nord",	       "note",	    "null",   "nvr",	  "oneplus", "openwrt",	  "oppo",
	"phone",       "pixel",	    "plus",   "poco",	  "power",   "printer",	  "prime",
	"raspberrypi", "realme",    "redmi",  "router",	  "samsung", "smart",	  "smartphone",
	"sony",	       "switch",    "tablet", "test",	  "ultra",   "unknown",	  "user",
	"version",     "vivo",	    "watch",  "wifi",	  "windows", "wireless",  "wlan",
	"xiaomi",      "xperia",    "macbook"};

static bool is_common(const char *word, size_t len)
{
	while (len > 0 && word[len - 1] >= '0' && word[len - 1] <= '9')
		len--;
	for (size_t i = 0; i < sizeof common_words / sizeof common_words[0]; i++) {
		if (strlen(common_words[i]) == len && memcmp(common_words[i], word, len) == 0)
			return true;
	}
	return false;
}

/* "annas" and "7q2k9lm" are somebody's own; "iphone", "s9", "g991b" and "2" are what many have. */
static bool word_is_own(const char *word, size_t len)
{
	bool digits = false, letters = false;

	for (size_t i = 0; i < len; i++) {
		digits |= word[i] >= '0' && word[i] <= '9';
		letters |= word[i] < '0' || word[i] > '9';
	}
	if (!letters || is_common(word, len))
		return false;
	return digits ? len >= 7 : len >= 4;
}

bool name_is_distinctive(const char *name)
{
	char word[64];
	size_t len = 0;

	for (;; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80) {
			if (len < sizeof word)
				word[len++] = (char)c;
			continue;
		}
		if (c == '\'') /* "Anna's" is one word */
			continue;
		if (word_is_own(word, len))
			return true;
		len = 0;
		if (c == '\0')
			return false;
	}
}

/* ---- joining ------------------------------------------------------------------------------------------------------- */

/* The one device of this name and way of asking that fell silent before this one came; 0 when there is any doubt. */
static int64_t find_silent(struct store *s, const struct row *r, const char *name,
			   const char *lease)
{
	enum statement q = SQL_NAMESAKES;
	int64_t found = 0;
	bool doubt = false;

	for (bool row = sql_ask(s, q, "tit", name, r->device, lease); row; row = sql_next(s, q)) {
		int64_t last = sql_int(s, q, 2);

		doubt |= last >= r->began_ns || sql_int(s, q, 3) != 0;
		doubt |= time_since(last, s->now_ns) < SILENT_NS;
		doubt |= found != 0 && found != sql_int(s, q, 0);
		found = sql_int(s, q, 0);
	}
	return doubt ? 0 : found;
}

static bool is_random(const struct device *d)
{
	return d->local && d->macs_n == 1 && (d->macs[0].b[0] & 2) != 0;
}

bool join_past(struct store *s, struct row *r, const struct device *d)
{
	int64_t found = 0;

	if (!is_random(d) || r->alone || r->lease == NULL || (r->older & OLDER_JOINED) != 0 ||
	    s->now_ns < r->join_ns)
		return false;
	r->join_ns = s->now_ns + LOOK_NS;
	for (size_t i = 0; i < d->names_n && found == 0; i++) {
		if (name_is_distinctive(d->names[i]))
			found = find_silent(s, r, d->names[i], r->lease);
	}
	if (found == 0)
		return false;
	sql_run(s, SQL_IDENTITY_JOIN, "ii", found, r->device);
	r->device = found;
	r->older |= OLDER_JOINED;
	return true;
}

/* Between two signs of this one, close together, another of the device was seen: they are two. */
static void look_for_two(struct store *s, struct row *r, const struct device *d)
{
	bool between;

	if ((r->older & OLDER_JOINED) == 0 || d->last_ns <= r->last_ns ||
	    time_since(r->last_ns, d->last_ns) >= SILENT_NS)
		return;
	between = sql_ask(s, SQL_DEVICE_BETWEEN, "iiii", r->last_ns, d->last_ns, r->device,
			  r->number) &&
		  sql_int(s, SQL_DEVICE_BETWEEN, 1) > 0;
	sql_done(s, SQL_DEVICE_BETWEEN);
	if (!between)
		return;
	sql_run(s, SQL_DEVICE_RENUMBER, "i", r->number);
	sql_run(s, SQL_IDENTITY_SPLIT, "i", r->number);
	r->device = r->number;
	r->alone = true;
}

void join_look(struct store *s, struct row *r, const struct device *d)
{
	look_for_two(s, r, d);
	join_past(s, r, d);
}

/* ---- gone ------------------------------------------------------------------------------------------------------------ */

/*
 * An id that the engine reports no longer, in the life in which it did. Findings that another has now were never its own; an
 * identity of which nothing is left, begun in this life, was a mistake; one of which earlier lives knew is part of its heir.
 */
static void settle_gone(struct store *s, int64_t number)
{
	int64_t heir = 0;
	bool empty = false;

	sql_run(s, SQL_FINDING_MOVED, "ii", number, (int64_t)s->life);
	if (sql_ask(s, SQL_HEIR, "ii", number, (int64_t)s->life))
		heir = sql_int(s, SQL_HEIR, 0);
	sql_done(s, SQL_HEIR);
	if (heir == 0)
		return;
	if (sql_ask(s, SQL_FINDINGS_LEFT, "i", number))
		empty = sql_int(s, SQL_FINDINGS_LEFT, 0) == 0;
	sql_done(s, SQL_FINDINGS_LEFT);
	if (empty)
		sql_run(s, SQL_IDENTITY_DELETE, "i", number);
	else
		sql_run(s, SQL_IDENTITY_JOIN_ONE, "ii", heir, number);
}

void join_rethought(struct store *s, const struct row *r)
{
	enum statement q = SQL_RETHOUGHT;
	int64_t list[16];
	size_t n = 0;

	for (bool row = sql_ask(s, q, "ii", r->number, (int64_t)s->life); row && n < 16;
	     row = sql_next(s, q))
		list[n++] = sql_int(s, q, 0);
	sql_done(s, q);
	for (size_t i = 0; i < n; i++)
		settle_gone(s, list[i]);
}

int store_gone(struct store *s, const char *id)
{
	int64_t number;
	bool told_now;

	if (s->error != 0 || !sql_ask(s, SQL_IDENTITY_GET, "t", id))
		return s->error;
	number = sql_int(s, SQL_IDENTITY_GET, 0);
	told_now = sql_int(s, SQL_IDENTITY_GET, 2) == (int64_t)s->life;
	sql_done(s, SQL_IDENTITY_GET);
	if (!told_now)
		return s->error;
	sql_run(s, SQL_IDENTITY_GONE, "i", number);
	settle_gone(s, number);
	return s->error;
}
