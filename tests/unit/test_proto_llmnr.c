/* SPDX-License-Identifier: MIT */
/*
 * proto/llmnr: who answers for a name, and who only asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "proto/names.h"
#include "message.h"

enum { PORT = 5355 };

static struct parsing p;

static void fresh(uint16_t from, uint16_t to)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_llmnr, from, to);
}

static struct wire query(const char *name)
{
	struct wire w = {.len = 0};

	put_dns_header(&w, 0, 1, 0, 0, 0);
	put_question(&w, name, RECORD_A, CLASS_IN);
	return w;
}

static struct wire answer(unsigned flags, const char *name)
{
	struct wire w = {.len = 0};
	size_t at;

	put_dns_header(&w, flags, 1, 1, 0, 0);
	put_question(&w, name, RECORD_A, CLASS_IN);
	put_pointer(&w, 12);
	at = open_record(&w, RECORD_A, CLASS_IN, 30);
	put_be32(&w, 0xc0a80114);
	close_record(&w, at);
	return w;
}

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void test_answers(void **state)
{
	struct wire w = answer(0x8000, "LAB-PC");

	(void)state;
	fresh(PORT, 50000);
	feed(&w);
	expect_told(&p, "service sender llmnr\nllmnr-name sender LAB-PC\n");
	fresh(50000, PORT);
	feed(&w);
	expect_told(&p, "");
}

static void test_questions_tell_nothing(void **state)
{
	struct wire w = query("LAB-PC");

	(void)state;
	fresh(50000, PORT);
	feed(&w);
	expect_told(&p, "");
}

static void test_unsure_answers(void **state)
{
	static const unsigned flags[] = {0x8400, 0x8100, 0x8003};

	(void)state;
	fresh(PORT, 50000);
	for (size_t i = 0; i < 3; i++) {
		struct wire w = answer(flags[i], "LAB-PC");

		feed(&w);
		expect_told(&p, "service sender llmnr\n");
	}
}

static void test_reverse_answers(void **state)
{
	struct wire w = answer(0x8000, "20.1.168.192.in-addr.arpa");

	(void)state;
	fresh(PORT, 50000);
	feed(&w);
	expect_told(&p, "service sender llmnr\n");
}

static void test_cuts(void **state)
{
	struct wire w = answer(0x8000, "LAB-PC");

	(void)state;
	fresh(PORT, 50000);
	for (size_t n = 0; n < w.len; n++) {
		parsing_mine(&p, true, w.bytes, n);
		parsing_datagram(&p, true, w.bytes, n);
		assert_null(strstr(p.text, "llmnr-name"));
	}
}

static void expect_refused(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_NO);
}

static void test_look_alikes(void **state)
{
	struct wire w = query("LAB-PC"), noise = {.len = 0};

	(void)state;
	fresh(50000, 53);
	expect_refused(&w);
	fresh(50000, PORT);
	for (int i = 0; i < 200; i++)
		put_u8(&noise, (unsigned)(i * 151 + 7));
	expect_refused(&noise);
	assert_false(parsing_datagram(&p, true, noise.bytes, noise.len));
	put_u8(&w, 0);
	expect_refused(&w);
	w = query("");
	expect_refused(&w);
	w = query("LAB-PC");
	w.bytes[7] = 1; /* brings an answer along */
	expect_refused(&w);
	w = query("LAB-PC");
	w.bytes[w.len - 1] = 3; /* CHAOS */
	expect_refused(&w);
	w = query("LAB-PC");
	w.bytes[2] = 0x28; /* an update */
	expect_refused(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_questions_tell_nothing),
		cmocka_unit_test(test_unsure_answers),
		cmocka_unit_test(test_reverse_answers),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
