/* SPDX-License-Identifier: MIT */
/*
 * Connections as they come and go, without threads: bytes in, to the machine of that service (line.h), bytes out. Nothing waits
 * for a peer: who does not read loses pictures first and then the connection, who says nothing for SILENT_MS is closed, and one
 * peer holds at most LINES_A_PEER.
 */
#include "lines.h"

#include "../replay.h"

#include "base/exits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SILENT_MS = 60000, BACKLOG = 8 };

struct service {
	uint16_t port;
	void (*begin)(struct line *l);
	size_t (*take)(struct line *l, const uint8_t *in, size_t n);
};

enum { RTSP, DVRIP, TELNET };

static const struct service services[LINE_SERVICES] = {
	[RTSP] = {554, rtsp_begin, rtsp_take},
	[DVRIP] = {34567, dvrip_begin, dvrip_take},
	[TELNET] = {23, telnet_begin, telnet_take},
};

int lines_listen(uint16_t port)
{
	struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int one = 1, zero = 0;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
	if (bind(fd, (const struct sockaddr *)&here, sizeof here) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

int lines_open(struct lines *ls, struct camera *c)
{
	*ls = (struct lines){.camera = c, .udp = -1};
	for (size_t i = 0; i < LINES; i++)
		ls->conn[i].fd = -1;
	for (size_t i = 0; i < LINE_SERVICES; i++)
		ls->door[i] = -1;
	for (size_t i = 0; i < LINE_SERVICES; i++) {
		if (i == TELNET && c->kind->prompt == NULL)
			continue;
		ls->door[i] = lines_listen(services[i].port);
		if (ls->door[i] < 0)
			return replay_refuse(EXITS_OS, "port %u can't be listened on: %m",
					     services[i].port);
	}
	ls->udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return EXITS_OK;
}

static void end(struct conn *n)
{
	close(n->fd);
	n->fd = -1;
}

void lines_close(struct lines *ls)
{
	if (ls->camera == NULL)
		return; /* was never opened */
	for (size_t i = 0; i < LINES; i++) {
		if (ls->conn[i].fd >= 0)
			end(&ls->conn[i]);
	}
	for (size_t i = 0; i < LINE_SERVICES; i++) {
		if (ls->door[i] >= 0)
			close(ls->door[i]);
	}
	if (ls->udp >= 0)
		close(ls->udp);
}

void lines_wait(const struct lines *ls, struct pollfd fds[LINES_FDS])
{
	for (size_t i = 0; i < LINES; i++) {
		const struct conn *n = &ls->conn[i];
		bool room = n->in_n < sizeof n->in && n->out.n == 0 && !n->ending;

		fds[i] = (struct pollfd){.fd = n->fd, .events = room ? POLLIN : 0};
		if (n->fd >= 0 && n->out.n > 0)
			fds[i].events |= POLLOUT;
	}
	for (size_t i = 0; i < LINE_SERVICES; i++)
		fds[LINES + i] = (struct pollfd){.fd = ls->door[i], .events = POLLIN};
}

static void send_out(struct conn *n)
{
	ssize_t sent = n->out.n == 0 ? 0 : send(n->fd, n->out.bytes, n->out.n, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		end(n);
		return;
	}
	if (sent > 0) {
		n->out.n -= (size_t)sent;
		memmove(n->out.bytes, n->out.bytes + sent, n->out.n);
	}
	if (n->ending && n->out.n == 0)
		end(n);
}

static bool same_peer(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *x = (const void *)a, *y = (const void *)b;

	return memcmp(&x->sin6_addr, &y->sin6_addr, sizeof x->sin6_addr) == 0;
}

static struct conn *free_place(struct lines *ls, const struct sockaddr_storage *peer)
{
	struct conn *found = NULL;
	unsigned theirs = 0;

	for (size_t i = 0; i < LINES; i++) {
		if (ls->conn[i].fd < 0)
			found = &ls->conn[i];
		else
			theirs += same_peer(&ls->conn[i].line.peer, peer);
	}
	return theirs < LINES_A_PEER ? found : NULL;
}

static void take_in(struct lines *ls, unsigned service)
{
	struct sockaddr_storage peer = {.ss_family = AF_INET6};
	socklen_t size = sizeof peer;
	int fd = accept4(ls->door[service], (struct sockaddr *)&peer, &size,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct conn *n = fd < 0 ? NULL : free_place(ls, &peer);

	if (n == NULL) {
		ls->turned_away++;
		if (fd >= 0)
			close(fd);
		return;
	}
	n->fd = fd;
	n->service = (uint8_t)service;
	n->ending = false;
	n->heard_ms = camera_now_ms();
	n->in_n = n->out.n = 0;
	n->out.full = false;
	n->line = (struct line){.camera = ls->camera, .peer = peer, .out = &n->out};
	services[service].begin(&n->line);
	send_out(n);
}

static void hear(struct conn *n)
{
	ssize_t got = recv(n->fd, n->in + n->in_n, sizeof n->in - n->in_n, 0);
	size_t used;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		end(n);
		return;
	}
	n->heard_ms = camera_now_ms();
	n->in_n += (size_t)got;
	used = services[n->service].take(&n->line, n->in, n->in_n);
	if (used == LINE_END || (used == 0 && n->in_n == sizeof n->in) || n->out.full) {
		n->ending = true;
		used = n->in_n;
	}
	n->in_n -= used;
	memmove(n->in, n->in + used, n->in_n);
	send_out(n);
}

void lines_serve(struct lines *ls, const struct pollfd fds[LINES_FDS])
{
	for (size_t i = 0; i < LINES; i++) {
		struct conn *n = &ls->conn[i];

		if (n->fd < 0 || n->fd != fds[i].fd || fds[i].revents == 0)
			continue;
		if ((fds[i].revents & POLLIN) != 0)
			hear(n);
		else if ((fds[i].revents & POLLOUT) != 0)
			send_out(n);
		else
			end(n);
	}
	for (unsigned i = 0; i < LINE_SERVICES; i++) {
		if ((fds[LINES + i].revents & POLLIN) != 0)
			take_in(ls, i);
	}
}

/* To who logged in, and nobody else. */
static void send_picture(const struct lines *ls, struct conn *n, const uint8_t *packet, size_t len)
{
	const uint8_t head[4] = {'$', 0, (uint8_t)(len >> 8), (uint8_t)len};
	struct sockaddr_in6 to = *(const struct sockaddr_in6 *)&n->line.peer;

	if (n->line.is.rtsp.udp_port != 0) {
		to.sin6_port = htons(n->line.is.rtsp.udp_port);
		(void)sendto(ls->udp, packet, len, MSG_NOSIGNAL, (const struct sockaddr *)&to,
			     sizeof to);
		return;
	}
	if (n->out.n > sizeof n->out.bytes / 2)
		return; /* a slow player misses it */
	out_put(&n->out, head, sizeof head);
	out_put(&n->out, packet, len);
	send_out(n);
}

void lines_tick(struct lines *ls, uint64_t now_ms)
{
	uint8_t packet[RTP_MAX];

	for (size_t i = 0; i < LINES; i++) {
		struct conn *n = &ls->conn[i];
		bool plays = n->fd >= 0 && n->service == RTSP && n->line.is.rtsp.playing;
		size_t len = plays && !n->ending ? rtsp_packet(&n->line, now_ms, packet) : 0;

		if (len > 0)
			send_picture(ls, n, packet, len);
		else if (n->fd >= 0 && !plays && now_ms - n->heard_ms > SILENT_MS)
			end(n);
	}
}
