/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1 (RFC 9110, 9112): who serves and who asks, what pages and banners say, and logins by Basic, Digest and forms.
 *
 * Requests wait in a queue for their answers, so that a login is judged by its own answer and by no other: when bytes were
 * lost the queue is forgotten, and pairing begins again only after a whole answer and then a request were seen, on a
 * connection that never had two requests under way. Bodies are counted down without being waited for; only the first
 * window of text is looked at. HTTP/2, WebSocket and tunnels end the interest.
 *
 * A header's login counts only where the same path was refused without it, or, as long as no header was refused, what
 * lies beneath it (RFC 7617 section 2.2): most servers have pages that are for all and there any header is as good as
 * none. A page that comes with 200 and asks for the password again accepts nothing. And a header never counts on a connection that had several requests under way, where a client
 * that writes what we and the server read as different requests could choose the answer.
 *
 * A form's login counts as taken only when the answer shows it: a redirect to something that is no login page, with a
 * session's cookie, or JSON that says so to a request whose path speaks of a login. Everything else is not told.
 *
 * What goes through a proxy says nothing about the proxy: of such a connection only the service is told.
 */

#include "proto/http.h"

#include "base/scan.h"
#include "proto/http_page.h"
#include "proto/message.h"

enum { CHUNKED_MAX = STREAM_WINDOW, CHECK_AGAIN = 16, PAGE_HEAD = 2048 };

enum phase {
	AT_START, /* of a message */
	IN_BODY,  /* `left` bytes of it are to come */
	IN_CHUNKS,
	IN_CHUNK, /* `left` bytes of one are to come */
	IN_TRAILER,
	LOST /* bytes are missing: waits for a piece that begins with a start line */
};

_Static_assert(sizeof(struct http_conn) <= PROTO_STATE_MAX, "state of a conversation");

static const char *const methods[] = {
	"GET",	 "POST",   "HEAD",	"PUT",	       "DELETE",   "OPTIONS",	"PATCH",  "CONNECT",
	"TRACE", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "PROPFIND", "PROPPATCH", "MKCOL",  "COPY",
	"MOVE",	 "LOCK",   "UNLOCK",	"REPORT",      "SEARCH",   "MERGE",	"M-POST", NULL};
static const char *const targets[] = {"/", "*", "http://", "https://", NULL};
static const struct message_kind http = {
	.version = "HTTP/1.", .methods = methods, .targets = targets};

/* Bytes are missing, or are no HTTP: nothing may be paired any more. */
static void lose(struct http_conn *c, struct http_side *s)
{
	*s = (struct http_side){.phase = LOST};
	c->n = 0;
	c->body_last = false;
	c->unsure = true;
	c->settled = false;
	c->side[1].judged = TRY_NONE;
}

static struct http_exchange *enqueue(struct http_conn *c)
{
	if (c->unsure && c->settled && !c->deep)
		c->unsure = false;
	c->settled = false;
	if (c->n == HTTP_QUEUE) {
		c->n = 0;
		c->unsure = true;
	}
	c->body_last = !c->unsure;
	if (c->unsure)
		return NULL;
	c->deep |= c->n > 0;
	c->queue[c->n] = (struct http_exchange){.method = METHOD_OTHER};
	return &c->queue[c->n++];
}

/* path: fit to be told. */
static void tell_asks(const struct talk *t, struct telling *to, struct bytes host,
		      struct bytes path)
{
	char room[TELL_MAX];
	struct bytes name = target_plain(host, room, TARGET_MAX);

	if (name.len == 0) /* it lies in room already */
		return;
	path = bytes_upto(path, sizeof room - name.len);
	if (path.len > 0)
		memcpy(room + name.len, path.at, path.len);
	tell(to, t, SIGNAL_http_asks, SENDER,
	     (struct bytes){(const uint8_t *)room, name.len + path.len});
}

static uint8_t kind_of(struct bytes type)
{
	if (bytes_hold(type, "urlencoded"))
		return HTTP_FORM;
	if (bytes_hold(type, "json"))
		return HTTP_JSON;
	return bytes_hold(type, "html") ? HTTP_PAGE : HTTP_OTHER;
}

static void begin_body(struct http_side *s, const struct http_head *h)
{
	struct bytes type = h->type;

	s->wanted = !h->encoded && page_is_text(type);
	if (s->wanted)
		s->kind = kind_of(type);
	s->left = h->length;
	s->phase = h->chunked ? IN_CHUNKS : h->length > 0 ? IN_BODY : AT_START;
	s->fresh = true;
}

static uint8_t method_of(struct bytes method)
{
	static const char *const names[] = {"HEAD", "CONNECT", "POST", "PUT"};
	static const uint8_t values[] = {METHOD_HEAD, METHOD_CONNECT, METHOD_POST, METHOD_PUT};

	for (size_t i = 0; i < sizeof values; i++) {
		if (bytes_are(method, names[i]))
			return values[i];
	}
	return METHOD_OTHER;
}

static void keep_host(struct http_conn *c, struct bytes host)
{
	host = bytes_upto(host, sizeof c->host);
	if (host.len > 0)
		memcpy(c->host, host.at, host.len);
	c->host_len = (uint8_t)host.len;
}

static bool on_request(struct http_conn *c, const struct talk *t, struct telling *to,
		       struct bytes line, struct bytes fields)
{
	struct http_side *s = &c->side[0];
	struct bytes method = {NULL, 0}, text = {NULL, 0}, path;
	struct http_head h;
	struct http_exchange *x;
	struct target target;
	char room[TARGET_MAX];

	if (!message_request(line, &http, &method, &text))
		return false;
	target_split(text, &target);
	http_head_read(fields, &h);
	if (!c->agent)
		target_tell(to, t, SIGNAL_http_agent, SENDER, h.agent);
	if (!c->agent && h.agent.len > 0)
		c->dropper = to->dropper(to, h.agent);
	c->agent |= h.agent.len > 0;
	c->proxy |= http_is_proxied(t, method, target.host);
	if (target.host.len > 0)
		h.host = target.host;
	path = target_path(target.path, room, sizeof room);
	x = enqueue(c);
	if (x != NULL) {
		x->method = method_of(method);
		x->login_path = page_names_login(bytes_upto(target.path, TARGET_MAX));
		if (path.len < sizeof x->path && x->method != METHOD_CONNECT)
			memcpy(x->path, path.at, path.len);
	}
	if (!bytes_are(method, "CONNECT") && !t->foreign[SENDER])
		tell_asks(t, to, h.host, path);
	keep_host(c, h.host);
	http_deed_asked(c, t, to, method, text);
	page_tell_form(to, t, target.query);
	http_try_logins(c, t, &h, method, &target);
	if (h.bad_length && !h.chunked)
		return false;
	begin_body(s, &h);
	return true;
}

static void on_challenges(struct http_conn *c, const struct talk *t, struct telling *to,
			  const struct http_head *h)
{
	struct challenge challenge;
	char room[TARGET_MAX];

	for (size_t i = 0; i < h->challenges; i++) {
		if (!auth_challenge(h->challenge[i], &challenge))
			continue;
		auth_remember(&c->asked, challenge.realm);
		tell(to, t, SIGNAL_http_realm, SENDER,
		     auth_plain_realm(challenge.realm, room, sizeof room));
	}
}

/* The answer to the oldest request of the queue. */
static void on_answer(struct http_conn *c, const struct talk *t, struct telling *to,
		      unsigned status, const struct http_head *h)
{
	struct http_exchange *x = &c->now;

	*x = c->queue[0];
	c->n--;
	memmove(c->queue, c->queue + 1, c->n * sizeof c->queue[0]);
	if (c->n == 0)
		c->body_last = false;
	if (c->proxy)
		return;
	if ((status >= 200 && status < 300) || status == 401)
		tell_text(to, t, SIGNAL_http_uri, SENDER, x->path);
	if (status == 401) {
		memcpy(c->locked, x->path, sizeof c->locked);
		tell_text(to, t, SIGNAL_http_locked, SENDER, x->path);
	}
	if (x->try != TRY_NONE)
		http_try_answered(c, t, to, status, h);
	http_deed_answered(c, t, to, status);
}

static bool on_response(struct http_conn *c, const struct talk *t, struct telling *to,
			struct bytes line, struct bytes fields)
{
	unsigned status = message_status(line, &http);
	struct http_head h;
	bool bare;

	if (status == 0)
		return false;
	http_head_read(fields, &h);
	if (!c->proxy && !c->server)
		target_tell(to, t, SIGNAL_http_server, SENDER, h.server);
	c->server |= h.server.len > 0;
	if (status == 401 && !c->proxy)
		on_challenges(c, t, to, &h);
	if (!c->served)
		tell_service(to, t, SENDER, &proto_http);
	c->served = true;
	c->settled = false;
	c->done = status == 101;
	if (status < 200)
		return true;
	c->now = (struct http_exchange){.method = METHOD_OTHER};
	if (c->n > 0)
		on_answer(c, t, to, status, &h);
	if (h.bad_length && !h.chunked)
		return false;
	c->done = c->now.method == METHOD_CONNECT && status < 300;
	bare = c->now.method == METHOD_HEAD || status == 204 || status == 304;
	if (!bare)
		begin_body(&c->side[1], &h);
	c->side[1].failed = status >= 400;
	if (!bare && !h.chunked && !h.has_length) {
		c->side[1].left = UINT64_MAX;
		c->side[1].to_close = true;
		c->side[1].phase = IN_BODY;
	}
	c->settled = c->side[1].phase == AT_START;
	if (c->settled)
		c->side[1].judged = TRY_NONE;
	return true;
}

static void end_message(struct http_conn *c, struct http_side *s)
{
	*s = (struct http_side){.phase = AT_START};
	if (s == &c->side[0])
		c->body_last = false;
	else
		c->settled = true;
}

/* The first part of a body that is text, once. */
static void look_at(struct http_conn *c, const struct talk *t, struct telling *to,
		    struct http_side *s, struct bytes body)
{
	struct talk talk = *t;

	s->wanted = false;
	if (body.len == 0 || (c->proxy && s == &c->side[1]))
		return;
	if (s == &c->side[0])
		http_request_body(c, t, to, s, body);
	else
		http_judge_page(c, t, to, body);
	if (!t->foreign[SENDER])
		page_tell(to, t, body);
	talk.failed = s->failed;
	to->body(to, &talk, body);
}

/* How much of a body is waited for: of a page its head tells the title, unless the page decides about a login. */
static size_t wanted_of(const struct http_side *s)
{
	return s->kind == HTTP_PAGE && s->judged == TRY_NONE ? PAGE_HEAD : STREAM_WINDOW;
}

/* The first bytes of a body, or of its first chunk, whatever its type. False: too few to tell. */
static bool begins_body(struct http_conn *c, const struct talk *t, struct telling *to,
			struct http_side *s, struct bytes data)
{
	if (data.len < HTTP_MAGIC && s->left > data.len && !t->closed)
		return false;
	s->fresh = false;
	http_deed_program(c, t, to, data);
	return true;
}

static size_t step_body(struct http_conn *c, const struct talk *t, struct telling *to,
			struct http_side *s, struct bytes data)
{
	uint64_t want = s->left < wanted_of(s) ? s->left : wanted_of(s);
	size_t n = s->left < data.len ? (size_t)s->left : data.len;

	if (s->wanted && data.len < want && !t->closed)
		return 0;
	if (s->fresh && !begins_body(c, t, to, s, bytes_upto(data, n)))
		return 0;
	if (s->wanted)
		look_at(c, t, to, s, bytes_upto(data, n));
	if (!s->to_close)
		s->left -= n;
	if (s->left == 0)
		end_message(c, s);
	return n;
}

/* Are all chunks here, or as many as the window holds? Goes on where it stopped last time. */
static bool chunks_are_here(struct http_side *s, const struct talk *t, struct bytes data)
{
	while (s->seen < data.len) {
		enum chunk chunk;
		uint64_t size;
		size_t head;

		chunk = page_chunk(bytes_from(data, s->seen), &head, &size);
		if (chunk == CHUNK_LAST || chunk == CHUNK_BAD)
			return true;
		if (chunk == CHUNK_MORE || size > data.len - s->seen - head)
			break;
		s->seen = (uint16_t)(s->seen + head + size);
	}
	return t->closed || data.len >= wanted_of(s);
}

static size_t step_chunks(struct http_conn *c, const struct talk *t, struct telling *to,
			  struct http_side *s, struct bytes data)
{
	char text[CHUNKED_MAX];
	uint64_t size;
	size_t head = 0;

	if (s->wanted) {
		if (!chunks_are_here(s, t, data))
			return 0;
		look_at(c, t, to, s, page_of_chunks(data, text, sizeof text));
	}
	switch (page_chunk(data, &head, &size)) {
	case CHUNK_MORE:
		return 0;
	case CHUNK_BAD:
		lose(c, s);
		return data.len;
	case CHUNK_LAST:
		s->phase = IN_TRAILER;
		return head;
	case CHUNK_DATA:
		break;
	}
	s->phase = IN_CHUNK;
	s->left = size;
	return head;
}

static size_t step_chunk(struct http_conn *c, const struct talk *t, struct telling *to,
			 struct http_side *s, struct bytes data)
{
	size_t n = s->left < data.len ? (size_t)s->left : data.len;

	if (s->fresh && !begins_body(c, t, to, s, bytes_upto(data, n)))
		return 0;
	s->left -= n;
	if (s->left == 0)
		s->phase = IN_CHUNKS;
	return n;
}

static size_t step_trailer(struct http_conn *c, struct http_side *s, struct bytes data)
{
	struct bytes rest = data, line;

	if (!bytes_line(&rest, &line))
		return 0;
	if (line.len == 0)
		end_message(c, s);
	return data.len - rest.len;
}

static size_t step_start(struct http_conn *c, const struct talk *t, struct telling *to,
			 struct http_side *s, struct bytes data)
{
	struct bytes rest, line = {NULL, 0};
	size_t before = s->seen, seen = before, head;
	bool fine;

	if (data.at[0] == '\r' || data.at[0] == '\n') { /* left over behind a body */
		s->seen = 0;
		return 1;
	}
	head = message_head(data, &seen);
	if (head == 0 && before < CHECK_AGAIN && message_begins(data, &http) == MATCH_NO) {
		lose(c, s);
		return data.len;
	}
	s->seen = (uint16_t)seen;
	if (head == 0)
		return 0;
	*s = (struct http_side){.phase = AT_START};
	rest = bytes_upto(data, head);
	bytes_line(&rest, &line);
	fine = t->from_client ? on_request(c, t, to, line, rest)
			      : on_response(c, t, to, line, rest);
	if (!fine)
		lose(c, s);
	return fine ? head : data.len;
}

/* Only a piece that begins with a start line is trusted: a page may quote one. */
static size_t step_lost(struct http_side *s, struct bytes data)
{
	if (message_begins(data, &http) == MATCH_NO)
		return data.len;
	*s = (struct http_side){.phase = AT_START};
	return 0;
}

static size_t step(struct http_conn *c, const struct talk *t, struct telling *to,
		   struct http_side *s, struct bytes data)
{
	if (s->phase == LOST && step_lost(s, data) > 0)
		return data.len;
	switch (s->phase) {
	case IN_BODY:
		return step_body(c, t, to, s, data);
	case IN_CHUNKS:
		return step_chunks(c, t, to, s, data);
	case IN_CHUNK:
		return step_chunk(c, t, to, s, data);
	case IN_TRAILER:
		return step_trailer(c, s, data);
	default:
		return step_start(c, t, to, s, data);
	}
}

static size_t http_stream(struct talk *t, struct telling *to)
{
	struct http_conn *c = t->state;
	struct http_side *s = &c->side[t->from_client ? 0 : 1];
	struct bytes rest = t->data;

	if (t->gap)
		lose(c, s);
	while (rest.len > 0) {
		size_t used = step(c, t, to, s, rest);

		if (c->done)
			return STREAM_DONE;
		if (used == 0)
			break;
		rest = bytes_from(rest, used);
	}
	if (t->closed && s == &c->side[1] && s->wanted && s->to_close && rest.len == 0)
		http_judge_page(c, t, to, rest); /* an empty page */
	return t->closed ? t->data.len : t->data.len - rest.len;
}

static enum match http_mine(const struct glance *g)
{
	return message_begins(g->data, &http);
}

const struct proto proto_http = {
	.name = "http",
	.summary = "servers, pages, logins by Basic, Digest and forms (RFC 9110, 9112)",
	.carriers = OVER_TCP,
	.state_size = sizeof(struct http_conn),
	.ports = {80, 8080, 81, 88, 8000, 8899, 7547, 49152},
	.mine = http_mine,
	.stream = http_stream};
