/* SPDX-License-Identifier: MIT */
/*
 * /metrics over HTTP by libmicrohttpd, driven by the service's loop through its epoll descriptor, so that it needs no thread.
 * Only loopback addresses and Unix sockets are listened on, since there is no password; settings refuse others, and so does
 * this file. Connections, their memory and how long they may be idle have bounds. A page elsewhere that makes the owner's
 * browser ask (DNS rebinding) gets nothing: the Host must be a loopback name.
 */
#include "watch/metrics.h"

#include "watch/local_socket.h"
#include "watch/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS = 16,
	CONNECTION_BYTES = 16 * 1024,
	IDLE_S = 15,
	BACKLOG = 16,
	SOCKET_MODE = 0660
};

struct metrics_server {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	struct service *s;
	const char *path; /* of the Unix socket; NULL: TCP */
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
			     const char *at, size_t len)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(len, (void *)(uintptr_t)at, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
	return reply(connection, status, "text/plain; charset=utf-8", why, strlen(why));
}

/* The name before the port is one of this machine's own, or an address. */
static bool is_own_name(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	if (host == NULL)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);

		if (strncasecmp(host, names[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
			return true;
	}
	return false;
}

/* The library says with how many. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	static int seen;
	struct metrics_server *m = context;
	struct text page = {0};
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
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
	if (m->path == NULL && !is_own_name(MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
									MHD_HTTP_HEADER_HOST)))
		return refuse(connection, MHD_HTTP_FORBIDDEN, "not under this name\n");
	if (strcmp(url, "/metrics") != 0)
		return refuse(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	metrics_text(m->s, &page);
	result = page.failed ? MHD_NO
			     : reply(connection, MHD_HTTP_OK,
				     "text/plain; version=0.0.4; charset=utf-8", page.at, page.len);
	text_fini(&page);
	return result;
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static void turn(struct metrics_server *m);

static void on_timer(uv_timer_t *timer)
{
	turn(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void turn(struct metrics_server *m)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(m->daemon);
	if (MHD_get_timeout(m->daemon, &wait_ms) == MHD_YES)
		(void)uv_timer_start(&m->timer, on_timer, wait_ms, 0);
	else
		(void)uv_timer_stop(&m->timer);
}

/* ---- the socket ------------------------------------------------------------------------------------------------ */

static int listen_unix(const char *path)
{
	int fd = local_socket(path, SOCKET_MODE), err;

	if (fd >= 0 && listen(fd, BACKLOG) != 0) {
		err = errno;
		(void)close(fd);
		return -err;
	}
	return fd;
}

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	unsigned long n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	*port = htons((uint16_t)n);
	return n > 0 && n <= UINT16_MAX && *end == '\0';
}

static int listen_tcp(const char *address)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool is_v4 = strncmp(address, "127.0.0.1:", 10) == 0;
	const struct sockaddr *at =
		is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
	int fd, on = 1, err = 0;

	if (is_v4 ? !parse_port(address + 10, &v4.sin_port)
		  : (strncmp(address, "[::1]:", 6) != 0 || !parse_port(address + 6, &v6.sin6_port)))
		return -EINVAL;
	fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, at, is_v4 ? sizeof v4 : sizeof v6) != 0 || listen(fd, BACKLOG) != 0) {
		err = errno;
		(void)close(fd);
	}
	return err != 0 ? -err : fd;
}

static bool begin_daemon(struct metrics_server *m, int fd)
{
	const union MHD_DaemonInfo *info;

	m->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, m,
				     MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				     (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				     (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned)IDLE_S, MHD_OPTION_END);
	if (m->daemon == NULL)
		return false;
	info = MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	m->poll.data = m->timer.data = m;
	return info != NULL && uv_timer_init(&m->s->loop, &m->timer) == 0 &&
	       uv_poll_init(&m->s->loop, &m->poll, info->epoll_fd) == 0 &&
	       uv_poll_start(&m->poll, UV_READABLE, on_ready) == 0;
}

struct metrics_server *metrics_new(struct service *s)
{
	const char *address = s->settings.metrics;
	struct metrics_server *m;
	char why[LOG_ERROR_TEXT];
	bool is_unix;
	int fd;

	if (address == NULL)
		return NULL;
	is_unix = strncmp(address, "unix:", 5) == 0;
	m = calloc(1, sizeof *m);
	fd = m == NULL ? -ENOMEM : is_unix ? listen_unix(address + 5) : listen_tcp(address);
	if (fd < 0) {
		log_line(LEVEL_ERROR, "%s: no metrics here: %s", address, log_error(-fd, why));
		free(m);
		return NULL;
	}
	m->s = s;
	m->path = is_unix ? address + 5 : NULL;
	if (!begin_daemon(m, fd)) {
		log_line(LEVEL_ERROR, "%s: no metrics here: libmicrohttpd does not start", address);
		/* What is left of it ends with the process: the loop may have it already. */
		return NULL;
	}
	return m;
}

void metrics_end(struct metrics_server *m)
{
	uv_close((uv_handle_t *)&m->poll, NULL);
	uv_close((uv_handle_t *)&m->timer, NULL);
	MHD_stop_daemon(m->daemon);
	if (m->path != NULL)
		(void)unlink(m->path);
}
