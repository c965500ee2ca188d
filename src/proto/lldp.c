/* SPDX-License-Identifier: MIT */
/*
 * LLDP (IEEE 802.1AB-2016, clause 8): what bridges, phones and access points say of themselves every half minute; the
 * inventory of LLDP-MED (ANSI/TIA-1057, section 10.2.6) and the MUD URL (RFC 8520 section 11). The data begins behind
 * the ethertype. A frame is ours when it opens with chassis, port and time to live, in this order, as the standard demands.
 * The serial number and the asset's tag of an inventory are passed over.
 */
#include "proto/proto.h"

#include "base/scan.h"

enum { ETHERTYPE = 0x88cc };

enum {
	TLV_END,
	TLV_CHASSIS,
	TLV_PORT,
	TLV_TTL,
	TLV_SYSTEM = 5,
	TLV_DESCRIPTION = 6,
	TLV_ORGANISATION = 127
};

enum { MED_FIRMWARE = 6, MED_MANUFACTURER = 9, MED_MODEL = 10, MUD_URL = 1 };

/* The next TLV; false at the end of the frame or when it is cut. */
static bool next_tlv(struct cursor *c, uint8_t *type, struct bytes *value)
{
	uint16_t head = cursor_be16(c);

	*type = (uint8_t)(head >> 9);
	*value = cursor_take(c, head & 0x1ff);
	return !c->broken && *type != TLV_END;
}

/* Takes the three TLVs that every frame begins with. */
static bool take_opening(struct cursor *c)
{
	for (unsigned wanted = TLV_CHASSIS; wanted <= TLV_TTL; wanted++) {
		uint8_t type;
		struct bytes value;

		if (!next_tlv(c, &type, &value) || type != wanted || value.len < 2)
			return false;
	}
	return true;
}

static void tell_inventory(struct telling *to, const struct talk *t, uint8_t subtype,
			   struct bytes value)
{
	if (subtype == MED_FIRMWARE)
		tell(to, t, SIGNAL_lldp_firmware, SENDER, value);
	else if (subtype == MED_MANUFACTURER)
		tell(to, t, SIGNAL_lldp_manufacturer, SENDER, value);
	else if (subtype == MED_MODEL)
		tell(to, t, SIGNAL_lldp_model, SENDER, value);
}

static void tell_organisation(struct telling *to, const struct talk *t, struct bytes value)
{
	struct cursor c = cursor_over(value);
	struct bytes oui = cursor_take(&c, 3);
	uint8_t subtype = cursor_u8(&c);

	if (c.broken)
		return;
	if (memcmp(oui.at, "\x00\x12\xbb", 3) == 0)
		tell_inventory(to, t, subtype, cursor_rest(&c));
	else if (memcmp(oui.at, "\x00\x00\x5e", 3) == 0 && subtype == MUD_URL &&
		 bytes_begin_nocase(cursor_rest(&c), "https://"))
		tell(to, t, SIGNAL_lldp_mud_url, SENDER, cursor_rest(&c));
}

static enum match lldp_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);

	return take_opening(&c) ? MATCH_YES : MATCH_NO;
}

static bool lldp_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	uint8_t type;
	struct bytes value;

	if (!take_opening(&c))
		return false;
	while (next_tlv(&c, &type, &value)) {
		if (type == TLV_SYSTEM)
			tell(to, t, SIGNAL_lldp_system, SENDER, value);
		else if (type == TLV_DESCRIPTION)
			tell(to, t, SIGNAL_lldp_description, SENDER, value);
		else if (type == TLV_ORGANISATION)
			tell_organisation(to, t, value);
	}
	return true;
}

const struct proto proto_lldp = {.name = "lldp",
				 .summary =
					 "names and inventories told to the next switch (802.1AB)",
				 .carriers = OVER_LINK,
				 .ports = {ETHERTYPE},
				 .mine = lldp_mine,
				 .datagram = lldp_datagram};
