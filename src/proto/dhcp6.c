/* SPDX-License-Identifier: MIT */
/*
 * DHCP for IPv6 (RFC 8415; client FQDN: RFC 4704; MUD URL: RFC 8520, section 10): what a device says of itself when it
 * asks. Relay messages wrap those of other hosts and are refused; DUIDs are ids and are not read. A message whose
 * options do not add up to its last byte is no such message.
 */
#include "proto/proto.h"

#include "base/scan.h"
#include "proto/names.h"

#include <stdio.h>

enum {
	CLIENT_PORT = 546,
	SERVER_PORT = 547,
	HEADER = 4, /* type and transaction id */
	OPTIONS_MAX = 64,
	OPTION_HIGHEST = 255, /* assigned so far: well below */
	FQDN_MAX = 254
};

enum type {
	SOLICIT = 1,
	ADVERTISE = 2,
	RENEW = 5,
	REBIND = 6,
	REPLY = 7,
	RECONFIGURE = 10,
	INFORMATION_REQUEST = 11
};

enum code {
	CODE_CLIENT_ID = 1,
	CODE_SERVER_ID = 2,
	CODE_PARAMETERS = 6,
	CODE_ELAPSED = 8,
	CODE_VENDOR_CLASS = 16,
	CODE_FQDN = 39,
	CODE_MUD_URL = 112
};

static bool is_from_server(uint8_t type)
{
	return type == ADVERTISE || type == REPLY || type == RECONFIGURE;
}

/* Reads the next option; false at the end or when it is cut. */
static bool next_option(struct cursor *c, uint16_t *code, struct bytes *value)
{
	if (cursor_left(c) == 0)
		return false;
	*code = cursor_be16(c);
	*value = cursor_take(c, cursor_be16(c));
	return !c->broken;
}

/* Clients write to port 547 and servers to 546, and each says who it is, or for how long it has tried. */
static bool adds_up(struct bytes data, uint16_t dport)
{
	struct cursor c = cursor_over(data);
	uint8_t type = cursor_u8(&c);
	unsigned options = 0;
	bool known = false;
	struct bytes value;
	uint16_t code;

	cursor_skip(&c, HEADER - 1);
	if (c.broken || type < SOLICIT || type > INFORMATION_REQUEST ||
	    dport != (is_from_server(type) ? CLIENT_PORT : SERVER_PORT))
		return false;
	while (next_option(&c, &code, &value)) {
		if (code == 0 || code > OPTION_HIGHEST || ++options > OPTIONS_MAX)
			return false;
		known |= code == CODE_CLIENT_ID || code == CODE_SERVER_ID ||
			 (code == CODE_ELAPSED && value.len == 2);
	}
	return known && !c.broken;
}

static enum match dhcp6_mine(const struct glance *g)
{
	return adds_up(g->data, g->dport) ? MATCH_YES : MATCH_NO;
}

static void tell_parameters(const struct talk *t, struct telling *to, struct bytes codes)
{
	struct cursor c = cursor_over(codes);
	char text[TELL_MAX + 1];
	size_t len = 0;

	while (cursor_left(&c) >= 2) {
		int n = snprintf(text + len, sizeof text - len, "%s%u", len > 0 ? "," : "",
				 cursor_be16(&c));

		if (n < 0 || (size_t)n >= sizeof text - len)
			break;
		len += (size_t)n;
	}
	tell(to, t, SIGNAL_dhcp6_parameters, SENDER, (struct bytes){(const uint8_t *)text, len});
}

static bool is_text(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < ' ')
			return false;
	}
	return b.len > 0;
}

/* The maker's number and one or more texts (RFC 8415, 21.16). */
static void tell_vendor_class(const struct talk *t, struct telling *to, struct bytes option)
{
	struct cursor c = cursor_over(option);
	uint32_t enterprise = cursor_be32(&c);

	while (cursor_left(&c) > 0) {
		struct bytes text = cursor_take(&c, cursor_be16(&c));

		if (!c.broken && is_text(text))
			tell_printf(to, t, SIGNAL_dhcp6_vendor_class, SENDER, "%u:%.*s",
				    (unsigned)enterprise, (int)text.len, (const char *)text.at);
	}
}

/* Flags, then labels; a name without the empty label at its end is not complete and fine (RFC 4704, 4.2). */
static void tell_fqdn(const struct talk *t, struct telling *to, struct bytes option)
{
	uint8_t text[FQDN_MAX];

	tell(to, t, SIGNAL_dhcp6_fqdn, SENDER,
	     name_labels(bytes_from(option, 1), text, sizeof text));
}

static void read_option(const struct talk *t, struct telling *to, uint16_t code, struct bytes value)
{
	if (code == CODE_PARAMETERS)
		tell_parameters(t, to, value);
	else if (code == CODE_VENDOR_CLASS)
		tell_vendor_class(t, to, value);
	else if (code == CODE_FQDN)
		tell_fqdn(t, to, value);
	else if (code == CODE_MUD_URL && bytes_begin_nocase(value, "https://") &&
		 value.len <= TELL_MAX)
		tell(to, t, SIGNAL_dhcp6_mud_url, SENDER, value);
}

static bool dhcp6_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	uint8_t type = cursor_u8(&c);
	struct bytes value;
	uint16_t code;

	if (!adds_up(t->data, t->packet->dport))
		return false;
	if (is_from_server(type)) {
		tell_service(to, t, SENDER, &proto_dhcp6);
		return true;
	}
	cursor_skip(&c, HEADER - 1);
	while (next_option(&c, &code, &value))
		read_option(t, to, code, value);
	return true;
}

const struct proto proto_dhcp6 = {.name = "dhcp6",
				  .summary = "hosts asking for IPv6 addresses (RFC 8415)",
				  .carriers = OVER_UDP,
				  .timid = true,
				  .ports = {SERVER_PORT, CLIENT_PORT},
				  .mine = dhcp6_mine,
				  .datagram = dhcp6_datagram};
