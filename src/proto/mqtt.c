/* SPDX-License-Identifier: MIT */
/*
 * MQTT 3.1, 3.1.1 (OASIS standard of 2014) and 5.0 (2019), section 3 of each: who calls itself what at which broker, with
 * which login, and what it talks about. Payloads are passed over. A packet's length stands in front of it, so packets that
 * are longer than what is read are stepped over without being held; once bytes are lost no packet's beginning is known
 * any more, and the conversation is given up.
 */
#include "base/scan.h"
#include "proto/plain.h"
#include "proto/proto.h"

enum {
	CONNECT = 1,
	CONNACK = 2,
	PUBLISH = 3,
	SUBSCRIBE = 8,
	AUTH = 15,

	FLAG_WILL = 0x04,
	FLAG_PASSWORD = 0x40,
	FLAG_USER = 0x80,

	TOPICS = 8,	 /* of a conversation are told */
	READ_MAX = 4096, /* a longer CONNECT or SUBSCRIBE is not read */
	TOPIC_MAX = 256,
	CONNECT_MIN = 12
};

struct mqtt_state {
	struct login login;
	uint32_t topics[TOPICS]; /* hashes of those told */
	uint32_t passing[2];	 /* bytes of a packet to step over; 0: of the client */
	uint8_t topics_n;
	uint8_t level; /* 3, 4, 5; 0: no CONNECT was seen */
	bool has_login;
	bool answered;
};

/* A packet, or what is there of it. */
struct mqtt_packet {
	uint8_t type;
	uint8_t flags;
	uint32_t length; /* of what follows the head */
	size_t head;	 /* bytes of type and length */
	struct bytes body;
};

/* Bytes of variable length, seven bits each (section 1.5.5 of 5.0). False when it is cut or longer than four. */
static bool read_varint(struct cursor *c, uint32_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift <= 21; shift += 7) {
		uint8_t byte = cursor_u8(c);

		*value |= (uint32_t)(byte & 0x7f) << shift;
		if (c->broken)
			return false;
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

static enum match read_head(struct bytes b, struct mqtt_packet *p)
{
	struct cursor c = cursor_over(b);
	uint8_t first = cursor_u8(&c);

	p->type = first >> 4;
	p->flags = first & 0x0f;
	if (!read_varint(&c, &p->length))
		return b.len < 5 ? MATCH_MAYBE : MATCH_NO;
	p->head = b.len - cursor_left(&c);
	p->body = bytes_upto(cursor_rest(&c), p->length);
	return MATCH_YES;
}

static struct bytes take_string(struct cursor *c)
{
	return cursor_take(c, cursor_be16(c));
}

static void skip_properties(struct cursor *c, uint8_t level)
{
	uint32_t length = 0;

	if (level < 5)
		return;
	if (!read_varint(c, &length))
		c->broken = true;
	cursor_skip(c, length);
}

struct mqtt_connect {
	uint8_t level;
	uint8_t flags;
	struct bytes client_id;
	struct bytes user;
	struct bytes password;
};

static bool level_fits(struct bytes name, uint8_t level)
{
	return bytes_are(name, "MQTT") ? level == 4 || level == 5
				       : bytes_are(name, "MQIsdp") && level == 3;
}

/* Name, level and flags; bridges set the level's highest bit. */
static bool read_connect_head(struct cursor *c, struct mqtt_connect *out)
{
	struct bytes name = take_string(c);

	out->level = cursor_u8(c) & 0x7f;
	out->flags = cursor_u8(c);
	cursor_skip(c, 2);
	return !c->broken && level_fits(name, out->level) && (out->flags & 1) == 0 &&
	       (out->flags & 0x18) != 0x18 &&
	       ((out->flags & FLAG_WILL) != 0 || (out->flags & 0x38) == 0);
}

/* A whole CONNECT: its parts must fill it. */
static bool read_connect(struct bytes body, struct mqtt_connect *out)
{
	struct cursor c = cursor_over(body);

	*out = (struct mqtt_connect){.level = 0};
	if (!read_connect_head(&c, out))
		return false;
	skip_properties(&c, out->level);
	out->client_id = take_string(&c);
	if ((out->flags & FLAG_WILL) != 0) {
		skip_properties(&c, out->level);
		take_string(&c);
		take_string(&c);
	}
	if ((out->flags & FLAG_USER) != 0)
		out->user = take_string(&c);
	if ((out->flags & FLAG_PASSWORD) != 0)
		out->password = take_string(&c);
	return !c.broken && cursor_left(&c) == 0;
}

static enum match mqtt_mine(const struct glance *g)
{
	struct mqtt_connect connect = {.level = 0};
	struct mqtt_packet p;
	struct cursor c;
	enum match head = read_head(g->data, &p);

	if (g->data.len > 0 && (p.type != CONNECT || p.flags != 0))
		return MATCH_NO;
	if (head != MATCH_YES)
		return head;
	if (p.length < CONNECT_MIN || p.length > STREAM_WINDOW)
		return MATCH_NO;
	if (p.body.len == p.length)
		return read_connect(p.body, &connect) ? MATCH_YES : MATCH_NO;
	if (p.body.len < CONNECT_MIN)
		return MATCH_MAYBE;
	c = cursor_over(p.body);
	return read_connect_head(&c, &connect) ? MATCH_YES : MATCH_NO;
}

static bool is_text(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < ' ' || b.at[i] == 0x7f || b.at[i] == '@')
			return false; /* '@': somebody's mail address */
	}
	return true;
}

static void tell_id(struct telling *to, const struct talk *t, enum signal signal,
		    struct bytes value)
{
	char text[TELL_MAX + 1];

	if (!is_text(value))
		return;
	plain_ids(text, sizeof text, value);
	if (strspn(text, "*-_:/. ") < strlen(text)) /* more is left than its masked ids */
		tell_text(to, t, signal, t->from_client ? SENDER : RECEIVER, text);
}

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash;
}

/* Topics that differ in ids only are one. */
static void topic_seen(const struct talk *t, struct telling *to, struct bytes topic)
{
	struct mqtt_state *s = t->state;
	char text[TELL_MAX + 1];
	uint32_t hash;

	if (topic.len == 0 || !is_text(topic) || s->topics_n == TOPICS)
		return;
	plain_ids(text, sizeof text, topic);
	hash = hash_of(text);
	for (uint8_t i = 0; i < s->topics_n; i++) {
		if (s->topics[i] == hash)
			return;
	}
	s->topics[s->topics_n++] = hash;
	tell_text(to, t, SIGNAL_mqtt_topic, t->from_client ? SENDER : RECEIVER, text);
}

static bool connect_seen(const struct talk *t, struct telling *to, const struct mqtt_packet *p)
{
	struct mqtt_state *s = t->state;
	struct mqtt_connect connect;

	if (!t->from_client || s->level != 0 || p->flags != 0 || !read_connect(p->body, &connect))
		return false;
	s->level = connect.level;
	tell_id(to, t, SIGNAL_mqtt_client_id, connect.client_id);
	s->has_login = (connect.flags & FLAG_USER) != 0;
	s->login = (struct login){
		.scheme = LOGIN_CLEAR, .tried_key = t->packet->key, .tried_ns = t->packet->time_ns};
	LOGIN_PUT(&s->login, user, connect.user);
	LOGIN_PUT(&s->login, secret, connect.password);
	return true;
}

static bool is_refusal(uint8_t level, uint8_t code)
{
	return level < 5 ? code == 4 || code == 5 : code == 134 || code == 135;
}

static bool connack_seen(const struct talk *t, struct telling *to, const struct mqtt_packet *p)
{
	struct mqtt_state *s = t->state;
	struct cursor c = cursor_over(p->body);
	uint8_t flags = cursor_u8(&c), code = cursor_u8(&c);

	if (t->from_client || s->level == 0 || s->answered || p->flags != 0 || c.broken ||
	    flags > 1 || (s->level < 5 && (p->length != 2 || code > 5)))
		return false;
	s->answered = true;
	tell_service(to, t, SENDER, &proto_mqtt);
	if (s->has_login && (code == 0 || is_refusal(s->level, code)))
		tell_login(to, t, &s->login, SENDER, code == 0 ? LOGIN_ACCEPTED : LOGIN_REFUSED);
	s->has_login = false;
	return true;
}

static bool subscribe_seen(const struct talk *t, struct telling *to, const struct mqtt_packet *p)
{
	const struct mqtt_state *s = t->state;
	struct cursor c = cursor_over(p->body);

	if (!t->from_client || p->flags != 2)
		return false;
	cursor_skip(&c, 2);
	skip_properties(&c, s->level);
	while (cursor_left(&c) > 0) {
		struct bytes topic = take_string(&c);

		cursor_skip(&c, 1);
		if (c.broken)
			return false;
		topic_seen(t, to, topic);
	}
	return !c.broken;
}

static bool publish_seen(const struct talk *t, struct telling *to, const struct mqtt_packet *p)
{
	struct cursor c = cursor_over(p->body);
	struct bytes topic = take_string(&c);

	if ((p->flags & 6) == 6 || c.broken)
		return false;
	topic_seen(t, to, topic);
	return true;
}

/* How much of the packet must be there to read it; 0: nothing of it is wanted. */
static size_t wanted(const struct mqtt_packet *p)
{
	struct cursor c = cursor_over(p->body);
	size_t topic;

	switch (p->type) {
	case CONNECT:
	case CONNACK:
	case SUBSCRIBE:
		return p->length <= READ_MAX ? p->length : 0;
	case PUBLISH:
		if (p->body.len < 2)
			return p->length < 2 ? 0 : 2;
		topic = cursor_be16(&c);
		return topic <= TOPIC_MAX && topic + 2 <= p->length ? topic + 2 : 0;
	default:
		return 0;
	}
}

static bool packet_seen(const struct talk *t, struct telling *to, const struct mqtt_packet *p)
{
	switch (p->type) {
	case CONNECT:
		return connect_seen(t, to, p);
	case CONNACK:
		return connack_seen(t, to, p);
	case PUBLISH:
		return publish_seen(t, to, p);
	case SUBSCRIBE:
		return subscribe_seen(t, to, p);
	default:
		return true;
	}
}

/* A server says CONNACK first (or AUTH in 5.0), a client CONNECT. */
static bool is_in_order(const struct talk *t, const struct mqtt_packet *p)
{
	const struct mqtt_state *s = t->state;

	if (p->type == 0 || (p->type == AUTH && s->level < 5))
		return false;
	if (t->from_client)
		return s->level != 0 || p->type == CONNECT;
	return s->answered || p->type == CONNACK || p->type == AUTH;
}

static size_t step_over(struct bytes *rest, uint32_t *passing)
{
	size_t n = rest->len < *passing ? rest->len : *passing;

	*rest = bytes_from(*rest, n);
	*passing -= (uint32_t)n;
	return n;
}

static size_t mqtt_stream(struct talk *t, struct telling *to)
{
	struct mqtt_state *s = t->state;
	uint32_t *passing = &s->passing[t->from_client ? 0 : 1];
	struct bytes rest = t->data;
	size_t used = step_over(&rest, passing);
	struct mqtt_packet p;

	if (t->gap)
		return STREAM_DONE;
	while (rest.len > 0) {
		enum match head = read_head(rest, &p);
		size_t want;

		if (head == MATCH_MAYBE)
			break;
		if (head == MATCH_NO || !is_in_order(t, &p))
			return STREAM_DONE;
		want = wanted(&p);
		if (p.body.len < want)
			break;
		if ((want > 0 || p.type == CONNECT) && !packet_seen(t, to, &p))
			return STREAM_DONE;
		*passing = (uint32_t)p.head + p.length;
		used += step_over(&rest, passing);
	}
	return used;
}

const struct proto proto_mqtt = {.name = "mqtt",
				 .summary = "client ids, logins, topics (MQTT 3.1 to 5.0)",
				 .carriers = OVER_TCP,
				 .state_size = sizeof(struct mqtt_state),
				 .ports = {1883},
				 .mine = mqtt_mine,
				 .stream = mqtt_stream};
