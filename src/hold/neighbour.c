/* SPDX-License-Identifier: MIT */
/*
 * See neighbour.h. One question, one answer (Linux 5.0 and later answer for a single entry): the table is never listed, for
 * it may hold as many entries as a stranger in the LAN makes up. Entries that failed, or that are not yet resolved, are none.
 */
#include "hold/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_ROOM = 4096, WAIT_US = 100000 };

struct question {
	struct nlmsghdr head;
	struct ndmsg neighbour;
	struct nlattr attr;
	uint8_t addr[16];
};

static size_t address_in(const struct addr *addr, const uint8_t **at)
{
	bool v4 = addr_is_v4(addr);

	*at = v4 ? addr->b + 12 : addr->b;
	return v4 ? 4 : 16;
}

static size_t ask(struct question *q, int interface, const struct addr *addr)
{
	const uint8_t *at;
	size_t n = address_in(addr, &at);

	*q = (struct question){
		.head = {.nlmsg_type = RTM_GETNEIGH, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1},
		.neighbour = {.ndm_family = n == 4 ? AF_INET : AF_INET6, .ndm_ifindex = interface},
		.attr = {.nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = NDA_DST}};
	memcpy(q->addr, at, n);
	q->head.nlmsg_len = (uint32_t)(offsetof(struct question, addr) + n);
	return q->head.nlmsg_len;
}

/* The attributes behind the message's own fields: is it the address asked for, and the MAC. */
static bool read_attributes(const uint8_t *at, size_t left, const struct addr *addr,
			    struct mac *out)
{
	bool about = false, has = false;
	const uint8_t *want;
	size_t n = address_in(addr, &want);

	while (left >= sizeof(struct nlattr)) {
		struct nlattr a;
		size_t whole;

		memcpy(&a, at, sizeof a);
		if (a.nla_len < sizeof a || a.nla_len > left)
			return false;
		if (a.nla_type == NDA_DST && a.nla_len == NLA_HDRLEN + n)
			about = memcmp(at + NLA_HDRLEN, want, n) == 0;
		if (a.nla_type == NDA_LLADDR && a.nla_len == NLA_HDRLEN + sizeof out->b) {
			memcpy(out->b, at + NLA_HDRLEN, sizeof out->b);
			has = true;
		}
		whole = NLA_ALIGN(a.nla_len);
		if (whole > left)
			break;
		at += whole;
		left -= whole;
	}
	return about && has && !mac_is_zero(out);
}

bool neighbour_read(const void *answer, size_t len, int interface, const struct addr *addr,
		    struct mac *out)
{
	static const unsigned known =
		NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
	const size_t fields = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ndmsg));
	const uint8_t *at = answer;
	struct nlmsghdr head;
	struct ndmsg neighbour;

	if (len < fields)
		return false;
	memcpy(&head, at, sizeof head);
	memcpy(&neighbour, at + NLMSG_HDRLEN, sizeof neighbour);
	if (head.nlmsg_type != RTM_NEWNEIGH || head.nlmsg_len < fields || head.nlmsg_len > len ||
	    neighbour.ndm_ifindex != interface || (neighbour.ndm_state & known) == 0)
		return false;
	return read_attributes(at + fields, head.nlmsg_len - fields, addr, out);
}

bool neighbour_mac(int interface, const struct addr *addr, struct mac *out)
{
	const struct timeval wait = {.tv_usec = WAIT_US};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	uint8_t answer[ANSWER_ROOM];
	struct question q;
	ssize_t n = -1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return false;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
	    connect(fd, (const struct sockaddr *)&kernel, sizeof kernel) == 0 &&
	    send(fd, &q, ask(&q, interface, addr), 0) > 0)
		n = recv(fd, answer, sizeof answer, 0);
	(void)close(fd);
	return n > 0 && neighbour_read(answer, (size_t)n, interface, addr, out);
}
