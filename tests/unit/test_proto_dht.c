/* SPDX-License-Identifier: MIT */
/* proto/dht: nodes of the hash table, and those whose number is Mozi's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"

#define NODE "abcdefghijklmnopqrst"
#define MOZI "88888888ijklmnopqrst"
#define IS(text) dialogue_mine(&proto_dht, 6881, true, (text), sizeof(text) - 1)

static void expect_node(const char *bytes, size_t len, const char *told)
{
	static struct parsing p;

	parsing_init(&p, &proto_dht, 40000, 6881);
	assert_true(parsing_datagram(&p, true, bytes, len));
	expect_told(&p, told);
	for (size_t upto = 0; upto < len; upto++)
		assert_false(parsing_datagram(&p, true, bytes, upto));
	expect_told(&p, "");
	parsing_fini(&p);
}
#define EXPECT(text, told) expect_node((text), sizeof(text) - 1, (told))

static void nodes(void **state)
{
	(void)state;
	EXPECT("d1:ad2:id20:" NODE "e1:q4:ping1:t2:aa1:y1:qe", "dht-node sender bittorrent\n");
	EXPECT("d1:rd2:id20:" NODE "e1:t2:aa1:y1:re", "dht-node sender bittorrent\n");
	EXPECT("d2:ip6:\xcb\0\x71\x05\x1a\xe1"
	       "1:rd2:id20:" NODE "e1:t2:aa1:y1:re",
	       "dht-node sender bittorrent\n");
	EXPECT("d1:ad2:bsi1e2:id20:" NODE "e1:q4:ping1:t2:aa1:y1:qe",
	       "dht-node sender bittorrent\n");
	EXPECT("d1:ad2:id20:" MOZI "6:target20:" NODE "e1:q9:find_node1:t4:aaaa1:v4:JBls1:y1:qe",
	       "dht-node sender mozi\n");
}

static void others(void **state)
{
	(void)state;
	assert_int_equal(IS("d1:ad2:id20:" NODE "e1:q4:ping1:t2:aa1:y1:qe"), MATCH_YES);
	assert_int_equal(IS("d1:ad2:id20:" NODE "e1:q4:ping1:t2:aa1:y1:q"), MATCH_NO);
	assert_int_equal(IS("d1:ad2:id20:" NODE "e1:q4:ping1:t2:aae"), MATCH_NO);
	assert_int_equal(IS("d1:ad2:id21:" NODE "xe1:q4:ping1:t2:aa1:y1:qe"), MATCH_NO);
	assert_int_equal(IS("d1:eli201e5:Errore1:t2:aa1:y1:ee"), MATCH_NO);
	assert_int_equal(IS("d4:spam4:eggse"), MATCH_NO);
	assert_int_equal(IS(""), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
