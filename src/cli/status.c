/* SPDX-License-Identifier: MIT */
/*
 * `cordon status`: asks the running service how it does, over its control socket (unix(7)): one line of JSON there, one back.
 * Who listens at that path may be anybody, or hang: what is read has a bound in bytes and in time.
 */
#include "cli/status_answer.h"

#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "watch/settings.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 5000, ANSWER_MOST = 1 << 20 };

enum { OPTION_JSON = 1, OPTION_CONTROL, OPTION_HELP };

static const struct option_spec status_options[] = {
	{OPTION_JSON, 0, "json", NULL, "the answer as it came: one JSON object on one line"},
	{OPTION_CONTROL, 0, "control", "PATH",
	 "the control socket (default: that of cordon.conf, else /run/cordon/ctl)"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

static int say_no_service(const char *path, int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		say("status: %s: no permission; try it as root, or as a member of the group 'cordon'",
		    path);
		return EXITS_NO_PERMISSION;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		say("status: nobody listens at %s: 'cordon watch' is not running, or has another control socket (--control)",
		    path);
		return EXITS_UNAVAILABLE;
	case ETIMEDOUT:
	case EAGAIN:
		say("status: %s: no answer within %d s; is the service stuck? its log says more",
		    path, WAIT_MS / 1000);
		return EXITS_UNAVAILABLE;
	case EPIPE:
	case ECONNRESET:
		say("status: %s: the service hung up; try again in a moment", path);
		return EXITS_UNAVAILABLE;
	default:
		say("status: %s: %s", path, say_error(err));
		return err == ENOMEM || err == EMFILE ? EXITS_OS : EXITS_UNAVAILABLE;
	}
}

static int64_t clock_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* Until the socket can be read or written, or the time is over. 0 or -errno. */
static int wait_for(int fd, short what, int64_t until_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = what};

	for (;;) {
		int64_t left = until_ms - clock_ms();
		int n = left <= 0 ? 0 : poll(&poll_fd, 1, (int)left);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* A connected socket, or -errno. A full queue of a Unix socket is EAGAIN at once, so that the time is waited here. */
static int connect_to(const struct sockaddr_un *at, int64_t until_ms)
{
	const struct timespec pause = {.tv_nsec = 50 * NS_PER_MS};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	while (connect(fd, (const struct sockaddr *)at, sizeof *at) != 0) {
		err = errno;
		if (err == EAGAIN && clock_ms() < until_ms) {
			(void)nanosleep(&pause, NULL);
			continue;
		}
		(void)close(fd);
		return -err;
	}
	return fd;
}

static int send_all(int fd, const char *at, size_t len, int64_t until_ms)
{
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		int err = n < 0 ? errno : 0;

		if (err == EAGAIN)
			err = -wait_for(fd, POLLOUT, until_ms);
		if (err != 0 && err != EINTR)
			return -err;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* One line, without its end. 0 or -errno; -EMSGSIZE when it has none within bounds. */
static int receive_line(int fd, struct text *line, int64_t until_ms)
{
	char piece[4096];

	while (line->len < ANSWER_MOST) {
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		int err = n < 0 ? errno : 0;
		const char *end;

		if (n == 0)
			return -ECONNRESET;
		if (err == EAGAIN)
			err = -wait_for(fd, POLLIN, until_ms);
		if (err != 0 && err != EINTR)
			return -err;
		if (n <= 0)
			continue;
		end = memchr(piece, '\n', (size_t)n);
		text_add(line, piece, end != NULL ? (size_t)(end - piece) : (size_t)n);
		if (line->failed)
			return -ENOMEM;
		if (end != NULL)
			return 0;
	}
	return -EMSGSIZE;
}

static int ask(const char *path, struct text *line)
{
	static const char request[] = "{\"cmd\":\"status\"}\n";
	const int64_t until_ms = clock_ms() + WAIT_MS;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int err, fd;

	if (strlen(path) >= sizeof at.sun_path)
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path));
	fd = connect_to(&at, until_ms);
	if (fd < 0)
		return fd;
	err = send_all(fd, request, sizeof request - 1, until_ms);
	if (err == 0)
		err = receive_line(fd, line, until_ms);
	(void)close(fd);
	return err;
}

static int show_status(const char *path, bool json)
{
	struct text line = {0}, words = {0};
	const char *why = NULL;
	int status;
	int err = ask(path, &line);

	if (err == -EMSGSIZE) {
		say("status: %s: the answer is longer than any of ours; who listens there?", path);
		status = EXITS_DATA;
	} else if (err != 0) {
		status = say_no_service(path, -err);
	} else {
		err = status_answer(text_string(&line), line.len, json, terminal_is_utf8(), &words,
				    &why);
		if (err == -EBADMSG)
			say("status: %s: %s", path, why);
		else if (err != 0)
			say("status: out of memory");
		status = err == 0 ? output_print(&words) : err == -EBADMSG ? EXITS_DATA : EXITS_OS;
	}
	text_fini(&line);
	if (err != 0)
		text_fini(&words);
	return status;
}

static int show_configured(bool json)
{
	char verb[] = "watch";
	char *argv[] = {verb, NULL};
	struct settings settings;
	int status = settings_read(&settings, 1, argv);

	if (status == EXITS_OK && settings.control != NULL) {
		status = show_status(settings.control, json);
	} else if (status == EXITS_OK) {
		say("status: the settings say that there is no control socket; set 'socket' in [control], or name one with --control");
		status = EXITS_UNAVAILABLE;
	}
	settings_fini(&settings);
	return status;
}

static int run(int argc, char **argv)
{
	const char *path = NULL;
	bool json = false;
	struct options o;
	int id;

	options_init(&o, "status", status_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		switch (id) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_CONTROL:
			if (*o.value == '\0')
				return options_wrong_value(&o, "a path");
			path = o.value;
			break;
		case OPTION_HELP:
			return verb_help_on(&verb_status);
		case OPTIONS_OPERAND:
			say("status: takes no argument, but there is '%s'", o.value);
			return EXITS_USAGE;
		default:
			return EXITS_USAGE; /* OPTIONS_WRONG: it was said */
		}
	}
	return path != NULL ? show_status(path, json) : show_configured(json);
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[OPTION]...",
	.summary = "Asks the running 'cordon watch' how it does.",
	.options = status_options,
	.more = "Says since when it runs, what came from which interface and what was dropped, and how store, events and memory "
		"do.\n"
		"Exit status: 0 it answered; 64 wrong use; 65 what answers is not cordon; 69 nobody answers; 71 out of memory; "
		"74 I/O error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
