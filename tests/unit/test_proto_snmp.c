/* SPDX-License-Identifier: MIT */
/* proto/snmp: answers show that a community is right, descriptions lose their serial numbers, lengths must add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"

struct message {
	uint8_t bytes[600];
	size_t len;
};

/* Puts tag and length around what is there. */
static void wrap(struct message *m, uint8_t tag, size_t from)
{
	size_t n = m->len - from, head = n < 128 ? 2 : n < 256 ? 3 : 4;

	assert_true(m->len + head <= sizeof m->bytes);
	memmove(m->bytes + from + head, m->bytes + from, n);
	m->bytes[from] = tag;
	m->bytes[from + 1] = (uint8_t)(head == 2 ? n : 0x80 + head - 2);
	if (head == 4)
		m->bytes[from + 2] = (uint8_t)(n >> 8);
	m->bytes[from + head - 1] = (uint8_t)n;
	m->len += head;
}

static void put(struct message *m, uint8_t tag, const void *value, size_t n)
{
	size_t from = m->len;

	memcpy(m->bytes + m->len, value, n);
	m->len += n;
	wrap(m, tag, from);
}

static void put_small(struct message *m, uint8_t value)
{
	put(m, 2, &value, 1);
}

static const uint8_t sys_descr[] = {0x2b, 6, 1, 2, 1, 1, 1, 0};
static const uint8_t sys_name[] = {0x2b, 6, 1, 2, 1, 1, 5, 0};

/* value NULL: a request. */
static struct message message(uint8_t version, const char *community, uint8_t pdu, uint32_t id,
			      uint8_t error, const char *value)
{
	struct message m = {.len = 0};
	uint8_t number[] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
			    (uint8_t)id};
	size_t pdu_at, list, one;

	put_small(&m, version);
	put(&m, 4, community, strlen(community));
	pdu_at = m.len;
	put(&m, 2, number, sizeof number);
	put_small(&m, error);
	put_small(&m, 0);
	list = one = m.len;
	put(&m, 6, sys_name, sizeof sys_name);
	put(&m, 5, "", 0);
	wrap(&m, 0x30, one);
	one = m.len;
	put(&m, 6, sys_descr, sizeof sys_descr);
	put(&m, value == NULL ? 5 : 4, value == NULL ? "" : value,
	    value == NULL ? 0 : strlen(value));
	wrap(&m, 0x30, one);
	wrap(&m, 0x30, list);
	wrap(&m, pdu, pdu_at);
	wrap(&m, 0x30, 0);
	return m;
}

static bool offer(struct parsing *p, bool from_client, const struct message *m)
{
	return parsing_datagram(p, from_client, m->bytes, m->len);
}

static void asked_and_answered(void **state)
{
	static struct parsing p;
	struct message ask = message(1, "lab-community", 0xa0, 0x80000001, 0, NULL);
	struct message say = message(1, "lab-community", 0xa2, 0x80000001, 0,
				     "Lab Switch 24\r\nSerial Number: AB12345, FW 1.2");

	(void)state;
	parsing_init(&p, &proto_snmp, 40000, 161);
	assert_true(offer(&p, true, &ask));
	expect_told(&p, "");
	assert_true(offer(&p, false, &say));
	expect_told(&p, "service sender snmp\n"
			"login sender clear secret=lab-community no-user accepted\n"
			"snmp-system sender Lab Switch 24, FW 1.2\n");
	assert_true(offer(&p, true, &ask)); /* polled */
	assert_true(offer(&p, false, &say));
	expect_told(&p, "snmp-system sender Lab Switch 24, FW 1.2\n");
	parsing_fini(&p);
}

/* An answer that nobody asked for, to another number, to another community, with an error, from the asking end. */
static void no_answer_to_this(void **state)
{
	static struct parsing p;
	struct message ask = message(0, "public", 0xa1, 7, 0, NULL);
	struct message other = message(0, "public", 0xa2, 8, 2, "x");
	struct message community = message(0, "private", 0xa2, 7, 2, "x");
	struct message error = message(0, "public", 0xa2, 7, 16, "x");
	struct message good = message(0, "public", 0xa2, 7, 2, "x");

	(void)state;
	parsing_init(&p, &proto_snmp, 40000, 161);
	assert_true(offer(&p, false, &good));
	assert_true(offer(&p, true, &ask));
	assert_true(offer(&p, false, &other));
	assert_true(offer(&p, false, &community));
	assert_true(offer(&p, true, &good));
	expect_told(&p, "");
	assert_true(offer(&p, false, &error));
	expect_told(&p, "service sender snmp\n");
	assert_true(offer(&p, false, &good)); /* it was answered */
	expect_told(&p, "");
	for (uint32_t id = 0; id < 6; id++) {
		ask = message(0, "public", 0xa5, id, 0, NULL);
		assert_false(offer(&p, true, &ask)); /* bulk is not in version 1 */
		ask = message(1, "public", 0xa5, id, 0, NULL);
		assert_true(offer(&p, true, &ask));
	}
	good = message(0, "public", 0xa2, 1, 0, "");
	assert_true(offer(&p, false, &good)); /* pushed out by four others */
	expect_told(&p, "");
	good = message(0, "public", 0xa2, 2, 0, "");
	assert_true(offer(&p, false, &good));
	expect_told(&p, "login sender clear secret=public no-user accepted\n");
	parsing_fini(&p);
}

static void odd_communities(void **state)
{
	static const char *const odd[] = {
		"", "a\x01b",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static struct parsing p;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct message ask = message(1, odd[i], 0xa0, 1, 0, NULL);
		struct message say = message(1, odd[i], 0xa2, 1, 0, "y");

		parsing_init(&p, &proto_snmp, 40000, 161);
		assert_true(offer(&p, true, &ask));
		assert_true(offer(&p, false, &say));
		expect_told(&p, "snmp-system sender y\n");
		parsing_fini(&p);
	}
}

static void traps(void **state)
{
	static const uint8_t trap[] = {0x30, 0x24, 0x2,	 0x1,  0x0,  0x4, 0x6,	0x70, 0x75, 0x62,
				       0x6c, 0x69, 0x63, 0xa4, 0x17, 0x6, 0x4,	0x2b, 0x6,  0x1,
				       0x4,  0x40, 0x4,	 0xc0, 0x0,  0x2, 0x1,	0x2,  0x1,  0x0,
				       0x2,  0x1,  0x0,	 0x43, 0x1,  0x5, 0x30, 0x0};
	static struct parsing p;

	(void)state;
	parsing_init(&p, &proto_snmp, 40000, 162);
	assert_true(parsing_datagram(&p, true, trap, sizeof trap));
	expect_told(&p, "");
	for (size_t len = 0; len < sizeof trap; len++)
		assert_int_equal(parsing_mine(&p, true, trap, len), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, trap, sizeof trap), MATCH_YES);
	parsing_fini(&p);
}

/* Cut anywhere, or with any one byte changed: never a wrong claim, mostly not even taken. */
static void hostile(void **state)
{
	static struct parsing p;
	struct message ask = message(1, "public", 0xa0, 7, 0, NULL);
	struct message say = message(1, "public", 0xa2, 7, 0, "Lab");

	(void)state;
	for (size_t len = 0; len < say.len; len++) {
		parsing_init(&p, &proto_snmp, 40000, 161);
		offer(&p, true, &ask);
		assert_false(parsing_datagram(&p, false, say.bytes, len));
		assert_int_equal(parsing_mine(&p, false, say.bytes, len), MATCH_NO);
		expect_told(&p, "");
		parsing_fini(&p);
	}
	for (size_t i = 0; i < say.len * 256; i++) {
		struct message changed = say;

		changed.bytes[i / 256] = (uint8_t)i;
		parsing_init(&p, &proto_snmp, 40000, 161);
		offer(&p, true, &ask);
		offer(&p, false, &changed);
		assert_true(strstr(p.text, "secret") == NULL ||
			    strstr(p.text, "secret=public") != NULL);
		parsing_fini(&p);
	}
}

static void recognised(void **state)
{
	static const uint8_t ldap[] = {0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0};
	static const uint8_t v3[] = {0x30, 6, 2, 1, 3, 0x30, 1, 0};
	static struct parsing p;
	struct message big;
	char text[300];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	big = message(1, "public", 0xa2, 7, 0, text);
	parsing_init(&p, &proto_snmp, 40000, 50000);
	assert_int_equal(parsing_mine(&p, true, big.bytes, big.len), MATCH_YES);
	assert_int_equal(parsing_mine(&p, true, ldap, sizeof ldap), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, v3, sizeof v3), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, "\x30\x80\2\1\1\4\0", 7), MATCH_NO);
	assert_int_equal(parsing_mine(&p, true, "", 0), MATCH_NO);
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_and_answered),
		cmocka_unit_test(no_answer_to_this),
		cmocka_unit_test(odd_communities),
		cmocka_unit_test(traps),
		cmocka_unit_test(hostile),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
