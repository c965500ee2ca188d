/* SPDX-License-Identifier: MIT */
/*
 * ctnetlink (linux/netfilter/nfnetlink_conntrack.h). Asked for are those that the address began, and those that it answered;
 * with NAT in between these are the sources of the two directions. Kernels before 5.8 don't filter and tell all of them, so
 * each is looked at here. They are deleted by the tuple they were told with, and their number, lest another is meant by then.
 *
 * A device may open connections as fast as we delete: so many at a time, so many times, and then that is all.
 */
#include "enforce/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

enum { FOUND = 256, PASSES = 64, TUPLE_MOST = 128, FILTER_SOURCE = 1 };
enum {
	FILTER_ORIG_FLAGS = 1,
	FILTER_REPLY_FLAGS = 2
}; /* of CTA_FILTER; the header has no name for them */

struct found {
	uint16_t tuple_len, zone;
	uint32_t id; /* as it came */
	bool has_zone, has_id;
	_Alignas(4) uint8_t tuple[TUPLE_MOST];
};

struct search {
	struct addr addr;
	size_t n;
	struct found found[FOUND];
};

static struct search search;

static bool is_address(const struct nlattr *a, const struct addr *addr)
{
	uint16_t type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);
	bool v4 = type == CTA_IP_V4_SRC || type == CTA_IP_V4_DST;

	return type >= CTA_IP_V4_SRC && type <= CTA_IP_V6_DST && len == (v4 ? 4 : 16) &&
	       v4 == addr_is_v4(addr) &&
	       memcmp(mnl_attr_get_payload(a), addr->b + 16 - len, len) == 0;
}

static bool tuple_has(const struct nlattr *tuple, const struct addr *addr)
{
	struct nlattr *a, *ip;

	mnl_attr_for_each_nested(a, tuple) if (mnl_attr_get_type(a) == CTA_TUPLE_IP)
		mnl_attr_for_each_nested(ip, a) if (is_address(ip, addr)) return true;
	return false;
}

static bool see_entry(const struct nlmsghdr *m, void *context)
{
	struct search *s = context;
	struct found f = {0};
	bool mine = false;
	struct nlattr *a;

	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg))
	{
		uint16_t type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);

		if (type == CTA_TUPLE_ORIG && len <= TUPLE_MOST) {
			f.tuple_len = len;
			memcpy(f.tuple, mnl_attr_get_payload(a), len);
		} else if (type == CTA_ZONE && len == sizeof f.zone) {
			f.zone = mnl_attr_get_u16(a);
			f.has_zone = true;
		} else if (type == CTA_ID && len == sizeof f.id) {
			f.id = mnl_attr_get_u32(a);
			f.has_id = true;
		}
		if (type == CTA_TUPLE_ORIG || type == CTA_TUPLE_REPLY)
			mine = mine || tuple_has(a, &s->addr);
	}
	if (mine && f.tuple_len > 0)
		s->found[s->n++] = f;
	return s->n < FOUND;
}

static struct nlmsghdr *begin(void *room, uint16_t type, const struct addr *addr)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(room);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	m->nlmsg_flags = NLM_F_REQUEST;
	*head = (struct nfgenmsg){addr_is_v4(addr) ? AF_INET : AF_INET6, NFNETLINK_V0, 0};
	return m;
}

static int find(struct netlink *n, uint16_t direction)
{
	_Alignas(struct nlmsghdr) char room[256];
	struct nlmsghdr *m = begin(room, IPCTNL_MSG_CT_GET, &search.addr);
	bool v4 = addr_is_v4(&search.addr), orig = direction == CTA_TUPLE_ORIG;
	struct nlattr *nest, *ip;

	m->nlmsg_flags |= NLM_F_DUMP;
	nest = mnl_attr_nest_start(m, direction);
	ip = mnl_attr_nest_start(m, CTA_TUPLE_IP);
	mnl_attr_put(m, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, v4 ? 4 : 16,
		     search.addr.b + (v4 ? 12 : 0));
	mnl_attr_nest_end(m, ip);
	mnl_attr_nest_end(m, nest);
	nest = mnl_attr_nest_start(m, CTA_FILTER);
	mnl_attr_put_u32(m, FILTER_ORIG_FLAGS, orig ? FILTER_SOURCE : 0);
	mnl_attr_put_u32(m, FILTER_REPLY_FLAGS, orig ? 0 : FILTER_SOURCE);
	mnl_attr_nest_end(m, nest);
	search.n = 0;
	return netlink_ask(n, m, see_entry, &search);
}

static int delete (struct netlink *n, const struct found *f)
{
	_Alignas(struct nlmsghdr) char room[512];
	struct nlmsghdr *m = begin(room, IPCTNL_MSG_CT_DELETE, &search.addr);

	m->nlmsg_flags |= NLM_F_ACK;
	m->nlmsg_seq = ++n->seq;
	mnl_attr_put(m, CTA_TUPLE_ORIG | NLA_F_NESTED, f->tuple_len, f->tuple);
	if (f->has_zone)
		mnl_attr_put_u16(m, CTA_ZONE, f->zone);
	if (f->has_id)
		mnl_attr_put_u32(m, CTA_ID, f->id);
	return netlink_send(n, m, m->nlmsg_len, m->nlmsg_seq, m->nlmsg_seq);
}

int conntrack_forget(struct netlink *n, const struct addr *addr, uint32_t *deleted)
{
	static const uint16_t directions[] = {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY};
	int err = 0;

	*deleted = 0;
	search.addr = *addr;
	for (int pass = 0; pass < PASSES; pass++) {
		bool full = false;

		for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
			err = find(n, directions[i]);
			if (err != 0 && err != -EINTR)
				return err == -EINVAL || err == -ENOENT
					       ? 0
					       : err; /* no conntrack here */
			full = full || search.n == FOUND || err == -EINTR;
			for (size_t f = 0; f < search.n; f++)
				*deleted += delete (n, &search.found[f]) == 0;
		}
		if (!full)
			return 0;
	}
	return -EAGAIN;
}
