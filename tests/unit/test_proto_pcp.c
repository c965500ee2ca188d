/* SPDX-License-Identifier: MIT */
/* NAT-PMP and PCP, byte by byte as in RFC 6886 and 6887. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cuts.h"

static struct parsing p;

#define HEADER_OF_ANSWER "\0\0\0\0\0\0\0\0\0\0\0\0"
#define NONCE "EXAMPLENONCE"
#define ADDRESS "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\xa8\x01\x14"

static void expect_answer(const char *at, size_t len, bool mine, const char *told)
{
	parsing_init(&p, &proto_pcp, 40000, 5351);
	assert_int_equal(parsing_mine(&p, false, at, len), mine ? MATCH_YES : MATCH_NO);
	parsing_datagram(&p, false, at, len);
	expect_told(&p, told);
	parsing_fini(&p);
}

static void expect_question(const char *at, size_t len, bool mine, const char *told)
{
	parsing_init(&p, &proto_pcp, 40000, 5351);
	assert_int_equal(parsing_mine(&p, true, at, len), mine ? MATCH_YES : MATCH_NO);
	parsing_datagram(&p, true, at, len);
	expect_told(&p, told);
	parsing_fini(&p);
}
#define ANSWER(bytes, mine, told) expect_answer((bytes), sizeof(bytes) - 1, (mine), (told))
#define QUESTION(bytes, mine, told) expect_question((bytes), sizeof(bytes) - 1, (mine), (told))

static void reads_nat_pmp(void **state)
{
	(void)state;
	QUESTION("\0\0", true, "");
	QUESTION("\0\1\0\0\x0f\xa0\x13\x88\0\0\x0e\x10", true,
		 "mapping-asked sender udp 5000 to port 4000\n");
	QUESTION("\0\2\0\0\0\x50\0\0\0\0\x0e\x10", true, "mapping-asked sender tcp 0 to port 80\n");
	/* deletions */
	QUESTION("\0\1\0\0\x0f\xa0\0\0\0\0\0\0", true, "");
	QUESTION("\0\1\0\0\0\0\0\0\0\0\0\0", true, "");
	ANSWER("\0\x80\0\0\0\0\1\0\xc0\0\2\1", true, "service sender pcp\n");
	ANSWER("\0\x81\0\0\0\0\1\0\x0f\xa0\x13\x88\0\0\x0e\x10", true,
	       "service sender pcp\nport-mapping receiver udp 5000 to port 4000\n");
	ANSWER("\0\x82\0\0\0\0\1\0\0\x50\x1f\x90\0\0\x0e\x10", true,
	       "service sender pcp\nport-mapping receiver tcp 8080 to port 80\n");
	/* refused, with all fields and without; deleted; port 0 */
	ANSWER("\0\x82\0\2\0\0\1\0\0\x50\x1f\x90\0\0\x0e\x10", true, "service sender pcp\n");
	ANSWER("\0\x81\0\1\0\0\1\0", true, "service sender pcp\n");
	ANSWER("\0\x82\0\0\0\0\1\0\0\x50\0\0\0\0\0\0", true, "service sender pcp\n");
	ANSWER("\0\x82\0\0\0\0\1\0\0\x50\0\0\0\0\x0e\x10", true, "service sender pcp\n");
}

#define MAP_ASKED(lifetime, protocol)                                                              \
	"\2\1\0\0" lifetime ADDRESS NONCE protocol "\0\0\0\x0f\xa0\x13\x88" ADDRESS
#define MAP_GIVEN(result, lifetime, protocol)                                                      \
	"\2\x81\0" result lifetime "\0\0\1\0" HEADER_OF_ANSWER NONCE protocol                      \
	"\0\0\0\x0f\xa0\x13\x88" ADDRESS
#define HOUR "\0\0\x0e\x10"
#define NEVER "\0\0\0\0"

static void reads_pcp(void **state)
{
	(void)state;
	QUESTION(MAP_ASKED(HOUR, "\x11"), true, "mapping-asked sender udp 5000 to port 4000\n");
	QUESTION(MAP_ASKED(HOUR, "\6"), true, "mapping-asked sender tcp 5000 to port 4000\n");
	QUESTION(MAP_ASKED(HOUR, "\0"), true, "");
	QUESTION(MAP_ASKED(NEVER, "\6"), true, "");
	ANSWER(MAP_GIVEN("\0", HOUR, "\x11"), true,
	       "service sender pcp\nport-mapping receiver udp 5000 to port 4000\n");
	ANSWER(MAP_GIVEN("\2", HOUR, "\x11"), true, "service sender pcp\n");
	ANSWER(MAP_GIVEN("\0", NEVER, "\x11"), true, "service sender pcp\n");
	/* an option: PREFER_FAILURE leaves it, THIRD_PARTY does not */
	QUESTION(MAP_ASKED(HOUR, "\6") "\2\0\0\0", true,
		 "mapping-asked sender tcp 5000 to port 4000\n");
	QUESTION(MAP_ASKED(HOUR, "\6") "\1\0\0\x10" ADDRESS, true, "");
	ANSWER(MAP_GIVEN("\0", HOUR, "\6") "\1\0\0\x10" ADDRESS, true, "service sender pcp\n");
	QUESTION(MAP_ASKED(HOUR, "\6") "\1\0\0\x11" ADDRESS, false, "");
	QUESTION(MAP_ASKED(HOUR, "\6") "\1\0\xff\xff", false, "");
	/* announcements and PEER */
	QUESTION("\2\0\0\0" NEVER ADDRESS, true, "");
	ANSWER("\2\x80\0\0" NEVER "\0\0\1\0" HEADER_OF_ANSWER, true, "service sender pcp\n");
	QUESTION("\2\2\0\0" HOUR ADDRESS NONCE "\6\0\0\0\0\x50\0\x50" ADDRESS "\0\x50\0\0" ADDRESS,
		 true, "");
	QUESTION("\2\2\0\0" HOUR ADDRESS NONCE, false, "");
}

static void every_cut(void **state)
{
	static const char nat_pmp[] = "\0\x81\0\0\0\0\1\0\x0f\xa0\x13\x88\0\0\x0e\x10";
	static const char pcp[] = MAP_GIVEN("\0", HOUR, "\x11") "\2\0\0\0";
	static const char told[] =
		"service sender pcp\nport-mapping receiver udp 5000 to port 4000\n";

	(void)state;
	expect_cuts(&proto_pcp, false, 40000, 5351, nat_pmp, sizeof nat_pmp - 1, told);
	expect_cuts(&proto_pcp, false, 40000, 5351, pcp, sizeof pcp - 1, told);
}

static void refuses_others(void **state)
{
	static const char asked[] = "\0\1\0\0\x0f\xa0\x13\x88\0\0\x0e\x10";
	static const char given[] = "\0\x81\0\0\0\0\1\0\x0f\xa0\x13\x88\0\0\x0e\x10";

	(void)state;
	QUESTION("", false, "");
	QUESTION("\0", false, "");
	QUESTION("\0\3\0\0\x0f\xa0\x13\x88\0\0\x0e\x10", false, "");
	QUESTION("\0\1\0\1\x0f\xa0\x13\x88\0\0\x0e\x10", false, "");
	QUESTION("\0\1\0\0\x0f\xa0\x13\x88\0\0\x0e\x10\0", false, "");
	QUESTION("\1\1\0\0\x0f\xa0\x13\x88\0\0\x0e\x10", false, "");
	QUESTION("\2\3\0\0" HOUR ADDRESS, false, "");
	QUESTION("\2\0\0\1" HOUR ADDRESS, false, "");
	ANSWER("\0\x81\1\0\0\0\1\0\x0f\xa0\x13\x88\0\0\x0e\x10", false, "");
	ANSWER("\2\x81\0\x0e" HOUR "\0\0\1\0" HEADER_OF_ANSWER, false, "");
	/* the right bytes at a wrong port, and in the wrong direction */
	parsing_init(&p, &proto_pcp, 5353, 53);
	assert_int_equal(parsing_mine(&p, true, asked, sizeof asked - 1), MATCH_NO);
	assert_int_equal(parsing_mine(&p, false, given, sizeof given - 1), MATCH_NO);
	parsing_fini(&p);
	parsing_init(&p, &proto_pcp, 40000, 5351);
	assert_int_equal(parsing_mine(&p, false, asked, sizeof asked - 1), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, given, sizeof given - 1), MATCH_NO);
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_nat_pmp),
		cmocka_unit_test(reads_pcp),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(refuses_others),
	};

	return cmocka_run_group_tests_name("proto/pcp", tests, NULL, NULL);
}
