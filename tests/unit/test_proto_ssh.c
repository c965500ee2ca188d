/* SPDX-License-Identifier: MIT */
/* proto/ssh: the version lines of both ends, and nothing behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static void both_versions(void **state)
{
	static const struct said said[] = {S("SSH-2.0-dropbear_2014.63\r\n\0\0\1\x2c\x0a\x14junk"),
					   C("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")};

	(void)state;
	dialogue_expect(&proto_ssh, 22, SAID(said),
			"ssh-banner server SSH-2.0-dropbear_2014.63\n"
			"service server ssh\n"
			"ssh-banner client SSH-2.0-OpenSSH_9.2p1 Debian-2\n");
}

static void old_version_and_lf(void **state)
{
	static const struct said said[] = {C("SSH-1.99-Cisco-1.25\n"),
					   S("be welcome\r\nSSH-1.5-x\n")};

	(void)state;
	dialogue_expect(&proto_ssh, 9022, SAID(said),
			"ssh-banner client SSH-1.99-Cisco-1.25\n"
			"ssh-banner server SSH-1.5-x\n"
			"service server ssh\n");
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_ssh, 80, false, "SSH-2.0-x\r\n"), MATCH_YES);
	assert_int_equal(MINE(&proto_ssh, 80, true, "SSH-1.99-"), MATCH_YES);
	assert_int_equal(MINE(&proto_ssh, 80, true, ""), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ssh, 80, true, "SSH"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ssh, 80, true, "SSH-2"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ssh, 80, true, "SSH-2."), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ssh, 80, true, "SSH-2.0"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_ssh, 22, true, "SSH-x"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, true, "SSH-2x0-"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, true, "SSH-2.-"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, true, "SSH-2.000-"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, true, "SSH-2.a-"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, true, "GET / HTTP/1.1\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, false, "220 ftp\r\n"), MATCH_NO);
	assert_int_equal(MINE(&proto_ssh, 22, false, "\xff\xfd\x01"), MATCH_NO);
}

/* Escapes, lines without end, a gap: nothing is told, and the conversation is let go. */
static void hostile(void **state)
{
	static struct parsing p;
	static char line[9000];

	(void)state;
	parsing_init(&p, &proto_ssh, 40000, 22);
	SERVER(&p, "SSH-2.0-\x1b[2Jx\r\n");
	CLIENT(&p, "SSH-2.0-\xffx\r\n");
	assert_true(p.done);
	expect_told(&p, "");
	parsing_fini(&p);

	memset(line, 'a', sizeof line);
	memcpy(line, "SSH-2.0-", 8);
	parsing_init(&p, &proto_ssh, 40000, 22);
	parsing_stream(&p, false, line, sizeof line, false, false);
	line[300] = '\n';
	parsing_stream(&p, true, line, 301, false, false);
	assert_true(p.done);
	expect_told(&p, "");
	parsing_fini(&p);

	for (size_t i = 0; i < sizeof line; i++)
		line[i] = i % 64 == 63 ? '\n' : '.';
	parsing_init(&p, &proto_ssh, 40000, 22);
	parsing_stream(&p, false, line, sizeof line, false, false);
	CLIENT(&p, "SSH-2.0-x\r\n");
	assert_true(p.done);
	expect_told(&p, "ssh-banner client SSH-2.0-x\n");
	parsing_fini(&p);

	parsing_init(&p, &proto_ssh, 40000, 22);
	parsing_stream(&p, false, "SSH-2.0-x\r\n", 11, true, false);
	expect_told(&p, "");
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions),
		cmocka_unit_test(old_version_and_lf),
		cmocka_unit_test(recognised),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
