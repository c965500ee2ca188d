/* SPDX-License-Identifier: MIT */
/*
 * What hijacked devices do over HTTP: they send requests by which other devices are taken over, and fetch programs. Which
 * requests those are knowledge says (malware.tsv); a program is told by the magic of an ELF file, whatever the server calls
 * it, for loaders fetch their programs as text, pictures and fonts. A chunk shorter than the magic hides it.
 *
 * How it was fetched is told beside it. "bare": from an address without a name, as loaders do. "dropper": by a User-Agent
 * that is known for it. "named": all else, among it the updates that makers put on plain servers and that devices fetch with
 * Wget and no version, which is why an agent's form says nothing here. A body that a client sends is a program as
 * well; then the receiver got it, and an address says nothing, because routers and cameras are updated by theirs.
 */
#include "proto/http.h"

#include "base/addr.h"
#include "base/scan.h"

#include <stdio.h>

static bool is_number(struct bytes host)
{
	for (size_t i = 0; i < host.len; i++) {
		if ((host.at[i] < '0' || host.at[i] > '9') && host.at[i] != '.')
			return false;
	}
	return host.len > 0;
}

/* An address in any form that clients take: also a part of one, or one number for all of it. */
static bool is_address(struct bytes host)
{
	char text[ADDR_TEXT_MAX];
	struct addr addr;

	if (is_number(host))
		return true;
	if (host.len >= sizeof text || !bytes_hold(host, ":"))
		return false;
	memcpy(text, host.at, host.len);
	text[host.len] = '\0';
	return addr_parse(text, &addr);
}

static unsigned ask(const struct talk *t, struct telling *to, struct bytes method,
		    struct bytes target, struct bytes body)
{
	struct request r = {.method = method, .target = target, .body = body};
	unsigned number = to->request(to, t, &r);

	return number <= UINT16_MAX ? number : 0;
}

void http_deed_asked(struct http_conn *c, const struct talk *t, struct telling *to,
		     struct bytes method, struct bytes target)
{
	unsigned number = ask(t, to, method, target, (struct bytes){.at = NULL, .len = 0});

	if (number != 0 && c->n > 0)
		http_newest(c)->exploit = (uint16_t)number;
}

/* The query is gone by then: patterns with a second part go by the path. */
void http_deed_body(struct http_conn *c, const struct talk *t, struct telling *to,
		    struct bytes body)
{
	struct http_exchange *x = http_newest(c);

	if (!c->body_last || x == NULL || x->exploit != 0 || x->path[0] == '\0')
		return;
	if (x->method == METHOD_POST || x->method == METHOD_PUT)
		x->exploit =
			(uint16_t)ask(t, to, bytes_of(x->method == METHOD_POST ? "POST" : "PUT"),
				      bytes_of(x->path), body);
}

void http_deed_answered(const struct http_conn *c, const struct talk *t, struct telling *to,
			unsigned status)
{
	if (c->now.exploit != 0 && status >= 200 && status < 300)
		to->worked(to, t, c->now.exploit);
}

void http_deed_program(const struct http_conn *c, const struct talk *t, struct telling *to,
		       struct bytes body)
{
	const struct addr *server = t->from_client ? &t->packet->dst : &t->packet->src;
	struct bytes host = {(const uint8_t *)c->host, c->host_len};
	char text[ADDR_TEXT_MAX], room[HTTP_HOST], value[TELL_MAX];
	const char *how = c->dropper ? "dropper" : "named", *path = c->now.path;

	if (!bytes_begin(body, "\177ELF"))
		return;
	if (t->from_client)
		path = c->n > 0 ? c->queue[c->n - 1].path : "";
	/* Without a Host the server is asked by its address; or the request was not seen, which is no sign. */
	if (!t->from_client && (host.len == 0 ? path[0] != '\0' : is_address(host)))
		how = "bare";
	if (host.len == 0)
		host = bytes_of(addr_text(server, text));
	else if (!is_address(host))
		host = target_plain(host, room, sizeof room);
	snprintf(value, sizeof value, "%s %.*s%s", how, (int)host.len, (const char *)host.at,
		 path[0] != '\0' ? path : "/?");
	tell_text(to, t, SIGNAL_elf_fetched, RECEIVER, value);
	if (!c->proxy)
		tell_text(to, t, SIGNAL_elf_served, SENDER, value);
}
