/* SPDX-License-Identifier: MIT */
/*
 * A socket at a path (unix(7)), see local_socket.h. A path is left behind by a service that was killed, and must not keep the
 * next one from listening; but a socket that somebody answers at belongs to him.
 */
#include "watch/local_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Does anybody answer at this path? Then it is not ours to take. */
static bool is_answered(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered;

	if (fd < 0)
		return true;
	answered = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN;
	(void)close(fd);
	return answered;
}

int local_socket(const char *path, mode_t mode)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;
	int fd, err = 0;

	if (strlen(path) >= sizeof at.sun_path)
		return -ENAMETOOLONG;
	(void)stpcpy(at.sun_path, path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return -EEXIST;
		if (is_answered(&at))
			return -EADDRINUSE;
		(void)unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* The path gets the mode of the socket, less the umask: never more than it should have. */
	if (fchmod(fd, mode) != 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
	    chmod(path, mode) != 0)
		err = errno;
	if (err != 0) {
		(void)close(fd);
		return -err;
	}
	return fd;
}
