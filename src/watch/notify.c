/* SPDX-License-Identifier: MIT */
/*
 * sd_notify by hand, see notify.h: one datagram to the socket that NOTIFY_SOCKET names, where a leading @ stands for the NUL
 * of an abstract one (unix(7)). WATCHDOG_PID is the first process and not this one; the unit says NotifyAccess=all.
 */
#include "watch/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Threads begin later. NOLINTBEGIN(concurrency-mt-unsafe) */
static uint64_t watchdog_us(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	unsigned long long us;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	us = strtoull(text, &end, 10);
	return *end == '\0' ? us : 0;
}

void notify_begin(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;

	*n = (struct notify){.fd = -1, .to = {.sun_family = AF_UNIX}, .watchdog_us = watchdog_us()};
	if (len < 2 || len >= sizeof n->to.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(n->to.sun_path, path, len);
	if (path[0] == '@')
		n->to.sun_path[0] = '\0';
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}
/* NOLINTEND(concurrency-mt-unsafe) */

void notify_end(struct notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}

void notify_send(const struct notify *n, const char *lines)
{
	if (n->fd < 0)
		return;
	/* Whoever started us may be gone; nothing depends on it. */
	(void)!sendto(n->fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT,
		      (const struct sockaddr *)&n->to, n->to_len);
}
