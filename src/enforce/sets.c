/* SPDX-License-Identifier: MIT */
/*
 * nf_tables over netlink (linux/netfilter/nf_tables.h): a transaction is what stands between two messages of the batch type.
 * Keys are what nft(8) makes of `ether_addr . ipv4_addr`: each part filled up to four bytes.
 *
 * A set of libnftables would be read before it is written, and costs twenty times as much; libnftnl allocates each element
 * twice. What is here is one message that never changes its form.
 */
#include "enforce/sets.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

const uint8_t sets_families[SETS_FAMILIES] = {NFPROTO_NETDEV, NFPROTO_BRIDGE, NFPROTO_INET};

enum { MESSAGE_ROOM = 256, BATCH = 64 /* actions in one transaction */ };
enum { MAC_FILLED = 8, KEY_MOST = MAC_FILLED + 16, MS = 1000000 };

static _Alignas(struct nlmsghdr) char batch[(BATCH * 2 * SETS_FAMILIES + 2) * MESSAGE_ROOM];

struct transaction {
	struct netlink *netlink;
	size_t len;
	uint32_t first;
	struct nlmsghdr *last;
};

static struct nlmsghdr *put_message(struct transaction *t, uint16_t type, uint8_t family,
				    uint16_t resource)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(batch + t->len);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = ++t->netlink->seq;
	*head = (struct nfgenmsg){family, NFNETLINK_V0, htobe16(resource)};
	return m;
}

static struct transaction begin(struct netlink *n)
{
	struct transaction t = {.netlink = n};
	struct nlmsghdr *m = put_message(&t, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);

	t.first = m->nlmsg_seq;
	t.len = MNL_ALIGN(m->nlmsg_len);
	return t;
}

/* Sends it; the last message but the end of the batch is acknowledged, which says that all of it is done. */
static int commit(struct transaction *t)
{
	uint32_t last;
	struct nlmsghdr *end;

	if (t->last == NULL)
		return 0;
	t->last->nlmsg_flags |= NLM_F_ACK;
	last = t->last->nlmsg_seq;
	end = put_message(t, NFNL_MSG_BATCH_END, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	return netlink_send(t->netlink, batch, t->len + end->nlmsg_len, t->first, last);
}

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static size_t key_of(const struct contain_element *e, uint8_t key[KEY_MOST])
{
	size_t len = 0;

	memset(key, 0, KEY_MOST);
	if (contain_set_has_mac(e->set)) {
		memcpy(key, e->mac.b, sizeof e->mac.b);
		len = contain_set_has_addr(e->set) ? MAC_FILLED : sizeof e->mac.b;
	}
	if (contain_set_has_addr(e->set)) {
		size_t skip = addr_is_v4(&e->addr) ? 12 : 0;

		memcpy(key + len, e->addr.b + skip, sizeof e->addr.b - skip);
		len += sizeof e->addr.b - skip;
	}
	return len;
}

/* The other way round; false when this is no key of that set. */
static bool element_of(const uint8_t *key, size_t len, struct contain_element *e)
{
	bool v4 = addr_is_v4(&e->addr);
	uint8_t again[KEY_MOST];
	size_t at = 0;

	if (len > KEY_MOST || len != key_of(e, again))
		return false;
	if (contain_set_has_mac(e->set)) {
		memcpy(e->mac.b, key, sizeof e->mac.b);
		at = MAC_FILLED;
	}
	if (contain_set_has_addr(e->set))
		memcpy(e->addr.b + (v4 ? 12 : 0), key + at, v4 ? 4 : sizeof e->addr.b);
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void put_element(struct transaction *t, size_t family, uint16_t type,
			const struct contain_element *e, int64_t now_ns)
{
	uint16_t kind = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	struct nlmsghdr *m = put_message(t, kind, sets_families[family], 0);
	struct nlattr *list, *one, *data;
	uint8_t key[KEY_MOST];
	size_t len = key_of(e, key);

	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_TABLE, SETS_TABLE);
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_SET, contain_set_name(e->set, &e->addr));
	list = mnl_attr_nest_start(m, NFTA_SET_ELEM_LIST_ELEMENTS);
	one = mnl_attr_nest_start(m, NFTA_LIST_ELEM);
	data = mnl_attr_nest_start(m, NFTA_SET_ELEM_KEY);
	mnl_attr_put(m, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(m, data);
	if (type == NFT_MSG_NEWSETELEM) {
		m->nlmsg_flags |= NLM_F_CREATE;
		if (e->until_ns > now_ns)
			mnl_attr_put_u64(m, NFTA_SET_ELEM_TIMEOUT,
					 htobe64((uint64_t)(e->until_ns - now_ns + MS - 1) / MS));
	}
	mnl_attr_nest_end(m, one);
	mnl_attr_nest_end(m, list);
	t->len += MNL_ALIGN(m->nlmsg_len);
	t->last = m;
}

/* An end can't be changed by all kernels, so the element is taken out and put in: in one transaction no packet sees it gone. */
static void put_action(struct transaction *t, size_t family, const struct contain_action *a,
		       int64_t now_ns)
{
	bool over =
		a->deed != DEED_REMOVE && a->element.until_ns != 0 && a->element.until_ns <= now_ns;

	for (size_t f = 0; f < SETS_FAMILIES && !over; f++) {
		if (family != SETS_ALL && f != family)
			continue;
		if (a->deed != DEED_ADD)
			put_element(t, f, NFT_MSG_DELSETELEM, &a->element, now_ns);
		if (a->deed != DEED_REMOVE)
			put_element(t, f, NFT_MSG_NEWSETELEM, &a->element, now_ns);
	}
}

/* Nobody says which one was not there: each for itself, family by family. */
static int apply_singly(struct netlink *n, size_t family, const struct contain_action *a,
			int64_t now_ns)
{
	int result = 0;

	for (size_t f = 0; f < SETS_FAMILIES; f++) {
		struct contain_action retry = {DEED_ADD, a->element};
		struct transaction t = begin(n);
		int err;

		if (family != SETS_ALL && f != family)
			continue;
		put_action(&t, f, a, now_ns);
		err = commit(&t);
		if (err == -ENOENT && a->deed == DEED_RENEW) {
			t = begin(n);
			put_action(&t, f, &retry, now_ns);
			err = commit(&t);
		}
		if (err != 0 && !(err == -ENOENT && a->deed == DEED_REMOVE) && result == 0)
			result = err;
	}
	return result;
}

int sets_apply(struct netlink *n, size_t family, const struct contain_action *actions, size_t count,
	       int64_t now_ns)
{
	int result = 0;

	for (size_t done = 0; done < count;) {
		size_t part = count - done < BATCH ? count - done : BATCH;
		struct transaction t = begin(n);
		int err;

		for (size_t i = done; i < done + part; i++)
			put_action(&t, family, &actions[i], now_ns);
		err = commit(&t);
		for (size_t i = done; i < done + part && err != 0; i++) {
			int one = apply_singly(n, family, &actions[i], now_ns);

			result = result == 0 ? one : result;
		}
		done += part;
	}
	return result;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct reading {
	struct contain_element pattern; /* set and kind of address of what is being read */
	int64_t now_ns;
	struct contain_element *out;
	size_t room, n;
	bool more;
};

static void read_element(struct reading *r, const struct nlattr *one)
{
	struct contain_element e = r->pattern;
	struct nlattr *a, *value;
	bool is_one = false;

	mnl_attr_for_each_nested(a, one)
	{
		uint16_t type = mnl_attr_get_type(a);

		if (type == NFTA_SET_ELEM_KEY) {
			mnl_attr_for_each_nested(value,
						 a) if (mnl_attr_get_type(value) == NFTA_DATA_VALUE)
				is_one = element_of(mnl_attr_get_payload(value),
						    mnl_attr_get_payload_len(value), &e);
		} else if (type == NFTA_SET_ELEM_EXPIRATION &&
			   mnl_attr_get_payload_len(a) == sizeof(uint64_t)) {
			e.until_ns = r->now_ns + (int64_t)be64toh(mnl_attr_get_u64(a)) * MS;
		}
	}
	if (is_one && r->n == r->room)
		r->more = true;
	else if (is_one)
		r->out[r->n++] = e;
}

static bool read_message(const struct nlmsghdr *m, void *context)
{
	struct nlattr *a, *one;

	if (m->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
		return true;
	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) ==
							     NFTA_SET_ELEM_LIST_ELEMENTS)
		mnl_attr_for_each_nested(one, a) read_element(context, one);
	return true;
}

static int read_set(struct netlink *n, size_t family, struct reading *r)
{
	struct transaction t = {.netlink = n};
	struct nlmsghdr *m = put_message(&t, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
					 sets_families[family], 0);
	size_t before = r->n;
	int err = 0;

	m->nlmsg_flags |= NLM_F_DUMP;
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_TABLE, SETS_TABLE);
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_SET,
			  contain_set_name(r->pattern.set, &r->pattern.addr));
	for (int tries = 0; tries < 5; tries++) {
		r->n = before;
		err = netlink_ask(n, m, read_message, r);
		if (err != -EINTR)
			break;
	}
	return err == -ENOENT ? 0 : err;
}

static int by_order(const void *a, const void *b)
{
	return contain_element_order(a, b);
}

/* Of both kinds of addresses, where the set has any. */
static int read_both(struct netlink *n, size_t family, enum contain_set set, struct reading *r)
{
	int err = 0;

	r->pattern = (struct contain_element){.set = set};
	if (contain_set_has_addr(set)) {
		err = read_set(n, family, r);
		r->pattern.addr = addr_v4(0);
	}
	return err == 0 ? read_set(n, family, r) : err;
}

int sets_viewers(struct netlink *n, size_t family, int64_t now_ns, struct contain_element *out,
		 size_t room, size_t *count)
{
	struct reading r = {.now_ns = now_ns, .out = out, .room = room};
	int err = read_both(n, family, SET_VIEWERS, &r);

	*count = r.n;
	return err;
}

int sets_read(struct netlink *n, size_t family, int64_t now_ns, struct contain_element *out,
	      size_t room, size_t *count, bool *more)
{
	struct reading r = {.now_ns = now_ns, .out = out, .room = room};
	size_t kept = 0;
	int err = 0;

	for (int set = 0; set < CONTAIN_SETS && err == 0; set++)
		if (set != SET_VIEWERS)
			err = read_both(n, family, (enum contain_set)set, &r);
	qsort(out, r.n, sizeof *out, by_order);
	for (size_t i = 0; i < r.n; i++) /* a list that was broken off may tell of one twice */
		if (kept == 0 || contain_element_order(&out[kept - 1], &out[i]) != 0)
			out[kept++] = out[i];
	*count = kept;
	*more = r.more;
	return err;
}

struct programs {
	uint32_t *out;
	size_t room, n;
};

static void read_program(struct programs *p, const struct nlattr *one)
{
	struct nlattr *a, *value;

	mnl_attr_for_each_nested(a, one)
	{
		if (mnl_attr_get_type(a) != NFTA_SET_ELEM_KEY)
			continue;
		mnl_attr_for_each_nested(value, a)
		{
			if (mnl_attr_get_type(value) == NFTA_DATA_VALUE && p->n < p->room &&
			    mnl_attr_get_payload_len(value) == sizeof *p->out)
				p->out[p->n++] = mnl_attr_get_u32(value); /* a mark: host order */
		}
	}
}

static bool read_programs(const struct nlmsghdr *m, void *context)
{
	struct nlattr *a, *one;

	if (m->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
		return true;
	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(a) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(one, a) read_program(context, one);
	}
	return true;
}

size_t sets_programs(struct netlink *n, uint32_t *out, size_t room)
{
	struct transaction t = {.netlink = n};
	struct nlmsghdr *m =
		put_message(&t, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NFPROTO_INET, 0);
	struct programs p = {.out = out, .room = room};

	m->nlmsg_flags |= NLM_F_DUMP;
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_TABLE, SETS_TABLE);
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_SET, "programs");
	for (int tries = 0; tries < 5; tries++) {
		p.n = 0;
		if (netlink_ask(n, m, read_programs, &p) != -EINTR)
			break;
	}
	return p.n;
}

/* ---- counting -------------------------------------------------------------------------------------------------- */

/* Wherever it stands: an element has its counter alone, or in a list, and a name and a nest around both numbers. */
static void read_counter(const struct nlattr *nest, uint64_t sum[2], int depth)
{
	struct nlattr *a, *b;

	mnl_attr_for_each_nested(a, nest)
	{
		uint16_t type = mnl_attr_get_type(a);

		if (depth == 0 && (type == NFTA_SET_ELEM_EXPR || type == NFTA_SET_ELEM_EXPRESSIONS))
			read_counter(a, sum, type == NFTA_SET_ELEM_EXPR ? 2 : 1);
		else if (depth == 1 && type == NFTA_LIST_ELEM)
			read_counter(a, sum, 2);
		else if (depth == 2 && type == NFTA_EXPR_DATA)
			mnl_attr_for_each_nested(b, a)
			{
				size_t which = mnl_attr_get_type(b) == NFTA_COUNTER_PACKETS ? 0 : 1;

				if (mnl_attr_get_payload_len(b) == sizeof(uint64_t))
					sum[which] += be64toh(mnl_attr_get_u64(b));
			}
	}
}

static bool read_count(const struct nlmsghdr *m, void *context)
{
	struct nlattr *a, *one;

	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) ==
							     NFTA_SET_ELEM_LIST_ELEMENTS)
		mnl_attr_for_each_nested(one, a) read_counter(one, context, 0);
	return true;
}

int sets_blocked(struct netlink *n, const struct mac *mac, uint64_t sum[2])
{
	const struct contain_element e = {.set = SET_BLOCKED, .mac = *mac};
	int result = 0;

	sum[0] = sum[1] = 0;
	for (size_t f = 0; f < SETS_FAMILIES; f++) {
		struct transaction t = {.netlink = n};
		int err;

		put_element(&t, f, NFT_MSG_GETSETELEM, &e, 0);
		t.last->nlmsg_flags |= NLM_F_ACK;
		err = netlink_ask(n, t.last, read_count, sum);
		result = result == 0 ? err : result;
	}
	return result;
}
