/* SPDX-License-Identifier: MIT */
/*
 * The talk of Mirai's bots with their command server, on any port: a check-in (00 00 00 01, a length, a name), two zero bytes
 * from the bot that the server sends back, and orders whose lengths close exactly. Written from published analyses of the
 * traffic (Snort 42114, ET 2030489 to 2030491; the layout of orders from recorded ones): nothing of the bot itself was read.
 *
 * Other talk looks alike, so nothing is told before both ends have behaved. 00 00 00 01 begins H.264 units (a length of 0x67
 * and no printable name follows) and is BitTorrent's "choke" (whose keep-alives are four zero bytes, ours are messages of
 * two); so the check-in counts when the server then echoes a keep-alive or gives an order, one with a name also when two
 * keep-alives and nothing else follow. A connection whose beginning was not seen needs three echoes, some seconds apart,
 * and nothing else.
 */
#include "proto/mirai_order.h"

#include "base/scan.h"
#include "base/timespan.h"
#include "proto/proto.h"

enum {
	ID_MAX = 32,
	ECHOES_JOINED = 3,  /* that make a connection known whose check-in was not seen */
	ECHO_APART_S = 5,   /* bots speak once a minute; polled devices many times a second */
	ECHO_WITHIN_S = 30, /* an answer that comes later answers nothing */
	MOOBOT_HEAD = 3,    /* 33 66 99 */
	HELLO_HEAD = 4	    /* 00 00 00 01 */
};

enum kind { KIND_NONE, KIND_MIRAI, KIND_MOOBOT, KIND_SHIINA };

static const uint8_t mirai_head[HELLO_HEAD] = {0, 0, 0, 1};
static const uint8_t moobot_head[MOOBOT_HEAD] = {0x33, 0x66, 0x99};
static const uint8_t shiina_hello[8] = {1, 3, 3, 7, 4, 2, 0, 6};
static const uint8_t zeros[2] = {0, 0};

struct c2_state {
	char id[ID_MAX + 1];
	uint8_t kind; /* of the check-in; KIND_NONE: joined behind it */
	bool begun;   /* the bot was heard before */
	bool asked;   /* the bot's keep-alive has no answer yet */
	bool known;   /* beyond doubt: what is told is told at once */
	uint8_t echoes;
	uint64_t hello_key; /* packet of the check-in … */
	int64_t hello_ns;
	int64_t asked_ns; /* … and time of the last keep-alive */
};

/* ---- is it Mirai's? -------------------------------------------------------------------------------------------- */

static bool begins(struct bytes data, const uint8_t *head, size_t n)
{
	return data.len == 0 || memcmp(data.at, head, data.len < n ? data.len : n) == 0;
}

/* A length and so many printable bytes: MATCH_YES when the data ends with them. */
static enum match named(struct bytes data, size_t head)
{
	size_t len, have;

	if (data.len <= head)
		return MATCH_MAYBE;
	len = data.at[head];
	have = data.len - head - 1;
	if (len > ID_MAX || have > len)
		return MATCH_NO;
	for (size_t i = 0; i < have; i++) {
		if (data.at[head + 1 + i] <= ' ' || data.at[head + 1 + i] > '~')
			return MATCH_NO;
	}
	return have == len ? MATCH_YES : MATCH_MAYBE;
}

/* A whole check-in and nothing behind it; *kind says which. */
static enum match check_in(struct bytes data, enum kind *kind)
{
	if (begins(data, mirai_head, sizeof mirai_head)) {
		*kind = KIND_MIRAI;
		return named(data, HELLO_HEAD);
	}
	if (begins(data, moobot_head, sizeof moobot_head)) {
		*kind = KIND_MOOBOT;
		return named(data, MOOBOT_HEAD);
	}
	*kind = KIND_SHIINA;
	if (data.len > sizeof shiina_hello || !begins(data, shiina_hello, sizeof shiina_hello))
		return MATCH_NO;
	return data.len == sizeof shiina_hello ? MATCH_YES : MATCH_MAYBE;
}

static bool are_zeros(struct bytes data)
{
	return data.len == sizeof zeros && memcmp(data.at, zeros, sizeof zeros) == 0;
}

static bool are_all_zero(struct bytes data)
{
	for (size_t i = 0; i < data.len; i++) {
		if (data.at[i] != 0)
			return false;
	}
	return true;
}

static enum match mirai_c2_mine(const struct glance *g)
{
	enum kind kind;

	if (are_zeros(g->data))
		return MATCH_YES;
	if (g->from_client)
		return check_in(g->data, &kind);
	return g->data.len == 1 && g->data.at[0] == 0 ? MATCH_MAYBE : MATCH_NO;
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

static enum party bot_of(const struct talk *t)
{
	return t->from_client ? SENDER : RECEIVER;
}

/* Of a name only what can't be text of somebody's: letters, digits, dots. */
static void keep_name(struct c2_state *s, struct bytes name)
{
	size_t n = name.len < ID_MAX ? name.len : ID_MAX;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = name.at[i];

		s->id[i] = (char)(ascii_is_alnum(c) || c == '.' ? c : '*');
	}
	s->id[n] = '\0';
}

/* Both ends have behaved: the check-in is told by its own packet. */
static void sure(const struct talk *t, struct telling *to, struct c2_state *s)
{
	static const char *const names[] = {"mirai", "mirai", "mirai moobot", "mirai shiina"};
	struct packet first = *t->packet;
	struct talk then = *t;

	if (s->known)
		return;
	s->known = true;
	if (s->hello_key == 0)
		return;
	first.key = s->hello_key;
	first.time_ns = s->hello_ns;
	then.packet = &first;
	tell_printf(to, &then, SIGNAL_c2_hello, bot_of(t), "%s%s%s", names[s->kind],
		    s->id[0] == '\0' ? "" : " ", s->id);
}

/* ---- the bot --------------------------------------------------------------------------------------------------- */

static size_t read_hello(const struct talk *t, struct telling *to, struct c2_state *s)
{
	struct bytes data = t->data;
	enum kind kind = KIND_NONE;
	enum match match = check_in(data, &kind);

	if (match != MATCH_YES)
		return match == MATCH_MAYBE && !t->closed ? 0 : STREAM_DONE;
	s->begun = true;
	s->kind = (uint8_t)kind;
	/* Behind an opening that was not seen five bytes alone may be BitTorrent's. */
	if (!t->joined || kind != KIND_MIRAI || data.len > HELLO_HEAD + 1) {
		s->hello_key = t->packet->key;
		s->hello_ns = t->packet->time_ns;
	}
	if (kind == KIND_MIRAI)
		keep_name(s, (struct bytes){data.at + HELLO_HEAD + 1, data.len - HELLO_HEAD - 1});
	else if (kind == KIND_MOOBOT)
		keep_name(s, (struct bytes){data.at + MOOBOT_HEAD + 1, data.len - MOOBOT_HEAD - 1});
	else
		sure(t, to, s); /* eight bytes that mean nothing else */
	return data.len;
}

static void ask(const struct talk *t, struct telling *to, struct c2_state *s)
{
	int64_t since = time_since(s->asked_ns, t->packet->time_ns);

	if (!s->known && s->hello_key == 0 && (s->asked || since < ECHO_APART_S * NS_PER_S))
		s->echoes = 0;
	/* A name, silence, two zero bytes, and again: answers may be lost, or never come. */
	if (s->asked && s->id[0] != '\0' && s->kind == KIND_MIRAI)
		sure(t, to, s);
	s->asked = true;
	s->asked_ns = t->packet->time_ns;
}

static size_t from_bot(const struct talk *t, struct telling *to, struct c2_state *s)
{
	bool first = !s->begun;

	if (t->data.len == 0)
		return 0;
	if (t->data.len == 1 && t->data.at[0] == 0 && !t->closed)
		return 0;
	if (first && !(t->gap && are_zeros(t->data)))
		return read_hello(t, to, s);
	s->begun = true;
	/* Several at once are sent again together. */
	if (!are_zeros(t->data) && !(s->known && are_all_zero(t->data)))
		return s->known && t->gap ? t->data.len : STREAM_DONE;
	ask(t, to, s);
	return t->data.len;
}

/* ---- the server ------------------------------------------------------------------------------------------------ */

static void echo(const struct talk *t, struct telling *to, struct c2_state *s)
{
	int64_t after = time_since(s->asked_ns, t->packet->time_ns);

	if (!s->asked || after > ECHO_WITHIN_S * NS_PER_S) {
		s->echoes = 0; /* its question may be lost */
		return;
	}
	s->asked = false;
	if (s->echoes < UINT8_MAX)
		s->echoes++;
	if (s->hello_key != 0 || s->echoes >= ECHOES_JOINED)
		sure(t, to, s);
	if (s->known)
		tell_text(to, t, SIGNAL_c2_alive, bot_of(t), "mirai");
}

/* Returns the bytes of the order, 0: they are not all there; STREAM_DONE: it is none. */
static size_t order(const struct talk *t, struct telling *to, struct c2_state *s, struct bytes data)
{
	char text[TELL_MAX + 1];
	struct mirai_order o;
	enum match match = mirai_order_read(data, &o);

	if (match == MATCH_MAYBE && !t->closed && !t->gap && s->begun)
		return 0;
	if (match != MATCH_YES || (s->hello_key == 0 && s->echoes == 0 && !s->known))
		return STREAM_DONE;
	sure(t, to, s);
	mirai_order_text(&o, text, sizeof text);
	tell_printf(to, t, SIGNAL_c2_command, bot_of(t), "mirai %s", text);
	return o.whole;
}

static bool is_moobot_answer(const struct c2_state *s, struct bytes data)
{
	return s->kind == KIND_MOOBOT && data.len == MOOBOT_HEAD &&
	       memcmp(data.at, moobot_head, MOOBOT_HEAD) == 0;
}

static size_t from_server(const struct talk *t, struct telling *to, struct c2_state *s)
{
	struct bytes rest = t->data;

	if (is_moobot_answer(s, rest)) {
		sure(t, to, s);
		return rest.len;
	}
	if (s->kind == KIND_MOOBOT && !s->known && rest.len < MOOBOT_HEAD &&
	    begins(rest, moobot_head, MOOBOT_HEAD))
		return 0;
	/* Four zero bytes at once are another protocol's, until it is sure which it is. */
	while (rest.len >= sizeof zeros) {
		bool zero = rest.at[0] == 0 && rest.at[1] == 0;
		size_t used = zero ? sizeof zeros : order(t, to, s, rest);

		if (zero && rest.len > sizeof zeros && !s->known && s->hello_key == 0)
			return STREAM_DONE;
		if (used == STREAM_DONE)
			return s->known && t->gap ? t->data.len : STREAM_DONE;
		if (used == 0)
			break;
		if (zero)
			echo(t, to, s);
		rest.at += used;
		rest.len -= used;
	}
	return t->data.len - rest.len;
}

static size_t mirai_c2_stream(struct talk *t, struct telling *to)
{
	struct c2_state *s = t->state;

	return t->from_client ? from_bot(t, to, s) : from_server(t, to, s);
}

const struct proto proto_mirai_c2 = {
	.name = "mirai_c2",
	.summary = "Mirai's bots and their command server: check-in, keep-alive, orders",
	.carriers = OVER_TCP,
	.state_size = sizeof(struct c2_state),
	.mine = mirai_c2_mine,
	.stream = mirai_c2_stream};
