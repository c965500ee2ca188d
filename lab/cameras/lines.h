/* SPDX-License-Identifier: MIT */
/* The TCP connections of a camera but those of HTTP: at most LINES, each with buffers of fixed size; who comes later is closed. */
#pragma once

#include "line.h"

#include <poll.h>

enum { LINES = 16, LINES_A_PEER = 6, LINE_SERVICES = 3, LINES_FDS = LINES + LINE_SERVICES };

struct conn {
	int fd; /* -1: free */
	uint8_t service;
	bool ending; /* once everything is sent */
	uint64_t heard_ms;
	uint8_t in[LINE_IN_MAX];
	size_t in_n;
	struct out out;
	struct line line;
};

struct lines {
	struct camera *camera;
	int door[LINE_SERVICES]; /* -1: this camera has no such service */
	int udp;		 /* for pictures; -1 until wanted */
	struct conn conn[LINES];
	unsigned turned_away;
};

/* Listens on the ports of RTSP and DVRIP, and of telnet where the camera has it. An exit status. */
int lines_open(struct lines *ls, struct camera *c);
void lines_close(struct lines *ls);

/* What to wait for, LINES_FDS entries; and what to do when it came. */
void lines_wait(const struct lines *ls, struct pollfd fds[LINES_FDS]);
void lines_serve(struct lines *ls, const struct pollfd fds[LINES_FDS]);

/* Pictures that are due; connections that are silent for too long end. */
void lines_tick(struct lines *ls, uint64_t now_ms);

/* A socket that listens on all addresses, IPv4 and IPv6, or -1. */
int lines_listen(uint16_t port);
