/* SPDX-License-Identifier: MIT */
/*
 * Makers' small discovery protocols of which only the first bytes matter: that a device answers in one names its maker. Each
 * line of the table stands for an answer or an announcement that only the device sends; where a question looks the same
 * (Reolink's and PPPP's datagrams, Panasonic's) there is no line, for then the phone that searches would become a camera.
 * Formats were read in public captures (D-Link, miIO), in the makers' or their users' published descriptions (LIFX, Foscam)
 * and in the discovery tools that know them. Names, ids and keys inside are not looked at.
 *
 * MikroTik's MNDP is read for version and board; Reolink's camera port (TCP 9000) for the first header of an answer.
 */
#include "proto/proto.h"

#include "base/scan.h"

struct mark {
	uint16_t at;
	const char *bytes;
	uint8_t len;
};

struct beacon {
	const char *name;
	uint16_t sport; /* 0: any */
	uint16_t dport;
	uint16_t least; /* bytes of the datagram */
	uint16_t most;
	struct mark marks[2];
};

#define MARK(at, text)                                                                             \
	{                                                                                          \
		at, text, sizeof(text) - 1                                                         \
	}

static const struct beacon beacons[] = {
	/* Search protocol of MO_I: command 1 is the answer to 0. */
	{"foscam", 10000, 0, 64, 1500, {MARK(0, "MO_I\x01\x00"), MARK(0, "")}},
	{"vivotek", 10000, 0, 24, 1500, {MARK(1, "\x4a\x5d\x8f\x1c"), MARK(0, "")}},
	/* The question is 44 48 01 01. */
	{"vstarcam", 0, 0, 256, 1500, {MARK(0, "\x44\x48\x01\x08"), MARK(0, "")}},
	/* The MAC as text, then addresses, then the page of the device. */
	{"hanwha", 7701, 0, 262, 1500, {MARK(0, "\x0b"), MARK(133, "http://")}},
	{"hanwha", 0, 7711, 262, 1500, {MARK(0, "\x0b"), MARK(133, "http://")}},
	/* STX, then records that end in ff; the question is ENQ:allinfo. */
	{"sony", 2380, 0, 32, 1500, {MARK(0, "\x02MAC:"), MARK(0, "")}},
	/* The question has the same magic and twelve bytes. */
	{"bosch", 0, 1758, 32, 32, {MARK(0, "\x99\x39\xa4\x27"), MARK(0, "")}},
	{"bosch", 1757, 0, 32, 32, {MARK(0, "\x99\x39\xa4\x27"), MARK(0, "")}},
	/* Cameras announce themselves; questions begin with fd fd. */
	{"dlink", 62976, 62976, 100, 1500, {MARK(0, "\xff\xff"), MARK(4, "\xa0\x00")}},
	/* Type 3 (StateService) of protocol 1024, to one client: only lamps send it. */
	{"lifx", 56700, 0, 41, 41, {MARK(0, "\x29\x00\x00\x14"), MARK(32, "\x03\x00")}},
};

enum { BEACONS = sizeof beacons / sizeof beacons[0] };

static bool has_mark(struct bytes data, const struct mark *m)
{
	return m->len == 0 || bytes_start_with(bytes_from(data, m->at), m->bytes, m->len);
}

static bool is_beacon(const struct beacon *b, struct bytes data, uint16_t sport, uint16_t dport)
{
	return (b->sport == 0 || b->sport == sport) && (b->dport == 0 || b->dport == dport) &&
	       data.len >= b->least && data.len <= b->most && has_mark(data, &b->marks[0]) &&
	       has_mark(data, &b->marks[1]);
}

/* Xiaomi's miIO: 21 31, length, zeros, id, clock, key or checksum. A question has ff wherever the answer has an id. */
static bool is_miio(struct bytes data, uint16_t sport, uint16_t dport)
{
	struct cursor c = cursor_over(data);
	uint16_t magic = cursor_be16(&c), len = cursor_be16(&c);
	uint32_t unknown = cursor_be32(&c), id = cursor_be32(&c);

	return sport == 54321 && dport != 54321 && magic == 0x2131 && len == data.len &&
	       len >= 32 && unknown == 0 && id != 0 && id != 0xffffffff;
}

static const char *name_of(struct bytes data, uint16_t sport, uint16_t dport)
{
	for (size_t i = 0; i < BEACONS; i++) {
		if (is_beacon(&beacons[i], data, sport, dport))
			return beacons[i].name;
	}
	return is_miio(data, sport, dport) ? "miio" : NULL;
}

/* ---- MNDP: header of four bytes, then TLVs with 16 bits of type and of length, the MAC first ---- */

enum { MNDP_PORT = 5678, MNDP_MAC = 1, MNDP_VERSION = 7, MNDP_PLATFORM = 8, MNDP_BOARD = 12 };

static bool next_tlv(struct cursor *c, uint16_t *type, struct bytes *value)
{
	if (cursor_left(c) == 0)
		return false;
	*type = cursor_be16(c);
	*value = cursor_take(c, cursor_be16(c));
	return !c->broken;
}

static bool is_mndp(struct bytes data, uint16_t dport)
{
	struct cursor c = cursor_over(data);
	uint16_t type;
	struct bytes value;

	cursor_skip(&c, 4);
	return dport == MNDP_PORT && next_tlv(&c, &type, &value) && type == MNDP_MAC &&
	       value.len == 6;
}

static void tell_mndp(struct telling *to, const struct talk *t)
{
	struct cursor c = cursor_over(t->data);
	uint16_t type;
	struct bytes value;

	tell_text(to, t, SIGNAL_beacon, SENDER, "mndp");
	cursor_skip(&c, 4);
	while (next_tlv(&c, &type, &value)) {
		if (type == MNDP_VERSION)
			tell(to, t, SIGNAL_mndp_version, SENDER, value);
		else if (type == MNDP_BOARD)
			tell(to, t, SIGNAL_mndp_board, SENDER, value);
	}
}

/* ---- Reolink: 20 bytes of header; class 0x6614 answers a login ---- */

enum { REOLINK_PORT = 9000, REOLINK_HEADER = 20 };

static const char reolink_magic[] = {'\xf0', '\xde', '\xbc', '\x0a'};

static size_t beacons_stream(struct talk *t, struct telling *to)
{
	if (t->from_client || t->packet->sport != REOLINK_PORT)
		return t->data.len;
	if (t->data.len < REOLINK_HEADER && !t->closed && !t->gap)
		return 0;
	if (!t->gap && bytes_start_with(t->data, reolink_magic, sizeof reolink_magic) &&
	    bytes_start_with(bytes_from(t->data, 4), "\x01\x00\x00\x00", 4) &&
	    bytes_start_with(bytes_from(t->data, 18), "\x14\x66", 2))
		tell_text(to, t, SIGNAL_beacon, SENDER, "reolink");
	return STREAM_DONE;
}

static bool beacons_datagram(const struct talk *t, struct telling *to)
{
	const char *name = name_of(t->data, t->packet->sport, t->packet->dport);

	if (name != NULL)
		tell_text(to, t, SIGNAL_beacon, SENDER, name);
	else if (is_mndp(t->data, t->packet->dport))
		tell_mndp(to, t);
	else
		return false;
	return true;
}

static enum match beacons_mine(const struct glance *g)
{
	size_t magic = g->data.len < sizeof reolink_magic ? g->data.len : sizeof reolink_magic;

	if (name_of(g->data, g->sport, g->dport) != NULL || is_mndp(g->data, g->dport))
		return MATCH_YES;
	if (g->sport != REOLINK_PORT && g->dport != REOLINK_PORT)
		return MATCH_NO;
	if (magic > 0 && memcmp(g->data.at, reolink_magic, magic) != 0)
		return MATCH_NO;
	return magic < sizeof reolink_magic ? MATCH_MAYBE : MATCH_YES;
}

const struct proto proto_beacons = {
	.name = "beacons",
	.summary = "makers' discovery datagrams: D-Link, Foscam, LIFX, miIO, MNDP and others",
	.carriers = OVER_UDP | OVER_TCP,
	.ports = {10000, 8600, 2380, MNDP_PORT, REOLINK_PORT, 54321, 56700, 62976},
	.mine = beacons_mine,
	.datagram = beacons_datagram,
	.stream = beacons_stream};
