/* SPDX-License-Identifier: MIT */
/*
 * proto/nbns: names that a host has, and those that it only asks for or shares.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "proto/names.h"
#include "message.h"

enum {
	PORT = 137,
	NB = 0x20,
	NBSTAT = 0x21,
	GROUP = 0x8000,
	ACTIVE = 0x0400,
	ADDRESS = 0x0a000005
};

static struct parsing p;

static void fresh(void)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_nbns, PORT, PORT);
}

/* 15 bytes filled up with blanks, and the suffix; two letters for each byte. */
static void put_nb_name(struct wire *w, const char *name, unsigned suffix)
{
	uint8_t raw[16];

	memset(raw, ' ', 15);
	memcpy(raw, name, strlen(name));
	raw[15] = (uint8_t)suffix;
	put_u8(w, 32);
	for (int i = 0; i < 16; i++) {
		put_u8(w, 'A' + (raw[i] >> 4));
		put_u8(w, 'A' + (raw[i] & 15));
	}
	put_u8(w, 0);
}

static void put_addresses(struct wire *w, unsigned flags, uint32_t address)
{
	size_t at = open_record(w, NB, CLASS_IN, 300000);

	put_be16(w, flags);
	put_be32(w, address);
	close_record(w, at);
}

static struct wire request(unsigned opcode, unsigned flags, const char *name, unsigned suffix)
{
	struct wire w = {.len = 0};

	put_dns_header(&w, opcode << 11 | 0x0110, 1, 0, 0, 1);
	put_nb_name(&w, name, suffix);
	put_be16(&w, NB);
	put_be16(&w, CLASS_IN);
	put_pointer(&w, 12);
	put_addresses(&w, flags, ADDRESS);
	return w;
}

static struct wire query(const char *name)
{
	struct wire w = {.len = 0};

	put_dns_header(&w, 0x0110, 1, 0, 0, 0);
	put_nb_name(&w, name, 0x20);
	put_be16(&w, NB);
	put_be16(&w, CLASS_IN);
	return w;
}

static struct wire answer(unsigned flags)
{
	struct wire w = {.len = 0};

	put_dns_header(&w, 0x8500, 0, 1, 0, 0);
	put_nb_name(&w, "LAB-NAS", 0x20);
	put_addresses(&w, flags, ADDRESS);
	return w;
}

static void put_listed(struct wire *w, const char *name, unsigned suffix, unsigned flags)
{
	put(w, "               ", 15);
	memcpy(w->bytes + w->len - 15, name, strlen(name));
	put_u8(w, suffix);
	put_be16(w, flags);
}

static struct wire status(void)
{
	struct wire w = {.len = 0};
	size_t at;

	put_dns_header(&w, 0x8400, 0, 1, 0, 0);
	put_nb_name(&w, "*", 0);
	at = open_record(&w, NBSTAT, CLASS_IN, 0);
	put_u8(&w, 6);
	put_listed(&w, "LAB-NAS", 0x00, ACTIVE);
	put_listed(&w, "LAB-NAS", 0x20, ACTIVE);
	put_listed(&w, "WORKGROUP", 0x00, GROUP | ACTIVE);
	put_listed(&w, "LAB-USER", 0x03, ACTIVE);
	put_listed(&w, "OLD-NAME", 0x00, ACTIVE | 0x1000);
	put_listed(&w, "\001\002__MSBROWSE__\002", 0x01, ACTIVE);
	put_text(&w, "\x02\x01\x5e\x01\x01\x01");
	put_zeros(&w, 40);
	close_record(&w, at);
	return w;
}

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void test_registrations(void **state)
{
	static const unsigned opcodes[] = {5, 8, 9, 15};
	struct wire w;

	(void)state;
	fresh();
	for (size_t i = 0; i < 4; i++) {
		w = request(opcodes[i], 0, "LAB-NAS", 0x00);
		feed(&w);
		expect_told(&p, "nbns-name sender LAB-NAS<00>\n");
	}
	w = request(5, GROUP, "WORKGROUP", 0x1e);
	feed(&w);
	w = request(6, 0, "LAB-NAS", 0x00); /* a release */
	feed(&w);
	w = request(5, 0, "LAB-USER", 0x03);
	feed(&w);
	w = request(5, 0, "", 0x00);
	feed(&w);
	expect_told(&p, "");
}

static void test_questions_tell_nothing(void **state)
{
	struct wire w = query("LAB-NAS");

	(void)state;
	fresh();
	feed(&w);
	expect_told(&p, "");
}

static void feed_from(const struct wire *w, const char *address)
{
	struct talk t = parsing_talk(&p, true, (struct bytes){w->bytes, w->len});

	assert_true(addr_parse(address, &p.packet.src));
	assert_true(proto_nbns.datagram(&t, &p.telling));
}

static void test_answers(void **state)
{
	struct wire own = answer(0), group = answer(GROUP), wrong = answer(0);

	(void)state;
	fresh();
	feed(&own);
	expect_told(&p, "service sender nbns\nnbns-name sender LAB-NAS<20>\n");
	feed_from(&own, "10.0.0.5");
	expect_told(&p, "service sender nbns\nnbns-name sender LAB-NAS<20>\n");
	feed_from(&own, "10.0.0.1"); /* a name server, for another */
	expect_told(&p, "service sender nbns\n");
	feed(&group);
	expect_told(&p, "service sender nbns\n");
	wrong.bytes[3] = 3; /* no such name */
	feed(&wrong);
	expect_told(&p, "service sender nbns\n");
}

#define LISTED "service sender nbns\nnbns-name sender LAB-NAS<00>\nnbns-name sender LAB-NAS<20>\n"

static void test_status(void **state)
{
	struct wire w = status();

	(void)state;
	fresh();
	feed(&w);
	expect_told(&p, LISTED);
	w.bytes[56] = 255; /* promises more names than there are */
	feed(&w);
	assert_non_null(strstr(p.text, "LAB-NAS<20>"));
}

static void test_scopes(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	fresh();
	put_dns_header(&w, 0x8500, 0, 1, 0, 0);
	put_nb_name(&w, "LAB-NAS", 0x20);
	w.len--;
	put_name(&w, "scope.example");
	put_addresses(&w, 0, ADDRESS);
	feed(&w);
	expect_told(&p, "service sender nbns\nnbns-name sender LAB-NAS<20>\n");
}

static void cut(const struct wire *w)
{
	fresh();
	for (size_t n = 0; n < w->len; n++) {
		parsing_mine(&p, true, w->bytes, n);
		parsing_datagram(&p, true, w->bytes, n);
		assert_null(strstr(p.text, "nbns-name"));
	}
}

static void test_cuts(void **state)
{
	struct wire a = answer(0), s = status(), r = request(5, 0, "LAB-NAS", 0);

	(void)state;
	cut(&a);
	cut(&s);
	cut(&r);
}

static void expect_refused(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_NO);
}

static void test_look_alikes(void **state)
{
	struct wire dns = {.len = 0}, w = query("LAB-NAS"), noise = {.len = 0};

	(void)state;
	fresh();
	put_dns_header(&dns, 0x0100, 1, 0, 0, 0);
	put_question(&dns, "www.example.org", RECORD_A, CLASS_IN);
	expect_refused(&dns);
	for (int i = 0; i < 200; i++)
		put_u8(&noise, (unsigned)(i * 151 + 7));
	expect_refused(&noise);
	assert_false(parsing_datagram(&p, true, noise.bytes, noise.len));
	w.bytes[14] = 'Q'; /* beyond P */
	expect_refused(&w);
	w = query("LAB-NAS");
	w.bytes[2] = 0x18; /* no such opcode */
	expect_refused(&w);
	w = query("LAB-NAS");
	w.bytes[5] = 2;
	expect_refused(&w);
	w = query("LAB-NAS");
	parsing_fini(&p);
	parsing_init(&p, &proto_nbns, 40000, 53);
	expect_refused(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registrations), cmocka_unit_test(test_questions_tell_nothing),
		cmocka_unit_test(test_answers),	      cmocka_unit_test(test_status),
		cmocka_unit_test(test_scopes),	      cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
