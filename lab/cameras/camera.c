/* SPDX-License-Identifier: MIT */
/*
 * The loop of a camera of the lab: one poll() for HTTP, the lines of RTSP, DVRIP and telnet, and discovery. It runs in a network
 * namespace that a test made, from which no link leads out, and nowhere else: replay_place_check() (../replay_place.c), which
 * no option widens. It answers, and calls nobody but by broadcast and by pictures to who logged in.
 */
#include "camera.h"

#include "../replay.h"
#include "http.h"
#include "lines.h"
#include "near.h"

#include "base/exits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
	DISCOVERY_PORT = 34569,
	ANNOUNCE_MS = 4000, /* unasked */
	ANSWER_MS = 1000,   /* asked: no oftener, so that it amplifies nothing */
	TICK_MS = 40,
	FDS = LINES_FDS + 2
};

struct loop {
	struct camera camera;
	struct lines lines;
	struct http *http;
	int http_fd;
	int discovery;
	uint64_t told_ms; /* when discovery was last answered, or announced */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

uint64_t camera_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void camera_random(void *to, size_t n)
{
	uint8_t *at = to;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			abort(); /* without it every nonce could be guessed */
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

void camera_log(const char *what, const struct sockaddr_storage *who)
{
	char text[NEAR_TEXT];

	near_text(who, text);
	printf("%s from %s\n", what, text);
	fflush(stdout);
}

/* ---- discovery ------------------------------------------------------------------------------------------------- */

static int open_discovery(struct loop *l)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(DISCOVERY_PORT)};
	int one = 1;

	l->discovery = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->discovery < 0 ||
	    bind(l->discovery, (const struct sockaddr *)&here, sizeof here) != 0 ||
	    setsockopt(l->discovery, SOL_SOCKET, SO_BROADCAST, &one, sizeof one) != 0)
		return replay_refuse(EXITS_OS, "port %d can't be listened on: %m", DISCOVERY_PORT);
	return EXITS_OK;
}

static void announce(struct loop *l)
{
	struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(DISCOVERY_PORT)};
	uint8_t mac[6], answer[DISCOVERY_MAX];
	struct in_addr own;
	size_t n = near_own(mac, &own) ? discovery_answer(&l->camera, mac, own, answer) : 0;

	l->told_ms = camera_now_ms();
	all.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	if (n > 0)
		(void)sendto(l->discovery, answer, n, MSG_NOSIGNAL, (const struct sockaddr *)&all,
			     sizeof all);
}

static void hear_discovery(struct loop *l)
{
	uint8_t in[64];
	ssize_t n = recv(l->discovery, in, sizeof in, 0);

	if (n > 0 && discovery_asks(in, (size_t)n) && camera_now_ms() - l->told_ms >= ANSWER_MS)
		announce(l);
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static void turn(struct loop *l)
{
	struct pollfd fds[FDS];
	int most = http_wait_ms(l->http);

	lines_wait(&l->lines, fds);
	fds[LINES_FDS] = (struct pollfd){.fd = l->http_fd, .events = POLLIN};
	fds[LINES_FDS + 1] = (struct pollfd){.fd = l->discovery, .events = POLLIN};
	if (poll(fds, FDS, most >= 0 && most < TICK_MS ? most : TICK_MS) < 0)
		return;
	http_serve(l->http);
	lines_serve(&l->lines, fds);
	lines_tick(&l->lines, camera_now_ms());
	if ((fds[LINES_FDS + 1].revents & POLLIN) != 0)
		hear_discovery(l);
	if (camera_now_ms() - l->told_ms >= ANNOUNCE_MS)
		announce(l);
}

static int open_services(struct loop *l)
{
	int status = lines_open(&l->lines, &l->camera);

	if (status == EXITS_OK)
		status = open_discovery(l);
	if (status != EXITS_OK)
		return status;
	l->http = http_open(&l->camera, &l->http_fd);
	return l->http != NULL ? EXITS_OK
			       : replay_refuse(EXITS_OS, "port %d can't be listened on", HTTP_PORT);
}

static int run(struct loop *l, const char *state)
{
	const struct camera_kind *kind = l->camera.kind;
	int status = kind->open(&l->camera, state);

	if (status == EXITS_OK)
		status = open_services(l);
	if (status == EXITS_OK) {
		printf("%s: %s\nIt exists for cordon's lab and is no product.\n", kind->name,
		       kind->about);
		fflush(stdout);
	}
	while (status == EXITS_OK && !stopped)
		turn(l);
	http_close(l->http);
	if (l->discovery >= 0)
		close(l->discovery);
	lines_close(&l->lines);
	if (kind->close != NULL)
		kind->close(&l->camera);
	return status;
}

static void help(const struct camera_kind *kind)
{
	printf("%s%s\n\n%s.\n\nIt exists for cordon's lab and is no product: it runs in a network "
	       "namespace /run/netns/cd-*\nfrom which no link leads out, and nowhere else. HTTP 80, "
	       "RTSP 554, DVRIP 34567, discovery UDP 34569%s\n",
	       kind->name, kind->needs_state ? " --state FOLDER" : "", kind->about,
	       kind->prompt != NULL ? ", telnet 23." : ".");
}

int camera_main(const struct camera_kind *kind, int argc, char **argv)
{
	static struct loop l;
	const char *state = NULL;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		help(kind);
		return EXITS_OK;
	}
	if (argc == 3 && kind->needs_state && strcmp(argv[1], "--state") == 0)
		state = argv[2];
	if (kind->needs_state ? state == NULL : argc != 1)
		return replay_refuse(EXITS_USAGE, "usage: %s%s", kind->name,
				     kind->needs_state ? " --state FOLDER" : "");
	status = replay_place_check();
	if (status != EXITS_OK)
		return status;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	l.camera.kind = kind;
	l.discovery = -1;
	return run(&l, state);
}
