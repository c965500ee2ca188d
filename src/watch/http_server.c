/* SPDX-License-Identifier: MIT */
/*
 * See http_server.h, and libmicrohttpd(3). Who asks gets one answer at a time, with a length, kept by no cache; a request's
 * body is read and thrown away, bounded by the connection's time.
 */
#include "watch/http_server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

struct http_server {
	struct MHD_Daemon *daemon;
	struct http_options o;
	uv_poll_t poll;
	uv_timer_t timer;
	void *taking; /* `who` of the connection that is being taken */
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

static void add(struct MHD_Response *r, const char *name, const char *value)
{
	if (value != NULL)
		(void)MHD_add_response_header(r, name, value);
}

static enum MHD_Result reply(const struct http_server *h, struct MHD_Connection *connection,
			     const struct http_reply *say)
{
	struct MHD_Response *r;
	enum MHD_Result result;

	if (say->body.failed)
		return MHD_NO;
	r = MHD_create_response_from_buffer(
		say->body.len, (void *)(uintptr_t)text_string(&say->body), MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	add(r, MHD_HTTP_HEADER_CONTENT_TYPE, say->type);
	add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	add(r, "X-Content-Type-Options", "nosniff");
	add(r, MHD_HTTP_HEADER_LOCATION, say->location);
	add(r, "Content-Security-Policy", say->policy);
	if (say->policy != NULL) {
		add(r, "Referrer-Policy", "no-referrer");
		add(r, "X-Frame-Options", "DENY");
	}
	if (say->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (h->o.once)
		add(r, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(connection, say->status, r);
	MHD_destroy_response(r);
	return result;
}

static void *who_is(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

/* The library says with how many. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	static int seen;
	struct http_server *h = context;
	struct http_request q = {.method = method, .path = url};
	struct http_reply say = {0};
	enum MHD_Result result;

	(void)version;
	(void)upload;
	if (*state == NULL) {
		*state = &seen; /* the headers alone; answered when the body is there */
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	q.host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	q.who = who_is(connection);
	h->o.answer(h->o.context, &q, &say);
	result = reply(h, connection, &say);
	text_fini(&say.body);
	return result;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **who,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http_server *h = context;

	(void)connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*who = h->taking;
		h->taking = NULL;
	} else if (*who != NULL && h->o.closed != NULL) {
		h->o.closed(h->o.context, *who);
	}
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
	http_server_turn(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	http_server_turn(poll->data);
}

void http_server_turn(struct http_server *h)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &wait_ms) == MHD_YES)
		(void)uv_timer_start(&h->timer, on_timer, wait_ms, 0);
	else
		(void)uv_timer_stop(&h->timer);
}

static bool begin(struct http_server *h, uv_loop_t *loop)
{
	const struct http_options *o = &h->o;
	const union MHD_DaemonInfo *info;
	unsigned how = MHD_USE_EPOLL | (o->listen_fd < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0);

	h->daemon = MHD_start_daemon(how, 0, NULL, NULL, on_request, h, MHD_OPTION_CONNECTION_LIMIT,
				     o->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				     o->connection_bytes, MHD_OPTION_CONNECTION_TIMEOUT, o->idle_s,
				     MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
				     o->listen_fd < 0 ? MHD_OPTION_END : MHD_OPTION_LISTEN_SOCKET,
				     o->listen_fd, MHD_OPTION_END);
	if (h->daemon == NULL)
		return false;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->poll.data = h->timer.data = h;
	return info != NULL && uv_timer_init(loop, &h->timer) == 0 &&
	       uv_poll_init(loop, &h->poll, info->epoll_fd) == 0 &&
	       uv_poll_start(&h->poll, UV_READABLE, on_ready) == 0;
}

struct http_server *http_server_new(uv_loop_t *loop, const struct http_options *options)
{
	struct http_server *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->o = *options;
	/* What is left of it ends with the process: the loop may have it already. */
	return begin(h, loop) ? h : NULL;
}

bool http_server_take(struct http_server *h, int fd, const struct sockaddr *from, socklen_t len,
		      void *who)
{
	bool taken;

	h->taking = who;
	taken = MHD_add_connection(h->daemon, fd, from, len) == MHD_YES;
	http_server_turn(h); /* a library that keeps it until then says only now that it began */
	h->taking = NULL;
	return taken;
}

void http_server_end(struct http_server *h)
{
	uv_close((uv_handle_t *)&h->poll, NULL);
	uv_close((uv_handle_t *)&h->timer, NULL);
	MHD_stop_daemon(h->daemon);
}

void http_server_free(struct http_server *h)
{
	free(h);
}
