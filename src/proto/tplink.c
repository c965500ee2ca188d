/* SPDX-License-Identifier: MIT */
/*
 * TP-Link's Kasa plugs, bulbs and strips, UDP and TCP 9999: JSON behind an XOR whose key is the byte before, 171 at first;
 * over TCP with its length before it. Read in public descriptions (softScheck 2016, the dissector of Wireshark) and
 * captures. Of the answer to system.get_sysinfo model, kind, firmware and hardware are told; the name that its owner gave it,
 * its ids and the place where it stands are not looked at. A command tells nothing.
 */
#include "proto/proto.h"

#include "base/json.h"
#include "base/scan.h"

enum {
	FIRST_KEY = 171,
	CLEAR_MAX =
		2048, /* what is read of an answer: model and versions come before the sockets of a strip */
	MESSAGE_MAX = 1 << 16,
	OPENING = 2 /* bytes that are enough to know one: `{"` */
};

struct tplink {
	uint32_t skip[2]; /* bytes of a long message that are still to come */
	bool lost[2];	  /* no message's start is known any more */
};

/* The first bytes of a message in clear. */
static struct bytes decipher(struct bytes b, uint8_t *clear, size_t room)
{
	struct cursor c = cursor_over(bytes_upto(b, room));
	uint8_t key = FIRST_KEY;
	size_t n = 0;

	while (cursor_left(&c) > 0) {
		uint8_t byte = cursor_u8(&c);

		clear[n++] = byte ^ key;
		key = byte;
	}
	return (struct bytes){clear, n};
}

/* `{"` and a lower-case letter, as much of it as is there. */
static bool opens_json(struct bytes b)
{
	uint8_t clear[3];
	struct bytes text = decipher(b, clear, sizeof clear);

	return memcmp(clear, "{\"", text.len < OPENING ? text.len : OPENING) == 0 &&
	       (text.len < sizeof clear || (clear[2] >= 'a' && clear[2] <= 'z'));
}

static void tell_value(struct telling *to, const struct talk *t, enum signal signal,
		       struct bytes json, const char *path)
{
	struct bytes value;

	if (json_find(json, path, &value))
		tell(to, t, signal, SENDER, value);
}

static void tell_message(struct telling *to, const struct talk *t, struct bytes message)
{
	uint8_t clear[CLEAR_MAX];
	struct bytes json = decipher(message, clear, sizeof clear), model;

	if (!json_find(json, "system.get_sysinfo.model", &model))
		return;
	tell_service(to, t, SENDER, &proto_tplink);
	tell(to, t, SIGNAL_tplink_model, SENDER, model);
	tell_value(to, t, SIGNAL_tplink_type, json, "system.get_sysinfo.type");
	tell_value(to, t, SIGNAL_tplink_type, json, "system.get_sysinfo.mic_type");
	tell_value(to, t, SIGNAL_tplink_software, json, "system.get_sysinfo.sw_ver");
	tell_value(to, t, SIGNAL_tplink_hardware, json, "system.get_sysinfo.hw_ver");
}

/* A datagram holds one object, which ends in a brace. */
static bool is_object(struct bytes b)
{
	return b.len >= 4 && opens_json(b) && (b.at[b.len - 2] ^ b.at[b.len - 1]) == '}';
}

static bool tplink_datagram(const struct talk *t, struct telling *to)
{
	if (!is_object(t->data))
		return false;
	tell_message(to, t, t->data);
	return true;
}

/* Takes a message's length and shows the message, as much as there is of it. */
static bool take_length(struct cursor *c, uint32_t *len)
{
	*len = cursor_be32(c);
	return *len >= 4 && *len <= MESSAGE_MAX && opens_json(cursor_rest(c));
}

static size_t tplink_stream(struct talk *t, struct telling *to)
{
	struct tplink *s = t->state;
	size_t side = t->from_client ? 0 : 1, there, wanted, used;
	struct cursor c = cursor_over(t->data);
	uint32_t len;

	if (t->gap)
		s->lost[side] = true;
	if (s->lost[side])
		return t->data.len;
	if (s->skip[side] > 0) {
		used = s->skip[side] < t->data.len ? s->skip[side] : t->data.len;
		s->skip[side] -= (uint32_t)used;
		return used;
	}
	if (t->data.len < 4 + OPENING)
		return 0;
	if (!take_length(&c, &len))
		return STREAM_DONE;
	wanted = len < CLEAR_MAX ? len : CLEAR_MAX;
	there = cursor_left(&c);
	if (there < wanted && !t->closed)
		return 0;
	tell_message(to, t, bytes_upto(cursor_rest(&c), len));
	used = len < there ? len : there;
	s->skip[side] = (uint32_t)(len - used);
	return 4 + used;
}

static enum match tplink_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);
	uint32_t len;

	if (g->hinted && is_object(g->data))
		return MATCH_YES;
	if (g->data.len >= 2 && cursor_be16(&c) > 1)
		return MATCH_NO;
	if (g->data.len < 4 + OPENING + 1)
		return MATCH_MAYBE;
	c = cursor_over(g->data);
	return take_length(&c, &len) ? MATCH_YES : MATCH_NO;
}

const struct proto proto_tplink = {.name = "tplink",
				   .summary = "TP-Link's Kasa devices: models and firmware",
				   .carriers = OVER_UDP | OVER_TCP,
				   .state_size = sizeof(struct tplink),
				   .ports = {9999},
				   .mine = tplink_mine,
				   .datagram = tplink_datagram,
				   .stream = tplink_stream};
