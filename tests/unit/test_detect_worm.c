/* SPDX-License-Identifier: MIT */
/*
 * detect/worm: requests that take devices over, telnet at home, doors opened for strangers, programs served; and owners who
 * look for weaknesses, recorders that map their own ports, servers with downloads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "storied.h"

#define D &detector_worm

static const struct finding *only(struct storied *s, enum weight weight, const char *holds)
{
	return the_finding(s, D, weight, holds);
}

static void test_requests(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	tells_of(s, SIGNAL_exploit_sent, ABROAD(1), request_number("satori", 0));
	tells_of(s, SIGNAL_exploit_sent, ABROAD(1), request_number("satori", 1));
	f = only(s, WEIGHT_SIGN, "to 1 public address, first to 203.0.113.1");
	assert_string_equal(f->family, "satori");
	assert_int_equal(f->act, ACT_SCANNING);
	tells_of(s, SIGNAL_exploit_sent, ABROAD(2), request_number("satori", 0));
	f = only(s, WEIGHT_PROOF, "to 2 public addresses");
	assert_int_equal(f->stranger, WEIGHT_SIGN);
	assert_int_equal(f->keys_n, 3);
	tells_of(s, SIGNAL_exploit_sent, ABROAD(2), request_number(NULL, 0));
	assert_null(only(s, WEIGHT_PROOF, "to 2 public addresses")->family);
	storied_free(s);
}

static void test_an_owners_scanner(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		tells_of(s, SIGNAL_exploit_sent, HOME(i + 1), request_number(NULL, i % 5));
	only(s, WEIGHT_SIGN, "to 20 local addresses");
	storied_free(s);
}

static void test_strangers(void **state)
{
	struct storied *s = storied_new(false);

	(void)state;
	tells_of(s, SIGNAL_exploit_sent, HOME(1), request_number(NULL, 0));
	tells_of(s, SIGNAL_elf_served, ABROAD(1), "bare 203.0.113.20/Mozi.m");
	assert_int_equal(only(s, WEIGHT_SIGN, "local address")->stranger, WEIGHT_SIGN);
	storied_free(s);
}

static void test_telnet_at_home(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		log_in(s, false, HOME(i + 30), PROTO_telnet_id, pair_number(0, true),
		       LOGIN_REFUSED);
	expect_nothing(s, D); /* one old password at thirty devices */
	storied_free(s);
	s = storied_new(true);
	for (unsigned i = 0; i < 8; i++)
		log_in(s, false, HOME(30 + i % 2), PROTO_telnet_id, pair_number(i, true),
		       LOGIN_REFUSED);
	expect_nothing(s, D); /* two devices */
	for (unsigned i = 0; i < 60; i++)
		log_in(s, false, HOME(30 + i), PROTO_telnet_id, pair_number(i % 20, true),
		       LOGIN_REFUSED);
	only(s, WEIGHT_SIGN, "at 60 devices of its own network");
	storied_free(s);
}

static void test_words_at_home(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_telnet_typed, HOME(30), "/bin/busybox tcpdump");
	tells_of(s, SIGNAL_telnet_typed, ABROAD(1), "/bin/busybox MIRAI"); /* bruteforce.c's */
	expect_nothing(s, D);
	tells_of(s, SIGNAL_telnet_typed, HOME(30), "/bin/busybox MIRAI");
	only(s, WEIGHT_SIGN, "first at 192.168.1.30, asking busybox for MIRAI");
	storied_free(s);
}

static void test_mappings(void **state)
{
	static const struct {
		const char *value;
		bool found;
	} cases[] = {
		{"tcp 23 to 192.168.1.20:23", true},
		{"tcp 2323 to port 8000", true},
		{"tcp 8000 to port 23", true},
		{"tcp 8080 to 192.168.1.20:80", false},
		{"tcp 23 to 192.168.1.21:23", false}, /* for somebody else */
		{"tcp 23 to 192.168.1.200:23", false},
		{"udp 34567 to 192.168.1.20:34567", false},
		{"tcp 23", false},
		{"", false},
		{"tcp to 192.168.1.20", false},
		{"tcp 99999 to port 99999", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct storied *s = storied_new(true);

		tells_of(s, SIGNAL_port_mapping, HOME(1), cases[i].value);
		if (judge_with(s, D) != cases[i].found)
			fail_msg("%s", cases[i].value);
		storied_free(s);
	}
}

static void test_a_door_and_a_program(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_port_mapping, HOME(1), "tcp 4711 to 192.168.1.20:4711");
	expect_nothing(s, D);
	told_at(s, SIGNAL_elf_served, ABROAD(3), 4711, PROTO_http_id, "bare 203.0.113.20:4711/i");
	assert_int_equal(judge_with(s, D), 2);
	assert_true(strstr(s->out.list[0].text, "TCP port 4711, and gave them a program") != NULL);
	assert_int_equal(s->out.list[0].weight, WEIGHT_SIGN);
	assert_int_equal(s->out.list[1].weight, WEIGHT_SIGN);
	storied_free(s);
}

static void test_programs_served(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	told_at(s, SIGNAL_elf_served, ABROAD(3), 80, PROTO_http_id, "named www.example.com/setup");
	told_at(s, SIGNAL_elf_served, HOME(3), 80, PROTO_http_id, "bare 192.168.1.20/tool");
	expect_nothing(s, D); /* downloads for people, and a file server at home */
	told_at(s, SIGNAL_elf_served, ABROAD(3), 4711, PROTO_http_id, "bare 203.0.113.20:4711/i");
	only(s, WEIGHT_SIGN, "gave strangers a program (ELF) 1 time");
	told_at(s, SIGNAL_elf_served, ABROAD(4), 4711, PROTO_http_id,
		"bare 203.0.113.20:4711/Mozi.m");
	assert_string_equal(only(s, WEIGHT_PROOF, "2 times, first 203.0.113.4")->family, "mozi");
	storied_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_an_owners_scanner),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_telnet_at_home),
		cmocka_unit_test(test_words_at_home),
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_a_door_and_a_program),
		cmocka_unit_test(test_programs_served),
	};

	return cmocka_run_group_tests(tests, storied_load, storied_unload);
}
