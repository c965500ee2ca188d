/* SPDX-License-Identifier: MIT */
/* proto/elf: a connection that begins with a program, from either side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

static void either_side(void **state)
{
	static const struct said to_client[] = {S("\x7f"
						  "ELF\0\0\0\0"),
						S("\x7f"
						  "ELF")};
	static const struct said to_server[] = {C("\x7f"
						  "ELF")};
	static const struct said other[] = {C("\x7f"
					      "ELK\x7f"
					      "ELF")};

	(void)state;
	dialogue_expect(&proto_elf, 8080, SAID(to_client), "elf-raw client tcp 8080\n");
	dialogue_expect(&proto_elf, 8080, SAID(to_server), "elf-raw server tcp 8080\n");
	dialogue_expect(&proto_elf, 8080, SAID(other), "");
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_elf, 99, false,
			      "\x7f"
			      "ELF\0"),
			 MATCH_YES);
	assert_int_equal(MINE(&proto_elf, 99, true,
			      "\x7f"
			      "EL"),
			 MATCH_MAYBE);
	assert_int_equal(MINE(&proto_elf, 99, true, "ELF"), MATCH_NO);
	assert_int_equal(MINE(&proto_elf, 99, true,
			      "\x7f"
			      "ELG"),
			 MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_side),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
