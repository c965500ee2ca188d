/* SPDX-License-Identifier: MIT */
/*
 * A parser on its own: bytes of either end go in, what it tells comes out as text, one line each:
 *
 *	http-server server uc-httpd 1.0.0
 *	login server clear user=admin secret=12345 accepted
 *
 * Streams are offered as the engine offers them: what a parser did not use up comes again with what follows. Used by
 * the unit tests and by the fuzz targets. Nothing here checks anything but the contract of proto.h.
 */
#pragma once

#include "base/scan.h"
#include "proto/proto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARSING_TEXT = 1 << 16 };

struct parsing {
	struct telling telling; /* first: the callbacks get this and mean the whole */
	const struct proto *proto;
	uint8_t *state;
	uint8_t window[2][STREAM_WINDOW];
	size_t kept[2]; /* 0: from the client */
	bool gap[2];
	bool joined; /* a gap is one because the connection was under way before */
	bool done;
	bool stream;
	bool any_request; /* every request is known */
	uint64_t number;  /* of the packet */
	struct packet packet;
	uint16_t client_port;
	uint16_t server_port;
	size_t len;
	char text[PARSING_TEXT];
};

static inline void parsing_say(struct parsing *p, const char *text, size_t len)
{
	if (p->len + len >= PARSING_TEXT)
		return;
	memcpy(p->text + p->len, text, len);
	p->len += len;
	p->text[p->len] = '\0';
}

static inline const char *parsing_party(const struct parsing *p, const struct talk *t,
					enum party about)
{
	bool client = (about == SENDER) == t->from_client;

	if (!p->stream && (p->proto->carriers & OVER_HTTP) == 0)
		return about == SENDER ? "sender" : "receiver";
	return client ? "client" : "server";
}

static inline void parsing_tell(struct telling *to, const struct talk *t, enum signal signal,
				enum party about, struct bytes value)
{
	struct parsing *p = (struct parsing *)to;
	char head[96];

	assert(signal < SIGNALS && value.len > 0 && value.len <= TELL_MAX);
	snprintf(head, sizeof head, "%s %s ", signals[signal].name, parsing_party(p, t, about));
	for (char *c = head; *c != ' '; c++)
		*c = *c == '_' ? '-' : *c;
	parsing_say(p, head, strlen(head));
	for (size_t i = 0; i < value.len; i++) {
		char one[5];

		if (value.at[i] >= ' ' && value.at[i] < 0x7f && value.at[i] != '\\')
			snprintf(one, sizeof one, "%c", value.at[i]);
		else
			snprintf(one, sizeof one, "\\x%02x", value.at[i]);
		parsing_say(p, one, strlen(one));
	}
	parsing_say(p, "\n", 1);
}

static inline void parsing_field(struct parsing *p, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	parsing_say(p, " ", 1);
	parsing_say(p, name, strlen(name));
	parsing_say(p, "=", 1);
	parsing_say(p, value, strlen(value));
}

static inline void parsing_login(struct telling *to, const struct talk *t, const struct login *l,
				 enum party server, enum login_outcome outcome)
{
	static const char *const schemes[] = {"clear",	    "digest",	  "digest-sha256",
					      "wsse",	    "sofia",	  "dahua-random",
					      "dahua-gen2", "dahua-both", "hashed"};
	static const char *const outcomes[] = {"unanswered", "refused", "accepted"};
	struct parsing *p = (struct parsing *)to;
	char head[64];

	assert(l->scheme <= LOGIN_HASHED && outcome <= LOGIN_ACCEPTED);
	snprintf(head, sizeof head, "login %s %s", parsing_party(p, t, server), schemes[l->scheme]);
	parsing_say(p, head, strlen(head));
	parsing_field(p, "user", l->user);
	parsing_field(p, "secret", l->secret);
	parsing_field(p, "realm", l->realm);
	parsing_field(p, "nonce", l->nonce);
	parsing_field(p, "uri", l->uri);
	parsing_field(p, "method", l->method);
	parsing_field(p, "nc", l->nc);
	parsing_field(p, "cnonce", l->cnonce);
	parsing_field(p, "qop", l->qop);
	snprintf(head, sizeof head, "%s%s%s %s\n", l->asked ? " asked" : "",
		 l->no_user ? " no-user" : "", l->cut ? " cut" : "", outcomes[outcome]);
	parsing_say(p, head, strlen(head));
}

static inline void parsing_body(struct telling *to, const struct talk *t, struct bytes body)
{
	struct parsing *p = (struct parsing *)to;
	char head[64];

	snprintf(head, sizeof head, "body %s %zu\n", parsing_party(p, t, SENDER), body.len);
	parsing_say(p, head, strlen(head));
}

/* Whatever has the word EXPLOIT in it is known as number 1; with any_request all are. */
static inline unsigned parsing_request(struct telling *to, const struct talk *t,
				       const struct request *r)
{
	struct parsing *p = (struct parsing *)to;
	bool known = bytes_hold(r->target, "EXPLOIT") || bytes_hold(r->body, "EXPLOIT") ||
		     p->any_request;

	if (known) {
		parsing_say(p, "exploit ", 8);
		parsing_say(p, parsing_party(p, t, SENDER), strlen(parsing_party(p, t, SENDER)));
		parsing_say(p, " ", 1);
		parsing_say(p, (const char *)r->method.at, r->method.len);
		if (p->any_request) {
			parsing_say(p, " ", 1);
			parsing_say(p, (const char *)r->target.at, r->target.len);
		}
		parsing_say(p, "\n", 1);
	}
	return known ? 1 : 0;
}

static inline void parsing_worked(struct telling *to, const struct talk *t, unsigned number)
{
	struct parsing *p = (struct parsing *)to;
	char line[64];

	snprintf(line, sizeof line, "worked %s %u\n", parsing_party(p, t, SENDER), number);
	parsing_say(p, line, strlen(line));
}

/* An agent with the word EXPLOIT in it is a dropper's. */
static inline bool parsing_dropper(struct telling *to, struct bytes agent)
{
	(void)to;
	return bytes_hold(agent, "EXPLOIT");
}

static inline void parsing_init(struct parsing *p, const struct proto *proto, uint16_t client_port,
				uint16_t server_port)
{
	*p = (struct parsing){.telling = {.tell = parsing_tell,
					  .login = parsing_login,
					  .body = parsing_body,
					  .request = parsing_request,
					  .worked = parsing_worked,
					  .dropper = parsing_dropper},
			      .proto = proto,
			      .client_port = client_port,
			      .server_port = server_port};
	assert(proto->state_size <= PROTO_STATE_MAX);
	p->state = proto->state_size > 0 ? calloc(1, proto->state_size) : NULL;
}

static inline void parsing_fini(struct parsing *p)
{
	free(p->state);
}

static inline struct talk parsing_talk(struct parsing *p, bool from_client, struct bytes data)
{
	p->number++;
	p->packet = (struct packet){
		.key = p->number,
		.time_ns = (int64_t)p->number * 1000000000,
		.payload = data.at,
		.payload_len = (uint32_t)data.len,
		.payload_wire = (uint32_t)data.len,
		.sport = from_client ? p->client_port : p->server_port,
		.dport = from_client ? p->server_port : p->client_port,
		.proto = (p->proto->carriers & OVER_TCP) != 0 && p->stream ? PROTO_TCP : PROTO_UDP,
		.flags = PACKET_L4};
	return (struct talk){
		.packet = &p->packet, .data = data, .state = p->state, .from_client = from_client};
}

/* A datagram or a body. Returns what the parser returned. The bytes are copied, so that reads beyond them are seen. */
static inline bool parsing_datagram(struct parsing *p, bool from_client, const void *at, size_t len)
{
	uint8_t *copy = malloc(len + 1);
	struct talk t;
	bool mine;

	assert(copy != NULL && p->proto->datagram != NULL);
	copy = realloc(copy, len > 0 ? len : 1);
	if (len > 0)
		memcpy(copy, at, len);
	t = parsing_talk(p, from_client, (struct bytes){copy, len});
	mine = p->proto->datagram(&t, &p->telling);
	free(copy);
	return mine;
}

/* Offers what is kept of a direction, until the parser takes no more. */
static inline void parsing_offer(struct parsing *p, bool from_client, bool closed)
{
	int d = from_client ? 0 : 1;

	for (bool once = closed; p->kept[d] > 0 || once; once = false) {
		uint8_t *copy = malloc(p->kept[d] > 0 ? p->kept[d] : 1);
		struct talk t;
		size_t used;

		memcpy(copy, p->window[d], p->kept[d]);
		t = parsing_talk(p, from_client, (struct bytes){copy, p->kept[d]});
		t.gap = p->gap[d];
		t.joined = t.gap && p->joined;
		t.closed = closed;
		used = p->proto->stream(&t, &p->telling);
		free(copy);
		p->gap[d] = false;
		if (used == STREAM_DONE) {
			p->done = true;
			return;
		}
		assert(used <= p->kept[d]);
		memmove(p->window[d], p->window[d] + used, p->kept[d] - used);
		p->kept[d] -= used;
		if (used == 0)
			break;
	}
	if (p->kept[d] == STREAM_WINDOW) {
		p->kept[d] = 0;
		p->gap[d] = true;
	}
}

/* Bytes of a stream. gap: bytes before these are lost; closed: the direction ends with these. */
static inline void parsing_stream(struct parsing *p, bool from_client, const void *at, size_t len,
				  bool gap, bool closed)
{
	const uint8_t *from = at;
	int d = from_client ? 0 : 1;

	p->stream = true;
	if (gap) {
		p->kept[d] = 0;
		p->gap[d] = true;
	}
	while (len > 0 && !p->done) {
		size_t room = STREAM_WINDOW - p->kept[d];
		size_t n = len < room ? len : room;

		memcpy(p->window[d] + p->kept[d], from, n);
		p->kept[d] += n;
		from += n;
		len -= n;
		parsing_offer(p, from_client, closed && len == 0);
	}
	if (closed && at == NULL && !p->done)
		parsing_offer(p, from_client, true);
}

static inline enum match parsing_mine(const struct parsing *p, bool from_client, const void *at,
				      size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct glance g;
	enum match match;

	if (len > 0)
		memcpy(copy, at, len);
	g = (struct glance){.data = {copy, len},
			    .sport = from_client ? p->client_port : p->server_port,
			    .dport = from_client ? p->server_port : p->client_port,
			    .from_client = from_client};
	for (int i = 0; i < PROTO_PORTS && p->proto->ports[i] != 0; i++)
		g.hinted |= p->proto->ports[i] == g.sport || p->proto->ports[i] == g.dport;
	match = p->proto->mine(&g);
	free(copy);
	return match;
}

#ifdef assert_string_equal /* under cmocka */
/* One end says something: text, or bytes with a length. */
#define CLIENT(p, text) parsing_stream((p), true, (text), sizeof(text) - 1, false, false)
#define SERVER(p, text) parsing_stream((p), false, (text), sizeof(text) - 1, false, false)

/* All that was told so far, and forgets it. */
static inline void expect_told(struct parsing *p, const char *expected)
{
	assert_string_equal(p->text, expected);
	p->len = 0;
	p->text[0] = '\0';
}
#endif
