/* SPDX-License-Identifier: MIT */
/*
 * The only injector of this project: it replays a capture onto an interface of a namespace that a test made, for tests of
 * live capture and of load. It builds no packet. It is neither installed nor packaged.
 *
 *   replay [--pps N] [--count N] [--seconds N] [--loop] [--keep-times] FILE IF
 *
 * It refuses with one line and sends nothing unless its network namespace is one of /run/netns/cd-* from which no link
 * leads out (replay_place.c), every destination in the capture is a documentation address or one that is never routed
 * (replay_file.c), and rate, count and seconds are within the bounds of replay.h. These bounds are in the code; no option
 * widens them. Frames leave by AF_PACKET past the queueing discipline, many in one call: packet(7), sendmmsg(2).
 */
#include "replay.h"

#include "base/exits.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 64, VLAN_TAG = 4 };

struct replay {
	uint64_t pps; /* 0: as fast as the link takes them */
	uint64_t count;
	uint64_t seconds;
	bool loop;
	bool keep_times;
	const char *path;
	const char *interface;
	struct replay_file file;
	int socket;
	uint64_t sent;
	uint64_t bytes;
	uint64_t full; /* times that the link took none */
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* The link's queue is full: a moment later it has room. */
static void wait_until(int64_t ns)
{
	struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static int open_link(struct replay *r)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	struct ifreq ifr = {.ifr_ifindex = 0};
	int one = 1;

	if (strlen(r->interface) >= sizeof ifr.ifr_name)
		return replay_refuse(EXITS_USAGE, "%s is no name of an interface", r->interface);
	strcpy(ifr.ifr_name, r->interface);
	r->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (r->socket < 0)
		return replay_refuse(EXITS_NO_PERMISSION, "no packet socket: %s", strerror(errno));
	if (ioctl(r->socket, SIOCGIFMTU, &ifr) != 0)
		return replay_refuse(EXITS_USAGE, "there is no interface %s here", r->interface);
	for (size_t i = 0; i < r->file.n; i++) {
		size_t most = (size_t)ifr.ifr_mtu + ETH_HLEN + VLAN_TAG;

		if (r->file.frames[i].len > most)
			return replay_refuse(EXITS_DATA,
					     "packet %zu has %u bytes, %s takes %zu: set its mtu "
					     "higher; nothing was sent",
					     i + 1, r->file.frames[i].len, r->interface, most);
	}
	to.sll_ifindex = (int)if_nametoindex(r->interface);
	if (bind(r->socket, (const struct sockaddr *)&to, sizeof to) != 0)
		return replay_refuse(EXITS_OS, "%s: %s", r->interface, strerror(errno));
	/* Without it each frame waits in the queueing discipline: slower, and right all the same. */
	(void)setsockopt(r->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
	return EXITS_OK;
}

/* The nanosecond after the start at which frame number i of all is due. */
static int64_t due_ns(const struct replay *r, uint64_t i)
{
	const struct replay_file *f = &r->file;
	int64_t round, at;

	if (r->pps > 0)
		return (int64_t)((double)i * 1e9 / (double)r->pps);
	if (!r->keep_times)
		return 0;
	round = f->frames[f->n - 1].time_ns - f->frames[0].time_ns;
	at = f->frames[i % f->n].time_ns - f->frames[0].time_ns;
	return (int64_t)(i / f->n) * (round > 0 ? round : 0) + (at > 0 ? at : 0);
}

/* How many of the next frames are due now, at most BURST; at least one when the first is waited for. */
static unsigned burst(const struct replay *r, int64_t start, int64_t end)
{
	unsigned n = 0;
	int64_t first = start + due_ns(r, r->sent), now = now_ns();

	if (first > now) {
		wait_until(first < end ? first : end);
		now = now_ns();
	}
	while (n < BURST && r->sent + n < r->count && start + due_ns(r, r->sent + n) <= now)
		n++;
	return n;
}

static int send_burst(struct replay *r, unsigned n)
{
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
	int done;

	for (unsigned i = 0; i < n; i++) {
		const struct replay_frame *f = &r->file.frames[(r->sent + i) % r->file.n];

		/* Only read, though the type does not say so. */
		parts[i] = (struct iovec){.iov_base = (void *)(uintptr_t)f->at, .iov_len = f->len};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}};
	}
	done = sendmmsg(r->socket, messages, n, 0);
	if (done > 0) {
		for (int i = 0; i < done; i++)
			r->bytes += parts[i].iov_len;
		r->sent += (uint64_t)done;
		return EXITS_OK;
	}
	if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
		return replay_refuse(EXITS_IO, "%s: %s; %" PRIu64 " frames were sent", r->interface,
				     strerror(errno), r->sent);
	r->full++;
	sched_yield();
	return EXITS_OK;
}

static int send_all(struct replay *r)
{
	int64_t start = now_ns();
	int64_t end = start + (int64_t)r->seconds * 1000000000;
	int status = EXITS_OK;
	double took;

	while (status == EXITS_OK && !stopped && r->sent < r->count && now_ns() < end) {
		unsigned n = burst(r, start, end);

		if (n > 0)
			status = send_burst(r, n);
	}
	took = (double)(now_ns() - start) / 1e9;
	printf("sent %" PRIu64 " frames, %" PRIu64 " bytes in %.3f s, %.0f/s; %" PRIu64
	       " times the link was full\n",
	       r->sent, r->bytes, took, took > 0 ? (double)r->sent / took : 0, r->full);
	return status;
}

static int usage(void)
{
	return replay_refuse(EXITS_USAGE, "usage: replay [--pps N] [--count N] [--seconds N] "
					  "[--loop] [--keep-times] FILE IF");
}

static int number(const char *option, const char *text, uint64_t most, uint64_t *to)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || *to == 0 || *to > most)
		return replay_refuse(EXITS_USAGE, "--%s is a number from 1 to %" PRIu64 ", not %s",
				     option, most, text);
	return EXITS_OK;
}

static int read_options(struct replay *r, int argc, char **argv)
{
	static const struct option options[] = {
		{"pps", required_argument, NULL, 'p'},	   {"count", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 's'}, {"loop", no_argument, NULL, 'l'},
		{"keep-times", no_argument, NULL, 'k'},	   {NULL, 0, NULL, 0}};
	int status = EXITS_OK, option;

	/* One thread only. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (status == EXITS_OK && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p')
			status = number("pps", optarg, REPLAY_PPS_MOST, &r->pps);
		else if (option == 'c')
			status = number("count", optarg, REPLAY_FRAMES_MOST, &r->count);
		else if (option == 's')
			status = number("seconds", optarg, REPLAY_SECONDS_MOST, &r->seconds);
		else if (option == 'l')
			r->loop = true;
		else if (option == 'k')
			r->keep_times = true;
		else
			status = usage();
	}
	if (status != EXITS_OK)
		return status;
	if (argc - optind != 2)
		return usage();
	if (r->loop && r->count == 0 && r->seconds == 0)
		return replay_refuse(EXITS_USAGE, "--loop needs --count or --seconds");
	r->path = argv[optind];
	r->interface = argv[optind + 1];
	return EXITS_OK;
}

static void set_bounds(struct replay *r)
{
	uint64_t most = r->loop ? REPLAY_FRAMES_MOST : r->file.n;

	if (r->count == 0 || r->count > most)
		r->count = most;
	if (r->seconds == 0)
		r->seconds = REPLAY_SECONDS_MOST;
}

int main(int argc, char **argv)
{
	struct replay r = {.socket = -1};
	int status = read_options(&r, argc, argv);

	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	if (status == EXITS_OK)
		status = replay_place_check();
	if (status == EXITS_OK)
		status = replay_file_read(&r.file, r.path);
	if (status == EXITS_OK)
		status = open_link(&r);
	if (status == EXITS_OK) {
		set_bounds(&r);
		status = send_all(&r);
	}
	replay_file_free(&r.file);
	if (r.socket >= 0)
		close(r.socket);
	return status;
}
