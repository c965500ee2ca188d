/* SPDX-License-Identifier: MIT */
/*
 * /metrics over HTTP. Only loopback addresses and Unix sockets are listened on, since there is no password; settings refuse
 * others, and so does this file. A page elsewhere that makes the owner's browser ask (DNS rebinding) gets nothing: the Host must
 * be a loopback name.
 */
#include "watch/metrics.h"

#include "watch/http_server.h"
#include "watch/local_socket.h"
#include "watch/service.h"

#include <arpa/inet.h>
#include <errno.h>
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
	struct http_server *http;
	struct service *s;
	const char *path; /* of the Unix socket; NULL: TCP */
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

static void refuse(struct http_reply *r, unsigned status, const char *why)
{
	r->status = status;
	text_puts(&r->body, why);
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

static void answer(void *context, const struct http_request *q, struct http_reply *r)
{
	struct metrics_server *m = context;

	r->type = "text/plain; charset=utf-8";
	if (strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0) {
		refuse(r, 405, "only GET\n");
	} else if (m->path == NULL && !is_own_name(q->host)) {
		refuse(r, 403, "not under this name\n");
	} else if (strcmp(q->path, "/metrics") != 0) {
		refuse(r, 404, "see /metrics\n");
	} else {
		r->status = 200;
		r->type = "text/plain; version=0.0.4; charset=utf-8";
		metrics_text(m->s, &r->body);
	}
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

struct metrics_server *metrics_new(struct service *s)
{
	const char *address = s->settings.metrics;
	struct http_options options = {.connections = CONNECTIONS,
				       .connection_bytes = CONNECTION_BYTES,
				       .idle_s = IDLE_S,
				       .answer = answer};
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
	options.listen_fd = fd;
	options.context = m;
	m->http = http_server_new(&s->loop, &options);
	if (m->http == NULL) {
		log_line(LEVEL_ERROR, "%s: no metrics here: libmicrohttpd does not start", address);
		free(m);
		return NULL;
	}
	return m;
}

void metrics_end(struct metrics_server *m)
{
	http_server_end(m->http);
	if (m->path != NULL)
		(void)unlink(m->path);
}

void metrics_free(struct metrics_server *m)
{
	if (m != NULL)
		http_server_free(m->http);
	free(m);
}
