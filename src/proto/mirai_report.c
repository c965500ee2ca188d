/* SPDX-License-Identifier: MIT */
/*
 * A bot of Mirai's kind reports a device whose password it found: a zero byte, the device's address and port, then user and
 * password behind a length each, written at once to a server that does not answer (port 48101 of the first ones; any is
 * looked at). From published analyses of the traffic. Told is the device only: neither user nor password is ever kept.
 *
 * The lengths must close exactly and the port must be telnet's, which random bytes do once in 2^30; so one message is
 * enough. An address that no host may have, a name that can't be typed, or a server that speaks are another protocol's.
 */
#include "base/addr.h"
#include "proto/proto.h"

enum { PORT = 48101, HEAD = 7 /* zero, address, port */, WORD_MAX = 32 };

/* By the first number of an address. */
static bool is_host(uint8_t first)
{
	return first != 0 && first != 127 && first < 224;
}

static bool is_telnet(uint16_t port)
{
	return port == 23 || port == 2323;
}

/* A length and so many bytes that can be typed. */
static enum match word(struct cursor *c, size_t least)
{
	size_t left = cursor_left(c), len, have;

	if (left == 0)
		return MATCH_MAYBE;
	len = cursor_u8(c);
	have = len < left - 1 ? len : left - 1;
	if (len < least || len > WORD_MAX)
		return MATCH_NO;
	for (size_t i = 0; i < have; i++) {
		uint8_t byte = cursor_u8(c);

		if (byte < ' ' || byte > '~')
			return MATCH_NO;
	}
	return have == len ? MATCH_YES : MATCH_MAYBE;
}

static enum match read_report(struct bytes data, struct addr *victim, uint16_t *port)
{
	struct cursor c = cursor_over(data);
	enum match match;

	if (data.len < 2)
		return data.len == 1 && data.at[0] == 0 ? MATCH_MAYBE : MATCH_NO;
	if (data.at[0] != 0 || !is_host(data.at[1]))
		return MATCH_NO;
	if (data.len < HEAD)
		return MATCH_MAYBE;
	cursor_skip(&c, 1);
	*victim = addr_v4(cursor_be32(&c));
	*port = cursor_be16(&c);
	if (!is_telnet(*port))
		return MATCH_NO;
	match = word(&c, 1);
	if (match == MATCH_YES)
		match = word(&c, 0);
	return match == MATCH_YES && cursor_left(&c) > 0 ? MATCH_NO : match;
}

static enum match mirai_report_mine(const struct glance *g)
{
	struct addr victim;
	uint16_t port;

	return g->from_client ? read_report(g->data, &victim, &port) : MATCH_NO;
}

static size_t mirai_report_stream(struct talk *t, struct telling *to)
{
	char text[ADDR_TEXT_MAX];
	struct addr victim;
	enum match match;
	uint16_t port;

	if (!t->from_client || (t->gap && !t->joined))
		return STREAM_DONE;
	match = read_report(t->data, &victim, &port);
	if (match == MATCH_MAYBE && !t->closed)
		return 0;
	if (match == MATCH_YES)
		tell_printf(to, t, SIGNAL_c2_report, SENDER, "mirai %s:%u",
			    addr_text(&victim, text), port);
	return STREAM_DONE;
}

const struct proto proto_mirai_report = {
	.name = "mirai_report",
	.summary = "Mirai's bots: reports of devices whose password they found",
	.carriers = OVER_TCP,
	.ports = {PORT},
	.mine = mirai_report_mine,
	.stream = mirai_report_stream};
