/* SPDX-License-Identifier: MIT */
/*
 * NetBIOS names (RFC 1001; formats: RFC 1002, section 4.2): what a host registers, refreshes, defends or lists as its
 * own. Group names belong to nobody, a name asked for belongs to somebody else, and a name server answers for others:
 * an answer counts when it gives the address it comes from. Names of the messenger service are passed over, since
 * they are the names of people who are logged in.
 */
#include "proto/names.h"
#include "proto/proto.h"

enum {
	PORT = 137,
	FLAG_RESPONSE = 0x8000,
	RCODE = 0x000f,
	OPCODE_QUERY = 0,
	OPCODE_REGISTRATION = 5,
	OPCODE_RELEASE = 6,
	OPCODE_WAIT = 7,
	OPCODE_REFRESH = 8,
	OPCODE_REFRESH_OLD = 9, /* 1002 has both numbers for it, in 4.2.1.1 and 4.2.4 */
	OPCODE_MULTIHOMED =
		15, /* registration by a host with several addresses, as Windows does it */
	TYPE_NB = 0x20,
	TYPE_NBSTAT = 0x21,
	FLAG_GROUP = 0x8000,
	FLAG_ACTIVE = 0x0400,
	FLAG_CONFLICT = 0x0800,
	FLAG_DEREGISTERING = 0x1000,
	NAME_BYTES = 16, /* 15 and the suffix */
	ENCODED = 2 * NAME_BYTES,
	SUFFIX_MESSENGER = 0x03,
	ADDRESSES_MAX = 16
};

static uint16_t opcode_of(const struct names *n)
{
	return n->flags >> 11 & 0xf;
}

/* First-level encoding (1001, 14.1): each half byte is a letter from A to P. A scope may follow behind a dot. */
static bool decode_name(struct bytes encoded, uint8_t name[NAME_BYTES])
{
	struct cursor c = cursor_over(encoded);

	for (int i = 0; i < NAME_BYTES; i++) {
		uint8_t high = (uint8_t)(cursor_u8(&c) - 'A'), low = (uint8_t)(cursor_u8(&c) - 'A');

		if (c.broken || high > 0xf || low > 0xf)
			return false;
		name[i] = (uint8_t)(high << 4 | low);
	}
	return cursor_left(&c) == 0 || cursor_u8(&c) == '.';
}

/* Tells "NAME<20>". */
static void tell_name(const struct talk *t, struct telling *to, const uint8_t *name)
{
	uint8_t suffix = name[NAME_BYTES - 1];
	int len = NAME_BYTES - 1;

	if (suffix == SUFFIX_MESSENGER || name[0] == '*')
		return;
	while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\0'))
		len--;
	for (int i = 0; i < len; i++) {
		if (name[i] < ' ')
			return;
	}
	if (len > 0)
		tell_printf(to, t, SIGNAL_nbns_name, SENDER, "%.*s<%02X>", len, (const char *)name,
			    suffix);
}

static bool counts_are_sane(const struct names *n)
{
	unsigned questions = n->count[SECTION_QUESTION], answers = n->count[SECTION_ANSWER];

	if ((n->flags & FLAG_RESPONSE) != 0)
		return questions == 0 && answers <= 1;
	return questions == 1 && answers == 0 && n->count[SECTION_ADDITIONAL] <= 1;
}

static bool opcode_is_known(uint16_t opcode)
{
	return opcode == OPCODE_QUERY || opcode == OPCODE_MULTIHOMED ||
	       (opcode >= OPCODE_REGISTRATION && opcode <= OPCODE_REFRESH_OLD);
}

static enum match nbns_mine(const struct glance *g)
{
	uint8_t name[NAME_BYTES];
	struct names n;
	struct entry first;
	enum names_end end;

	if ((g->sport != PORT && g->dport != PORT) || !names_open(&n, g->data) ||
	    !opcode_is_known(opcode_of(&n)) || !counts_are_sane(&n))
		return MATCH_NO;
	if (!names_next(&n, &first) || first.class != CLASS_IN ||
	    !decode_name(name_view(&first.name), name))
		return MATCH_NO;
	end = names_walk(&n, NULL);
	return end == NAMES_MALFORMED ? MATCH_NO : MATCH_YES;
}

/* Flags and addresses of one name (1002, 4.2.1.3): is it no group's, and is the sender among its owners? */
static bool owns(const struct packet *p, struct bytes rdata, bool must_hold_sender)
{
	struct cursor c = cursor_over(rdata);
	bool any = false;

	for (int i = 0; i < ADDRESSES_MAX && cursor_left(&c) > 0; i++) {
		uint16_t flags = cursor_be16(&c);
		struct addr a = addr_v4(cursor_be32(&c));

		if (c.broken || (flags & FLAG_GROUP) != 0)
			return false;
		any |= !must_hold_sender || addr_is_zero(&p->src) || addr_equal(&a, &p->src);
	}
	return any;
}

/* The answer to a node status request (1002, 4.2.18); the statistics behind the names hold the MAC and are not read. */
static void read_status(const struct talk *t, struct telling *to, struct bytes rdata)
{
	struct cursor c = cursor_over(rdata);

	for (unsigned left = cursor_u8(&c); left > 0; left--) {
		struct bytes name = cursor_take(&c, NAME_BYTES);
		uint16_t flags = cursor_be16(&c);

		if (c.broken)
			return;
		if ((flags & (FLAG_GROUP | FLAG_CONFLICT | FLAG_DEREGISTERING)) == 0 &&
		    (flags & FLAG_ACTIVE) != 0)
			tell_name(t, to, name.at);
	}
}

static void read_entry(const struct talk *t, struct telling *to, const struct names *n,
		       const struct entry *e)
{
	bool response = (n->flags & FLAG_RESPONSE) != 0;
	uint16_t opcode = opcode_of(n);
	uint8_t name[NAME_BYTES];

	if (response && e->section == SECTION_ANSWER && opcode == OPCODE_QUERY) {
		if (e->type == TYPE_NBSTAT)
			read_status(t, to, e->rdata);
		else if (e->type == TYPE_NB && owns(t->packet, e->rdata, true) &&
			 decode_name(name_view(&e->name), name))
			tell_name(t, to, name);
	}
	if (!response && e->section == SECTION_ADDITIONAL && e->type == TYPE_NB &&
	    opcode != OPCODE_QUERY && opcode != OPCODE_RELEASE && opcode != OPCODE_WAIT &&
	    owns(t->packet, e->rdata, false) && decode_name(name_view(&e->name), name))
		tell_name(t, to, name);
}

static bool nbns_datagram(const struct talk *t, struct telling *to)
{
	struct names n;
	struct entry e;

	if (!names_open(&n, t->data) || !opcode_is_known(opcode_of(&n)) || !counts_are_sane(&n))
		return false;
	if ((n.flags & FLAG_RESPONSE) != 0 && t->packet->sport == PORT &&
	    opcode_of(&n) == OPCODE_QUERY)
		tell_service(to, t, SENDER, &proto_nbns);
	while ((n.flags & RCODE) == 0 && names_next(&n, &e)) {
		if (e.class == CLASS_IN)
			read_entry(t, to, &n, &e);
	}
	return names_end(&n) != NAMES_MALFORMED;
}

const struct proto proto_nbns = {.name = "nbns",
				 .summary = "NetBIOS names (RFC 1001, 1002)",
				 .carriers = OVER_UDP,
				 .timid = true,
				 .ports = {PORT},
				 .mine = nbns_mine,
				 .datagram = nbns_datagram};
