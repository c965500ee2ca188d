/* SPDX-License-Identifier: MIT */
/*
 * What the service manager is told (sd_notify(3)): a datagram by hand, so that no library is needed for it. Without
 * NOTIFY_SOCKET in the environment nothing is sent.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody wants to know */
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t watchdog_us; /* a sign of life is expected so often; 0: none */
};

/* Reads the environment; before there are threads. */
void notify_begin(struct notify *n);
void notify_end(struct notify *n);
/* Lines "NAME=VALUE" with line ends between them. Never waits. */
void notify_send(const struct notify *n, const char *lines);
