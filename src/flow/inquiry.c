/* SPDX-License-Identifier: MIT */
/*
 * Connections near one moment; see the header. A NAT changes addresses, and often ports, of the inner end and nothing of
 * the outer one; TCP's sequence numbers and what is said stay (RFC 5382, RFC 4787). So both sides of it are found by
 * the stranger's address and port and the first packet that either end sent: for TCP its sequence number, else a hash of
 * its payload. Two connections with the same stranger that agree in that by chance are one in 2^32.
 *
 * A flood near the moment fills the table with connections of one packet. Those with the port asked for have places of
 * their own; that others were refused is counted, for a connection may then lack its other side.
 */
#include "flow/inquiry.h"

#include "base/hash.h"

#include <errno.h>
#include <string.h>

enum {
	TALKS = INQUIRY_MATCHES + INQUIRY_OTHERS,
	SLOTS = 2 * TALKS,
	NO_TALK = 0xffff,
	COPY_NS = 2000000, /* copies on a port, a bridge and an uplink lie microseconds apart */
	ALIKE_NS = 2000000000,
	MARK_BYTES = 64
};

_Static_assert((int)TALKS < (int)NO_TALK, "a talk's place must fit its slot");

int inquiry_init(struct inquiry *q, const struct inquiry_question *question, struct budget *budget,
		 uint64_t seed)
{
	size_t room;

	*q = (struct inquiry){.question = *question, .seed = seed};
	q->slots = budget_take(budget, "index of those asked about", SLOTS, sizeof *q->slots);
	room = (budget->size - budget->taken) / sizeof *q->talks;
	if (q->slots == NULL || room <= INQUIRY_MATCHES)
		return -ENOMEM;
	room = room < TALKS ? room - 1 : TALKS; /* one for the alignment of the share */
	q->others_most = (uint32_t)(room - INQUIRY_MATCHES);
	q->talks = budget_take(budget, INQUIRY_SHARE, room, sizeof *q->talks);
	if (q->talks == NULL)
		return -ENOMEM;
	memset(q->slots, 0xff, SLOTS * sizeof *q->slots);
	return 0;
}

static int compare_ends(const struct inquiry_end *a, const struct inquiry_end *b)
{
	int c = addr_compare(&a->addr, &b->addr);

	return c != 0 ? c : (int)a->port - (int)b->port;
}

static bool same_end(const struct inquiry_end *a, const struct inquiry_end *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

static bool same_talk(const struct inquiry_talk *a, const struct inquiry_talk *b)
{
	return a->proto == b->proto && same_end(&a->end[0], &b->end[0]) &&
	       same_end(&a->end[1], &b->end[1]);
}

static bool fits(const struct inquiry_question *q, const struct inquiry_talk *t)
{
	if (t->end[0].port != q->port && t->end[1].port != q->port)
		return false;
	return !q->has_address || addr_equal(&t->end[0].addr, &q->address) ||
	       addr_equal(&t->end[1].addr, &q->address);
}

/* What the packet says of itself that is the same on both sides of a NAT. */
static uint64_t mark_of(const struct packet *p)
{
	uint64_t h = hash_words(p->proto, p->proto == PROTO_TCP ? p->seq : p->payload_wire);

	if (p->proto == PROTO_TCP)
		return h;
	for (uint32_t i = 0; i < p->payload_len && i < MARK_BYTES; i++)
		h = hash_more(h, p->payload[i]);
	return h;
}

static uint16_t *slot_of(const struct inquiry *q, const struct inquiry_talk *t)
{
	uint64_t h = hash_words(hash_keyed(&t->end[0].addr, q->seed) ^ q->seed,
				hash_keyed(&t->end[1].addr, ~q->seed));

	h = hash_more(h, (uint64_t)t->end[0].port << 24 | (uint64_t)t->end[1].port << 8 | t->proto);
	for (size_t i = (size_t)h % SLOTS;; i = (i + 1) % SLOTS) {
		if (q->slots[i] == NO_TALK || same_talk(&q->talks[q->slots[i]], t))
			return &q->slots[i];
	}
}

/* The packet's connection, made when it is new; NULL where there is no room. `from`: the end that sent it. */
static struct inquiry_talk *talk_of(struct inquiry *q, const struct packet *p, int *from)
{
	struct inquiry_talk t = {.proto = p->proto};
	struct inquiry_end src = {.addr = p->src, .port = p->sport};
	struct inquiry_end dst = {.addr = p->dst, .port = p->dport};
	uint16_t *slot;
	bool far;

	*from = compare_ends(&src, &dst) <= 0 ? 0 : 1;
	t.end[*from] = src;
	t.end[1 - *from] = dst;
	slot = slot_of(q, &t);
	if (*slot != NO_TALK)
		return &q->talks[*slot];
	t.matches = fits(&q->question, &t);
	far = t.matches && p->sport != q->question.port;
	if (t.matches && (q->matches_n == INQUIRY_MATCHES || (far && q->far_n == INQUIRY_FAR))) {
		q->refused_matches++;
		return NULL;
	}
	if (!t.matches && q->n - q->matches_n == q->others_most) {
		q->refused_others++;
		return NULL;
	}
	t.opener = (uint8_t)*from;
	t.first_ns = t.last_ns = p->time_ns;
	q->matches_n += t.matches;
	q->far_n += far;
	*slot = (uint16_t)q->n;
	q->talks[q->n] = t;
	return &q->talks[q->n++];
}

static bool is_copy(const struct inquiry_talk *t, const struct packet *p, int from)
{
	return t->packets > 0 && t->last_end == from && t->last_id == p->ip_id &&
	       t->last_seq == p->seq && t->last_len == p->payload_wire &&
	       p->time_ns - t->last_ns < COPY_NS && p->time_ns >= t->last_ns;
}

static void note_opener(struct inquiry_talk *t, const struct packet *p, int from)
{
	if (t->syn || p->proto != PROTO_TCP || (p->tcp_flags & TCP_SYN) == 0)
		return;
	t->syn = true;
	t->opener = (uint8_t)((p->tcp_flags & TCP_ACK) != 0 ? 1 - from : from);
}

static void note_packet(struct inquiry_talk *t, const struct packet *p, int from)
{
	struct inquiry_end *sender = &t->end[from];

	if (is_copy(t, p, from))
		return;
	if (!sender->sent) {
		sender->sent = true;
		sender->mark = mark_of(p);
		if ((p->flags & PACKET_HAS_MAC) != 0)
			sender->mac = p->src_mac;
	}
	note_opener(t, p, from);
	if (p->time_ns < t->first_ns)
		t->first_ns = p->time_ns;
	if (p->time_ns > t->last_ns)
		t->last_ns = p->time_ns;
	if (t->keys_n < INQUIRY_KEYS)
		t->keys[t->keys_n++] = p->key;
	t->packets++;
	t->last_end = (uint8_t)from;
	t->last_id = p->ip_id;
	t->last_seq = p->seq;
	t->last_len = p->payload_wire;
}

void inquiry_see(struct inquiry *q, const struct packet *p)
{
	struct inquiry_talk *t;
	int from;

	if (p->time_ns < q->question.time_ns - q->question.within_ns ||
	    p->time_ns > q->question.time_ns + q->question.within_ns)
		return;
	q->packets++;
	if ((p->proto != PROTO_TCP && p->proto != PROTO_UDP) || (p->flags & PACKET_L4) == 0)
		return;
	if (q->question.proto != 0 && q->question.proto != p->proto)
		return;
	t = talk_of(q, p, &from);
	if (t != NULL)
		note_packet(t, p, from);
}

static int64_t apart(const struct inquiry_talk *a, const struct inquiry_talk *b)
{
	return a->first_ns > b->first_ns ? a->first_ns - b->first_ns : b->first_ns - a->first_ns;
}

/* Datagrams are often alike: theirs must lie close together as well. */
static bool is_other_side(const struct inquiry_talk *t, int far, const struct inquiry_talk *o,
			  int k)
{
	const struct inquiry_end *a = &o->end[1 - k], *b = &t->end[1 - far];

	if (!same_end(&o->end[k], &t->end[far]) || addr_equal(&a->addr, &b->addr))
		return false;
	if (t->proto != PROTO_TCP && apart(t, o) > ALIKE_NS)
		return false;
	return (a->sent && b->sent && a->mark == b->mark) ||
	       (o->end[k].sent && t->end[far].sent && o->end[k].mark == t->end[far].mark);
}

const struct inquiry_talk *inquiry_other_side(const struct inquiry *q, const struct inquiry_talk *t,
					      int far, int *other_far)
{
	const struct inquiry_talk *best = NULL;

	for (uint32_t i = 0; i < q->n; i++) {
		const struct inquiry_talk *o = &q->talks[i];

		for (int k = 0; k < 2 && o != t && o->proto == t->proto; k++) {
			if (!is_other_side(t, far, o, k) ||
			    (best != NULL && apart(t, best) <= apart(t, o)))
				continue;
			best = o;
			*other_far = k;
		}
	}
	return best;
}
