/* SPDX-License-Identifier: MIT */
/*
 * See xdp_links.h; linux/if_link.h has the words. What is asked and what is done are two steps: whoever attaches a program to
 * a free interface in between is told apart by XDP_FLAGS_UPDATE_IF_NOEXIST; one who puts his in the place of an old one of ours
 * in that moment loses it.
 */
#include "enforce/xdp_links.h"

#include "base/say.h"
#include "enforce/say.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { LINKS = 4 * RULESET_PORTS, ROOM = 256 };
enum said { SAID_NOTHING, SAID_DRIVER, SAID_GENERIC, SAID_FOREIGN, SAID_FAILED };

struct link {
	int index;
	uint32_t driver, generic, card; /* numbers of the programs there; 0: none */
};

struct links {
	struct link list[LINKS]; /* those with any */
	size_t n;
};

static bool see(const struct nlmsghdr *m, void *context)
{
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(m);
	struct links *all = context;
	struct link l = {0};
	struct nlattr *a, *b;

	if (m->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(m) < sizeof *head)
		return true;
	l.index = head->ifi_index;
	mnl_attr_for_each(a, m, sizeof *head)
	{
		if (mnl_attr_get_type(a) != IFLA_XDP)
			continue;
		mnl_attr_for_each_nested(b, a)
		{
			uint16_t type = mnl_attr_get_type(b);

			if (mnl_attr_get_payload_len(b) != sizeof(uint32_t))
				continue;
			if (type == IFLA_XDP_DRV_PROG_ID)
				l.driver = mnl_attr_get_u32(b);
			else if (type == IFLA_XDP_SKB_PROG_ID)
				l.generic = mnl_attr_get_u32(b);
			else if (type == IFLA_XDP_HW_PROG_ID)
				l.card = mnl_attr_get_u32(b);
		}
	}
	if ((l.driver != 0 || l.generic != 0 || l.card != 0) && all->n < LINKS)
		all->list[all->n++] = l;
	return true;
}

static int look(struct netlink *route, struct links *all)
{
	_Alignas(struct nlmsghdr) char room[ROOM];
	struct nlmsghdr *m;
	int err = -EINTR;

	for (int tries = 0; tries < 5 && err == -EINTR; tries++) {
		m = mnl_nlmsg_put_header(room);
		m->nlmsg_type = RTM_GETLINK;
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
		all->n = 0;
		err = netlink_ask(route, m, see, all);
	}
	return err;
}

/* program -1: none. */
static int set(struct netlink *route, int index, int program, uint32_t flags)
{
	_Alignas(struct nlmsghdr) char room[ROOM];
	struct nlmsghdr *m = mnl_nlmsg_put_header(room);
	struct ifinfomsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	struct nlattr *nest;

	m->nlmsg_type = RTM_SETLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head->ifi_index = index;
	nest = mnl_attr_nest_start(m, IFLA_XDP);
	mnl_attr_put_u32(m, IFLA_XDP_FD, (uint32_t)program);
	mnl_attr_put_u32(m, IFLA_XDP_FLAGS, flags);
	mnl_attr_nest_end(m, nest);
	return netlink_ask(route, m, NULL, NULL);
}

static bool is_ours(const struct xdp *x, uint32_t id)
{
	for (size_t i = 0; i < x->ids_n; i++)
		if (id != 0 && x->ids[i] == id)
			return true;
	return false;
}

static void take_off(const struct xdp *x, struct netlink *route, const struct link *l)
{
	if (is_ours(x, l->driver))
		(void)set(route, l->index, -1, XDP_FLAGS_DRV_MODE);
	if (is_ours(x, l->generic))
		(void)set(route, l->index, -1, XDP_FLAGS_SKB_MODE);
}

/* ---- one port -------------------------------------------------------------------------------------------------- */

static void tell(struct xdp *x, size_t port, enum said what, const char *name, const char *words)
{
	if (x->said[port] == (unsigned char)what)
		return;
	x->said[port] = (unsigned char)what;
	if (what == SAID_DRIVER || what == SAID_GENERIC)
		enforce_say(6, "%s: held devices are stopped by XDP, %s", name, words);
	else
		enforce_say(4,
			    "%s: XDP is not possible (%s); the firewall holds devices there alone",
			    name, words);
}

/* Returns in which mode it is there, or 0. */
static uint32_t put_on(const struct xdp *x, struct netlink *route, const struct link *l, int *err)
{
	static const uint32_t modes[] = {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE};

	for (size_t i = 0; i < 2; i++) {
		uint32_t there = i == 0 ? l->driver : l->generic;

		if (there == x->ids[0])
			return modes[i];
		*err = is_ours(x, there) ? set(route, l->index, x->program, modes[i]) : -ENOENT;
		if (*err == 0)
			return modes[i];
	}
	for (size_t i = 0; i < 2 && l->driver == 0 && l->generic == 0; i++) {
		*err = set(route, l->index, x->program, modes[i] | XDP_FLAGS_UPDATE_IF_NOEXIST);
		if (*err == 0)
			return modes[i];
	}
	return 0;
}

static void attach_port(struct xdp *x, struct netlink *route, size_t port, const char *name,
			const struct link *l)
{
	bool foreign = l->card != 0 || (l->driver != 0 && !is_ours(x, l->driver)) ||
		       (l->generic != 0 && !is_ours(x, l->generic));
	uint32_t mode;
	int err = 0;

	if (foreign) {
		tell(x, port, SAID_FOREIGN, name, "another program is there");
		return;
	}
	mode = put_on(x, route, l, &err);
	if (mode == XDP_FLAGS_DRV_MODE)
		tell(x, port, SAID_DRIVER, name, "in the driver");
	else if (mode != 0)
		tell(x, port, SAID_GENERIC, name, "generic, for its driver has none");
	else
		tell(x, port, SAID_FAILED, name, say_error(-err));
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static struct link of_index(const struct links *all, int index)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].index == index)
			return all->list[i];
	return (struct link){.index = index};
}

static bool is_port(const struct xdp *x, const struct here *here, int index)
{
	for (size_t i = 0; i < here->ports_n && x->loaded; i++)
		if (here->ports[i].index == index)
			return true;
	return false;
}

void xdp_links_attach(struct xdp *x, struct netlink *route, const struct here *here)
{
	static struct links all;
	int err;

	if (x->ids_n == 0)
		return;
	err = look(route, &all);
	if (err != 0) {
		enforce_say(4, "it can't be read where XDP programs are: %s", say_error(-err));
		return;
	}
	for (size_t i = 0; i < here->ports_n && x->loaded; i++) {
		const struct link l = of_index(&all, here->ports[i].index);

		if (x->said_of[i] != l.index)
			x->said[i] = SAID_NOTHING;
		x->said_of[i] = l.index;
		attach_port(x, route, i, here->ports[i].name, &l);
	}
	for (size_t i = 0; i < all.n; i++)
		if (!is_port(x, here, all.list[i].index))
			take_off(x, route, &all.list[i]);
}

void xdp_links_detach(const struct xdp *x, struct netlink *route)
{
	static struct links all;

	if (x->ids_n == 0 || look(route, &all) != 0)
		return;
	for (size_t i = 0; i < all.n; i++)
		take_off(x, route, &all.list[i]);
}
