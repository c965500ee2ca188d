/* SPDX-License-Identifier: MIT */
/*
 * The talk of Gafgyt's bots (Bashlite, Qbot) with their command server, lines of text on any port: the bot registers in words
 * that differ from fork to fork, the server says PING and is answered PONG, and orders begin with "!* " and a word in
 * capitals. From published analyses and rules (Snort 32009 and 32010, ET 2027366, 2029913, 2030496).
 *
 * An order is a sign that nothing else has. PING and PONG alone are not: NATS says them to either side, IRC with a name
 * behind. They count from the second exchange on, only without anything beside them, and never where the client asks too.
 */
#include "proto/order_words.h"
#include "base/scan.h"
#include "proto/proto.h"

enum { LINE_LEN = 512, EXCHANGES = 2, PORT_NATS = 4222 };

struct gafgyt_state {
	bool known;	 /* beyond doubt */
	bool greeted;	 /* the check-in is told, or can't be any more */
	bool heard;	 /* the bot said something */
	bool checked_in; /* … and that was a check-in whose form is known */
	bool pinged;	 /* the server's PING has no answer yet */
	uint8_t exchanges;
	uint64_t hello_key; /* packet of the bot's first line … */
	int64_t hello_ns;
};

static bool is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* "ver:1.500000:null:" */
static bool is_check_in(struct bytes text)
{
	return bytes_begin(text, "ver:") && text.len >= 7 && ascii_is_digit(text.at[4]) &&
	       text.at[5] == '.';
}

static bool is_ping(struct bytes text)
{
	return bytes_are(text, "PING") || bytes_are(text, "PING\n") || bytes_are(text, "PING\r\n");
}

/* Many forks answer "PONG!". */
static bool is_pong(struct bytes text)
{
	return bytes_are(text, "PONG") || bytes_are(text, "PONG!");
}

static bool is_beginning(struct bytes text, const char *whole)
{
	return text.len < strlen(whole) && memcmp(text.at, whole, text.len) == 0;
}

static enum match gafgyt_c2_mine(const struct glance *g)
{
	if (g->sport == PORT_NATS || g->dport == PORT_NATS || g->data.len == 0)
		return MATCH_NO;
	if (g->from_client) {
		if (is_check_in(g->data))
			return MATCH_YES;
		return is_beginning(g->data, "ver:0.0") && g->data.len < 5 ? MATCH_MAYBE : MATCH_NO;
	}
	if (bytes_begin(g->data, "!* ") && g->data.len > 3)
		return is_capital(g->data.at[3]) ? MATCH_YES : MATCH_NO;
	if (is_ping(g->data))
		return MATCH_YES;
	return is_beginning(g->data, "!* ?") || is_beginning(g->data, "PING\r\n") ? MATCH_MAYBE
										  : MATCH_NO;
}

static enum party bot_of(const struct talk *t)
{
	return t->from_client ? SENDER : RECEIVER;
}

/* The check-in is told by its own packet, once something behind it has shown what it was. */
static void sure(const struct talk *t, struct telling *to, struct gafgyt_state *s)
{
	struct packet first = *t->packet;
	struct talk then = *t;

	s->known = true;
	if (s->greeted || s->hello_key == 0)
		return;
	s->greeted = true;
	first.key = s->hello_key;
	first.time_ns = s->hello_ns;
	then.packet = &first;
	tell_text(to, &then, SIGNAL_c2_hello, bot_of(t), "gafgyt");
}

/* "!* WORD …": true when it is one. */
static bool order(const struct talk *t, struct telling *to, struct gafgyt_state *s,
		  struct bytes line)
{
	struct bytes rest = bytes_from(line, 3), word;
	char text[TELL_MAX + 1];

	if (!bytes_begin(line, "!* ") || rest.len == 0 || !is_capital(rest.at[0]))
		return false;
	word = order_word(&rest);
	sure(t, to, s);
	if (order_words(word, rest, text, sizeof text))
		tell_printf(to, t, SIGNAL_c2_command, bot_of(t), "gafgyt %s", text);
	else
		tell_text(to, t, SIGNAL_c2_command, bot_of(t), "gafgyt order of another kind");
	return true;
}

/* A line of the server. False: it is no Gafgyt's. */
static bool from_server(const struct talk *t, struct telling *to, struct gafgyt_state *s,
			struct bytes line)
{
	if (line.len == 0 || order(t, to, s, line))
		return true;
	if (bytes_are(line, "PING")) {
		s->pinged = true;
		return true;
	}
	return s->known;
}

static void pong(const struct talk *t, struct telling *to, struct gafgyt_state *s)
{
	if (!s->pinged)
		return;
	s->pinged = false;
	if (s->exchanges < UINT8_MAX)
		s->exchanges++;
	if (s->exchanges >= EXCHANGES || s->checked_in)
		sure(t, to, s);
	if (s->known)
		tell_text(to, t, SIGNAL_c2_alive, bot_of(t), "gafgyt");
}

static bool from_bot(const struct talk *t, struct telling *to, struct gafgyt_state *s,
		     struct bytes line)
{
	bool first = !s->heard;

	if (line.len == 0)
		return true;
	if (bytes_are(line, "PING"))
		return false;
	s->heard = true;
	if (is_pong(line)) {
		pong(t, to, s);
		return true;
	}
	if (!first || (t->gap && !t->joined))
		return s->known;
	s->checked_in = is_check_in(line);
	s->hello_key = t->packet->key;
	s->hello_ns = t->packet->time_ns;
	if (s->known)
		sure(t, to, s);
	return true;
}

/* Takes the next line; PING and PONG need no end, and the mark behind a PONG may come late. False: none is whole. */
static bool take_line(const struct talk *t, struct bytes *rest, struct bytes *line)
{
	bool whole;

	if (t->from_client && bytes_begin(*rest, "!"))
		*rest = bytes_from(*rest, 1);
	whole = t->from_client ? is_pong(*rest) : bytes_are(*rest, "PING");
	if (whole || (t->closed && rest->len > 0 && !bytes_hold(*rest, "\n"))) {
		*line = bytes_trim(*rest);
		*rest = bytes_from(*rest, rest->len);
		return true;
	}
	return bytes_line(rest, line);
}

static size_t gafgyt_c2_stream(struct talk *t, struct telling *to)
{
	struct gafgyt_state *s = t->state;
	struct bytes rest = t->data, line;

	while (take_line(t, &rest, &line)) {
		bool fits = t->from_client ? from_bot(t, to, s, line) : from_server(t, to, s, line);

		if (!fits)
			return t->gap && s->known ? t->data.len : STREAM_DONE;
	}
	return rest.len > LINE_LEN ? STREAM_DONE : t->data.len - rest.len;
}

const struct proto proto_gafgyt_c2 = {
	.name = "gafgyt_c2",
	.summary = "Gafgyt's bots and their command server: check-in, PING and PONG, orders",
	.carriers = OVER_TCP,
	.state_size = sizeof(struct gafgyt_state),
	.mine = gafgyt_c2_mine,
	.stream = gafgyt_c2_stream};
