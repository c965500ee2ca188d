/* SPDX-License-Identifier: MIT */
/*
 * DHCP for IPv4 (RFC 2131; options: RFC 2132; long ones in pieces: RFC 3396; client FQDN: RFC 4702; MUD URL: RFC 8520,
 * section 10): what a device says of itself when it asks for an address, and who hands addresses out.
 *
 * A relay (giaddr) sends other hosts' messages under its own address, and a repeater may put its own MAC on them: both
 * are told of nobody. A server's answer repeats options of its client, so nothing but its being a server is drawn from
 * it; the host name in an acknowledgement that goes to the client alone is told of the client. Message that does not add up to its last option is told of nobody. Client identifiers are mostly MACs and UUIDs;
 * only text without any run of digits that could be one is told.
 */
#include "proto/proto.h"

#include "base/scan.h"
#include "proto/names.h"

#include <stdio.h>

enum {
	SERVER_PORT = 67,
	CLIENT_PORT = 68,
	FROM_CLIENT = 1, /* op */
	FROM_SERVER = 2,
	HARDWARE_MAX = 16,
	ETHERNET_LEN = 6,
	SNAME_LEN = 64,
	FILE_LEN = 128,
	COOKIE_AT = 236,
	ID_DIGITS = 8, /* hex digits in a row that make an id */
	OPTION_MAX = 255,
	FQDN_HEAD = 3,
	FQDN_ON_WIRE = 4, /* flag E: DNS labels, not text */
	FQDN_MAX = 254
};
#define COOKIE 0x63825363U

enum code {
	CODE_PAD = 0,
	CODE_HOST_NAME = 12,
	CODE_OVERLOAD = 52,
	CODE_TYPE = 53,
	CODE_PARAMETERS = 55,
	CODE_VENDOR_CLASS = 60,
	CODE_CLIENT_ID = 61,
	CODE_FQDN = 81,
	CODE_MUD_URL = 161,
	CODE_END = 255
};

enum type { DISCOVER = 1, OFFER = 2, REQUEST = 3, DECLINE = 4, ACK = 5, RELEASE = 7, INFORM = 8 };

struct option {
	size_t len;
	uint8_t bytes[OPTION_MAX];
};

enum wanted {
	HOST_NAME,
	TYPE,
	OVERLOAD,
	PARAMETERS,
	VENDOR_CLASS,
	CLIENT_ID,
	FQDN,
	MUD_URL,
	WANTED
};

static const uint8_t wanted_codes[WANTED] = {CODE_HOST_NAME,  CODE_TYPE,	 CODE_OVERLOAD,
					     CODE_PARAMETERS, CODE_VENDOR_CLASS, CODE_CLIENT_ID,
					     CODE_FQDN,	      CODE_MUD_URL};

struct message {
	uint8_t op;
	uint8_t hlen;
	struct addr client;  /* ciaddr */
	struct addr offered; /* yiaddr */
	bool relayed;
	struct bytes hardware;
	struct option options[WANTED];
};

static struct bytes option_view(const struct message *m, enum wanted w)
{
	return (struct bytes){m->options[w].bytes, m->options[w].len};
}

static uint8_t option_byte(const struct message *m, enum wanted w)
{
	return m->options[w].len > 0 ? m->options[w].bytes[0] : 0;
}

/* A code that comes again goes on where it stopped (RFC 3396, section 7). */
static bool add_piece(struct message *m, uint8_t code, struct bytes piece)
{
	for (int w = 0; w < WANTED; w++) {
		struct option *o = &m->options[w];

		if (wanted_codes[w] != code || piece.len == 0)
			continue;
		if (o->len + piece.len > OPTION_MAX)
			return false;
		memcpy(o->bytes + o->len, piece.at, piece.len);
		o->len += piece.len;
	}
	return true;
}

static bool read_options(struct message *m, struct bytes area)
{
	struct cursor c = cursor_over(area);

	while (cursor_left(&c) > 0) {
		uint8_t code = cursor_u8(&c);
		struct bytes piece;

		if (code == CODE_PAD)
			continue;
		if (code == CODE_END)
			return true;
		piece = cursor_take(&c, cursor_u8(&c));
		if (c.broken || !add_piece(m, code, piece))
			return false;
	}
	return true;
}

/* Options may go on in `file` and then in `sname` (RFC 2131, 4.1). */
static bool read_message(struct message *m, struct bytes data)
{
	struct cursor c = cursor_over(data);
	struct bytes sname, file;
	uint8_t overload;

	*m = (struct message){.op = cursor_u8(&c)};
	cursor_skip(&c, 1);
	m->hlen = cursor_u8(&c);
	cursor_skip(&c, 9);
	m->client = addr_v4(cursor_be32(&c));
	m->offered = addr_v4(cursor_be32(&c));
	cursor_skip(&c, 4);
	m->relayed = cursor_be32(&c) != 0;
	m->hardware = cursor_take(&c, HARDWARE_MAX);
	sname = cursor_take(&c, SNAME_LEN);
	file = cursor_take(&c, FILE_LEN);
	if (cursor_be32(&c) != COOKIE || c.broken || m->hlen > HARDWARE_MAX ||
	    !read_options(m, cursor_rest(&c)) || m->options[TYPE].len != 1)
		return false;
	overload = option_byte(m, OVERLOAD);
	return ((overload & 1) == 0 || read_options(m, file)) &&
	       ((overload & 2) == 0 || read_options(m, sname));
}

static bool ports_fit(uint8_t op, uint16_t sport, uint16_t dport)
{
	if (op == FROM_CLIENT)
		return dport == SERVER_PORT;
	return op == FROM_SERVER && sport == SERVER_PORT &&
	       (dport == CLIENT_PORT || dport == SERVER_PORT);
}

static enum match dhcp_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);
	uint8_t op = cursor_u8(&c), hlen;

	cursor_skip(&c, 1);
	hlen = cursor_u8(&c);
	cursor_skip(&c, COOKIE_AT - 3);
	return cursor_be32(&c) == COOKIE && hlen <= HARDWARE_MAX &&
			       ports_fit(op, g->sport, g->dport)
		       ? MATCH_YES
		       : MATCH_NO;
}

/* Numbers with commas between; those that do not fit are left out whole. */
static void tell_parameters(const struct talk *t, struct telling *to, struct bytes codes)
{
	char text[TELL_MAX + 1];
	size_t len = 0;

	for (size_t i = 0; i < codes.len; i++) {
		int n = snprintf(text + len, sizeof text - len, "%s%u", len > 0 ? "," : "",
				 codes.at[i]);

		if (n < 0 || (size_t)n >= sizeof text - len)
			break;
		len += (size_t)n;
	}
	tell(to, t, SIGNAL_dhcp_parameters, SENDER, (struct bytes){(const uint8_t *)text, len});
}

/* Printable, with a letter in it, and no run of hex digits (with the marks that MACs and UUIDs have) that is an id. */
static bool is_plain_text(struct bytes b)
{
	unsigned run = 0, letters = 0;

	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = b.at[i];

		if (c < ' ' || c > '~')
			return false;
		letters += ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
		if (ascii_is_hex(c))
			run++;
		else if (c != ':' && c != '-' && c != '.')
			run = 0;
		if (run >= ID_DIGITS)
			return false;
	}
	return letters >= 2;
}

/* Type 0 is "no hardware address" (RFC 2132, 9.14); some leave the type out and begin with the text. */
static void tell_client_id(const struct talk *t, struct telling *to, struct bytes id)
{
	if (id.len > 0 && id.at[0] == 0)
		id = bytes_from(id, 1);
	if (is_plain_text(id))
		tell(to, t, SIGNAL_dhcp_client_id, SENDER, id);
}

/* Flags, two result codes, the name: in labels, or as text by clients of old (RFC 4702, 2.3). */
static void tell_fqdn(const struct talk *t, struct telling *to, struct bytes option)
{
	struct cursor c = cursor_over(option);
	uint8_t flags = cursor_u8(&c), text[FQDN_MAX];

	cursor_skip(&c, FQDN_HEAD - 1);
	if (c.broken)
		return;
	if ((flags & FQDN_ON_WIRE) == 0) {
		tell(to, t, SIGNAL_dhcp_fqdn, SENDER, cursor_rest(&c));
		return;
	}
	tell(to, t, SIGNAL_dhcp_fqdn, SENDER, name_labels(cursor_rest(&c), text, sizeof text));
}

/* Without an address yet the MAC is the sender: then it must be the client's own. */
static bool is_own(const struct message *m, const struct packet *p)
{
	if (m->relayed)
		return false;
	if (!addr_is_zero(&p->src))
		return addr_is_zero(&m->client) || addr_equal(&m->client, &p->src);
	return (p->flags & PACKET_HAS_MAC) == 0 || m->hlen != ETHERNET_LEN ||
	       memcmp(m->hardware.at, p->src_mac.b, ETHERNET_LEN) == 0;
}

static void tell_client(const struct talk *t, struct telling *to, const struct message *m)
{
	struct bytes mud = option_view(m, MUD_URL);

	tell(to, t, SIGNAL_dhcp_host_name, SENDER, option_view(m, HOST_NAME));
	tell_parameters(t, to, option_view(m, PARAMETERS));
	tell(to, t, SIGNAL_dhcp_vendor_class, SENDER, option_view(m, VENDOR_CLASS));
	tell_client_id(t, to, option_view(m, CLIENT_ID));
	tell_fqdn(t, to, option_view(m, FQDN));
	if (bytes_begin_nocase(mud, "https://") && mud.len <= TELL_MAX)
		tell(to, t, SIGNAL_dhcp_mud_url, SENDER, mud);
}

/* A server that gives an address, not one that adds boot files to another's offer. */
static bool is_lease(const struct message *m)
{
	uint8_t type = option_byte(m, TYPE);

	return (type == OFFER || type == ACK) && !m->relayed && !addr_is_zero(&m->offered);
}

/* Mostly the name that the client gave itself, before anybody recorded. */
static void tell_named(const struct talk *t, struct telling *to, const struct message *m)
{
	const struct packet *p = t->packet;

	if (option_byte(m, TYPE) != ACK || !addr_equal(&m->offered, &p->dst))
		return;
	if ((p->flags & PACKET_HAS_MAC) == 0 || m->hlen != ETHERNET_LEN ||
	    memcmp(m->hardware.at, p->dst_mac.b, ETHERNET_LEN) == 0)
		tell(to, t, SIGNAL_dhcp_host_name, RECEIVER, option_view(m, HOST_NAME));
}

static bool is_client_type(uint8_t type)
{
	return type == DISCOVER || type == REQUEST || type == DECLINE || type == RELEASE ||
	       type == INFORM;
}

static bool dhcp_datagram(const struct talk *t, struct telling *to)
{
	struct message m;

	if (!read_message(&m, t->data) || !ports_fit(m.op, t->packet->sport, t->packet->dport))
		return false;
	if (m.op == FROM_CLIENT && is_client_type(option_byte(&m, TYPE)) && is_own(&m, t->packet))
		tell_client(t, to, &m);
	if (m.op == FROM_SERVER && is_lease(&m)) {
		tell_service(to, t, SENDER, &proto_dhcp);
		tell_text(to, t, SIGNAL_dhcp_server, SENDER, "server");
		tell_named(t, to, &m);
	}
	return true;
}

const struct proto proto_dhcp = {.name = "dhcp",
				 .summary = "hosts asking for IPv4 addresses (RFC 2131)",
				 .carriers = OVER_UDP,
				 .timid = true,
				 .ports = {SERVER_PORT, CLIENT_PORT},
				 .mine = dhcp_mine,
				 .datagram = dhcp_datagram};
