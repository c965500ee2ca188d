/* SPDX-License-Identifier: MIT */
/*
 * cordon-enforce: the one program that changes the firewall, with CAP_NET_ADMIN and nothing else. Started by the first process
 * of `cordon watch` with a pair of sockets (message.h); by `cordon release --all` with --remove-all when nobody is running;
 * by anybody with --dry-run, which prints what would be loaded.
 */
#include "base/exits.h"
#include "base/say.h"
#include "enforce/confine.h"
#include "enforce/look.h"
#include "enforce/say.h"
#include "enforce/tables.h"
#include "enforce/work.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 1000, MS = 1000000 };

static struct work work;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the command line ------------------------------------------------------------------------------------------ */

static bool read_port(struct ruleset_place *p, const char *name)
{
	if (p->ports_n == RULESET_PORTS || !ruleset_port_is_plain(name))
		return false; /* it becomes a word of the rules */
	memcpy(p->ports[p->ports_n++], name, strlen(name) + 1);
	return true;
}

static bool read_number(uint16_t *to, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*to = (uint16_t)n;
	return *end == '\0' && *text >= '0' && *text <= '9' && n > 0 && n <= UINT16_MAX;
}

static bool read_switch(bool *to, const char *text)
{
	*to = strcmp(text, "on") == 0;
	return *to || strcmp(text, "off") == 0;
}

static bool read_pair(struct enforce_place *p, const char *name, const char *value)
{
	struct ruleset_place *r = &p->rules;

	if (strcmp(name, "--port") == 0)
		return read_port(r, value);
	if (strcmp(name, "--lan") == 0)
		return r->lan_n < RULESET_PREFIXES && prefix_parse(value, &r->lan[r->lan_n++]);
	if (strcmp(name, "--gateway") == 0)
		return r->gateway_n < RULESET_PREFIXES &&
		       addr_parse(value, &r->gateway[r->gateway_n++]);
	if (strcmp(name, "--never") == 0)
		return p->never_n < HERE_NEVER && mac_parse(value, &p->never[p->never_n++]);
	if (strcmp(name, "--gate") == 0)
		return read_switch(&r->gate, value);
	if (strcmp(name, "--xdp") == 0)
		return read_switch(&p->xdp, value);
	return strcmp(name, "--portal") == 0 && read_number(&r->portal_port, value);
}

static int usage(const char *argument)
{
	enforce_say(
		3,
		"%s: not understood; cordon-enforce [--dry-run | --remove-all] [--port INTERFACE | "
		"--lan PREFIX | --gateway ADDRESS | --never MAC | --portal PORT | --gate on|off | --xdp on|off]...",
		argument);
	return EXITS_USAGE;
}

/* ---- by hand --------------------------------------------------------------------------------------------------- */

/* What would be loaded here and now. */
static int dry_run(struct work *w)
{
	struct text t = {0};
	int err = netlink_open(&w->route, NETLINK_ROUTE, 0);
	bool good;

	err = err == 0 ? look_here(&w->route, &w->place, &w->here) : err;
	if (err != 0) {
		enforce_say(3, "cannot ask the kernel which interfaces there are: %s",
			    say_error(-err));
		return EXITS_OS;
	}
	tables_write(&w->place, &w->here, &t);
	good = !t.failed && fputs(text_string(&t), stdout) >= 0 && fflush(stdout) == 0;
	text_fini(&t);
	return good ? EXITS_OK : EXITS_IO;
}

static int remove_all(void)
{
	struct tables t = {0};
	int err = confine_capabilities(false);

	if (err == 0)
		work_take_off();
	err = err == 0 ? tables_remove(&t) : err;
	if (err == 0)
		return EXITS_OK;
	if (err == -EPERM) {
		enforce_say(3, "only root may change the firewall (CAP_NET_ADMIN)");
		return EXITS_NO_PERMISSION;
	}
	enforce_say(3, "cannot take the rules away: %s",
		    t.why[0] != '\0' ? t.why : say_error(-err));
	return EXITS_OS;
}

/* ---- serving --------------------------------------------------------------------------------------------------- */

struct talk {
	struct enforce_message answer, told;
	bool has_answer, has_told; /* not sent yet: the service does not read */
};

/* False: nobody is there. */
static bool send_one(const struct enforce_message *m, bool *waits)
{
	if (*waits && send(ENFORCE_FD_SERVICE, m, sizeof *m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno == EAGAIN || errno == ENOBUFS;
	*waits = false;
	return true;
}

/* One message. 0: go on; else an exit status. */
static int hear_one(struct talk *t)
{
	struct enforce_message m[2]; /* room to see that one was longer */
	struct contain_element e = {0};
	struct iovec part = {m, sizeof m};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t len = recvmsg(ENFORCE_FD_SERVICE, &message, MSG_DONTWAIT);
	int what;

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len <= 0)
		return EXITS_UNAVAILABLE;
	/* Descriptors that came along find no room: MSG_CTRUNC. */
	what = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0
		       ? -1
		       : check_message(m, (size_t)len, &work.here, &e);
	if (what < 0) {
		enforce_say(3, "the service sent what is no message: enforcing begins anew");
		return EXITS_DATA;
	}
	t->answer = *m;
	if (what == 0)
		work_do(&work, &t->answer, &e, now_ns());
	else
		t->answer = (struct enforce_message){.magic = ENFORCE_MAGIC,
						     .type = ENFORCE_FAILED,
						     .cookie = m->cookie,
						     .number = (uint32_t)what};
	t->has_answer = true;
	return 0;
}

static int serve(void)
{
	struct talk t = {.told = {.magic = ENFORCE_MAGIC, .type = ENFORCE_HELLO}, .has_told = true};
	int64_t ticked = 0;
	int status = 0;

	while (status == 0) {
		struct pollfd fds[] = {{.fd = ENFORCE_FD_SERVICE},
				       {netlink_fd(&work.watch.tables), POLLIN, 0},
				       {netlink_fd(&work.watch.links), POLLIN, 0}};
		int64_t now;

		if (!send_one(&t.told, &t.has_told) || !send_one(&t.answer, &t.has_answer))
			return EXITS_UNAVAILABLE;
		fds[0].events = t.has_told || t.has_answer ? POLLOUT : POLLIN;
		(void)poll(fds, 3,
			   watch_wait_ms(&work.watch, now_ns() / MS,
					 work.untidy	     ? 0
					 : work_ticks(&work) ? TICK_MS
							     : -1));
		now = now_ns();
		if (now - ticked >= (int64_t)TICK_MS * MS) {
			work_tick(&work, now);
			ticked = now;
		}
		t.has_told = work_mend(&work, &t.told, now) || t.has_told;
		if (!t.has_answer && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			status = hear_one(&t);
		else if (work.untidy)
			work_tidy(&work, now);
	}
	return status;
}

static int begin(void)
{
	int type = 0, err;
	socklen_t len = sizeof type;

	if (getsockopt(ENFORCE_FD_SERVICE, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
	    type != SOCK_SEQPACKET) {
		enforce_say(
			3,
			"this program is started by `cordon watch`; by hand there are --dry-run and --remove-all");
		return EXITS_USAGE;
	}
	err = confine_capabilities(work.place.xdp);
	if (err == 0)
		work_load(&work);
	err = err == 0 ? confine_capabilities(false) : err;
	if (err != 0) {
		enforce_say(3, "no right to change the firewall (CAP_NET_ADMIN): %s",
			    say_error(-err));
		return EXITS_NO_PERMISSION;
	}
	if (work_begin(&work, now_ns()) != 0)
		return EXITS_OS;
	err = confine_calls();
	if (err != 0)
		enforce_say(4, "runs without a filter of system calls: %s", say_error(-err));
	return serve();
}

int main(int argc, char **argv)
{
	bool dry = false, removes = false;
	int i = 1;

	if (i < argc && strcmp(argv[i], "--dry-run") == 0)
		dry = ++i > 0;
	else if (i < argc && strcmp(argv[i], "--remove-all") == 0)
		removes = ++i > 0;
	for (; i + 1 < argc; i += 2)
		if (!read_pair(&work.place, argv[i], argv[i + 1]))
			return usage(argv[i + 1]);
	if (i < argc)
		return usage(argv[i]);
	if (dry)
		return dry_run(&work);
	return removes ? remove_all() : begin();
}
