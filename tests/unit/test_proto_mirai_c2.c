/* SPDX-License-Identifier: MIT */
/* proto/mirai_c2: both ends must behave before anything is told; what looks alike is somebody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

#define HELLO "\0\0\0\1\x0btelnet.arm7"
#define ALIVE "\0\0"
#define ORDER_UDP                                                                                  \
	"\000\033\000\000\000\036\000\003\313\000\161\005\040\306\063\144\000\030\300\000\002\001\040\001\007\001\071" /* with three targets and an option; the length counts itself */
#define ORDER_HTTP                                                                                 \
	"\000\014\000\000\000\074\012\001\313\000\161\011\040\000" /* the length does not */
#define ORDER_OTHER "\000\023\000\000\000\074\041\002\313\000\161\011\040\313\000\161\012\040\000"

static void check_in_and_orders(void **state)
{
	static const struct said said[] = {C(HELLO), C(ALIVE),	   S(ALIVE),	  C(ALIVE),
					   S(ALIVE), S(ORDER_UDP), S(ORDER_HTTP), S(ORDER_OTHER)};

	(void)state;
	dialogue_expect(
		&proto_mirai_c2, 23, SAID(said),
		"c2-hello client mirai telnet.arm7\n"
		"c2-alive client mirai\n"
		"c2-alive client mirai\n"
		"c2-command client mirai flood over UDP (vector 0) for 30 s at 203.0.113.5/32"
		" and 2 others\n"
		"c2-command client mirai flood of HTTP requests (vector 10) for 60 s at"
		" 203.0.113.9/32\n"
		"c2-command client mirai flood (vector 33) for 60 s at 203.0.113.9/32 and 1"
		" other\n");
}

static void names(void **state)
{
	static const struct said none[] = {C("\0\0\0\1\0"), C(ALIVE), S(ALIVE)};
	static const struct said masked[] = {C("\0\0\0\1\5a-b;c"), C(ALIVE), S(ALIVE)};

	(void)state;
	dialogue_expect(&proto_mirai_c2, 5555, SAID(none),
			"c2-hello client mirai\nc2-alive client mirai\n");
	dialogue_expect(&proto_mirai_c2, 5555, SAID(masked),
			"c2-hello client mirai a*b*c\nc2-alive client mirai\n");
}

static uint64_t hello_at;

static void note_hello(struct telling *to, const struct talk *t, enum signal signal,
		       enum party about, struct bytes value)
{
	(void)to;
	(void)about;
	(void)value;
	if (signal == SIGNAL_c2_hello)
		hello_at = t->packet->key;
}

/* The check-in has the number of its own packet, not of the one that proved it. */
static void whose_packet(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_mirai_c2, 40000, 5555);
	p.telling.tell = note_hello;
	p.number = 6;
	CLIENT(&p, HELLO);
	SERVER(&p, ORDER_UDP);
	assert_int_equal(hello_at, 7);
	parsing_fini(&p);
}

static void variants(void **state)
{
	static const struct said moobot[] = {C("\x33\x66\x99\4arm7"), S("\x33\x66\x99"), C(ALIVE),
					     S(ALIVE)};
	static const struct said silent[] = {C("\x33\x66\x99\4arm7"), S("\x33\x66")};
	static const struct said shiina[] = {C("\1\3\3\7\4\2\0\6")};

	(void)state;
	dialogue_expect(&proto_mirai_c2, 4444, SAID(moobot),
			"c2-hello client mirai moobot arm7\nc2-alive client mirai\n");
	dialogue_expect(&proto_mirai_c2, 4444, SAID(silent), "");
	dialogue_expect(&proto_mirai_c2, 4444, SAID(shiina), "c2-hello client mirai shiina\n");
}

/* A server that says anything else, keep-alives that nobody answers, answers to nothing, lengths that lie. */
static void not_told(void **state)
{
	static const struct said login[] = {C(HELLO), S("\x1b[?1049h\xff\xfb\x01"), C(ALIVE),
					    S(ALIVE)};
	static const struct said alone[] = {C("\0\0\0\1\0"), C(ALIVE), C(ALIVE), C(ALIVE)};
	static const struct said named[] = {C(HELLO), C(ALIVE), C(ALIVE)};
	static const struct said unasked[] = {C(HELLO), S(ALIVE), S(ALIVE)};
	static const struct said long_one[] = {
		C(HELLO), S("\0\x11\0\0\0\x0a\0\1\xc0\0\2\1\x20\0\0\0\0"), C(ALIVE), S(ALIVE)};
	static const struct said prefix[] = {C(HELLO), S("\0\x0e\0\0\0\x0a\0\1\xc0\0\2\1\x21\0"),
					     C(ALIVE), S(ALIVE)};
	static const struct said more[] = {C(HELLO), C("\0\0\0\x0d"), S(ALIVE), C(ALIVE), S(ALIVE)};

	(void)state;
	dialogue_expect(&proto_mirai_c2, 23, SAID(login), "");
	dialogue_expect(&proto_mirai_c2, 23, SAID(alone), "");
	dialogue_expect(&proto_mirai_c2, 23, SAID(named), "c2-hello client mirai telnet.arm7\n");
	dialogue_expect(&proto_mirai_c2, 23, SAID(unasked), "");
	dialogue_expect(&proto_mirai_c2, 23, SAID(long_one), "");
	dialogue_expect(&proto_mirai_c2, 23, SAID(prefix), "");
	dialogue_expect(&proto_mirai_c2, 23, SAID(more), "");
}

/* One exchange of a connection that was under way: `apart` seconds after the last one. */
static void exchange(struct parsing *p, unsigned n, unsigned apart)
{
	p->number += apart;
	parsing_stream(p, true, ALIVE, 2, n == 0, false);
	parsing_stream(p, false, ALIVE, 2, n == 0, false);
}

static void joined_in_the_middle(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_mirai_c2, 40000, 23);
	p.joined = true;
	exchange(&p, 0, 60);
	exchange(&p, 1, 60);
	expect_told(&p, "");
	exchange(&p, 2, 60);
	expect_told(&p, "c2-alive client mirai\n");
	SERVER(&p, ORDER_HTTP);
	expect_told(&p, "c2-command client mirai flood of HTTP requests (vector 10) for 60 s at"
			" 203.0.113.9/32\n");
	parsing_stream(&p, false, "\x01\x02\x03", 3, true, false); /* the rest of something lost */
	exchange(&p, 3, 60);
	expect_told(&p, "c2-alive client mirai\n");
	parsing_fini(&p);
}

/* Two zero bytes many times a second, or twice before an answer, are a poll of another kind. */
static void polled(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_mirai_c2, 40000, 9000);
	p.joined = true;
	for (unsigned i = 0; i < 20; i++)
		exchange(&p, i, 0);
	for (unsigned i = 0; i < 9; i++) {
		p.number += 60;
		CLIENT(&p, ALIVE);
		exchange(&p, 1, 60);
	}
	expect_told(&p, "");
	parsing_fini(&p);
}

/* BitTorrent's choke is five bytes that look like a check-in without a name, its keep-alive is four zero bytes. */
static void choked(void **state)
{
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_mirai_c2, 40000, 6881);
	p.joined = true;
	parsing_stream(&p, true, "\0\0\0\1\0", 5, true, false);
	for (unsigned i = 0; i < 4 && !p.done; i++) {
		p.number += 110;
		SERVER(&p, "\0\0\0\0");
		CLIENT(&p, "\0\0\0\0");
	}
	expect_told(&p, "");
	assert_true(p.done);
	parsing_fini(&p);
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_mirai_c2, 23, true, HELLO), MATCH_YES);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1\0"), MATCH_YES);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1\4arm"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_mirai_c2, 99, false, ALIVE), MATCH_YES);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1\3arm7"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1\x67\x42"), MATCH_NO); /* H.264 */
	assert_int_equal(MINE(&proto_mirai_c2, 99, true, "\0\0\0\1\x09\xf0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_c2, 502, true, "\0\1\0\0\0\6"), MATCH_NO); /* Modbus */
	assert_int_equal(MINE(&proto_mirai_c2, 6881, true, "\0\0\0\0"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_c2, 445, true, "\0\0\0\x85\xffSMB"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_c2, 23, false, HELLO), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_in_and_orders),
		cmocka_unit_test(names),
		cmocka_unit_test(whose_packet),
		cmocka_unit_test(variants),
		cmocka_unit_test(not_told),
		cmocka_unit_test(joined_in_the_middle),
		cmocka_unit_test(polled),
		cmocka_unit_test(choked),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
