/* SPDX-License-Identifier: MIT */
/*
 * See moves.h. The kernel announces what its bridges learn to RTNLGRP_NEIGH (rtnetlink(7)): a message of the family AF_BRIDGE
 * with the MAC (NDA_LLADDR), the port (ndm_ifindex) and the bridge (NDA_MASTER), when a MAC is new and when it moved. It does so
 * before the frame goes on, so that a move is known when the frame is judged. Entries that are the bridge's own, or were put
 * there by hand, don't move. The kernel writes these messages, but neighbours choose what MACs are in them and how many: what the
 * socket had no room for counts as a move of everybody, since any doubt speaks for letting go.
 */
#include "hold/moves.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 14, SOCKET_ROOM = 1 << 20, AT_A_TIME = 512 };

/* ---- who is where ---------------------------------------------------------------------------------------------- */

static uint64_t key_of(const struct mac *mac)
{
	uint64_t key = 0;

	for (size_t i = 0; i < sizeof mac->b; i++)
		key = key << 8 | mac->b[i];
	return key;
}

static struct moves_mac *find(const struct moves *m, const struct mac *mac, uint32_t bridge)
{
	uint64_t key = key_of(mac);

	for (size_t i = 0; i < m->n; i++)
		if (m->key[i] == key && m->list[i].bridge == bridge)
			return &m->list[i];
	return NULL;
}

static bool has_room(const struct moves *m, uint32_t port)
{
	size_t behind = 0;

	if (m->n == MOVES_MACS)
		return false;
	for (size_t i = 0; m->n >= MOVES_SHARE && i < m->n; i++)
		behind += m->list[i].port == port;
	return behind < MOVES_SHARE;
}

static void tell(struct moves *m, struct moves_mac *at, int64_t now_ns)
{
	if (at->told_ns != 0 && time_since(at->told_ns, now_ns) < MOVES_TOLD_NS)
		return;
	at->told_ns = now_ns;
	m->flapped++;
	m->news = *at;
}

static void note_move(struct moves *m, struct moves_mac *at, uint32_t port, int64_t now_ns)
{
	bool back = at->moved_ns != 0 && port == at->before &&
		    time_since(at->moved_ns, now_ns) < MOVES_FLAP_NS;

	at->before = at->port;
	at->port = port;
	at->moved_ns = now_ns;
	if (back)
		tell(m, at, now_ns);
}

void moves_seen(struct moves *m, const struct mac *mac, uint32_t bridge, uint32_t port,
		int64_t now_ns)
{
	struct moves_mac *at = find(m, mac, bridge);

	if (at != NULL) {
		if (at->port != port)
			note_move(m, at, port, now_ns);
		return;
	}
	if (!has_room(m, port)) {
		m->refused++;
		return;
	}
	m->key[m->n] = key_of(mac);
	m->list[m->n++] = (struct moves_mac){.mac = *mac, .bridge = bridge, .port = port};
}

void moves_gone(struct moves *m, const struct mac *mac, uint32_t bridge, uint32_t port)
{
	struct moves_mac *at = find(m, mac, bridge);

	if (at == NULL || at->port != port)
		return;
	m->n--;
	m->key[at - m->list] = m->key[m->n];
	*at = m->list[m->n];
}

static bool is_near(int64_t moved_ns, int64_t at_ns)
{
	return moved_ns != 0 && time_is_within(moved_ns, at_ns, MOVES_NS);
}

bool moves_doubt(const struct moves *m, const struct mac *mac, int64_t at_ns)
{
	uint64_t key = key_of(mac);

	for (size_t i = 0; i < m->n; i++)
		if (m->key[i] == key && is_near(m->list[i].moved_ns, at_ns))
			return true;
	return is_near(m->lost_ns, at_ns);
}

void moves_accused(struct moves *m, const struct mac *mac, int64_t now_ns)
{
	uint64_t key = key_of(mac);

	for (size_t i = 0; i < m->n; i++)
		if (m->key[i] == key && m->list[i].moved_ns != 0)
			tell(m, &m->list[i], now_ns);
}

/* ---- what the kernel tells ------------------------------------------------------------------------------------- */

static void take(struct moves *m, struct nlmsghdr *head, int64_t now_ns)
{
	struct ndmsg *what = NLMSG_DATA(head);
	struct rtattr *a;
	struct mac mac = {{0}};
	uint32_t bridge = 0;
	int left;

	if ((head->nlmsg_type != RTM_NEWNEIGH && head->nlmsg_type != RTM_DELNEIGH) ||
	    head->nlmsg_len < NLMSG_LENGTH(sizeof *what) || what->ndm_family != AF_BRIDGE ||
	    (what->ndm_state & NUD_PERMANENT) != 0)
		return;
	left = (int)(head->nlmsg_len - NLMSG_LENGTH(sizeof *what));
	for (a = (struct rtattr *)(void *)((uint8_t *)what + NLMSG_ALIGN(sizeof *what));
	     RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == NDA_LLADDR && RTA_PAYLOAD(a) == sizeof mac.b)
			memcpy(mac.b, RTA_DATA(a), sizeof mac.b);
		else if (a->rta_type == NDA_MASTER && RTA_PAYLOAD(a) == sizeof bridge)
			memcpy(&bridge, RTA_DATA(a), sizeof bridge);
	}
	if (bridge == 0) /* of no bridge, but of a card that learns by itself */
		return;
	if (head->nlmsg_type == RTM_NEWNEIGH)
		moves_seen(m, &mac, bridge, (uint32_t)what->ndm_ifindex, now_ns);
	else
		moves_gone(m, &mac, bridge, (uint32_t)what->ndm_ifindex);
}

void moves_read(struct moves *m, int64_t now_ns)
{
	static _Alignas(struct nlmsghdr) uint8_t room[ROOM];

	for (int i = 0; m->fd >= 0 && i < AT_A_TIME; i++) {
		ssize_t n = recv(m->fd, room, sizeof room, MSG_DONTWAIT);
		struct nlmsghdr *head = (struct nlmsghdr *)(void *)room;

		if (n < 0 && errno == ENOBUFS) {
			m->lost++;
			m->lost_ns = now_ns;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		for (unsigned left = (unsigned)n; NLMSG_OK(head, left);
		     head = NLMSG_NEXT(head, left))
			take(m, head, now_ns);
	}
}

int moves_open(struct moves *m)
{
	struct sockaddr_nl group = {.nl_family = AF_NETLINK,
				    .nl_groups = 1U << (RTNLGRP_NEIGH - 1)};
	struct {
		struct nlmsghdr head;
		struct ndmsg what;
	} ask = {.head = {.nlmsg_len = sizeof ask,
			  .nlmsg_type = RTM_GETNEIGH,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		 .what = {.ndm_family = AF_BRIDGE}};
	int wide = SOCKET_ROOM, err;

	*m = (struct moves){.fd = -1};
	m->key = calloc(MOVES_MACS, sizeof *m->key);
	m->list = calloc(MOVES_MACS, sizeof *m->list);
	if (m->key == NULL || m->list == NULL)
		return -ENOMEM;
	m->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (m->fd < 0)
		return -errno;
	/* As much as the system lets anybody have. */
	(void)setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &wide, sizeof wide);
	if (bind(m->fd, (const struct sockaddr *)&group, sizeof group) == 0 &&
	    send(m->fd, &ask, sizeof ask, 0) == (ssize_t)sizeof ask)
		return 0;
	err = -errno;
	(void)close(m->fd);
	m->fd = -1;
	return err;
}

void moves_close(struct moves *m)
{
	if (m->fd >= 0)
		(void)close(m->fd);
	m->fd = -1;
	free(m->key);
	free(m->list);
	m->key = NULL;
	m->list = NULL;
	m->n = 0;
}
