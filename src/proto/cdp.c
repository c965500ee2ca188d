/* SPDX-License-Identifier: MIT */
/*
 * CDP, Cisco's discovery protocol, which many others' phones, cameras and switches speak too. The data begins with the
 * header: version, time to live, checksum; then TLVs whose length counts its own four bytes. The layout is the one that
 * Cisco's own documents and the free dissectors agree on; there is no standard. Many device ids end in the serial number in
 * brackets, which is cut off.
 */
#include "proto/proto.h"

#include "base/scan.h"
#include "proto/target.h"

enum { ETHERTYPE = 0x2000 /* behind SNAP */ };

enum { TLV_DEVICE = 1, TLV_VERSION = 5, TLV_PLATFORM = 6, TLV_HEADER = 4 };

/* The next TLV; false at the end, when it is cut or its length can't be. */
static bool next_tlv(struct cursor *c, uint16_t *type, struct bytes *value)
{
	uint16_t len;

	*type = cursor_be16(c);
	len = cursor_be16(c);
	if (len < TLV_HEADER)
		return false;
	*value = cursor_take(c, len - TLV_HEADER);
	return !c->broken;
}

/* Takes the header; the first TLV, which is looked at only, must be whole and of a type in use. */
static bool take_header(struct cursor *c)
{
	uint8_t version = cursor_u8(c);
	struct cursor ahead;
	uint16_t type;
	struct bytes value;

	cursor_skip(c, 3);
	ahead = *c;
	return (version == 1 || version == 2) && next_tlv(&ahead, &type, &value) && type > 0 &&
	       type < 0x40;
}

static enum match cdp_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);

	return take_header(&c) ? MATCH_YES : MATCH_NO;
}

static bool cdp_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	uint16_t type;
	struct bytes value;

	if (!take_header(&c))
		return false;
	while (next_tlv(&c, &type, &value)) {
		if (type == TLV_DEVICE)
			target_tell(to, t, SIGNAL_cdp_device, SENDER, bytes_cut(&value, '('));
		else if (type == TLV_VERSION)
			tell(to, t, SIGNAL_cdp_version, SENDER, bytes_cut(&value, '\n'));
		else if (type == TLV_PLATFORM)
			tell(to, t, SIGNAL_cdp_platform, SENDER, value);
	}
	return true;
}

const struct proto proto_cdp = {.name = "cdp",
				.summary = "what Cisco's gear and phones tell the next switch",
				.carriers = OVER_LINK,
				.ports = {ETHERTYPE},
				.mine = cdp_mine,
				.datagram = cdp_datagram};
