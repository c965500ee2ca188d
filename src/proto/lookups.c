/* SPDX-License-Identifier: MIT */
/*
 * Answers of name servers, laid to the questions of our own hosts; see lookups.h. Of an answer (RFC 1035, section 4.1) those
 * addresses count that stand under the name that was asked for, or under one that it is an alias of: each alias must follow
 * from the one before it, in the order of the records, as resolvers send them. Other records - of another name, or in the
 * sections of authority and additional - are what poisoners add, and are not looked at.
 */
#include "proto/lookups.h"

#include "base/hash.h"
#include "base/scan.h"
#include "base/timespan.h"
#include "proto/dns.h"
#include "proto/names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { RECORD_CNAME = 5, RCODE = 0x000f, PORT_DNS = 53 };

#define TTL_LEAST (60 * NS_PER_S)
#define TTL_MOST (86400 * NS_PER_S)
#define ANSWER_WITHIN (10 * NS_PER_S)

struct lookup_asked {
	struct addr client;
	struct addr server;
	uint64_t name; /* hash of it; 0: free */
	int64_t time_ns;
	uint16_t port;
	uint16_t id;
	uint16_t type;
};

int lookups_init(struct lookups *l, struct budget *budget, size_t share)
{
	uint32_t room =
		(uint32_t)(share / LANES / (sizeof(struct lookup) + sizeof(struct lookup_asked)));
	struct lookup *list;
	struct lookup_asked *asked;

	*l = (struct lookups){.room = room > 0 ? room : 1};
	list = budget_take(budget, "lookups", (uint64_t)LANES * l->room, sizeof *list);
	asked = budget_take(budget, "their questions", (uint64_t)LANES * l->room, sizeof *asked);
	if (list == NULL || asked == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < LANES; i++) {
		l->lane[i].list = list + i * l->room;
		l->lane[i].asked = asked + i * l->room;
	}
	return 0;
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

static uint64_t hash_name(const char *name)
{
	uint64_t h = 1;

	for (; *name != '\0'; name++)
		h = hash_more(h, (uint8_t)*name);
	return h | 1;
}

/* A name that is kept: of letters, digits, '-' and '_' alone, so that dots stand between labels and nowhere else. */
static bool is_plain(const struct dns_question *q)
{
	size_t len = strlen(q->name);

	return len > 0 && len < LOOKUP_NAME && strchr(q->name, '?') == NULL &&
	       (q->type == RECORD_A || q->type == RECORD_AAAA);
}

static struct lookup_asked asked_of(const struct dns_question *q, const struct packet *p)
{
	bool answer = q->answer;

	return (struct lookup_asked){.client = answer ? p->dst : p->src,
				     .server = answer ? p->src : p->dst,
				     .name = hash_name(q->name),
				     .time_ns = p->time_ns,
				     .port = answer ? p->dport : p->sport,
				     .id = q->id,
				     .type = q->type};
}

static struct lookup_asked *find_asked(const struct lookups *l, const struct lookups_lane *lane,
				       const struct lookup_asked *q)
{
	for (uint32_t i = 0; i < l->room; i++) {
		struct lookup_asked *a = &lane->asked[i];

		if (a->name == q->name && a->id == q->id && a->port == q->port &&
		    a->type == q->type && addr_equal(&a->client, &q->client) &&
		    addr_equal(&a->server, &q->server) &&
		    time_is_within(a->time_ns, q->time_ns, ANSWER_WITHIN))
			return a;
	}
	return NULL;
}

static void hear_question(const struct lookups *l, struct lookups_lane *lane,
			  const struct lookup_asked *q)
{
	struct lookup_asked *a = find_asked(l, lane, q);

	if (a == NULL)
		a = &lane->asked[lane->hand++ % l->room];
	*a = *q;
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

static bool has_run_out(const struct lookup *l, int64_t now_ns)
{
	for (uint32_t i = 0; i < l->addrs_n; i++) {
		if (l->until_ns[i] > now_ns)
			return false;
	}
	return true;
}

static int64_t last_of(const struct lookup *l)
{
	int64_t last = INT64_MIN;

	for (uint32_t i = 0; i < l->addrs_n; i++)
		last = l->until_ns[i] > last ? l->until_ns[i] : last;
	return last;
}

/* The place of the name, or one for it; NULL when there is none. */
static struct lookup *place_of(const struct lookups *l, struct lookups_lane *lane,
			       const struct addr *client, const char *name, int64_t now_ns)
{
	struct lookup *gone = NULL, *own = NULL;
	unsigned owned = 0;

	for (uint32_t i = 0; i < l->room; i++) {
		struct lookup *at = &lane->list[i];
		bool mine = at->addrs_n > 0 && addr_equal(&at->client, client);

		if (mine && strcmp(at->name, name) == 0)
			return at;
		if (has_run_out(at, now_ns)) {
			gone = gone != NULL ? gone : at;
		} else if (mine) {
			owned++;
			own = own == NULL || last_of(at) < last_of(own) ? at : own;
		}
	}
	if (owned >= LOOKUP_NAMES)
		return own;
	lane->refused += gone == NULL;
	return gone;
}

/* One more address, or one more time; of more than there is room for those that run out last stay. */
static void keep_address(struct lookup *at, const struct addr *a, int64_t until_ns)
{
	uint32_t first = 0, i = 0;

	while (i < at->addrs_n && !addr_equal(&at->addrs[i], a))
		i++;
	if (i == LOOKUP_ADDRESSES) {
		for (uint32_t k = 1; k < LOOKUP_ADDRESSES; k++)
			first = at->until_ns[k] < at->until_ns[first] ? k : first;
		i = first;
	}
	if (i == at->addrs_n)
		at->addrs_n++;
	at->addrs[i] = *a;
	at->until_ns[i] = until_ns;
}

static bool read_address(const struct entry *e, struct addr *out)
{
	struct cursor c = cursor_over(e->rdata);

	if (e->type == RECORD_A && e->rdata.len == 4) {
		*out = addr_v4(cursor_be32(&c));
		return true;
	}
	if (e->type != RECORD_AAAA || e->rdata.len != sizeof out->b)
		return false;
	cursor_copy(&c, out->b, sizeof out->b);
	return true;
}

struct given {
	struct addr addrs[LOOKUP_ADDRESSES];
	int64_t ttl_ns[LOOKUP_ADDRESSES];
	uint32_t n;
};

/* In any case of letters (RFC 4343): resolvers hand back the case they were asked in, or do not. */
static bool same_name(const struct name *a, const struct name *b)
{
	return a->len == b->len &&
	       strncasecmp((const char *)a->text, (const char *)b->text, a->len) == 0;
}

/* Follows the aliases from the question on, and takes what stands under the last. */
static void read_answer(struct bytes message, struct given *out)
{
	struct names n;
	struct entry e;
	struct name wanted;
	int64_t ttl_ns = TTL_MOST;

	out->n = 0;
	if (!names_open(&n, message) || !names_next(&n, &e))
		return;
	wanted = e.name;
	while (out->n < LOOKUP_ADDRESSES && names_next(&n, &e) && e.section == SECTION_ANSWER) {
		int64_t own_ns = (int64_t)e.ttl * NS_PER_S;

		if (e.class != CLASS_IN || !same_name(&e.name, &wanted))
			continue;
		own_ns = own_ns < ttl_ns ? own_ns : ttl_ns;
		if (e.type == RECORD_CNAME) {
			struct cursor c = cursor_over(e.rdata);

			if (!name_read(message, &c, &wanted))
				return;
			ttl_ns = own_ns;
		} else if (read_address(&e, &out->addrs[out->n])) {
			out->ttl_ns[out->n++] = own_ns > TTL_LEAST ? own_ns : TTL_LEAST;
		}
	}
}

static void hear_answer(const struct lookups *l, struct lookups_lane *lane, const struct packet *p,
			const struct lookup_asked *key, const char *name)
{
	struct lookup_asked *asked = find_asked(l, lane, key);
	struct given given;
	struct lookup *at;

	if (asked == NULL)
		return;
	*asked = (struct lookup_asked){.name = 0}; /* the first answer counts, and no other */
	read_answer(packet_payload(p), &given);
	at = given.n == 0 ? NULL : place_of(l, lane, &key->client, name, p->time_ns);
	if (at == NULL)
		return;
	if (strcmp(at->name, name) != 0 || !addr_equal(&at->client, &key->client) ||
	    has_run_out(at, p->time_ns)) {
		*at = (struct lookup){.client = key->client};
		memcpy(at->name, name, strlen(name));
	}
	at->server = key->server;
	for (uint32_t i = 0; i < given.n; i++)
		keep_address(at, &given.addrs[i], p->time_ns + given.ttl_ns[i]);
	lane->changes++;
}

/* ---- packets --------------------------------------------------------------------------------------------------- */

static bool is_heard(const struct stamp *s)
{
	const struct packet *p = s->packet;
	uint8_t ours = p->sport == PORT_DNS ? STAMP_DST_OURS : STAMP_SRC_OURS;

	return s->kind == KIND_UDP && (p->sport == PORT_DNS) != (p->dport == PORT_DNS) &&
	       (s->flags & ours) != 0 && (p->flags & (PACKET_OUTER | PACKET_LATER_FRAGMENT)) == 0;
}

static void hear(const struct lookups *l, struct lookups_lane *lane, const struct packet *p)
{
	struct bytes message = packet_payload(p);
	struct cursor flags = cursor_over(bytes_from(message, 2));
	struct lookup_asked key;
	struct dns_question q;

	if (!dns_read_question(message, &q) || q.answer != (p->sport == PORT_DNS) || !is_plain(&q))
		return;
	key = asked_of(&q, p);
	if (!q.answer)
		hear_question(l, lane, &key);
	else if ((cursor_be16(&flags) & RCODE) == 0)
		hear_answer(l, lane, p, &key, q.name);
}

void lookups_run(struct lookups *l, const struct work *work, unsigned part, unsigned parts)
{
	for (uint32_t i = 0; i < work->n; i++) {
		const struct stamp *s = &work->stamps[i];
		unsigned lane;

		if (!is_heard(s))
			continue;
		lane = (unsigned)(hash_addr(s->packet->sport == PORT_DNS ? &s->packet->dst
									 : &s->packet->src) >>
				  58);
		if (lane % parts == part)
			hear(l, &l->lane[lane], s->packet);
	}
}

/* ---- what was heard -------------------------------------------------------------------------------------------- */

size_t lookups_of(const struct lookups *l, const struct addr *client, int64_t now_ns,
		  struct lookup *out, size_t room)
{
	const struct lookups_lane *lane = &l->lane[hash_addr(client) >> 58];
	size_t n = 0;

	for (uint32_t i = 0; i < l->room && n < room; i++) {
		const struct lookup *at = &lane->list[i];

		if (at->addrs_n > 0 && addr_equal(&at->client, client) && !has_run_out(at, now_ns))
			out[n++] = *at;
	}
	return n;
}

uint32_t lookups_changes(const struct lookups *l)
{
	uint32_t sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += l->lane[i].changes;
	return sum;
}

uint64_t lookups_refused(const struct lookups *l)
{
	uint64_t sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += l->lane[i].refused;
	return sum;
}

uint64_t lookups_used(const struct lookups *l)
{
	uint64_t sum = 0;

	for (int i = 0; i < LANES; i++) {
		for (uint32_t k = 0; k < l->room; k++)
			sum += l->lane[i].list[k].addrs_n > 0;
	}
	return sum;
}
