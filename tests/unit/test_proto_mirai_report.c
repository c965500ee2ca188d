/* SPDX-License-Identifier: MIT */
/* proto/mirai_report: a report is told when all its lengths close, and never with the password. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

#define HEAD "\0\xcb\0\x71\x09" /* 203.0.113.9 */

static void one_report(void **state)
{
	static const struct said said[] = {C(HEAD "\0\x17\x08lab-user\x08lab-pass")};
	static const struct said empty[] = {C(HEAD "\x09\x13\x04root\0")};

	(void)state;
	dialogue_expect(&proto_mirai_report, 48101, SAID(said),
			"c2-report client mirai 203.0.113.9:23\n");
	dialogue_expect(&proto_mirai_report, 9555, SAID(empty),
			"c2-report client mirai 203.0.113.9:2323\n");
}

static void not_told(void **state)
{
	static const struct said short_one[] = {C(HEAD "\0\x17\x08lab-user\x09lab-pass")};
	static const struct said other_port[] = {C(HEAD "\0\x50\x08lab-user\x08lab-pass")};
	static const struct said nobody[] = {C("\0\x7f\0\0\1\0\x17\x08lab-user\x08lab-pass")};
	static const struct said binary[] = {C(HEAD "\0\x17\x04r\1ot\x04pass")};
	static const struct said server[] = {S("\0"), C(HEAD "\0\x17\x04root\x04pass")};

	(void)state;
	dialogue_expect(&proto_mirai_report, 48101, SAID(short_one), "");
	dialogue_expect(&proto_mirai_report, 48101, SAID(other_port), "");
	dialogue_expect(&proto_mirai_report, 48101, SAID(nobody), "");
	dialogue_expect(&proto_mirai_report, 48101, SAID(binary), "");
	dialogue_expect(&proto_mirai_report, 48101, SAID(server), "");
}

/* The opening may be lost, the bytes may not. */
static void gaps(void **state)
{
	static struct parsing p;

	(void)state;
	for (int joined = 0; joined < 2; joined++) {
		parsing_init(&p, &proto_mirai_report, 40000, 48101);
		p.joined = joined == 1;
		parsing_stream(&p, true, HEAD "\0\x17\x04root\x04pass", 17, true, true);
		expect_told(&p, joined == 1 ? "c2-report client mirai 203.0.113.9:23\n" : "");
		parsing_fini(&p);
	}
}

static void recognised(void **state)
{
	(void)state;
	assert_int_equal(MINE(&proto_mirai_report, 7, true, HEAD "\0\x17\x04root\x04pass"),
			 MATCH_YES);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, HEAD "\0\x17\x04root\x04pass!"),
			 MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, HEAD "\0\x17\x04root\x04pas"),
			 MATCH_MAYBE);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, HEAD "\0\x17\0\x04pass"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, "\0"), MATCH_MAYBE);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, "\0\0\0\1"), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_report, 7, true, ""), MATCH_NO);
	assert_int_equal(MINE(&proto_mirai_report, 7, false, HEAD "\0\x17\x04root\x04pass"),
			 MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_report),
		cmocka_unit_test(not_told),
		cmocka_unit_test(gaps),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
