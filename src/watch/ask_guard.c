/* SPDX-License-Identifier: MIT */
/* One question, one answer, by the fixed messages of guard/message.h; the descriptor comes with SCM_RIGHTS (unix(7)). */
#include "watch/ask_guard.h"

#include "guard/message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WAIT_MS = 2000, TRIES = 5 };

static int send_question(int guard, const char *name)
{
	struct guard_message m = {.magic = GUARD_MAGIC, .type = GUARD_OPEN_RING};

	if (strlen(name) >= sizeof m.interface)
		return -ENODEV;
	memcpy(m.interface, name, strlen(name));
	return send(guard, &m, sizeof m, MSG_NOSIGNAL) == (ssize_t)sizeof m ? 0 : -errno;
}

/* The descriptor that came along, or -1. */
static int descriptor_of(struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* 0, -errno of the guard, or -EAGAIN when there is no answer to this question yet. */
static int take_answer(int guard, const char *name, int *fd, unsigned *index)
{
	struct guard_message m;
	struct iovec part = {.iov_base = &m, .iov_len = sizeof m};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof control.room};
	ssize_t n = recvmsg(guard, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	int came = n < 0 ? -1 : descriptor_of(&message);

	if (n == (ssize_t)sizeof m && m.magic == GUARD_MAGIC && m.type == GUARD_OPENED &&
	    came >= 0 && strncmp(m.interface, name, sizeof m.interface) == 0) {
		*fd = came;
		*index = m.number;
		return 0;
	}
	if (came >= 0)
		(void)close(came);
	if (n == (ssize_t)sizeof m && m.magic == GUARD_MAGIC && m.type == GUARD_FAILED &&
	    strncmp(m.interface, name, sizeof m.interface) == 0)
		return m.number > 0 && m.number < 4096 ? -(int)m.number : -EIO;
	return -EAGAIN;
}

int ask_guard(int guard, const char *name, int *fd, unsigned *index)
{
	for (int i = 0; i < TRIES; i++) {
		int err = send_question(guard, name);

		if (err != 0)
			return err;
		for (;;) {
			struct pollfd p = {.fd = guard, .events = POLLIN};

			if (poll(&p, 1, WAIT_MS) <= 0)
				break; /* no answer: ask again */
			err = take_answer(guard, name, fd, index);
			if (err != -EAGAIN)
				return err;
		}
	}
	return -ETIMEDOUT;
}
