/* SPDX-License-Identifier: MIT */
/*
 * proto/nd: prefixes of routers that offer themselves, and advertisements that do not count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "draw.h"
#include "message.h"

#include <stdlib.h>

static struct parsing p;

static struct packet advertisement(void)
{
	struct packet a = {.proto = PROTO_ICMPV6, .icmp_type = 134, .ttl = 255, .flags = PACKET_V6};

	assert_true(addr_parse("fe80::1", &a.src));
	return a;
}

/* Bytes behind the checksum: hop limit, flags, lifetime, two timers. */
static struct wire head(unsigned lifetime)
{
	struct wire w = {.len = 0};

	put_u8(&w, 64);
	put_u8(&w, 0);
	put_be16(&w, lifetime);
	put_zeros(&w, 8);
	return w;
}

static void put_prefix(struct wire *w, const char *text, unsigned bits, uint32_t valid)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	put_u8(w, 3);
	put_u8(w, 4);
	put_u8(w, bits);
	put_u8(w, 0xc0);
	put_be32(w, valid);
	put_be32(w, valid / 2);
	put_be32(w, 0);
	put(w, a.b, 16);
}

static struct wire home(unsigned lifetime)
{
	struct wire w = head(lifetime);

	put(&w, "\x01\x01\x02\x00\x5e\x00\x00\x01", 8); /* link-layer address */
	put_prefix(&w, "2001:db8::", 64, 86400);
	put_prefix(&w, "fd00:1:2:3::", 64, 86400);
	return w;
}

#define HOME "nd-router sender 2001:db8::/64\nnd-router sender fd00:1:2:3::/64\n"

/* Reads from a heap block of exactly that size, so that a read past the end is seen. */
static bool feed(const struct packet *packet, const struct wire *w, size_t len)
{
	uint8_t *block = malloc(len + (len == 0));
	struct talk t = {.packet = packet, .data = {block, len}};
	bool fine;

	memcpy(block, w->bytes, len);
	fine = proto_nd.datagram(&t, &p.telling);
	free(block);
	return fine;
}

static void forget(void)
{
	p.len = 0;
	p.text[0] = '\0';
}

static int setup(void **state)
{
	(void)state;
	parsing_init(&p, &proto_nd, 0, 0);
	return 0;
}

static void test_a_router(void **state)
{
	struct packet a = advertisement();
	struct wire w = home(1800);

	(void)state;
	assert_true(feed(&a, &w, w.len));
	expect_told(&p, HOME);
	w = home(0); /* no default router */
	assert_true(feed(&a, &w, w.len));
	expect_told(&p, "");
}

static void test_cuts(void **state)
{
	struct packet a = advertisement();
	struct wire w = home(1800);

	(void)state;
	for (size_t n = 0; n < w.len; n++) {
		bool whole = n == 12 || n == 20 || n == 52;

		assert_int_equal(feed(&a, &w, n), whole);
		assert_memory_equal(p.text, HOME, p.len);
		assert_true(p.len == 0 || p.text[p.len - 1] == '\n');
		forget();
	}
}

static void test_prefixes_that_do_not_count(void **state)
{
	struct packet a = advertisement();
	struct wire w = head(1800);

	(void)state;
	put_prefix(&w, "fe80::", 64, 86400);
	put_prefix(&w, "ff02::", 64, 86400);
	put_prefix(&w, "192.0.2.0", 64, 86400);
	put_prefix(&w, "2001:db8:1::", 0, 86400);
	put_prefix(&w, "2001:db8:2::", 129, 86400);
	put_prefix(&w, "2001:db8:3::", 64, 0);
	put_prefix(&w, "2001:db8:4:5:ffff::1", 61, 86400);
	put(&w, "\x03\x01\x40\xc0\x00\x00\x00\x01", 8); /* too short an option */
	assert_true(feed(&a, &w, w.len));
	expect_told(&p, "nd-router sender 2001:db8:4::/61\n");
}

static void test_many_prefixes(void **state)
{
	struct packet a = advertisement();
	struct wire w = head(1800);

	(void)state;
	for (int i = 0; i < 40; i++)
		put_prefix(&w, "2001:db8::", 64, 86400);
	assert_true(feed(&a, &w, w.len));
	assert_int_equal(p.len, 16 * strlen("nd-router sender 2001:db8::/64\n"));
	forget();
}

static void test_an_option_without_length(void **state)
{
	struct packet a = advertisement();
	struct wire w = head(1800);

	(void)state;
	put_zeros(&w, 8);
	assert_false(feed(&a, &w, w.len));
	expect_told(&p, "");
}

static void expect_refused(const struct packet *a)
{
	struct wire w = home(1800);

	assert_false(feed(a, &w, w.len));
	expect_told(&p, "");
}

static void test_other_packets(void **state)
{
	struct packet a = advertisement();

	(void)state;
	a.ttl = 254;
	expect_refused(&a);
	a = advertisement();
	a.icmp_type = 136;
	expect_refused(&a);
	a = advertisement();
	a.icmp_code = 1;
	expect_refused(&a);
	a = advertisement();
	a.proto = PROTO_ICMP;
	expect_refused(&a);
	a = advertisement();
	assert_true(addr_parse("2001:db8::1", &a.src));
	expect_refused(&a);
}

static void test_random_bytes(void **state)
{
	struct packet a = advertisement();
	struct draw d = draw_from(9);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct wire w = home(1800);

		for (int i = 0; i < 3; i++)
			w.bytes[draw_below(&d, w.len)] = (uint8_t)draw(&d);
		feed(&a, &w, draw_below(&d, w.len + 1));
		forget();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_router),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_prefixes_that_do_not_count),
		cmocka_unit_test(test_many_prefixes),
		cmocka_unit_test(test_an_option_without_length),
		cmocka_unit_test(test_other_packets),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
