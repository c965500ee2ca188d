/* SPDX-License-Identifier: MIT */
/*
 * detect/bruteforce: what a bot's guessing looks like, and who else is refused often: monitors, apps with an old password,
 * forgetful owners, administrators.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "storied.h"

#define D &detector_bruteforce

static uint8_t telnet = PROTO_telnet_id;

/* n servers, two pairs of the list at each, all refused. */
static void guess(struct storied *s, uint8_t proto, unsigned n, unsigned first)
{
	for (unsigned i = 0; i < n; i++) {
		struct addr server = first > 100 ? ABROAD(first - 100 + i) : HOME(first + i);

		log_in(s, false, server, proto, pair_number(i * 2 % 40, true), LOGIN_REFUSED);
		log_in(s, false, server, proto, pair_number((i * 2 + 1) % 40, true), LOGIN_REFUSED);
	}
}

static void test_a_bot_guesses(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	guess(s, telnet, 19, 110);
	log_in(s, false, ABROAD(80), telnet, pair_number(0, true), LOGIN_ACCEPTED);
	f = the_finding(
		s, D, WEIGHT_PROOF,
		"tried 38 passwords at 19 public addresses over telnet, 38 of them in Mirai's "
		"list");
	assert_string_equal(f->family, "mirai");
	assert_int_equal(f->act, ACT_SCANNING);
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_int_equal(f->keys_n, FINDING_PACKETS);
	assert_int_equal(f->keys[0], 2);
	assert_int_equal(f->count, 38);
	storied_free(s);
}

static void test_few_servers_are_a_sign(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	guess(s, telnet, 2, 110);
	the_finding(s, D, WEIGHT_NOTE, "at 2 public addresses");
	guess(s, telnet, 3, 110);
	assert_null(the_finding(s, D, WEIGHT_SIGN, "at 3 public addresses")->family);
	guess(s, telnet, 7, 110);
	the_finding(s, D, WEIGHT_SIGN, "at 7 public addresses");
	guess(s, telnet, 8, 110);
	the_finding(s, D, WEIGHT_PROOF, "at 8 public addresses");
	storied_free(s);
}

static void test_a_monitor_has_the_right_password(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		log_in(s, false, ABROAD(i + 1), telnet, pair_number(0, true), LOGIN_ACCEPTED);
	for (unsigned i = 0; i < 30; i++)
		log_in(s, false, HOME(i + 1), PROTO_http_id, pair_number(i, true), LOGIN_ACCEPTED);
	expect_nothing(s, D);
	storied_free(s);
}

static void test_an_old_password(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		log_in(s, false, ABROAD(1), telnet, pair_number(i % 3, true), LOGIN_REFUSED);
	expect_nothing(s, D); /* one server: an app that does not give up, a forgetful owner */
	for (unsigned i = 0; i < 30; i++)
		log_in(s, false, HOME(i + 1), PROTO_http_id, pair_number(0, true), LOGIN_REFUSED);
	for (unsigned i = 0; i < 30; i++)
		log_in(s, false, HOME(i + 1), PROTO_ftp_id, PAIR_OWN, LOGIN_REFUSED);
	expect_nothing(s, D); /* one pair at many */
	storied_free(s);
}

static void test_what_a_client_sends_unasked(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		log_in(s, false, ABROAD(i + 1), PROTO_http_id, pair_number(i, true),
		       LOGIN_UNANSWERED);
	expect_nothing(s, D);
	for (unsigned i = 0; i < 20; i++)
		log_in(s, false, ABROAD(i + 1), telnet, pair_number(i, true), LOGIN_UNANSWERED);
	the_finding(s, D, WEIGHT_PROOF, "over telnet"); /* answers were not seen */
	storied_free(s);
}

static void test_other_lists(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		log_in(s, false, ABROAD(i + 1), telnet, PAIR_OWN, LOGIN_REFUSED);
	assert_null(the_finding(s, D, WEIGHT_SIGN, "0 of them in Mirai's list")->family);
	for (unsigned i = 0; i < 4; i++)
		log_in(s, false, ABROAD(i + 1), telnet, pair_number(i, true), LOGIN_REFUSED);
	the_finding(s, D, WEIGHT_SIGN, "4 of them"); /* a third, and not most */
	for (unsigned i = 0; i < 4; i++)
		log_in(s, false, ABROAD(i + 1), telnet, pair_number(i, true), LOGIN_REFUSED);
	assert_null(the_finding(s, D, WEIGHT_PROOF, "8 of them")->family);
	storied_free(s);
}

static void test_at_home_never_proof(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	guess(s, PROTO_http_id, 30, 50);
	the_finding(s, D, WEIGHT_SIGN, "at 30 local addresses over http");
	storied_free(s);
	s = storied_new(true);
	guess(s, telnet, 30, 50);
	expect_nothing(s, D); /* worm.c tells that */
	storied_free(s);
}

static void test_ssh_shows_connections_only(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 31; i++)
		told_at(s, SIGNAL_ssh_banner, ABROAD(i), 0, PROTO_ssh_id, "SSH-2.0-lab");
	for (unsigned i = 0; i < 20; i++)
		told_at(s, SIGNAL_ssh_banner, HOME(i), 0, PROTO_ssh_id, "SSH-2.0-lab");
	for (unsigned i = 0; i < 20; i++) /* it serves */
		told_at(s, SIGNAL_ssh_banner, ABROAD(99), 22, PROTO_ssh_id, "SSH-2.0-lab");
	expect_nothing(s, D);
	told_at(s, SIGNAL_ssh_banner, ABROAD(77), 0, PROTO_ssh_id, "SSH-2.0-lab");
	the_finding(s, D, WEIGHT_SIGN, "SSH at 32 or more");
	storied_free(s);
}

static void test_words_typed_abroad(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	tells_of(s, SIGNAL_telnet_typed, ABROAD(1), "enable");
	tells_of(s, SIGNAL_telnet_typed, ABROAD(1), "sh");
	tells_of(s, SIGNAL_telnet_typed, ABROAD(1), "/bin/busybox tcpdump");
	tells_of(s, SIGNAL_telnet_typed, HOME(1), "/bin/busybox MIRAI");
	expect_nothing(s, D);
	tells_of(s, SIGNAL_telnet_typed, ABROAD(2), "/bin/busybox MIRAI");
	tells_of(s, SIGNAL_telnet_typed, ABROAD(3), "/bin/busybox MIRAI");
	tells_of(s, SIGNAL_telnet_typed, ABROAD(3), "MIRAI: applet not found");
	f = the_finding(s, D, WEIGHT_PROOF,
			"203.0.113.3 and 1 other over telnet, asking busybox for "
			"MIRAI, and had a shell");
	assert_string_equal(f->family, "mirai");
	assert_int_equal(f->role, ROLE_TARGET);
	storied_free(s);
}

static void test_strangers(void **state)
{
	struct storied *s = storied_new(false);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		tells_of(s, SIGNAL_login_tried, HOME(1 + i % 2), "telnet");
	expect_nothing(s, D);
	tells_of(s, SIGNAL_login_tried, HOME(9), "http");
	assert_int_equal(the_finding(s, D, WEIGHT_SIGN, "3 devices here, 6 times")->stranger,
			 WEIGHT_SIGN);
	storied_free(s);
	s = storied_new(false);
	tells_of(s, SIGNAL_telnet_typed, HOME(1), "/bin/busybox MIRAI");
	assert_int_equal(the_finding(s, D, WEIGHT_PROOF, "192.168.1.1")->stranger, WEIGHT_SIGN);
	storied_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bot_guesses),
		cmocka_unit_test(test_few_servers_are_a_sign),
		cmocka_unit_test(test_a_monitor_has_the_right_password),
		cmocka_unit_test(test_an_old_password),
		cmocka_unit_test(test_what_a_client_sends_unasked),
		cmocka_unit_test(test_other_lists),
		cmocka_unit_test(test_at_home_never_proof),
		cmocka_unit_test(test_ssh_shows_connections_only),
		cmocka_unit_test(test_words_typed_abroad),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, storied_load, storied_unload);
}
