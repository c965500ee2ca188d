/* SPDX-License-Identifier: MIT */
/*
 * Ubiquiti's discovery, UDP 10001: a question is a header of four bytes, an answer or an announcement the same header with
 * TLVs behind it (type, 16 bits of length). Version 1 opens with 01 00, version 2 with 02 06. Read in public captures of an
 * access point, a camera and a gateway; there is no public description. The device's name, its networks' names and its
 * addresses are passed over.
 */
#include "proto/proto.h"

enum { TLV_FIRMWARE = 0x03, TLV_MODEL = 0x0c, TLV_MODEL_FULL = 0x14, DISCOVERY_PORT = 10001 };

/* Takes the header; its length must be that of what follows. */
static bool take_header(struct cursor *c)
{
	uint16_t kind = cursor_be16(c), len = cursor_be16(c);

	return !c->broken && (kind == 0x0100 || kind == 0x0206) && len == cursor_left(c);
}

static bool next_tlv(struct cursor *c, uint8_t *type, struct bytes *value)
{
	*type = cursor_u8(c);
	*value = cursor_take(c, cursor_be16(c));
	return !c->broken;
}

/* The TLVs fill it to the last byte. */
static bool is_whole(struct bytes data)
{
	struct cursor c = cursor_over(data);
	uint8_t type;
	struct bytes value;

	if (!take_header(&c))
		return false;
	while (cursor_left(&c) > 0 && next_tlv(&c, &type, &value))
		;
	return !c.broken;
}

static enum match ubiquiti_mine(const struct glance *g)
{
	if (g->sport != DISCOVERY_PORT && g->dport != DISCOVERY_PORT)
		return MATCH_NO;
	return is_whole(g->data) ? MATCH_YES : MATCH_NO;
}

static bool ubiquiti_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	bool answer = false;
	uint8_t type;
	struct bytes value;

	if (!is_whole(t->data))
		return false;
	take_header(&c);
	while (cursor_left(&c) > 0 && next_tlv(&c, &type, &value)) {
		if (type == TLV_FIRMWARE)
			tell(to, t, SIGNAL_ubiquiti_firmware, SENDER, value);
		else if (type == TLV_MODEL || type == TLV_MODEL_FULL)
			tell(to, t, SIGNAL_ubiquiti_model, SENDER, value);
		else
			continue;
		answer = true;
	}
	if (answer)
		tell_service(to, t, SENDER, &proto_ubiquiti);
	return true;
}

const struct proto proto_ubiquiti = {.name = "ubiquiti",
				     .summary = "Ubiquiti's discovery: models and firmware",
				     .carriers = OVER_UDP,
				     .timid = true,
				     .ports = {DISCOVERY_PORT},
				     .mine = ubiquiti_mine,
				     .datagram = ubiquiti_datagram};
