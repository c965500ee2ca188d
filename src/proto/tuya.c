/* SPDX-License-Identifier: MIT */
/*
 * Tuya's plugs, bulbs and cameras, which are sold under hundreds of names: every few seconds a device without a phone
 * connected broadcasts what it is, in clear to UDP 6666 (protocol 3.1) or to UDP 6667 with AES-128-ECB under a key that is
 * the MD5 of a published phrase (3.2 to 3.4). From 3.5 on the frame is another (00 00 66 99) and only its shape is known
 * here. TCP 6668 carries commands: that somebody serves it is all that is told. The device's id and address are not looked at.
 *
 * Frame: 00 00 55 aa, sequence, command, length of what follows, return code, payload, checksum, 00 00 aa 55. Read in
 * public captures and in the libraries that local home automation uses.
 */
#include "proto/proto.h"

#include "base/aes.h"
#include "base/json.h"
#include "base/md5.h"
#include "base/scan.h"

enum {
	FRAME_MAX = 4096,
	CLEAR_MAX = 512,    /* of an announcement; they have about 200 bytes */
	COMMAND_MAX = 0x50, /* commands in use end below */
	OLD_HEADER = 16,
	OLD_TAIL = 8,
	NEW_HEADER = 18,
	NEW_REST = 28, /* nonce and tag, at least */
	NEW_TAIL = 4,
	PORT_CLEAR = 6666,
	PORT_HIDDEN = 6667,
	PORT_COMMANDS = 6668
};

struct frame {
	bool is_new;	      /* 3.5 */
	size_t size;	      /* of the whole frame */
	struct bytes payload; /* of an old frame that is there as a whole: return code, text */
};

/* The header, and the rest of what is there. False when it is no frame. */
static bool read_frame(struct bytes data, struct frame *f)
{
	struct cursor c = cursor_over(data);
	uint32_t prefix = cursor_be32(&c), command, len, least;

	*f = (struct frame){.is_new = prefix == 0x6699};
	if (prefix != 0x55aa && !f->is_new)
		return false;
	cursor_skip(&c, f->is_new ? 6 : 4);
	command = cursor_be32(&c);
	len = cursor_be32(&c);
	least = f->is_new ? NEW_REST : OLD_TAIL;
	if (c.broken || command > COMMAND_MAX || len < least || len > FRAME_MAX)
		return false;
	f->size = f->is_new ? NEW_HEADER + len + NEW_TAIL : OLD_HEADER + len;
	if (!f->is_new)
		f->payload = bytes_upto(cursor_rest(&c), len - OLD_TAIL);
	return true;
}

/* A datagram is one frame, from prefix to suffix. */
static bool is_whole(struct bytes data, const struct frame *f)
{
	const char *suffix = f->is_new ? "\x00\x00\x99\x66" : "\x00\x00\xaa\x55";

	return f->size == data.len && bytes_start_with(bytes_from(data, data.len - 4), suffix, 4);
}

/* Returns what the text in buf is: as much as fits it. */
static struct bytes decrypt(struct bytes hidden, uint8_t buf[CLEAR_MAX])
{
	uint8_t key[MD5_SIZE];
	struct aes128 aes;
	size_t n = 0;

	md5(bytes_of("yGAdlopoPVldABfn"), key);
	aes128_init(&aes, key);
	while (n < CLEAR_MAX && hidden.len - n >= AES_BLOCK) {
		aes128_decrypt(&aes, hidden.at + n, buf + n);
		n += AES_BLOCK;
	}
	return (struct bytes){buf, n};
}

/* Old frames of devices have a return code of zero before the text, those of the first generation none. */
static struct bytes text_of(const struct frame *f, uint8_t buf[CLEAR_MAX])
{
	struct bytes text = f->payload;

	if (bytes_start_with(text, "\0\0\0\0", 4))
		text = bytes_from(text, 4);
	if (bytes_begin(text, "{") || text.len == 0 || text.len % AES_BLOCK != 0)
		return text;
	return decrypt(text, buf);
}

static void tell_announcement(struct telling *to, const struct talk *t, struct bytes json)
{
	struct bytes value;

	tell_text(to, t, SIGNAL_beacon, SENDER, "tuya");
	if (json_find(json, "version", &value))
		tell(to, t, SIGNAL_tuya_version, SENDER, value);
	if (json_find(json, "productKey", &value))
		tell(to, t, SIGNAL_tuya_product, SENDER, value);
}

static bool is_announcement_port(uint16_t port)
{
	return port == PORT_CLEAR || port == PORT_HIDDEN;
}

/* Devices broadcast to these ports; phones ask on another one. */
static bool tuya_datagram(const struct talk *t, struct telling *to)
{
	uint8_t buf[CLEAR_MAX];
	struct bytes json, id;
	struct frame f;

	if (!read_frame(t->data, &f) || !is_whole(t->data, &f) ||
	    !is_announcement_port(t->packet->dport))
		return false;
	if (f.is_new) {
		tell_text(to, t, SIGNAL_beacon, SENDER, "tuya");
		return true;
	}
	json = text_of(&f, buf);
	if (!json_find(json, "gwId", &id))
		return false;
	tell_announcement(to, t, json);
	return true;
}

static size_t tuya_stream(struct talk *t, struct telling *to)
{
	struct frame f;

	if (t->from_client || t->packet->sport != PORT_COMMANDS)
		return t->data.len;
	if (t->data.len < NEW_HEADER && !t->closed && !t->gap)
		return 0;
	if (!t->gap && read_frame(t->data, &f)) {
		tell_text(to, t, SIGNAL_beacon, SENDER, "tuya");
		tell_service(to, t, SENDER, &proto_tuya);
	}
	return STREAM_DONE;
}

static enum match tuya_mine(const struct glance *g)
{
	struct frame f;

	if (is_announcement_port(g->dport))
		return read_frame(g->data, &f) && is_whole(g->data, &f) ? MATCH_YES : MATCH_NO;
	if (g->sport != PORT_COMMANDS && g->dport != PORT_COMMANDS)
		return MATCH_NO;
	if (g->data.len >= 4 && !bytes_start_with(g->data, "\x00\x00\x55\xaa", 4) &&
	    !bytes_start_with(g->data, "\x00\x00\x66\x99", 4))
		return MATCH_NO;
	if (g->data.len < NEW_HEADER)
		return MATCH_MAYBE;
	return read_frame(g->data, &f) ? MATCH_YES : MATCH_NO;
}

const struct proto proto_tuya = {.name = "tuya",
				 .summary = "Tuya's announcements: protocol and product",
				 .carriers = OVER_UDP | OVER_TCP,
				 .ports = {PORT_CLEAR, PORT_HIDDEN, PORT_COMMANDS},
				 .mine = tuya_mine,
				 .datagram = tuya_datagram,
				 .stream = tuya_stream};
