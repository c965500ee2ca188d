/* SPDX-License-Identifier: MIT */
/*
 * IRC (RFC 2812, sections 2.3 and 3.1): who registers with a server, and orders in a channel that only bots are given: a
 * message or a topic that begins with '.' or '!' and a word of a flood or of a search for devices. People chat too, so
 * that somebody registers is told as "irc" and proves nothing. What people write is neither told nor kept.
 */
#include "base/scan.h"
#include "proto/order_words.h"
#include "proto/proto.h"

enum { LINE_LEN = 1024, LINES_LOOKED_AT = 3, USER_WORDS = 5 };

struct irc_state {
	bool nick;
	bool user;
	bool joined;
	bool hello_told;
	bool service_told;
};

/* ---- is it IRC? ------------------------------------------------------------------------------------------------ */

static bool is_channel(struct bytes word)
{
	return word.len > 1 && (word.at[0] == '#' || word.at[0] == '&');
}

static size_t words_of(struct bytes line)
{
	size_t n = 0;

	while (order_word(&line).len > 0)
		n++;
	return n;
}

/* FTP, POP3 and others have USER and PASS too: one line of those is not enough. */
static enum match client_line(struct bytes line)
{
	struct bytes rest = line, verb = order_word(&rest);

	if (bytes_are_nocase(verb, "NICK") || bytes_are(verb, "CAP"))
		return words_of(rest) >= 1 ? MATCH_YES : MATCH_NO;
	if (bytes_are(verb, "JOIN") || bytes_are(verb, "PRIVMSG"))
		return is_channel(order_word(&rest)) ? MATCH_YES : MATCH_NO;
	if (bytes_are_nocase(verb, "USER"))
		return words_of(line) >= USER_WORDS ? MATCH_MAYBE : MATCH_NO;
	return bytes_are_nocase(verb, "PASS") ? MATCH_MAYBE : MATCH_NO;
}

static enum match client_mine(struct bytes data)
{
	struct bytes rest = bytes_upto(data, LINE_LEN), line;

	for (int i = 0; i < LINES_LOOKED_AT; i++) {
		enum match match;

		if (!bytes_line(&rest, &line))
			return rest.len < LINE_LEN ? MATCH_MAYBE : MATCH_NO;
		match = client_line(line);
		if (match != MATCH_MAYBE)
			return match;
	}
	return MATCH_NO;
}

static bool may_begin(struct bytes data)
{
	static const char *const verbs[] = {"NICK ", "USER ", "PASS ", "CAP ", "JOIN ", "PRIVMSG "};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		size_t n = strlen(verbs[i]);

		if (bytes_begin_nocase(data, verbs[i]) ||
		    (data.len < n && memcmp(data.at, verbs[i], data.len) == 0))
			return true;
	}
	return false;
}

/* ":who VERB target :text" */
struct server_line {
	struct bytes verb;
	struct bytes target;
	struct bytes text;
};

static bool read_server_line(struct bytes line, struct server_line *out)
{
	if (line.len == 0 || line.at[0] != ':')
		return false;
	(void)order_word(&line);
	out->verb = order_word(&line);
	out->target = order_word(&line);
	if (bytes_are(out->verb,
		      "332")) /* the topic, told to who joins: "332 nick #channel :text" */
		out->target = order_word(&line);
	line = bytes_trim(line);
	out->text = line.len > 0 && line.at[0] == ':' ? bytes_from(line, 1) : line;
	return true;
}

/* Joined in the middle: somebody speaks in a channel. */
static enum match server_mine(struct bytes data)
{
	struct bytes rest = bytes_upto(data, LINE_LEN), line;
	struct server_line l;

	if (data.at[0] != ':')
		return MATCH_NO;
	if (!bytes_line(&rest, &line))
		return rest.len < LINE_LEN ? MATCH_MAYBE : MATCH_NO;
	if (!read_server_line(line, &l) || !is_channel(l.target))
		return MATCH_NO;
	return bytes_are(l.verb, "PRIVMSG") || bytes_are(l.verb, "TOPIC") ||
			       bytes_are(l.verb, "332") || bytes_are(l.verb, "JOIN")
		       ? MATCH_YES
		       : MATCH_NO;
}

static enum match irc_mine(const struct glance *g)
{
	if (g->data.len == 0)
		return MATCH_NO;
	if (!g->from_client)
		return server_mine(g->data);
	return may_begin(g->data) ? client_mine(g->data) : MATCH_NO;
}

/* ---- what is told ---------------------------------------------------------------------------------------------- */

static void from_client(const struct talk *t, struct telling *to, struct irc_state *s,
			struct bytes line)
{
	struct bytes verb = order_word(&line);

	s->nick |= bytes_are_nocase(verb, "NICK");
	s->user |= bytes_are_nocase(verb, "USER");
	s->joined |= bytes_are_nocase(verb, "JOIN") && is_channel(order_word(&line));
	if (s->hello_told || !((s->nick && s->user) || s->joined))
		return;
	s->hello_told = true;
	tell_text(to, t, SIGNAL_c2_hello, SENDER, "irc");
}

/* ".udp 203.0.113.5 80 30", "!* UDP …", "!name UDP …" */
static bool is_order(struct bytes text, char *buf, size_t size)
{
	struct bytes rest = bytes_from(text, 1);

	if (text.len < 2 || (text.at[0] != '.' && text.at[0] != '!'))
		return false;
	for (int i = 0; i < 2; i++) {
		struct bytes word = order_word(&rest);

		if (order_words(word, rest, buf, size))
			return true;
	}
	return false;
}

static void from_server(const struct talk *t, struct telling *to, struct irc_state *s,
			struct bytes line)
{
	char text[TELL_MAX + 1];
	struct server_line l;

	if (!read_server_line(line, &l))
		return;
	if (bytes_are(l.verb, "001") && s->nick && !s->service_told) {
		s->service_told = true;
		tell_service(to, t, SENDER, &proto_irc);
	}
	if (!bytes_are(l.verb, "PRIVMSG") && !bytes_are(l.verb, "TOPIC") &&
	    !bytes_are(l.verb, "332"))
		return;
	if (is_channel(l.target) && is_order(l.text, text, sizeof text))
		tell_printf(to, t, SIGNAL_c2_command, RECEIVER, "irc %s", text);
}

static size_t irc_stream(struct talk *t, struct telling *to)
{
	struct irc_state *s = t->state;
	struct bytes rest = t->data, line;

	if (t->gap && !t->joined) /* in the midst of a line */
		(void)bytes_line(&rest, &line);
	while (bytes_line(&rest, &line)) {
		if (t->from_client)
			from_client(t, to, s, line);
		else
			from_server(t, to, s, line);
	}
	return rest.len > LINE_LEN ? t->data.len : t->data.len - rest.len;
}

const struct proto proto_irc = {.name = "irc",
				.summary = "chat, and orders to bots in its channels (RFC 2812)",
				.carriers = OVER_TCP,
				.state_size = sizeof(struct irc_state),
				.ports = {6667, 6668, 6669},
				.mine = irc_mine,
				.stream = irc_stream};
