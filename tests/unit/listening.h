/* SPDX-License-Identifier: MIT */
/*
 * Conversations on the stage of scene.h, and what the listeners kept of them as text, one line each:
 *
 *	192.168.1.20 http-server/80 "uc-httpd 1.0.0"
 *	192.168.1.20:23 telnet login from 198.51.100.7 pair 3 accepted
 *
 * Include after cmocka.h.
 */
#pragma once

#include "base/scan.h"
#include "base/text.h"
#include "scene.h"

/* A TCP connection between two ends. */
struct call {
	struct scene *scene;
	struct end client;
	struct end server;
	uint32_t seq[2]; /* of the next byte, by side */
};

static inline struct packet call_packet(struct call *c, unsigned side, uint8_t flags,
					const void *bytes, size_t len)
{
	struct end from = side == CLIENT_SIDE ? c->client : c->server;
	struct end to = side == CLIENT_SIDE ? c->server : c->client;
	struct packet p = make_tcp(from, to, flags, c->seq[side], c->seq[1 - side]);

	p.payload = bytes;
	p.payload_len = p.payload_wire = (uint32_t)len;
	p.ip_len = 40 + (uint32_t)len;
	p.wire_len = 54 + (uint32_t)len;
	return p;
}

/* A millisecond after what was before. */
static inline void call_send(struct call *c, unsigned side, uint8_t flags, const void *bytes,
			     size_t len)
{
	scene_after(c->scene, 1, call_packet(c, side, flags, bytes, len));
	c->seq[side] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

static inline struct call call_open(struct scene *s, struct end client, struct end server)
{
	struct call c = {.scene = s, .client = client, .server = server, .seq = {1000, 5000}};

	c.seq[CLIENT_SIDE] += (uint32_t)s->number << 21; /* each call its own */

	call_send(&c, CLIENT_SIDE, TCP_SYN, NULL, 0);
	call_send(&c, SERVER_SIDE, TCP_SYN | TCP_ACK, NULL, 0);
	call_send(&c, CLIENT_SIDE, TCP_ACK, NULL, 0);
	return c;
}

static inline void call_client(struct call *c, const char *text)
{
	call_send(c, CLIENT_SIDE, TCP_ACK | TCP_PSH, text, strlen(text));
}

static inline void call_server(struct call *c, const char *text)
{
	call_send(c, SERVER_SIDE, TCP_ACK | TCP_PSH, text, strlen(text));
}

static inline void call_close(struct call *c)
{
	call_send(c, SERVER_SIDE, TCP_ACK | TCP_FIN, NULL, 0);
	call_send(c, CLIENT_SIDE, TCP_ACK | TCP_FIN, NULL, 0);
}

/* The listener that hears what these two say to each other; NULL when none took the call. */
static inline struct listener *listener_of(const struct scene *s, const struct call *c)
{
	for (int i = 0; i < LANES; i++) {
		const struct flows *t = &s->listeners->lane[i].flows;

		for (uint32_t f = 0; f < t->n; f++) {
			const struct flow *flow = flows_at(t, f);

			if (addr_equal(&flow->client, &c->client.addr) &&
			    flow->client_port == c->client.port &&
			    addr_equal(&flow->server, &c->server.addr))
				return &s->listeners->lane[i];
		}
	}
	return NULL;
}

static inline void heard_fact(struct text *to, const struct facts *facts, const struct fact *f)
{
	struct bytes value = fact_value(facts, f);
	char who[ADDR_TEXT_MAX];

	text_printf(to, "%s ", addr_is_zero(&f->addr) ? "mac" : addr_text(&f->addr, who));
	for (const char *c = signals[f->signal].name; *c != '\0'; c++)
		text_add(to, *c == '_' ? "-" : c, 1);
	if (f->port != 0)
		text_printf(to, "/%u", f->port);
	text_printf(to, " \"%.*s\"", (int)value.len, (const char *)value.at);
	if (f->count > 1)
		text_printf(to, " x%u", f->count);
	text_puts(to, f->ours ? "\n" : " stranger\n");
}

static inline void heard_login(struct text *to, const struct login_fact *l)
{
	static const char *const outcomes[] = {"unanswered", "refused", "accepted"};
	char server[ADDR_TEXT_MAX], client[ADDR_TEXT_MAX];

	text_printf(to, "%s:%u %s login from %s pair %d %s", addr_text(&l->server, server), l->port,
		    protos[l->proto]->name, addr_text(&l->client, client), l->pair,
		    outcomes[l->outcome]);
	if (l->count > 1)
		text_printf(to, " x%u", l->count);
	text_puts(to, "\n");
}

/* All that was heard, lane by lane; to be freed with text_fini(). */
static inline struct text heard(const struct listeners *l)
{
	struct text t = {0};

	for (int i = 0; i < LANES; i++) {
		const struct facts *facts = &l->lane[i].facts;

		for (uint32_t f = 0; f < facts->n; f++)
			heard_fact(&t, facts, facts_at(facts, f));
		for (uint32_t k = 0; k < facts->logins_n; k++)
			heard_login(&t, facts_login_at(facts, k));
	}
	return t;
}

static inline bool was_heard(const struct scene *s, const char *line)
{
	struct text t = heard(s->listeners);
	const char *at = strstr(text_string(&t), line);
	size_t n = strlen(line);
	bool found = at != NULL && (at == t.at || at[-1] == '\n') && at[n] == '\n';

	text_fini(&t);
	return found;
}

static inline void fail_unheard(const struct scene *s, const char *line, bool wanted)
{
	struct text t = heard(s->listeners);

	print_error("%s: %s\nheard:\n%s", wanted ? "not heard" : "heard", line, text_string(&t));
	text_fini(&t);
	fail();
}

#define expect_heard(s, line)                                                                      \
	do {                                                                                       \
		if (!was_heard((s), (line)))                                                       \
			fail_unheard((s), (line), true);                                           \
	} while (0)
#define expect_unheard(s, line)                                                                    \
	do {                                                                                       \
		if (was_heard((s), (line)))                                                        \
			fail_unheard((s), (line), false);                                          \
	} while (0)
