/* SPDX-License-Identifier: MIT */
/*
 * SNMP versions 1 and 2c (RFC 1157, RFC 1901, RFC 3416) in BER: what a device says it is (sysDescr), and communities, which
 * are passwords without a user. A wrong community gets no answer (RFC 1157, section 4.1), so an answer to the same
 * request shows that this one is right. Version 3 is encrypted or hashed and not read.
 *
 * Strict: every length must fill what it stands in, or the datagram is somebody else's.
 */
#include "base/scan.h"
#include "proto/plain.h"
#include "proto/proto.h"

enum {
	TAG_INTEGER = 0x02,
	TAG_STRING = 0x04,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	PDU_GET = 0xa0,
	PDU_NEXT = 0xa1,
	PDU_RESPONSE = 0xa2,
	PDU_SET = 0xa3,
	PDU_TRAP = 0xa4, /* version 1: another form */
	PDU_BULK = 0xa5,
	PDU_REPORT = 0xa8,

	COMMUNITY_MAX = 64,
	WAITING = 4 /* requests that are remembered */
};

struct snmp_request {
	int32_t id;
	uint16_t sport;
	uint16_t dport;
	uint64_t key;
	int64_t time_ns;
	uint8_t len; /* of the community; 0: the place is free */
	char community[COMMUNITY_MAX];
};

struct snmp_state {
	struct snmp_request waiting[WAITING];
	char told[COMMUNITY_MAX + 1]; /* the community that was told last */
	uint8_t next;		      /* place for the next request */
	bool serves;
};

struct snmp_message {
	struct bytes community;
	uint8_t pdu;
	int32_t id;
	int32_t error;
	struct bytes bindings;
};

/* One element with that tag. Lengths of one to three bytes; the indefinite form is not allowed (RFC 3417, section 8). */
static struct bytes take(struct cursor *c, uint8_t tag)
{
	size_t len;

	if (cursor_u8(c) != tag)
		c->broken = true;
	len = cursor_u8(c);
	if (len == 0x81)
		len = cursor_u8(c);
	else if (len == 0x82)
		len = cursor_be16(c);
	else if (len >= 0x80)
		c->broken = true;
	return cursor_take(c, len);
}

static int32_t take_integer(struct cursor *c)
{
	struct bytes b = take(c, TAG_INTEGER);
	struct cursor digits = cursor_over(b);
	uint32_t value;

	if (b.at == NULL || b.len == 0 || b.len > 5) {
		c->broken = true;
		return 0;
	}
	value = (b.at[0] & 0x80) != 0 ? UINT32_MAX : 0;
	while (cursor_left(&digits) > 0)
		value = value << 8 | cursor_u8(&digits);
	return (int32_t)value;
}

/* Every binding must be a name and one value. */
static bool bindings_fit(struct bytes bindings)
{
	struct cursor c = cursor_over(bindings);

	while (cursor_left(&c) > 0) {
		struct cursor one = cursor_over(take(&c, TAG_SEQUENCE));
		struct bytes name = take(&one, TAG_OID);

		if (cursor_left(&one) == 0 || name.len == 0)
			return false;
		take(&one, *one.at);
		if (c.broken || one.broken || cursor_left(&one) != 0)
			return false;
	}
	return true;
}

static bool read_pdu(struct cursor *pdu, struct snmp_message *m)
{
	m->id = take_integer(pdu);
	m->error = take_integer(pdu);
	take_integer(pdu);
	m->bindings = take(pdu, TAG_SEQUENCE);
	return !pdu->broken && cursor_left(pdu) == 0 && bindings_fit(m->bindings);
}

/* Enterprise, agent's address, two numbers, time, bindings. */
static bool read_trap(struct cursor *pdu)
{
	take(pdu, TAG_OID);
	take(pdu, 0x40);
	take_integer(pdu);
	take_integer(pdu);
	take(pdu, 0x43);
	return bindings_fit(take(pdu, TAG_SEQUENCE)) && !pdu->broken && cursor_left(pdu) == 0;
}

static bool read_message(struct bytes datagram, struct snmp_message *m)
{
	struct cursor outer = cursor_over(datagram), c, pdu;
	int32_t version;

	*m = (struct snmp_message){.pdu = 0};
	c = cursor_over(take(&outer, TAG_SEQUENCE));
	if (outer.broken || cursor_left(&outer) != 0)
		return false;
	version = take_integer(&c);
	m->community = take(&c, TAG_STRING);
	if (c.broken || cursor_left(&c) == 0 || version < 0 || version > 1 ||
	    m->community.len > 255)
		return false;
	m->pdu = *c.at;
	if (m->pdu < PDU_GET || m->pdu > PDU_REPORT || (version == 0 && m->pdu > PDU_TRAP))
		return false;
	pdu = cursor_over(take(&c, m->pdu));
	if (c.broken || cursor_left(&c) != 0)
		return false;
	return m->pdu == PDU_TRAP ? version == 0 && read_trap(&pdu) : read_pdu(&pdu, m);
}

static enum match snmp_mine(const struct glance *g)
{
	struct snmp_message m;

	return read_message(g->data, &m) ? MATCH_YES : MATCH_NO;
}

static bool is_word(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < ' ' || b.at[i] > '~')
			return false;
	}
	return b.len > 0 && b.len <= COMMUNITY_MAX;
}

static void request_seen(const struct talk *t, const struct snmp_message *m)
{
	struct snmp_state *s = t->state;
	struct snmp_request *r = &s->waiting[s->next];

	if (!is_word(m->community))
		return;
	s->next = (uint8_t)((s->next + 1) % WAITING);
	*r = (struct snmp_request){.id = m->id,
				   .sport = t->packet->sport,
				   .dport = t->packet->dport,
				   .key = t->packet->key,
				   .time_ns = t->packet->time_ns,
				   .len = (uint8_t)m->community.len};
	memcpy(r->community, m->community.at, m->community.len);
}

/* The request that this answers: same number, same community, ports the other way round. */
static struct snmp_request *request_of(const struct talk *t, const struct snmp_message *m)
{
	struct snmp_state *s = t->state;

	for (int i = 0; i < WAITING; i++) {
		struct snmp_request *r = &s->waiting[i];

		if (r->len > 0 && r->id == m->id && r->sport == t->packet->dport &&
		    r->dport == t->packet->sport && r->len == m->community.len &&
		    memcmp(r->community, m->community.at, r->len) == 0)
			return r;
	}
	return NULL;
}

static void accepted(const struct talk *t, struct telling *to, const struct snmp_request *r)
{
	struct snmp_state *s = t->state;
	struct login login = {.scheme = LOGIN_CLEAR,
			      .no_user = true,
			      .community = true,
			      .tried_key = r->key,
			      .tried_ns = r->time_ns};

	LOGIN_PUT(&login, secret, ((struct bytes){(const uint8_t *)r->community, r->len}));
	if (strcmp(s->told, login.secret) == 0)
		return; /* polled again and again */
	memcpy(s->told, login.secret, (size_t)r->len + 1);
	tell_login(to, t, &login, SENDER, LOGIN_ACCEPTED);
}

static void system_seen(const struct talk *t, struct telling *to, struct bytes bindings)
{
	static const uint8_t sys_descr[] = {0x2b, 6, 1, 2, 1, 1, 1, 0};
	struct cursor c = cursor_over(bindings);

	while (cursor_left(&c) > 0) {
		struct cursor one = cursor_over(take(&c, TAG_SEQUENCE));
		struct bytes name = take(&one, TAG_OID), value;
		char text[TELL_MAX + 1];

		if (name.len != sizeof sys_descr ||
		    !bytes_start_with(name, sys_descr, sizeof sys_descr))
			continue;
		value = take(&one, TAG_STRING);
		plain_text(text, sizeof text, value);
		tell_text(to, t, SIGNAL_snmp_system, SENDER, text);
		return;
	}
}

static void response_seen(const struct talk *t, struct telling *to, const struct snmp_message *m)
{
	struct snmp_state *s = t->state;
	struct snmp_request *r = request_of(t, m);

	if (r == NULL)
		return; /* unasked, or asked before we looked */
	if (!s->serves)
		tell_service(to, t, SENDER, &proto_snmp);
	s->serves = true;
	if (m->error >= 0 && m->error <= 2) /* none, too big, no such name: it was let in */
		accepted(t, to, r);
	r->len = 0;
}

static bool snmp_datagram(const struct talk *t, struct telling *to)
{
	struct snmp_message m;

	if (!read_message(t->data, &m))
		return false;
	if (m.pdu == PDU_GET || m.pdu == PDU_NEXT || m.pdu == PDU_SET || m.pdu == PDU_BULK)
		request_seen(t, &m);
	if (m.pdu != PDU_RESPONSE)
		return true;
	response_seen(t, to, &m);
	if (m.error == 0)
		system_seen(t, to, m.bindings);
	return true;
}

const struct proto proto_snmp = {.name = "snmp",
				 .summary = "system description, communities (RFC 1157, 3416)",
				 .carriers = OVER_UDP,
				 .paired = true,
				 .state_size = sizeof(struct snmp_state),
				 .ports = {161, 162},
				 .mine = snmp_mine,
				 .datagram = snmp_datagram};
