/* SPDX-License-Identifier: MIT */
/*
 * A socket to the kernel (netlink(7), libmnl), and what all who have one do alike: ask and hear the answer, ask for a list,
 * send a transaction of nf_tables. Nothing waits: the kernel answers before send() returns.
 */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETLINK_ROOM = 64 << 10 };

struct netlink {
	struct mnl_socket *socket;
	uint32_t portid; /* by which the kernel says who changed something */
	uint32_t seq;
};

/* `groups`: a mask of those that are heard, 0 for none. 0 or -errno. */
int netlink_open(struct netlink *n, int bus, uint32_t groups);
int netlink_fd(const struct netlink *n);

/* Sends what is at `batch`, whose messages bear first to last; the last one asks for an acknowledgement, others are answered
 * only when they fail. 0, or the first error as -errno. */
int netlink_send(struct netlink *n, const void *batch, size_t len, uint32_t first, uint32_t last);

/* Asks, with NLM_F_DUMP for a list and else with NLM_F_ACK, and shows each message of the answer; `see` returns false to be
 * shown no more. 0 or -errno; -EINTR:
 * the list changed meanwhile and may have holes. */
typedef bool netlink_see(const struct nlmsghdr *message, void *context);
int netlink_ask(struct netlink *n, struct nlmsghdr *question, netlink_see *see, void *context);

/* What the groups said since: every message is shown. False: some were lost. At most so many datagrams at a time. */
bool netlink_hear(struct netlink *n, netlink_see *see, void *context, unsigned most);
