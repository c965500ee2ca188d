/* SPDX-License-Identifier: MIT */
/*
 * proto/dns as a protocol: which datagrams are DNS on whatever port, and which names are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "draw.h"
#include "message.h"
#include "proto/names.h"

enum { EDNS = 41 };

static struct parsing p;

static void fresh(uint16_t from, uint16_t to)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_dns, from, to);
}

static struct wire query(const char *name)
{
	struct wire w = {.len = 0};

	put_dns_header(&w, 0x0100, 1, 0, 0, 0);
	put_question(&w, name, RECORD_A, CLASS_IN);
	return w;
}

static struct wire answer(unsigned flags)
{
	struct wire w = {.len = 0};
	size_t at;

	put_dns_header(&w, flags, 1, 1, 0, 0);
	put_question(&w, "www.example.org", RECORD_A, CLASS_IN);
	put_pointer(&w, 12);
	at = open_record(&w, RECORD_A, CLASS_IN, 300);
	put_be32(&w, 0xc0000207);
	close_record(&w, at);
	return w;
}

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void expect_refused(const struct wire *w, size_t len)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, len), MATCH_NO);
}

static void test_questions(void **state)
{
	struct wire w = query("WWW.Example.ORG");
	size_t at;

	(void)state;
	fresh(40000, 53);
	feed(&w);
	expect_told(&p, "dns-name sender www.example.org\n");
	put_u8(&w, 0);
	w.bytes[11] = 1;
	at = open_record(&w, EDNS, 1232, 0);
	close_record(&w, at);
	feed(&w);
	expect_told(&p, "dns-name sender www.example.org\n");
	fresh(40000, 5300); /* on any port */
	feed(&w);
	expect_told(&p, "dns-name sender www.example.org\n");
}

/* Devices ask for hosts that bear their own number. */
static void test_marks_of_one_device(void **state)
{
	struct wire w = query("0011223344ff.iot.example.org");

	(void)state;
	fresh(40000, 53);
	feed(&w);
	expect_told(&p, "dns-name sender *.iot.example.org\n");
}

static void test_names_of_no_cloud(void **state)
{
	static const char *const names[] = {"20.1.168.192.in-addr.arpa", "1.0.ip6.arpa",
					    "_http._tcp.local", "local", ""};

	(void)state;
	fresh(40000, 53);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct wire w = query(names[i]);

		feed(&w);
		expect_told(&p, "");
	}
}

static void test_answers(void **state)
{
	static const struct {
		unsigned flags;
		const char *told;
	} cases[] = {{0x8180, "service sender dns\n"},
		     {0x8183, "service sender dns\n"},
		     {0x8182, ""},
		     {0x8185, ""}};

	(void)state;
	fresh(53, 40000);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire w = answer(cases[i].flags);

		feed(&w);
		expect_told(&p, cases[i].told);
	}
}

static void test_cuts(void **state)
{
	struct wire q = query("www.example.org"), a = answer(0x8180);
	size_t question = q.len;

	(void)state;
	for (size_t n = 0; n < a.len; n++) {
		fresh(40000, 53);
		expect_refused(&q, n < q.len ? n : 0);
		parsing_datagram(&p, true, q.bytes, n < q.len ? n : 0);
		expect_told(&p, "");
		fresh(40000, 5300);
		expect_refused(&a, n);
		fresh(53, 40000); /* here an answer may be cut behind its question */
		assert_int_equal(parsing_mine(&p, true, a.bytes, n),
				 n >= question ? MATCH_YES : MATCH_NO);
		parsing_datagram(&p, true, a.bytes, n);
	}
}

static void test_messages_that_do_not_add_up(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} changes[] = {
		{2, 0x28}, /* opcode UPDATE */
		{3, 0x40}, /* a reserved bit */
		{3, 0x03}, /* an error in a question */
		{5, 0},	   {5, 2}, {7, 1}, {9, 1}, {11, 1}, {11, 3}, {30, 0}, /* type 0 */
		{32, 3},						      /* CHAOS */
		{32, 0},
	};
	struct wire w;

	(void)state;
	fresh(40000, 53);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		w = query("www.example.org");
		w.bytes[changes[i].at] = changes[i].value;
		expect_refused(&w, w.len);
	}
	w = query("www.example.org");
	w.bytes[32] = 255; /* any class */
	feed(&w);
	w.bytes[31] = 0x80; /* the bit of mDNS */
	feed(&w);
	put_u8(&w, 0);
	expect_refused(&w, w.len);
	w = query("www.example.org");
	w.bytes[12] = 0xc0;
	w.bytes[13] = 12;
	expect_refused(&w, w.len);
	assert_false(parsing_datagram(&p, true, w.bytes, w.len));
}

/* Random datagrams of any length, on any port: none of them is DNS. */
static void test_random_datagrams(void **state)
{
	struct draw d = draw_from(11);

	(void)state;
	fresh(40000, 40001);
	for (int round = 0; round < 50000; round++) {
		struct wire w = {.len = 1 + draw_below(&d, 300)};

		for (size_t i = 0; i < w.len; i++)
			w.bytes[i] = (uint8_t)draw(&d);
		expect_refused(&w, w.len);
	}
}

/* A port that others use too; zeros after the first bytes are usual. */
static void test_look_alikes(void **state)
{
	struct wire quic = {.len = 0}, ntp = {.len = 0}, stun = {.len = 0}, game = {.len = 0};

	(void)state;
	fresh(443, 40000);
	put_u8(&quic, 0xc3);
	put_be32(&quic, 1);
	put_short(&quic, "abcdefgh");
	put_zeros(&quic, 1200);
	expect_refused(&quic, quic.len);
	put_be32(&ntp, 0x230006ec);
	put_zeros(&ntp, 44);
	expect_refused(&ntp, ntp.len);
	put_be32(&stun, 0x00010000);
	put_be32(&stun, 0x2112a442);
	put_text(&stun, "transaction!");
	expect_refused(&stun, stun.len);
	put_dns_header(&game, 0, 1, 0, 0, 0); /* by chance a header, then no name */
	put_text(&game, "hello");
	expect_refused(&game, game.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_marks_of_one_device),
		cmocka_unit_test(test_names_of_no_cloud),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_messages_that_do_not_add_up),
		cmocka_unit_test(test_random_datagrams),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
