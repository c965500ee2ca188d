/* SPDX-License-Identifier: MIT */
/*
 * The group NFNLGRP_NFTABLES tells every change with the port id of the socket that made it, so ours are known. All messages
 * of nf_tables have the table's name as attribute 1. What can't be heard - the socket was full, or a chain went together with
 * its last interface, which the kernel does not announce - counts as changed: the first is told by ENOBUFS, the second
 * by the interface that comes back.
 */
#include "enforce/watch.h"

#include "enforce/sets.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { AT_A_TIME = 256, TABLE_NAME = 1 };

int watch_open(struct watch *w)
{
	static const uint32_t links = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
	int err = netlink_open(&w->tables, NETLINK_NETFILTER, 1U << (NFNLGRP_NFTABLES - 1));

	return err != 0 ? err : netlink_open(&w->links, NETLINK_ROUTE, links);
}

static bool is_our_family(uint8_t family)
{
	for (size_t i = 0; i < SETS_FAMILIES; i++)
		if (sets_families[i] == family)
			return true;
	return false;
}

static bool see_change(const struct nlmsghdr *m, void *context)
{
	struct watch *w = context;
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(m);
	struct nlattr *a;

	if (m->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    (m->nlmsg_type & 0xff) == NFT_MSG_NEWGEN ||
	    mnl_nlmsg_get_payload_len(m) < sizeof *head || !is_our_family(head->nfgen_family) ||
	    m->nlmsg_pid == w->ours[0] || m->nlmsg_pid == w->ours[1])
		return true;
	mnl_attr_for_each(a, m,
			  sizeof *head) if (mnl_attr_get_type(a) == TABLE_NAME &&
					    mnl_attr_get_payload_len(a) == sizeof SETS_TABLE &&
					    memcmp(mnl_attr_get_payload(a), SETS_TABLE,
						   sizeof SETS_TABLE) == 0) w->touched = true;
	return true;
}

static bool see_move(const struct nlmsghdr *m, void *context)
{
	struct watch *w = context;

	(void)m;
	w->moved = true;
	return true;
}

void watch_read(struct watch *w, int64_t now_ms)
{
	bool before = w->moved;

	if (!netlink_hear(&w->tables, see_change, w, AT_A_TIME))
		w->touched = true;
	if (!netlink_hear(&w->links, see_move, w, AT_A_TIME))
		w->moved = true;
	if (w->moved && !before)
		w->moved_ms = now_ms;
}

bool watch_is_due(const struct watch *w, int64_t now_ms)
{
	return w->touched && now_ms >= w->last_ms + w->pause_ms;
}

bool watch_moved_is_due(const struct watch *w, int64_t now_ms)
{
	return w->moved && now_ms >= w->moved_ms + WATCH_LINKS_MS;
}

void watch_done(struct watch *w, int64_t now_ms, bool good)
{
	bool steady =
		good && now_ms - w->last_ms >= WATCH_STEADY_MS && w->pause_ms < WATCH_STEADY_MS;

	/* A pause that is longer than what counts as steady has to be outlasted itself. */
	if (good && w->pause_ms >= WATCH_STEADY_MS && now_ms - w->last_ms >= 2 * w->pause_ms)
		steady = true;
	if (steady || w->pause_ms == 0)
		w->pause_ms = WATCH_PAUSE_MS;
	else if (w->pause_ms < WATCH_PAUSE_MOST_MS / 2)
		w->pause_ms *= 2;
	else
		w->pause_ms = WATCH_PAUSE_MOST_MS;
	w->last_ms = now_ms;
	w->touched = !good;
}

int watch_wait_ms(const struct watch *w, int64_t now_ms, int most)
{
	int64_t wait = most < 0 ? INT32_MAX : most;

	if (w->touched && w->last_ms + w->pause_ms - now_ms < wait)
		wait = w->last_ms + w->pause_ms - now_ms;
	if (w->moved && w->moved_ms + WATCH_LINKS_MS - now_ms < wait)
		wait = w->moved_ms + WATCH_LINKS_MS - now_ms;
	if (wait == INT32_MAX)
		return -1;
	return wait < 0 ? 0 : (int)wait;
}
