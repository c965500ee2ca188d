/* SPDX-License-Identifier: MIT */
/*
 * flow/inquiry.c and verdict/answer.c: packets made by hand, inside and outside of a NAT that changes the port, before and
 * after the moment, and more connections than there is room for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verdict/answer.h"

#define S INT64_C(1000000000)
#define NOON (1477047871 * S)

enum { CAMERA = 0xc0a80114, PHONE = 0xc0a80115, ROUTER = 0xcb007105, STRANGER = 0xc6336409 };

static const struct addr addresses[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 1, 20}},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 1, 21}}};
static const struct device devices[] = {
	{.id = "camera", .local = true, .addresses = &addresses[0], .addresses_n = 1},
	{.id = "phone", .local = true, .addresses = &addresses[1], .addresses_n = 1},
};
static const struct judged judged = {.devices = devices, .devices_n = 2};
static uint64_t number;
static struct budget budget; /* of all tests together */

static struct inquiry ask(uint16_t port, int64_t within_s)
{
	const struct inquiry_question question = {
		.time_ns = NOON, .within_ns = within_s * S, .port = port};
	struct inquiry q;

	number = 0;
	assert_int_equal(inquiry_init(&q, &question, &budget, 7), 0);
	return q;
}

static struct packet tcp(int64_t at_ns, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
			 uint8_t flags, uint32_t seq)
{
	return (struct packet){.time_ns = NOON + at_ns,
			       .key = ++number,
			       .src = addr_v4(src),
			       .dst = addr_v4(dst),
			       .sport = sport,
			       .dport = dport,
			       .proto = PROTO_TCP,
			       .flags = PACKET_L4,
			       .tcp_flags = flags,
			       .ip_id = (uint16_t)number,
			       .seq = seq};
}

static void see(struct inquiry *q, struct packet p)
{
	inquiry_see(q, &p);
}

static void expect(const struct inquiry *q, size_t i, const char *id, enum confidence fit)
{
	struct answer a;

	assert_int_equal(answer_find(&a, q, &judged), 0);
	assert_true(a.n > i);
	assert_non_null(a.list[i].device);
	assert_string_equal(a.list[i].device->id, id);
	assert_int_equal(a.list[i].fit, fit);
	answer_fini(&a);
}

static size_t candidates(const struct inquiry *q, uint64_t *far_only)
{
	struct answer a;
	size_t n;

	assert_int_equal(answer_find(&a, q, &judged), 0);
	n = a.n;
	*far_only = a.far_only;
	answer_fini(&a);
	return n;
}

/* Only the inside was seen: likely when it was open, possible beside that; best first. */
static void test_inside(void **state)
{
	struct inquiry q = ask(40123, 120);
	uint64_t far_only;

	(void)state;
	see(&q, tcp(-90 * S, PHONE, 40123, STRANGER, 443, TCP_SYN, 1));
	see(&q, tcp(-1 * S, CAMERA, 40123, STRANGER, 23, TCP_SYN, 2));
	see(&q, tcp(0, STRANGER, 23, CAMERA, 40123, TCP_SYN | TCP_ACK, 3));
	see(&q, tcp(2 * S, CAMERA, 40123, STRANGER, 23, TCP_ACK, 3));
	see(&q, tcp(-121 * S, CAMERA, 40123, STRANGER, 80, TCP_SYN, 4)); /* too early */
	see(&q, tcp(0, CAMERA, 40124, STRANGER, 40123, TCP_SYN, 5));	 /* the stranger's port */
	assert_int_equal(candidates(&q, &far_only), 2);
	assert_int_equal(far_only, 1);
	expect(&q, 0, "camera", CONFIDENCE_LIKELY);
	expect(&q, 1, "phone", CONFIDENCE_POSSIBLE);
	assert_int_equal(q.packets, 5);
}

/* The router changes 5000 into 61000: asked for the one, the camera is sure; asked for the other, nobody is. */
static void nat(struct inquiry *q)
{
	see(q, tcp(S + 900, PHONE, 5000, STRANGER, 23, TCP_SYN, 77)); /* nearer, and another */
	see(q, tcp(S + 950, ROUTER, 61001, STRANGER, 23, TCP_SYN, 77));
	see(q, tcp(S, CAMERA, 5000, STRANGER, 23, TCP_SYN, 99));
	see(q, tcp(S + 1000, ROUTER, 61000, STRANGER, 23, TCP_SYN, 99));
	see(q, tcp(S + 2000, STRANGER, 23, ROUTER, 61000, TCP_SYN | TCP_ACK, 5));
	see(q, tcp(S + 3000, STRANGER, 23, CAMERA, 5000, TCP_SYN | TCP_ACK, 5));
}

static void test_nat(void **state)
{
	struct inquiry outer = ask(61000, 120), inner = ask(5000, 120);
	uint64_t far_only;

	(void)state;
	nat(&outer);
	assert_int_equal(candidates(&outer, &far_only), 1);
	expect(&outer, 0, "camera", CONFIDENCE_POSSIBLE); /* a second late */
	outer.question.time_ns += S;
	expect(&outer, 0, "camera", CONFIDENCE_SURE);
	nat(&inner);
	assert_int_equal(candidates(&inner, &far_only), 0);
}

/* A NAT that keeps the port shows two connections that have it: they are one. */
static void test_nat_keeps_port(void **state)
{
	struct inquiry q = ask(5000, 1);
	uint64_t far_only;

	(void)state;
	see(&q, tcp(0, CAMERA, 5000, STRANGER, 23, TCP_SYN, 99));
	see(&q, tcp(1000, ROUTER, 5000, STRANGER, 23, TCP_SYN, 99));
	assert_int_equal(candidates(&q, &far_only), 1);
	expect(&q, 0, "camera", CONFIDENCE_SURE);
}

/* A copy on another interface is no further packet; the same bytes later are. */
static void test_copies(void **state)
{
	struct inquiry q = ask(5000, 1);
	struct packet p = tcp(0, CAMERA, 5000, STRANGER, 23, TCP_SYN, 99);

	(void)state;
	see(&q, p);
	p.time_ns += 1000;
	see(&q, p);
	p.time_ns += S / 2;
	see(&q, p);
	assert_int_equal(q.talks[0].packets, 2);
}

/* A flood: the first connections with the port are kept, and a place for them is left when others overflow. */
static void test_full(void **state)
{
	struct inquiry q = ask(5000, 1);

	(void)state;
	for (uint32_t i = 0; i < INQUIRY_OTHERS + 10; i++)
		see(&q, tcp(0, CAMERA, (uint16_t)(6000 + i % 50000), STRANGER + i, 80, TCP_SYN, i));
	assert_int_equal(q.refused_others, 10);
	for (uint32_t i = 0; i < 1000; i++)
		see(&q, tcp(0, CAMERA, 7000, STRANGER + i, 5000, TCP_SYN, i));
	assert_int_equal(q.matches_n, INQUIRY_FAR);
	q.refused_matches = 0;
	for (uint32_t i = 0; i < INQUIRY_MATCHES - INQUIRY_FAR + 5; i++)
		see(&q, tcp(0, CAMERA, 5000, STRANGER + i, 80, TCP_SYN, i));
	assert_int_equal(q.refused_matches, 5);
	assert_int_equal(q.matches_n, INQUIRY_MATCHES);
	expect(&q, INQUIRY_MATCHES - INQUIRY_FAR - 1, "camera", CONFIDENCE_LIKELY);
}

static int take_budget(void **state)
{
	(void)state;
	return budget_init(&budget, (size_t)64 << 20);
}

static int give_budget(void **state)
{
	(void)state;
	budget_fini(&budget);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inside),	       cmocka_unit_test(test_nat),
		cmocka_unit_test(test_nat_keeps_port), cmocka_unit_test(test_copies),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, take_budget, give_budget);
}
