/* SPDX-License-Identifier: MIT */
/* proto/tftp: files asked for, without marks of one device, and programs sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

#define ASKED(name, mode) "\0\1" name "\0" mode "\0"
#define IS(text) dialogue_mine(&proto_tftp, 40001, true, (text), sizeof(text) - 1)

static void expect_datagram(const char *bytes, size_t len, const char *told)
{
	static struct parsing p;

	parsing_init(&p, &proto_tftp, 40000, 69);
	assert_int_equal(parsing_datagram(&p, true, bytes, len), told != NULL);
	expect_told(&p, told == NULL ? "" : told);
	parsing_fini(&p);
}
#define EXPECT(text, told) expect_datagram((text), sizeof(text) - 1, (told))

static void questions(void **state)
{
	(void)state;
	EXPECT(ASKED("EXAMPLE.arm7", "octet"), "file-asked sender EXAMPLE.arm7\n");
	EXPECT(ASKED("pxelinux.cfg/01-00-11-22-33-44-55", "NetASCII"),
	       "file-asked sender pxelinux.cfg/*\n");
	EXPECT(ASKED("a", "octet") "blksize\0001400\0tsize\0000\0", "file-asked sender a\n");
	EXPECT(ASKED("", "octet"), NULL);
	EXPECT(ASKED("a\n", "octet"), NULL);
	EXPECT(ASKED("a", "fast"), NULL);
	EXPECT(ASKED("a", "octet") "blksize\0", NULL);
	EXPECT("\0\1a\0octet", NULL);
	EXPECT("\0\2a\0octet\0", NULL);
}

static void programs(void **state)
{
	(void)state;
	EXPECT("\0\3\0\1\x7f"
	       "ELF\0\0\0\0",
	       "elf-raw receiver tftp\n");
	EXPECT("\0\3\0\2\x7f"
	       "ELF\0\0\0\0",
	       NULL);
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(IS(ASKED("EXAMPLE.arm7", "octet")), MATCH_YES);
	assert_int_equal(IS("\0\3\0\1\x7f"
			    "ELF"),
			 MATCH_YES);
	assert_int_equal(IS("\0\3\0\1\x7f"
			    "EL"),
			 MATCH_NO);
	assert_int_equal(IS("\0\3\0\1#!/bin/sh"), MATCH_NO);
	assert_int_equal(IS("\0\4\0\1"), MATCH_NO);
	assert_int_equal(IS(""), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions),
		cmocka_unit_test(programs),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
