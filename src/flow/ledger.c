/* SPDX-License-Identifier: MIT */
/*
 * Rows of a few entries by published hash, as a processor's cache has them. Whoever floods one row with forged addresses
 * pushes out forged ones, since what was answered stays before what was not; with real ones he spoils records, and no
 * verdict hangs on those.
 *
 * A conversation is over when both sides closed it, one reset it, or nobody spoke for UDP_SILENT or TCP_SILENT: the spans
 * that other tools use for established ones (Suricata's flow-timeouts: 300 and 600 s), halved for UDP, where cameras open a
 * port for each question.
 */
#include "flow/ledger.h"

#include "base/hash.h"
#include "base/timespan.h"

#include <errno.h>
#include <string.h>

enum { ANSWERED = 1 << 0, CLIENT_CLOSED = 1 << 1, SERVER_CLOSED = 1 << 2, RESET = 1 << 3 };

#define UDP_SILENT (INT64_C(150) * NS_PER_S)
#define TCP_SILENT (INT64_C(600) * NS_PER_S)

/* What ended waits so long for its last acknowledgements before another of the same ports is a new one. */
#define LINGER (INT64_C(2) * NS_PER_S)

int ledger_init(struct ledger *l, struct budget *budget, size_t share)
{
	size_t of_lane = share / LANES;
	uint32_t rows = 1;
	struct ledger_entry *entries, *rings;

	while ((size_t)rows * 2 * LEDGER_ROW * sizeof *entries <= of_lane)
		rows *= 2;
	*l = (struct ledger){.rows = rows};
	entries = budget_take(budget, "conversations", (uint64_t)LANES * rows * LEDGER_ROW,
			      sizeof *entries);
	rings = budget_take(budget, "their records", (uint64_t)LANES * LEDGER_RING, sizeof *rings);
	if (entries == NULL || rings == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < LANES; i++) {
		l->lane[i].entries = entries + i * rows * LEDGER_ROW;
		l->lane[i].ring = rings + i * LEDGER_RING;
	}
	return 0;
}

/* ---- ending ---------------------------------------------------------------------------------------------------- */

static bool is_closed(const struct ledger_entry *e)
{
	return (e->state & RESET) != 0 ||
	       (e->state & (CLIENT_CLOSED | SERVER_CLOSED)) == (CLIENT_CLOSED | SERVER_CLOSED);
}

static bool is_over(const struct ledger_entry *e, int64_t now_ns)
{
	int64_t silent = time_since(e->last_ns, now_ns);

	if (is_closed(e))
		return silent > LINGER || silent < -LINGER;
	return silent > (e->transport == PROTO_TCP ? TCP_SILENT : UDP_SILENT);
}

static void end(struct ledger *l, unsigned lane, struct ledger_entry *e)
{
	struct ledger_lane *own = &l->lane[lane];

	if ((e->state & ANSWERED) == 0)
		return;
	if (own->ring_n == LEDGER_RING)
		l->lost[lane]++;
	else
		own->ring[own->ring_n++] = *e;
}

/* ---- counting -------------------------------------------------------------------------------------------------- */

/* The one that goes for another: free, never answered, over, or silent longest, in this order. */
static struct ledger_entry *worst(struct ledger_entry *row, int64_t now_ns)
{
	struct ledger_entry *found = row;
	int rank = -1;

	for (struct ledger_entry *e = row; e < row + LEDGER_ROW; e++) {
		int r = e->transport == 0	     ? 3
			: (e->state & ANSWERED) == 0 ? 2
			: is_over(e, now_ns)	     ? 1
						     : 0;

		if (r > rank || (r == rank && e->last_ns < found->last_ns)) {
			found = e;
			rank = r;
		}
	}
	return found;
}

static bool is_between(const struct ledger_entry *e, const struct packet *p)
{
	return e->client_port == p->sport && e->server_port == p->dport &&
	       addr_equal(&e->client, &p->src) && addr_equal(&e->server, &p->dst);
}

static bool is_answer(const struct ledger_entry *e, const struct packet *p)
{
	return e->client_port == p->dport && e->server_port == p->sport &&
	       addr_equal(&e->client, &p->dst) && addr_equal(&e->server, &p->src);
}

/* Who was called? The receiver of a SYN, the sender of a SYN-ACK, else whoever has the lower port. */
static bool sender_calls(const struct packet *p)
{
	if (p->proto == PROTO_TCP && (p->tcp_flags & TCP_SYN) != 0)
		return (p->tcp_flags & TCP_ACK) == 0;
	return p->sport >= p->dport;
}

static void begin(struct ledger_entry *e, const struct packet *p)
{
	bool calls = sender_calls(p);

	*e = (struct ledger_entry){.client = calls ? p->src : p->dst,
				   .server = calls ? p->dst : p->src,
				   .client_port = calls ? p->sport : p->dport,
				   .server_port = calls ? p->dport : p->sport,
				   .transport = p->proto,
				   .vlan = p->vlan,
				   .input = (uint32_t)(p->key >> 40),
				   .first_ns = p->time_ns,
				   .last_ns = p->time_ns};
}

static void add(struct ledger_entry *e, unsigned side, const struct packet *p)
{
	e->packets[side]++;
	e->bytes[side] += p->wire_len;
	if (p->time_ns > e->last_ns)
		e->last_ns = p->time_ns;
	if (e->packets[0] > 0 && e->packets[1] > 0)
		e->state |= ANSWERED;
	if (p->proto != PROTO_TCP)
		return;
	if ((p->tcp_flags & TCP_RST) != 0)
		e->state |= RESET;
	if ((p->tcp_flags & TCP_FIN) != 0)
		e->state |= side == 0 ? CLIENT_CLOSED : SERVER_CLOSED;
}

static void count(struct ledger *l, unsigned lane, uint64_t hash, const struct packet *p)
{
	struct ledger_entry *row =
		l->lane[lane].entries + (size_t)(hash & (l->rows - 1)) * LEDGER_ROW;
	bool opens = p->proto == PROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	struct ledger_entry *e;

	for (e = row; e < row + LEDGER_ROW; e++) {
		bool mine = e->transport == p->proto && (is_between(e, p) || is_answer(e, p));

		if (!mine)
			continue;
		if (!(opens && is_closed(e)) && !is_over(e, p->time_ns)) {
			add(e, is_between(e, p) ? 0 : 1, p);
			return;
		}
		break; /* the same ports once more: another conversation */
	}
	if (e == row + LEDGER_ROW)
		e = worst(row, p->time_ns);
	if (e->transport != 0)
		end(l, lane, e);
	begin(e, p);
	add(e, is_between(e, p) ? 0 : 1, p);
}

static bool is_counted(const struct stamp *s)
{
	const struct packet *p = s->packet;

	return (p->proto == PROTO_TCP || p->proto == PROTO_UDP) && (p->flags & PACKET_L4) != 0 &&
	       (p->flags & (PACKET_OUTER | PACKET_LATER_FRAGMENT)) == 0 &&
	       (s->flags & (STAMP_SRC_OURS | STAMP_DST_OURS)) != 0;
}

void ledger_run(struct ledger *l, const struct work *work, unsigned part, unsigned parts)
{
	for (uint32_t i = 0; i < work->n; i++) {
		const struct stamp *s = &work->stamps[i];
		const struct packet *p = s->packet;
		uint64_t hash;

		if (!is_counted(s))
			continue;
		/* Ports are mixed in alike for both directions. */
		hash = hash_mix(hash_addr(&p->src) + hash_addr(&p->dst) +
				hash_mix((uint64_t)p->sport * p->dport +
					 ((uint64_t)(p->sport + p->dport) << 32)) +
				p->proto);
		if ((hash >> 58) % parts == part)
			count(l, (unsigned)(hash >> 58), hash, p);
	}
}

/* ---- records --------------------------------------------------------------------------------------------------- */

static void sweep(struct ledger *l, unsigned lane, int64_t now_ns, bool all,
		  void (*each)(void *context, const struct ledger_entry *e), void *context)
{
	struct ledger_lane *own = &l->lane[lane];

	for (uint32_t i = 0; i < own->ring_n; i++)
		each(context, &own->ring[i]);
	own->ring_n = 0;
	for (size_t i = 0; i < (size_t)l->rows * LEDGER_ROW; i++) {
		struct ledger_entry *e = &own->entries[i];

		if (e->transport == 0 || (!all && !is_over(e, now_ns)))
			continue;
		if ((e->state & ANSWERED) != 0)
			each(context, e);
		e->transport = 0;
	}
}

uint64_t ledger_take(struct ledger *l, int64_t now_ns, bool all,
		     void (*each)(void *context, const struct ledger_entry *e), void *context)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < LANES; i++) {
		sweep(l, i, now_ns, all, each, context);
		lost += l->lost[i];
	}
	return lost;
}

void ledger_each(const struct ledger *l, void (*each)(void *context, const struct ledger_entry *e),
		 void *context)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		for (size_t i = 0; i < (size_t)l->rows * LEDGER_ROW; i++) {
			const struct ledger_entry *e = &l->lane[lane].entries[i];

			if (e->transport != 0 && (e->state & ANSWERED) != 0)
				each(context, e);
		}
}
