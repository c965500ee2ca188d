/* SPDX-License-Identifier: MIT */
/*
 * Asking the running service over its control socket (unix(7)): one line of JSON there, one back. Who listens at that path may be
 * anybody, or hang: what is read has a bound in bytes and in time.
 */
#include "cli/control_ask.h"

#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "settings/settings.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 5000, ANSWER_MOST = 1 << 20 };

static int say_no_service(const char *verb, const char *path, int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		say("%s: %s: no permission; try it as root, or as a member of the group 'cordon'",
		    verb, path);
		return EXITS_NO_PERMISSION;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		say("%s: nobody listens at %s: 'cordon watch' is not running, or has another control socket (--control)",
		    verb, path);
		return EXITS_UNAVAILABLE;
	case ETIMEDOUT:
	case EAGAIN:
		say("%s: %s: no answer within %d s; is the service stuck? its log says more", verb,
		    path, WAIT_MS / 1000);
		return EXITS_UNAVAILABLE;
	case EPIPE:
	case ECONNRESET:
		say("%s: %s: the service hung up; try again in a moment", verb, path);
		return EXITS_UNAVAILABLE;
	default:
		say("%s: %s: %s", verb, path, say_error(err));
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

static int ask(const char *path, const struct text *request, struct text *line)
{
	const int64_t until_ms = clock_ms() + WAIT_MS;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int err, fd;

	if (strlen(path) >= sizeof at.sun_path)
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path));
	fd = connect_to(&at, until_ms);
	if (fd < 0)
		return fd;
	err = send_all(fd, request->at, request->len, until_ms);
	if (err == 0)
		err = receive_line(fd, line, until_ms);
	(void)close(fd);
	return err;
}

static int ask_at(const char *verb, const char *path, const struct text *request,
		  struct text *answer)
{
	int err = request->failed ? -ENOMEM : ask(path, request, answer);

	if (err == 0)
		return EXITS_OK;
	if (err != -EMSGSIZE)
		return say_no_service(verb, path, -err);
	say("%s: %s: the answer is longer than any of ours; who listens there?", verb, path);
	return EXITS_DATA;
}

int control_ask(const char *verb, const char *path, const struct text *request, struct text *answer)
{
	char watch[] = "watch";
	char *argv[] = {watch, NULL};
	struct settings settings;
	int status;

	if (path != NULL)
		return ask_at(verb, path, request, answer);
	status = settings_read(&settings, 1, argv);
	if (status == EXITS_OK && settings.control != NULL) {
		status = ask_at(verb, settings.control, request, answer);
	} else if (status == EXITS_OK) {
		say("%s: the settings say that there is no control socket; set 'socket' in [control], or name one with --control",
		    verb);
		status = EXITS_UNAVAILABLE;
	}
	settings_fini(&settings);
	return status;
}

static bool is_nobody_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		return true;
	memcpy(at.sun_path, path, strlen(path));
	fd = connect_to(&at, clock_ms());
	if (fd >= 0)
		(void)close(fd);
	return fd == -ENOENT || fd == -ENOTDIR || fd == -ECONNREFUSED;
}

bool control_nobody(const char *path)
{
	char watch[] = "watch";
	char *argv[] = {watch, NULL};
	struct settings settings;
	bool nobody;

	if (path != NULL)
		return is_nobody_at(path);
	nobody = settings_read(&settings, 1, argv) == EXITS_OK && settings.control != NULL &&
		 is_nobody_at(settings.control);
	settings_fini(&settings);
	return nobody;
}
