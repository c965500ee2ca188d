/* SPDX-License-Identifier: MIT */
/*
 * proto/dhcp6: what clients say of themselves, and messages that are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "message.h"

enum { CLIENT = 546, SERVER = 547 };

static struct parsing p;

static void fresh(uint16_t from, uint16_t to)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_dhcp6, from, to);
}

static void put_option(struct wire *w, unsigned code, const void *bytes, size_t len)
{
	put_be16(w, code);
	put_be16(w, (unsigned)len);
	put(w, bytes, len);
}
#define OPTION(w, code, text) put_option((w), (code), (text), sizeof(text) - 1)

static struct wire message(unsigned type)
{
	struct wire w = {.len = 0};

	put_be32(&w, (uint32_t)type << 24 | 0x123456);
	OPTION(&w, 1, "\0\3\0\1\2\0\x5e\0\0\1");
	return w;
}

static struct wire solicit(void)
{
	struct wire w = message(1);

	OPTION(&w, 8, "\0\0");
	OPTION(&w, 16, "\0\0\x01\x37\0\x08MSFT 5.0\0\x03two");
	OPTION(&w, 39, "\0\x06lab-pc\x04home\0");
	OPTION(&w, 6, "\0\x17\0\x18\0\x27");
	OPTION(&w, 112, "https://mud.example.com/cam.json");
	return w;
}

#define SOLICITED                                                                                  \
	"dhcp6-vendor-class sender 311:MSFT 5.0\n"                                                 \
	"dhcp6-vendor-class sender 311:two\n"                                                      \
	"dhcp6-fqdn sender lab-pc.home\n"                                                          \
	"dhcp6-parameters sender 23,24,39\n"                                                       \
	"dhcp6-mud-url sender https://mud.example.com/cam.json\n"

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void expect_refused(const struct wire *w, size_t len)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, len), MATCH_NO);
	assert_false(parsing_datagram(&p, true, w->bytes, len));
	expect_told(&p, "");
}

static void test_a_client(void **state)
{
	struct wire w = solicit();

	(void)state;
	fresh(CLIENT, SERVER);
	feed(&w);
	expect_told(&p, SOLICITED);
}

static void test_cuts(void **state)
{
	struct wire w = solicit();

	(void)state;
	for (size_t n = 0; n < w.len; n++) {
		bool mine;

		fresh(CLIENT, SERVER);
		mine = parsing_mine(&p, true, w.bytes, n) == MATCH_YES;
		assert_int_equal(parsing_datagram(&p, true, w.bytes, n), mine);
		assert_memory_equal(p.text, SOLICITED, p.len);
		assert_true(p.len == 0 || p.text[p.len - 1] == '\n');
	}
}

static void test_odd_options(void **state)
{
	static const uint8_t many[300] = {0xff, 0xff, 0xff, 0xff};
	struct wire w = message(3);
	char codes[202];

	(void)state;
	memset(codes, 0x7f, sizeof codes);
	put_option(&w, 6, codes, sizeof codes); /* 101 numbers of five digits */
	OPTION(&w, 16, "\0\0\x01");
	OPTION(&w, 16, "\0\0\x01\x37\0\x09MSFT 5.0");
	OPTION(&w, 16, "\0\0\x01\x37\0\x02\x01\x02");
	OPTION(&w, 16, "\0\0\x01\x37\0\0");
	OPTION(&w, 39, "");
	OPTION(&w, 39, "\0\x06pc");
	put_option(&w, 39, many, sizeof many);
	OPTION(&w, 112, "http://mud.example.com/");
	fresh(CLIENT, SERVER);
	feed(&w);
	assert_int_equal(p.len, strlen("dhcp6-parameters sender \n") + 33 * 6 - 1);
}

static void test_partial_names(void **state)
{
	struct wire w = message(3);

	(void)state;
	OPTION(&w, 39, "\0\x06lab-pc");
	fresh(CLIENT, SERVER);
	feed(&w);
	expect_told(&p, "dhcp6-fqdn sender lab-pc\n");
}

static void test_servers(void **state)
{
	struct wire w = message(7);

	(void)state;
	OPTION(&w, 2, "\0\3\0\1\2\0\x5e\0\0\2");
	OPTION(&w, 39, "\0\x06lab-pc");
	fresh(SERVER, CLIENT);
	feed(&w);
	expect_told(&p, "service sender dhcp6\n");
	fresh(CLIENT, SERVER);
	expect_refused(&w, w.len);
}

static void test_relays(void **state)
{
	struct wire inner = solicit(), w = {.len = 0};

	(void)state;
	put_u8(&w, 12);
	put_zeros(&w, 33);
	put_option(&w, 9, inner.bytes, inner.len);
	fresh(SERVER, SERVER);
	expect_refused(&w, w.len);
	w.bytes[0] = 13;
	expect_refused(&w, w.len);
}

static void test_look_alikes(void **state)
{
	struct wire w = solicit(), noise = {.len = 0};

	(void)state;
	fresh(CLIENT, SERVER);
	for (int i = 0; i < 200; i++)
		put_u8(&noise, (unsigned)(i * 151 + 1));
	expect_refused(&noise, noise.len);
	put_u8(&w, 0); /* does not add up */
	expect_refused(&w, w.len);
	w.len = 4; /* no options */
	expect_refused(&w, w.len);
	OPTION(&w, 6, "\0\x17"); /* does not say who it is */
	expect_refused(&w, w.len);
	w = message(1);
	OPTION(&w, 300, "x");
	expect_refused(&w, w.len);
	w = message(1);
	for (int i = 0; i < 70; i++)
		OPTION(&w, 8, "\0\0");
	expect_refused(&w, w.len);
	w = solicit();
	fresh(40000, 53);
	expect_refused(&w, w.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client),    cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_odd_options), cmocka_unit_test(test_partial_names),
		cmocka_unit_test(test_servers),	    cmocka_unit_test(test_relays),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
