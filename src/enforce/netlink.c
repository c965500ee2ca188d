/* SPDX-License-Identifier: MIT */
/*
 * netlink(7) by libmnl. All is read into one buffer of this file: the program has one thread and nobody keeps a message. A
 * length is believed only as far as bytes came (mnl_nlmsg_ok). An answer to another question - one that was given up - is
 * passed over by its number.
 */
#include "enforce/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static _Alignas(struct nlmsghdr) char heard[NETLINK_ROOM];

int netlink_open(struct netlink *n, int bus, uint32_t groups)
{
	int room = 4 << 20;

	*n = (struct netlink){.socket = mnl_socket_open2(bus, SOCK_CLOEXEC)};
	if (n->socket == NULL)
		return -errno;
	if (mnl_socket_bind(n->socket, groups, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	n->portid = mnl_socket_get_portid(n->socket);
	/* More than the usual: a firewall that is loaded by somebody else tells thousands of changes at once. */
	if (setsockopt(netlink_fd(n), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
		(void)setsockopt(netlink_fd(n), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	return 0;
}

int netlink_fd(const struct netlink *n)
{
	return mnl_socket_get_fd(n->socket);
}

static ssize_t receive(const struct netlink *n)
{
	ssize_t len = recv(netlink_fd(n), heard, sizeof heard, MSG_DONTWAIT | MSG_TRUNC);

	if (len > (ssize_t)sizeof heard) {
		errno = ENOBUFS;
		return -1;
	}
	return len;
}

/* An acknowledgement's number, 0 when it says that all is well. */
static int error_of(const struct nlmsghdr *m)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

	if (mnl_nlmsg_get_payload_len(m) < sizeof e->error)
		return -EPROTO;
	return e->error > 0 ? -EPROTO : e->error;
}

int netlink_send(struct netlink *n, const void *batch, size_t len, uint32_t first, uint32_t last)
{
	int result = 0;

	if (mnl_socket_sendto(n->socket, batch, len) != (ssize_t)len)
		return errno != 0 ? -errno : -EIO;
	for (;;) {
		ssize_t came = receive(n);
		int left = (int)came;

		if (came < 0)
			return result != 0 ? result : -errno;
		for (const struct nlmsghdr *m = (const void *)heard; mnl_nlmsg_ok(m, left);
		     m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq - first > last - first)
				continue;
			if (result == 0)
				result = error_of(m);
			/* One for the first of a transaction is for all of it. */
			if (m->nlmsg_seq == last || (m->nlmsg_seq == first && result != 0))
				return result;
		}
	}
}

struct answer {
	netlink_see *
		see; /* NULL: the rest is read and not shown, for until then the kernel takes no other question */
	void *context;
	bool broken;
};

/* 1: there is more to come; 0: that was all; or -errno. */
static int answer_part(const struct netlink *n, struct answer *a)
{
	ssize_t came = receive(n);
	int left = (int)came;

	if (came < 0)
		return -errno;
	for (const struct nlmsghdr *m = (const void *)heard; mnl_nlmsg_ok(m, left);
	     m = mnl_nlmsg_next(m, &left)) {
		if (m->nlmsg_seq != n->seq)
			continue;
		a->broken = a->broken || (m->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (m->nlmsg_type == NLMSG_ERROR)
			return error_of(m);
		if (m->nlmsg_type == NLMSG_DONE)
			return 0;
		if (m->nlmsg_type >= NLMSG_MIN_TYPE && a->see != NULL && !a->see(m, a->context))
			a->see = NULL;
	}
	return 1;
}

int netlink_ask(struct netlink *n, struct nlmsghdr *question, netlink_see *see, void *context)
{
	struct answer a = {.see = see, .context = context};
	int more;

	question->nlmsg_seq = ++n->seq;
	if (mnl_socket_sendto(n->socket, question, question->nlmsg_len) < 0)
		return -errno;
	do
		more = answer_part(n, &a);
	while (more > 0);
	return more == 0 && a.broken ? -EINTR : more;
}

bool netlink_hear(struct netlink *n, netlink_see *see, void *context, unsigned most)
{
	bool whole = true;

	for (unsigned i = 0; i < most; i++) {
		ssize_t came = receive(n);
		int left = (int)came;

		if (came < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (came < 0 && errno != ENOBUFS)
			return false;
		whole = whole && came >= 0;
		for (const struct nlmsghdr *m = (const void *)heard;
		     came > 0 && mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
			if (!see(m, context))
				return whole;
	}
	return whole;
}
