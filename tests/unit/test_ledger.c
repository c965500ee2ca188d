/* SPDX-License-Identifier: MIT */
/*
 * The ledger of conversations against a naive list: random talk, one thread and three, gives the same records as the list;
 * what nobody answered gives none, and a flood of it pushes out nothing that was answered.
 */
#include "flow/ledger.h"

#include "base/timespan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEMORY = 32 << 20, TALKS = 150, PACKETS = 20000, RECORDS = 4096 };

struct records {
	struct ledger_entry list[RECORDS];
	size_t n;
};

static void collect(void *context, const struct ledger_entry *e)
{
	struct records *r = context;

	assert_true(r->n < RECORDS);
	r->list[r->n++] = *e;
}

struct desk {
	struct budget budget;
	struct ledger ledger;
	struct work work;
	unsigned parts;
};

static struct desk *desk_new(unsigned parts)
{
	struct desk *d = calloc(1, sizeof *d);

	assert_int_equal(budget_init(&d->budget, MEMORY), 0);
	assert_int_equal(ledger_init(&d->ledger, &d->budget, MEMORY / 2), 0);
	d->parts = parts;
	return d;
}

static void desk_free(struct desk *d)
{
	budget_fini(&d->budget);
	free(d);
}

static void see(struct desk *d, const struct packet *p)
{
	d->work.packets[0] = *p;
	d->work.stamps[0] = (struct stamp){.packet = &d->work.packets[0], .flags = STAMP_SRC_OURS};
	d->work.n = 1;
	for (unsigned i = 0; i < d->parts; i++)
		ledger_run(&d->ledger, &d->work, i, d->parts);
}

static struct packet packet(uint32_t from, uint16_t sport, uint32_t to, uint16_t dport, int64_t at)
{
	return (struct packet){.src = addr_v4(from),
			       .dst = addr_v4(to),
			       .sport = sport,
			       .dport = dport,
			       .proto = PROTO_UDP,
			       .flags = PACKET_L4,
			       .wire_len = 100,
			       .key = 1,
			       .time_ns = at};
}

static struct packet tcp(struct packet p, uint8_t flags)
{
	p.proto = PROTO_TCP;
	p.tcp_flags = flags;
	return p;
}

static int by_ports(const void *x, const void *y)
{
	const struct ledger_entry *a = x, *b = y;

	if (a->client_port != b->client_port)
		return a->client_port < b->client_port ? -1 : 1;
	return a->first_ns < b->first_ns ? -1 : a->first_ns > b->first_ns;
}

/* Talk i: host 192.0.2.i from port 10000 + i to 198.51.100.1, port 53. */
static void test_twin(void **state)
{
	struct desk *one = desk_new(1), *three = desk_new(3);
	struct records *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
	uint64_t packets[TALKS][2] = {{0}};
	size_t answered = 0;

	(void)state;
	srand(11);
	for (int i = 0; i < PACKETS; i++) {
		unsigned talk = (unsigned)rand() % TALKS;
		unsigned side =
			talk % 5 == 0 ? 0 : (unsigned)rand() % 2; /* a fifth gets no answer */
		uint32_t client = 0xc0000200 + talk, server = 0xc6336401;
		uint16_t port = (uint16_t)(10000 + talk);
		struct packet p = side == 0 ? packet(client, port, server, 53, i * 1000)
					    : packet(server, 53, client, port, i * 1000);

		packets[talk][side]++;
		see(one, &p);
		see(three, &p);
	}
	assert_int_equal(ledger_take(&one->ledger, PACKETS * 1000, false, collect, a), 0);
	assert_int_equal(a->n, 0); /* all of it goes on */
	assert_int_equal(ledger_take(&one->ledger, PACKETS * 1000, true, collect, a), 0);
	assert_int_equal(ledger_take(&three->ledger, PACKETS * 1000, true, collect, b), 0);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->list, b->list, a->n * sizeof a->list[0]);
	qsort(a->list, a->n, sizeof a->list[0], by_ports);
	for (size_t i = 0; i < TALKS; i++) {
		const struct ledger_entry *e = &a->list[answered];

		if (packets[i][0] == 0 || packets[i][1] == 0)
			continue;
		assert_int_equal(e->client_port, 10000 + i);
		assert_int_equal(e->packets[0], packets[i][0]);
		assert_int_equal(e->packets[1], packets[i][1]);
		assert_int_equal(e->bytes[1], packets[i][1] * 100);
		answered++;
	}
	assert_int_equal(answered, a->n);
	free(a);
	free(b);
	desk_free(one);
	desk_free(three);
}

static void test_ends(void **state)
{
	struct desk *d = desk_new(1);
	struct records *r = calloc(1, sizeof *r);
	struct packet out = packet(0xc0000201, 40000, 0xc6336401, 80, NS_PER_S);
	struct packet in = packet(0xc6336401, 80, 0xc0000201, 40000, NS_PER_S);

	(void)state;
	/* A SYN-ACK seen first: whoever gets it has called. */
	in = tcp(in, TCP_SYN | TCP_ACK);
	see(d, &in);
	out = tcp(out, TCP_ACK);
	see(d, &out);
	out.tcp_flags = TCP_FIN | TCP_ACK;
	see(d, &out);
	in.tcp_flags = TCP_FIN | TCP_ACK;
	see(d, &in);
	out.tcp_flags = TCP_ACK; /* the last acknowledgement is part of it */
	see(d, &out);
	/* The same ports anew. */
	out = tcp(packet(0xc0000201, 40000, 0xc6336401, 80, 2 * NS_PER_S), TCP_SYN);
	see(d, &out);
	ledger_take(&d->ledger, 2 * NS_PER_S, false, collect, r);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->list[0].client_port, 40000);
	assert_int_equal(r->list[0].packets[0], 3);
	assert_int_equal(r->list[0].packets[1], 2);
	/* Nobody answered the second: it is none. */
	ledger_take(&d->ledger, 5000 * NS_PER_S, true, collect, r);
	assert_int_equal(r->n, 1);
	/* Silence ends one, too. */
	in = packet(0xc6336401, 53, 0xc0000201, 40001, 6000 * NS_PER_S);
	out = packet(0xc0000201, 40001, 0xc6336401, 53, 6000 * NS_PER_S);
	see(d, &out);
	see(d, &in);
	ledger_take(&d->ledger, 6100 * NS_PER_S, false, collect, r);
	assert_int_equal(r->n, 1);
	ledger_take(&d->ledger, 6151 * NS_PER_S, false, collect, r);
	assert_int_equal(r->n, 2);
	free(r);
	desk_free(d);
}

static void test_flood_pushes_out_nothing_answered(void **state)
{
	struct desk *d = desk_new(1);
	struct records *r = calloc(1, sizeof *r);

	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		struct packet out = packet(0xc0000201, (uint16_t)(20000 + i), 0xc6336401, 53, 1);
		struct packet in = packet(0xc6336401, 53, 0xc0000201, (uint16_t)(20000 + i), 2);

		see(d, &out);
		see(d, &in);
	}
	for (uint32_t i = 0; i < 3000000; i++) {
		struct packet forged = packet(0xcb007100 + i, (uint16_t)i, 0xc0000201, 80, 3);

		see(d, &forged);
	}
	assert_int_equal(ledger_take(&d->ledger, 4, true, collect, r), 0);
	assert_int_equal(r->n, 100);
	free(r);
	desk_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twin),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_flood_pushes_out_nothing_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
