/* SPDX-License-Identifier: MIT */
/*
 * detect/breach: the loader's dialogue and its half, owners at their own console, requests that worked, and servers that
 * say yes to everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "storied.h"

#define D &detector_breach

static const struct finding *only(struct storied *s, enum weight weight, const char *holds)
{
	return the_finding(s, D, weight, holds);
}

static void types(struct storied *s, struct addr who, const char *line)
{
	told_at(s, SIGNAL_telnet_command, who, 23, PROTO_telnet_id, line);
}

static void answers(struct storied *s, struct addr who, const char *line)
{
	told_at(s, SIGNAL_telnet_output, who, 23, PROTO_telnet_id, line);
}

static void enters(struct storied *s, struct addr who, int32_t pair)
{
	log_in(s, true, who, PROTO_telnet_id, pair, LOGIN_ACCEPTED);
}

static void test_the_whole_dialogue(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	enters(s, ABROAD(9), pair_number(0, true));
	types(s, ABROAD(9), "enable");
	types(s, ABROAD(9), "system");
	types(s, ABROAD(9), "shell");
	types(s, ABROAD(9), "sh");
	types(s, ABROAD(9), "/bin/busybox MIRAI");
	answers(s, ABROAD(9), "MIRAI: applet not found");
	f = only(s, WEIGHT_PROOF,
		 "203.0.113.9 was let in with a known factory password over telnet and "
		 "typed enable, system, shell, sh, /bin/busybox MIRAI");
	assert_true(strstr(f->text, "answered \"MIRAI: applet not found\"") != NULL);
	assert_string_equal(f->family, "mirai");
	assert_int_equal(f->act, ACT_BREACHED);
	assert_int_equal(f->role, ROLE_INTRUDER);
	assert_int_equal(f->port, 23);
	assert_true(f->strong);
	assert_true(is_peer(&f->peer, ABROAD(9)));
	assert_int_equal(f->keys[0], 1);
	assert_int_equal(f->keys_n, 8);
	storied_free(s);
}

static void test_parts_of_it(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	enters(s, ABROAD(9), pair_number(0, true));
	expect_nothing(s, D); /* an exposure, and no breach */
	types(s, ABROAD(9), "enable");
	types(s, ABROAD(9), "sh");
	expect_nothing(s, D); /* a router's owner */
	types(s, ABROAD(9), "shell");
	only(s, WEIGHT_SIGN, "typed enable, shell, sh");
	types(s, ABROAD(9), "cd /tmp; /bin/busybox xkzq_1;");
	only(s, WEIGHT_SIGN, "/bin/busybox xkzq_1");
	answers(s, ABROAD(9), "xkzq_1: applet not found");
	assert_null(only(s, WEIGHT_PROOF, "xkzq_1: applet not found")->family);
	storied_free(s);
}

/* The capture lost the login, or the question. */
static void test_with_losses(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	types(s, ABROAD(9), "/bin/busybox ECCHI");
	only(s, WEIGHT_SIGN, "had a shell over telnet");
	answers(s, ABROAD(9), "ECCHI: applet not found");
	only(s, WEIGHT_PROOF, "ECCHI");
	storied_free(s);
	s = storied_new(true);
	answers(s, ABROAD(9), "ECCHI: applet not found");
	only(s, WEIGHT_PROOF, "ECCHI");
	storied_free(s);
	s = storied_new(true);
	enters(s, ABROAD(9), pair_number(0, true));
	types(s, ABROAD(9), "/bin/busybox NEWFORK");
	answers(s, ABROAD(9), "NEWFORK: applet not found");
	only(s, WEIGHT_PROOF, "NEWFORK");
	storied_free(s);
}

static void test_owners(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	enters(s, HOME(2), pair_number(0, true));
	types(s, HOME(2), "enable");
	types(s, HOME(2), "sh");
	types(s, HOME(2), "/bin/busybox tcpdump");
	answers(s, HOME(2), "tcpdump: applet not found");
	types(s, HOME(2), "/bin/busybox wget -V");
	types(s, HOME(2), "/bin/busybox --list");
	expect_nothing(s, D);
	types(s, HOME(2), "/bin/busybox mytool"); /* a word, no capital, not three words */
	answers(s, HOME(2), "mytool: applet not found");
	expect_nothing(s, D);
	storied_free(s);
	s = storied_new(true);
	types(s, HOME(2), "enable");
	types(s, HOME(2), "shell");
	types(s, HOME(2), "sh");
	types(s, HOME(2), "/bin/busybox tcpdump"); /* a program, whatever came before */
	answers(s, HOME(2), "tcpdump: applet not found");
	expect_nothing(s, D);
	storied_free(s);
	s = storied_new(true);
	enters(s, HOME(2), pair_number(0, true));
	types(s, HOME(2), "enable"); /* the console of some routers */
	types(s, HOME(2), "system");
	types(s, HOME(2), "shell");
	expect_nothing(s, D);
	types(s, HOME(2), "/bin/busybox ECCHI");
	only(s, WEIGHT_SIGN, "ECCHI");
	storied_free(s);
	s = storied_new(true);
	types(s, HOME(2), "/bin/busybox MYTOOL"); /* no login from the lists */
	answers(s, HOME(2), "MYTOOL: applet not found");
	expect_nothing(s, D);
	storied_free(s);
}

/* Somebody else's words and somebody else's login are not one story. */
static void test_two_peers(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	enters(s, HOME(2), pair_number(0, true));
	types(s, ABROAD(9), "enable");
	types(s, ABROAD(9), "shell");
	types(s, HOME(2), "sh");
	expect_nothing(s, D);
	types(s, ABROAD(9), "/bin/busybox MIRAI");
	types(s, ABROAD(8), "/bin/busybox MIRAI");
	assert_int_equal(judge_with(s, D), 2);
	storied_free(s);
}

/* Eight peers find room; those who only type a word of it make some for the one who has a token. */
static void test_hidden_among_many(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		types(s, ABROAD(100 + i), "sh");
	types(s, ABROAD(9), "enable");
	types(s, ABROAD(9), "system");
	types(s, ABROAD(9), "shell");
	types(s, ABROAD(9), "sh");
	types(s, ABROAD(9), "/bin/busybox MIRAI");
	answers(s, ABROAD(9), "MIRAI: applet not found");
	only(s, WEIGHT_PROOF,
	     "203.0.113.9 had a shell over telnet and typed enable, system, shell, sh, "
	     "/bin/busybox MIRAI");
	storied_free(s);
}

static void test_requests(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	told_at(s, SIGNAL_exploit_got, ABROAD(5), 80, PROTO_http_id, request_number("satori", 0));
	f = only(s, WEIGHT_NOTE, "203.0.113.5 sent a request that abuses");
	assert_null(f->family);
	told_at(s, SIGNAL_exploit_worked, ABROAD(5), 80, PROTO_http_id,
		request_number("satori", 0));
	f = only(s, WEIGHT_SIGN, "answered as if it were fine");
	assert_string_equal(f->family, "satori");
	assert_int_equal(f->keys_n, 2);
	assert_int_equal(f->port, 80);
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "named updates.example.com/firmware");
	only(s, WEIGHT_SIGN, "answered as if it were fine");
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/x");
	f = only(s, WEIGHT_PROOF, "then a program was fetched from 203.0.113.6");
	assert_int_equal(f->keys_n, 3);
	storied_free(s);
	s = storied_new(true); /* the program came before */
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/x");
	told_at(s, SIGNAL_exploit_worked, ABROAD(5), 80, PROTO_http_id, request_number(NULL, 0));
	only(s, WEIGHT_SIGN, "answered as if it were fine");
	storied_free(s);
}

static const char *next_title(size_t *at, const char *last)
{
	static char text[24];

	for (; *at < storied_catalogue.traits_n; (*at)++) {
		const struct trait *t = &storied_catalogue.traits[*at];

		if (t->kind == TRAIT_REQUEST && (last == NULL || strcmp(t->title, last) != 0)) {
			snprintf(text, sizeof text, "%zu", *at);
			return text;
		}
	}
	fail_msg("no more requests");
	return NULL;
}

/* A web server with one page for whatever is asked. */
static void test_who_says_yes_to_everything(void **state)
{
	struct storied *s = storied_new(true);
	char values[3][24];
	const char *last = NULL;
	size_t at = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(values[i], sizeof values[i], "%s", next_title(&at, last));
		last = storied_catalogue.traits[at].title;
		told_at(s, SIGNAL_exploit_worked, ABROAD(5), 80, PROTO_http_id, values[i]);
		only(s, i < 2 ? WEIGHT_SIGN : WEIGHT_NOTE, "as if it were fine");
	}
	storied_free(s);
}

static void test_numbers_out_of_range(void **state)
{
	static const char *const values[] = {"", "-1", "x", "999999999", "99999999999"};
	struct storied *s = storied_new(true);
	char agent[24];

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		told_at(s, SIGNAL_exploit_got, ABROAD(5), 80, PROTO_http_id, values[i]);
		told_at(s, SIGNAL_exploit_worked, ABROAD(5), 80, PROTO_http_id, values[i]);
	}
	snprintf(agent, sizeof agent, "%u", storied_catalogue.of_trait[TRAIT_AGENT]);
	told_at(s, SIGNAL_exploit_got, ABROAD(5), 80, PROTO_http_id, agent);
	expect_nothing(s, D);
	storied_free(s);
}

static void test_many_attackers(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		told_at(s, SIGNAL_exploit_got, ABROAD(i), 80, PROTO_http_id,
			request_number(NULL, 0));
	told_at(s, SIGNAL_exploit_worked, ABROAD(99), 80, PROTO_http_id, request_number(NULL, 0));
	assert_int_equal(judge_with(s, D), 8);
	assert_int_equal(s->out.list[0].weight, WEIGHT_SIGN);
	assert_true(is_peer(&s->out.list[0].peer, ABROAD(99)));
	assert_true(strstr(s->out.list[7].text, "43 others") != NULL);
	storied_free(s);
}

static void test_strangers_have_no_story_here(void **state)
{
	struct storied *s = storied_new(false);

	(void)state;
	types(s, ABROAD(9), "/bin/busybox MIRAI");
	answers(s, ABROAD(9), "MIRAI: applet not found");
	expect_nothing(s, D);
	storied_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_dialogue),
		cmocka_unit_test(test_parts_of_it),
		cmocka_unit_test(test_with_losses),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_two_peers),
		cmocka_unit_test(test_hidden_among_many),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_who_says_yes_to_everything),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_many_attackers),
		cmocka_unit_test(test_strangers_have_no_story_here),
	};

	return cmocka_run_group_tests(tests, storied_load, storied_unload);
}
