/* SPDX-License-Identifier: MIT */
/* proto/gafgyt_c2: orders in words of ours, keep-alives that are none of NATS or IRC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static void orders(void **state)
{
	static const struct said said[] = {
		S("!* SCANNER ON\n"),
		C("EXAMPLE arm7\n"),
		S("PING\n"),
		C("PONG\n"),
		S("!* UDP 198.51.100.7 80 5 32 0 10\r\n!* HTTP victim.example 80 30\n"),
		C("sent\n"),
		S("!* SCANNER OFF\n!* GETLOCALIP\n!* LOLNOBYE\n"),
		S("!* HOLD 203.0.113.5 443 99999999\n!* EXAMPLE with text of a stranger\n"),
		S("!* JUNK 999.1.1.1 80 60\n")};

	(void)state;
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(said),
			"c2-command client gafgyt search for more devices\n"
			"c2-hello client gafgyt\n"
			"c2-alive client gafgyt\n"
			"c2-command client gafgyt flood over UDP at 198.51.100.7 for 5 s\n"
			"c2-command client gafgyt flood of HTTP requests for 30 s\n"
			"c2-command client gafgyt end the search for more devices\n"
			"c2-command client gafgyt say its address\n"
			"c2-command client gafgyt end itself\n"
			"c2-command client gafgyt flood of connections held open at 203.0.113.5\n"
			"c2-command client gafgyt order of another kind\n"
			"c2-command client gafgyt flood of connections with junk for 60 s\n");
}

/* From the second exchange on, or the first when the check-in has a known form. */
static void keep_alives(void **state)
{
	static const struct said said[] = {S("PING\n"),	  C("PONG\n"), S("PING\r\n"),
					   C("PONG\r\n"), S("PING"),   C("PONG")};
	static const struct said shouted[] = {S("PING\n"), C("PONG!\n"), S("PING\n"),
					      C("PONG!"),  S("PING\n"),	 C("PONG!\n")};
	static const struct said known[] = {C("ver:1.500000:null:\n"), S("PING\n"), C("PONG\n")};

	(void)state;
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(said),
			"c2-alive client gafgyt\nc2-alive client gafgyt\n");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(shouted),
			"c2-alive client gafgyt\nc2-alive client gafgyt\n");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(known),
			"c2-hello client gafgyt\nc2-alive client gafgyt\n");
}

static void not_told(void **state)
{
	static const struct said nats[] = {S("PING\r\n"), C("PONG\r\n"), C("PING\r\n"),
					   S("PONG\r\n"), S("PING\r\n"), C("PONG\r\n"),
					   S("PING\r\n"), C("PONG\r\n")};
	static const struct said irc[] = {S("PING :lab.example\r\n"), C("PONG :lab.example\r\n"),
					  S("PING :lab.example\r\n"), C("PONG :lab.example\r\n")};
	static const struct said chat[] = {S("PING\n"), C("PONG\n"), S("hello\n"), S("PING\n"),
					   C("PONG\n")};
	static const struct said alone[] = {S("PING\n"), S("PING\n"), C("PONG\n"), C("PONG\n"),
					    C("PONG\n")};
	static const struct said small[] = {S("!* scanner on\n"), S("!* UDP 198.51.100.7 80 5\n")};

	(void)state;
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(nats), "");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(irc), "");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(chat), "");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(alone), "");
	dialogue_expect(&proto_gafgyt_c2, 666, SAID(small), "");
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, false, "!* SCANNER"), MATCH_YES);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, false, "!* "), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, false, "!* a"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, false, "PING\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_gafgyt_c2, 4222, false, "PING\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 6667, false, "PING :a\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 6379, true, "PING\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, true, "ver:1.500000:null:\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, true, "ver"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, true, "version 1\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, true, "!* SCANNER ON\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_gafgyt_c2, 99, false, ""), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders),
		cmocka_unit_test(keep_alives),
		cmocka_unit_test(not_told),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
