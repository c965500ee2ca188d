/* SPDX-License-Identifier: MIT */
/* One question, one answer, by the fixed messages of guard/message.h; the descriptor comes with SCM_RIGHTS (unix(7)). */
#include "watch/ask_guard.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WAIT_MS = 2000, TRIES = 5 };

static int send_question(int guard, enum guard_type what, const char *name)
{
	struct guard_message m = {.magic = GUARD_MAGIC, .type = what};

	if (strlen(name) >= sizeof m.interface)
		return -ENODEV;
	memcpy(m.interface, name, strlen(name));
	return send(guard, &m, sizeof m, MSG_NOSIGNAL) == (ssize_t)sizeof m ? 0 : -errno;
}

/* The descriptors that came along; returns how many. */
static size_t take_descriptors(struct msghdr *message, int fds[ASKED_MOST])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	size_t n = 0;

	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
	n = n < ASKED_MOST ? n : ASKED_MOST; /* there is no room for more */
	if (n > 0)
		memcpy(fds, CMSG_DATA(c), n * sizeof *fds);
	return n;
}

/* 0, -errno of the guard, or -EAGAIN when there is no answer to this question yet. */
static int take_answer(int guard, enum guard_type what, const char *name, struct asked *out)
{
	struct guard_message m;
	struct iovec part = {.iov_base = &m, .iov_len = sizeof m};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ASKED_MOST)];
	} control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof control.room};
	ssize_t len = recvmsg(guard, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	size_t n = len < 0 ? 0 : take_descriptors(&message, out->fds);
	bool is_answer = len == (ssize_t)sizeof m && m.magic == GUARD_MAGIC &&
			 strncmp(m.interface, name, sizeof m.interface) == 0;

	out->index = is_answer ? m.number : 0;
	if (is_answer && m.type == GUARD_OPENED && n == (what == GUARD_OPEN_XDP ? ASKED_MOST : 1))
		return 0;
	for (size_t i = 0; i < n; i++)
		(void)close(out->fds[i]);
	if (is_answer && m.type == GUARD_FAILED)
		return m.number > 0 && m.number < 4096 ? -(int)m.number : -EIO;
	return -EAGAIN;
}

int ask_guard(int guard, enum guard_type what, const char *name, struct asked *out)
{
	for (int i = 0; i < TRIES; i++) {
		int err = send_question(guard, what, name);

		if (err != 0)
			return err;
		for (;;) {
			struct pollfd p = {.fd = guard, .events = POLLIN};

			if (poll(&p, 1, WAIT_MS) <= 0)
				break; /* no answer: ask again */
			err = take_answer(guard, what, name, out);
			if (err != -EAGAIN)
				return err;
		}
	}
	return -ETIMEDOUT;
}
