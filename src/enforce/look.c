/* SPDX-License-Identifier: MIT */
#include "enforce/look.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

struct looking {
	struct here *here;
	struct here_link *links; /* HERE_LINKS */
	size_t links_n;
};

/* Is it a port of a bridge, and of nothing else that has ports? */
static bool is_of_bridge(const struct nlattr *info)
{
	static const char kind[] = "bridge";
	struct nlattr *a;

	mnl_attr_for_each_nested(
		a, info) if (mnl_attr_get_type(a) ==
			     IFLA_INFO_SLAVE_KIND) return mnl_attr_get_payload_len(a) >=
			sizeof kind - 1 &&
		memcmp(mnl_attr_get_payload(a), kind, sizeof kind - 1) == 0;
	return false;
}

static bool see_link(const struct nlmsghdr *m, void *context)
{
	struct looking *l = context;
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(m);
	struct here_link new = {0};
	bool is_port = false;
	struct nlattr *a;

	if (m->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(m) < sizeof *link)
		return true;
	new.index = link->ifi_index;
	mnl_attr_for_each(a, m, sizeof *link)
	{
		uint16_t type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);

		/* Interfaces without MACs show zeros; loopback does. */
		if ((type == IFLA_ADDRESS || type == IFLA_PERM_ADDRESS) && len == 6)
			here_add_mac(l->here, mnl_attr_get_payload(a));
		else if (type == IFLA_IFNAME && len <= sizeof new.name)
			memcpy(new.name, mnl_attr_get_payload(a), len);
		else if (type == IFLA_MASTER && len == sizeof(uint32_t))
			new.bridge = (int)mnl_attr_get_u32(a);
		else if (type == IFLA_LINKINFO)
			is_port = is_of_bridge(a);
	}
	if (!is_port)
		new.bridge = 0;
	if (l->links_n == HERE_LINKS)
		l->here->full = true;
	else
		l->links[l->links_n++] = new;
	return true;
}

static bool see_addr(const struct nlmsghdr *m, void *context)
{
	const struct looking *l = context;
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(m);
	struct nlattr *a;

	if (m->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(m) < sizeof *head)
		return true;
	mnl_attr_for_each(a, m, sizeof *head)
	{
		uint16_t type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);
		struct addr addr = addr_v4(0);

		if ((type != IFA_LOCAL && type != IFA_ADDRESS) || (len != 4 && len != 16))
			continue;
		/* Of a tunnel's two ends the local one is ours. */
		if (type == IFA_ADDRESS && head->ifa_family == AF_INET)
			continue;
		memcpy(addr.b + 16 - len, mnl_attr_get_payload(a), len);
		here_add_addr(l->here, &addr);
	}
	return true;
}

static int list(struct netlink *route, uint16_t type, netlink_see *see, struct looking *l)
{
	_Alignas(struct nlmsghdr) char room[64];
	struct nlmsghdr *m = mnl_nlmsg_put_header(room);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(m, type == RTM_GETLINK ? sizeof(struct ifinfomsg)
							  : sizeof(struct ifaddrmsg));
	return netlink_ask(route, m, see, l);
}

int look_here(struct netlink *route, const struct enforce_place *place, struct here *h)
{
	static struct here next;
	static struct here_link links[HERE_LINKS];
	struct looking l = {.here = &next, .links = links};
	int err = 0;

	for (int tries = 0; tries < 5; tries++) {
		here_begin(&next, place);
		l.links_n = 0;
		err = list(route, RTM_GETLINK, see_link, &l);
		err = err == 0 ? list(route, RTM_GETADDR, see_addr, &l) : err;
		if (err != -EINTR)
			break;
	}
	if (err != 0)
		return err;
	here_take_ports(&next, &place->rules, links, l.links_n);
	here_sort(&next);
	*h = next;
	return 0;
}
