/* SPDX-License-Identifier: MIT */
/*
 * Words of orders in text, from published rules (Snort 32009 and 32010, ET 2027366, 2029913, 2030496) and analyses of IRC
 * bots. A flood needs somebody it is for: chat programs have commands of one such word too.
 */
#include "proto/order_words.h"

#include "base/addr.h"
#include "base/scan.h"

#include <inttypes.h>
#include <stdio.h>

enum { SECONDS_MAX = 7 * 24 * 3600, TARGET_WORDS = 3 };

enum shape {
	ALONE, /* nothing need follow */
	FLOOD, /* a target must follow */
	SWITCH /* "on" or "off" may follow */
};

static const struct order_name {
	const char *word;
	const char *plain;
	enum shape shape;
} names[] = {{"udp", "flood over UDP", FLOOD},
	     {"udpflood", "flood over UDP", FLOOD},
	     {"std", "flood over UDP", FLOOD},
	     {"tcp", "flood over TCP", FLOOD},
	     {"tcpflood", "flood over TCP", FLOOD},
	     {"syn", "flood of TCP SYNs", FLOOD},
	     {"synflood", "flood of TCP SYNs", FLOOD},
	     {"ddos.syn", "flood of TCP SYNs", FLOOD},
	     {"ack", "flood of TCP ACKs", FLOOD},
	     {"ackflood", "flood of TCP ACKs", FLOOD},
	     {"ddos.ack", "flood of TCP ACKs", FLOOD},
	     {"icmpflood", "flood over ICMP", FLOOD},
	     {"pingflood", "flood over ICMP", FLOOD},
	     {"http", "flood of HTTP requests", FLOOD},
	     {"httpflood", "flood of HTTP requests", FLOOD},
	     {"hold", "flood of connections held open", FLOOD},
	     {"junk", "flood of connections with junk", FLOOD},
	     {"tsunami", "flood over TCP", FLOOD},
	     {"ddos", "flood", FLOOD},
	     {"flood", "flood", FLOOD},
	     {"advscan", "search for more devices", ALONE},
	     {"scanall", "search for more devices", ALONE},
	     {"scanner", "search for more devices", SWITCH},
	     {"getlocalip", "say its address", ALONE},
	     {"lolnobye", "end itself", ALONE},
	     {"killattk", "stop its floods", ALONE}};

struct bytes order_word(struct bytes *rest)
{
	*rest = bytes_trim(*rest);
	return bytes_cut(rest, ' ');
}

/* A bare IPv4 address. */
static bool read_target(struct bytes word, struct addr *out)
{
	char text[16];

	if (word.len < 7 || word.len >= sizeof text || memchr(word.at, '\0', word.len) != NULL)
		return false;
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	return addr_parse(text, out) && addr_is_v4(out);
}

/* " at 203.0.113.5 for 30 s" of "203.0.113.5 80 30"; the target may be a name, which is not told. */
static void flood_words(struct bytes arguments, char *buf, size_t size)
{
	struct bytes target = order_word(&arguments), seconds;
	char text[ADDR_TEXT_MAX];
	struct addr at;
	size_t n = 0;
	int64_t s;

	buf[0] = '\0';
	if (read_target(target, &at))
		n = (size_t)snprintf(buf, size, " at %s", addr_text(&at, text));
	(void)order_word(&arguments); /* the port */
	seconds = order_word(&arguments);
	s = bytes_number(seconds);
	if (s > 0 && s <= SECONDS_MAX && n < size)
		snprintf(buf + n, size - n, " for %" PRId64 " s", s);
}

/* Names have dots; words of a chat have none inside. */
static bool is_target(struct bytes word)
{
	size_t dot = bytes_find(word, ".");

	return word.len >= 4 && dot > 0 && dot + 1 < word.len;
}

bool order_words(struct bytes word, struct bytes arguments, char *buf, size_t size)
{
	const struct order_name *name = NULL;
	struct bytes rest = arguments, next = order_word(&rest);
	char more[96] = "";

	for (size_t i = 0; i < sizeof names / sizeof *names && name == NULL; i++) {
		if (bytes_are_nocase(word, names[i].word))
			name = &names[i];
	}
	if (name == NULL || (name->shape == FLOOD && !is_target(next)))
		return false;
	if (name->shape == FLOOD)
		flood_words(arguments, more, sizeof more);
	snprintf(buf, size, "%s%s%s",
		 name->shape == SWITCH && bytes_are_nocase(next, "off") ? "end the " : "",
		 name->plain, more);
	return true;
}
