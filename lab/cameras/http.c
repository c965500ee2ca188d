/* SPDX-License-Identifier: MIT */
/*
 * HTTP by libmicrohttpd without threads: its epoll descriptor is one of those that the loop waits for. Bounds: 16 connections, 8 of one
 * address, 15 idle seconds, 16 KB of head, forms of 2 KB; REQUESTS at a time. Bodies that are longer are passed over and refused.
 */
#include "http.h"

#include "form.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECTIONS = 16,
	CONNECTIONS_A_PEER = 8,
	CONNECTION_BYTES = 16 * 1024,
	IDLE_S = 15,
	REQUESTS = 16,
	NONCES = 64,
	NONCE_SECONDS = 300
};

struct http {
	struct MHD_Daemon *daemon;
	struct camera *camera;
	struct request requests[REQUESTS];
	uint8_t random[32]; /* of the nonces */
};

static const char opaque[] = "lab";

/* A grey square: the smallest JPEG (T.81) with one block and codes of one bit. */
static const uint8_t head_of_picture[] = {0xff, 0xd8, 0xff, 0xdb, 0, 67, 0};
static const uint8_t rest_of_picture[] = {
	0xff, 0xc0, 0, 11, 8,	 0, 8, 0, 8,  1, 1,    0x11, 0, /* 8 by 8 */
	0xff, 0xc4, 0, 20, 0,	 1, 0, 0, 0,  0, 0,    0,    0,
	0,    0,    0, 0,  0,	 0, 0, 0, 0, /* DC */
	0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0,  0, 0,    0,    0,
	0,    0,    0, 0,  0,	 0, 0, 0, 0, /* AC */
	0xff, 0xda, 0, 8,  1,	 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9};
enum { TABLE = 64, PICTURE = sizeof head_of_picture + TABLE + sizeof rest_of_picture };

/* ---- pages ----------------------------------------------------------------------------------------------------- */

void page_text(struct page *p, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(p->text + p->n, sizeof p->text - p->n, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof p->text - p->n)
		p->n += (size_t)n;
}

void page_begin(struct page *p, const struct camera *c, unsigned status)
{
	p->status = status;
	page_text(p, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>%s</title></head><body>\n",
		  c->kind->title);
}

void page_end(struct page *p, const struct camera *c)
{
	page_text(p, "<footer>%s: no product, a program of cordon's lab</footer></body></html>\n",
		  c->kind->name);
}

void page_say(struct page *p, const struct camera *c, unsigned status, const char *words)
{
	page_begin(p, c, status);
	page_text(p, "<p>%s</p>\n", words);
	page_end(p, c);
}

/* ---- requests -------------------------------------------------------------------------------------------------- */

bool request_field(const struct request *r, const char *name, char *to, size_t size)
{
	return !r->too_long && form_field(r->body, r->body_n, name, to, size);
}

const char *request_cookie(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, name);
}

bool request_is(const struct request *r, const char *path, bool is_post)
{
	return r->is_post == is_post && strcmp(r->path, path) == 0;
}

static enum login_state basic(const struct request *r, const struct camera *c)
{
	char *secret = NULL, *name = MHD_basic_auth_get_username_password(r->connection, &secret);
	enum login_state state = LOGIN_NONE;

	if (name != NULL)
		state = secret != NULL && account_is(c, name, secret) ? LOGIN_RIGHT : LOGIN_WRONG;
	MHD_free(name);
	MHD_free(secret);
	return state;
}

static enum login_state digest(const struct request *r, const struct camera *c)
{
	char *name = MHD_digest_auth_get_username(r->connection);
	int result;

	if (name == NULL)
		return LOGIN_NONE;
	MHD_free(name);
	result = MHD_digest_auth_check2(r->connection, c->kind->realm, c->account.name,
					c->account.secret, NONCE_SECONDS, MHD_DIGEST_ALG_MD5);
	if (result == MHD_INVALID_NONCE)
		return LOGIN_STALE;
	return result == MHD_YES ? LOGIN_RIGHT : LOGIN_WRONG;
}

enum login_state request_login(const struct request *r, const struct camera *c, enum page_asks asks)
{
	enum login_state state = asks == ASKS_BASIC ? basic(r, c) : digest(r, c);

	if (state == LOGIN_RIGHT)
		camera_log("http: login accepted", &r->peer);
	else if (state == LOGIN_WRONG)
		camera_log("http: login refused", &r->peer);
	return state;
}

/* The peer as the other services have it: IPv4 as a mapped address. */
static void note_peer(struct request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	r->peer.ss_family = AF_UNSPEC;
	if (info != NULL && info->client_addr->sa_family == AF_INET6)
		memcpy(&r->peer, info->client_addr, sizeof(struct sockaddr_in6));
}

static struct request *request_new(struct http *h, struct MHD_Connection *connection,
				   const char *path, const char *method)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		struct request *r = &h->requests[i];

		if (r->used)
			continue;
		*r = (struct request){.used = true, .connection = connection};
		if (strlen(path) < sizeof r->path)
			memcpy(r->path, path, strlen(path) + 1);
		r->is_post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
		note_peer(r);
		r->streams = r->is_post && h->camera->kind->upload != NULL &&
			     h->camera->kind->upload(h->camera, r, NULL, 0);
		return r;
	}
	return NULL;
}

static void keep_body(struct http *h, struct request *r, const char *bytes, size_t n)
{
	if (r->streams) {
		(void)h->camera->kind->upload(h->camera, r, bytes, n);
	} else if (n > sizeof r->body - r->body_n) {
		r->too_long = true;
	} else {
		memcpy(r->body + r->body_n, bytes, n);
		r->body_n += n;
	}
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

static struct MHD_Response *response_of(const struct page *p)
{
	uint8_t picture[PICTURE];

	if (!p->picture)
		return MHD_create_response_from_buffer(p->n, (void *)(uintptr_t)p->text,
						       MHD_RESPMEM_MUST_COPY);
	memcpy(picture, head_of_picture, sizeof head_of_picture);
	memset(picture + sizeof head_of_picture, 1, TABLE);
	memcpy(picture + sizeof head_of_picture + TABLE, rest_of_picture, sizeof rest_of_picture);
	return MHD_create_response_from_buffer(sizeof picture, picture, MHD_RESPMEM_MUST_COPY);
}

static void add_headers(struct MHD_Response *a, const struct camera *c, const struct page *p)
{
	char text[128];

	(void)MHD_add_response_header(a, MHD_HTTP_HEADER_SERVER, c->kind->http_server);
	(void)MHD_add_response_header(a, MHD_HTTP_HEADER_CONTENT_TYPE,
				      p->picture ? "image/jpeg" : "text/html; charset=utf-8");
	(void)MHD_add_response_header(a, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (p->location != NULL)
		(void)MHD_add_response_header(a, MHD_HTTP_HEADER_LOCATION, p->location);
	if (p->session[0] != '\0') {
		snprintf(text, sizeof text, "session=%s; Path=/; HttpOnly; SameSite=Strict",
			 p->session);
		(void)MHD_add_response_header(a, MHD_HTTP_HEADER_SET_COOKIE, text);
	}
	if (p->wait_s > 0) {
		snprintf(text, sizeof text, "%u", p->wait_s);
		(void)MHD_add_response_header(a, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	if (p->asks == ASKS_FORM) {
		snprintf(text, sizeof text, "Form realm=\"%s\"", c->kind->realm);
		(void)MHD_add_response_header(a, MHD_HTTP_HEADER_WWW_AUTHENTICATE, text);
	}
}

static enum MHD_Result send_page(struct http *h, const struct request *r, const struct page *p)
{
	struct MHD_Response *a = response_of(p);
	const char *realm = h->camera->kind->realm;
	enum MHD_Result result;

	if (a == NULL)
		return MHD_NO;
	add_headers(a, h->camera, p);
	if (p->asks == ASKS_BASIC)
		result = MHD_queue_basic_auth_fail_response(r->connection, realm, a);
	else if (p->asks == ASKS_DIGEST)
		result = MHD_queue_auth_fail_response2(r->connection, realm, opaque, a,
						       p->stale ? MHD_YES : MHD_NO,
						       MHD_DIGEST_ALG_MD5);
	else
		result = MHD_queue_response(r->connection, p->status, a);
	MHD_destroy_response(a);
	return result;
}

/* The library says with how many. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *bytes,
				  size_t *n, void **kept)
{
	struct http *h = user;
	struct request *r = *kept;
	struct page p = {.status = MHD_HTTP_NOT_FOUND};

	(void)version;
	if (r == NULL) {
		*kept = r = request_new(h, connection, url, method);
		return r == NULL ? MHD_NO : MHD_YES;
	}
	if (*n > 0) {
		keep_body(h, r, bytes, *n);
		*n = 0;
		return MHD_YES;
	}
	if (r->too_long)
		page_say(&p, h->camera, MHD_HTTP_CONTENT_TOO_LARGE, "too long");
	else
		h->camera->kind->pages(h->camera, r, &p);
	if (p.n == 0 && !p.picture)
		page_say(&p, h->camera, p.status, "no such page");
	return send_page(h, r, &p);
}

static void on_end(void *user, struct MHD_Connection *connection, void **kept,
		   enum MHD_RequestTerminationCode why)
{
	struct request *r = *kept;

	(void)user;
	(void)connection;
	(void)why;
	if (r != NULL)
		r->used = false;
	*kept = NULL;
}

/* ---- its life -------------------------------------------------------------------------------------------------- */

struct http *http_open(struct camera *c, int *fd)
{
	struct http *h = calloc(1, sizeof *h);
	const union MHD_DaemonInfo *info;

	if (h == NULL)
		return NULL;
	h->camera = c;
	camera_random(h->random, sizeof h->random);
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_DUAL_STACK, HTTP_PORT, NULL, NULL, on_request, h,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_A_PEER, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_DIGEST_AUTH_RANDOM, sizeof h->random, (const char *)h->random,
		MHD_OPTION_NONCE_NC_SIZE, (unsigned)NONCES, MHD_OPTION_END);
	info = h->daemon == NULL ? NULL : MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL) {
		http_close(h);
		return NULL;
	}
	*fd = info->epoll_fd;
	return h;
}

void http_close(struct http *h)
{
	if (h != NULL && h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	free(h);
}

void http_serve(struct http *h)
{
	(void)MHD_run(h->daemon);
}

int http_wait_ms(const struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
		return -1;
	return ms > 10000 ? 10000 : (int)ms;
}
