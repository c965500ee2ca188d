/* SPDX-License-Identifier: MIT */
/* proto/irc: who registers, and the orders of a channel that only bots are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static void a_bot(void **state)
{
	static const struct said said[] = {
		C("NICK lab123\r\nUSER lab 0 * :lab\r\n"),
		S(":irc.example 001 lab123 :Welcome\r\nPING :irc.example\r\n"),
		C("PONG :irc.example\r\nJOIN #lab\r\n"),
		S(":irc.example 332 lab123 #lab :.advscan EXAMPLE 100 5 0\r\n"),
		S(":boss!b@192.0.2.9 PRIVMSG #lab :!* UDP 203.0.113.7 80 30\r\n"),
		S(":boss!b@192.0.2.9 PRIVMSG #lab :.udpflood victim.example 80 10\r\n"),
		S(":boss!b@192.0.2.9 TOPIC #lab :!lab SYN 203.0.113.7 443 5\r\n")};

	(void)state;
	dialogue_expect(&proto_irc, 6667, SAID(said),
			"c2-hello client irc\n"
			"service server irc\n"
			"c2-command client irc search for more devices\n"
			"c2-command client irc flood over UDP at 203.0.113.7 for 30 s\n"
			"c2-command client irc flood over UDP for 10 s\n"
			"c2-command client irc flood of TCP SYNs at 203.0.113.7 for 5 s\n");
}

/* People and the bots that serve them. */
static void people(void **state)
{
	static const struct said said[] = {
		C("CAP LS 302\r\nNICK eve\r\nUSER eve 0 * :Eve\r\n"),
		S(":irc.example 001 eve :Welcome\r\n"),
		C("JOIN #cooking\r\nPRIVMSG #cooking :.udp 203.0.113.7 80 30\r\n"),
		S(":bob!b@192.0.2.7 PRIVMSG #cooking :!help\r\n:bob!b@192.0.2.7 PRIVMSG #cooking :!ping\r\n"),
		S(":bob!b@192.0.2.7 PRIVMSG #cooking :.... udp is hard\r\n"),
		S(":bob!b@192.0.2.7 PRIVMSG #cooking :!tcp or udp?\r\n"),
		S(":bob!b@192.0.2.7 PRIVMSG #cooking :use udp 203.0.113.7\r\n"),
		S(":bob!b@192.0.2.7 PRIVMSG eve :.udp 203.0.113.7 80 30\r\n"),
		S(":bob!b@192.0.2.7 NOTICE #cooking :.udp 203.0.113.7 80 30\r\n")};

	(void)state;
	dialogue_expect(&proto_irc, 6667, SAID(said), "c2-hello client irc\nservice server irc\n");
}

static void after_a_gap(void **state)
{
	static const char rest[] = ":b PRIVMSG #lab :.udp 203.0.113.7 1 2\r\n"
				   ":c PRIVMSG #lab :.scanall\r\n";
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_irc, 40000, 6667);
	parsing_stream(&p, false, rest, sizeof rest - 1, true, false);
	expect_told(&p, "c2-command client irc search for more devices\n");
	parsing_fini(&p);
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_irc, 99, true, "NICK lab\r\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_irc, 99, true, "NI"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_irc, 99, true, "PASS x\r\nUSER lab 0 * :l\r\n"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_irc, 99, true, "PASS x\r\nNICK lab\r\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_irc, 110, true, "USER lab\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_irc, 21, true, "USER lab\r\nPASS x\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_irc, 99, true, "PASS a\r\nPASS b\r\nPASS c\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_irc, 99, false, ":b!b@192.0.2.7 PRIVMSG #lab :hi\r\n"),
			 MATCH_YES);
	assert_int_equal(MINE(&proto_irc, 99, false, ":b!b@192.0.2.7 PRIVMSG #la"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_irc, 99, false, ": heading\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_irc, 99, true, "JOIN the club\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_irc, 99, true, ""), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bot),
		cmocka_unit_test(people),
		cmocka_unit_test(after_a_gap),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
