/* SPDX-License-Identifier: MIT */
/*
 * proto/dhcp: what clients say of themselves, options in pieces and in odd places, relays and servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"
#include "message.h"

enum {
	SERVER = 67,
	CLIENT = 68,
	CIADDR = 12,
	YIADDR = 16,
	GIADDR = 24,
	CHADDR = 28,
	SNAME = 44,
	FILE_AT = 108,
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5,
	NAK = 6,
	LEASEQUERY = 10
};

static struct parsing p;
static const uint8_t mac[6] = {0x02, 0x00, 0x5e, 0, 0, 1};

static void fresh(uint16_t from, uint16_t to)
{
	parsing_fini(&p);
	parsing_init(&p, &proto_dhcp, from, to);
}

static struct wire message(unsigned op, unsigned type)
{
	struct wire w = {.len = 0};

	put_u8(&w, op);
	put_u8(&w, 1);
	put_u8(&w, 6);
	put_u8(&w, 0);
	put_be32(&w, 0x12345678);
	put_zeros(&w, CHADDR - 8);
	put(&w, mac, sizeof mac);
	put_zeros(&w, 10 + 64 + 128);
	put_be32(&w, 0x63825363);
	put_u8(&w, 53);
	put_short(&w, (const char[]){(char)type, '\0'});
	return w;
}

static void put_option(struct wire *w, unsigned code, const char *text)
{
	put_u8(w, code);
	put_short(w, text);
}

static struct wire discover(void)
{
	struct wire w = message(1, DISCOVER);

	put_u8(&w, 61);
	put_u8(&w, 7);
	put_u8(&w, 1);
	put(&w, mac, sizeof mac);
	put_option(&w, 12, "LAB-CAM");
	put_u8(&w, 0);
	put_option(&w, 55, "\x01\x03\x06\x0c\x0f\x1c\x2a");
	put_option(&w, 60, "udhcp 1.22.1");
	put_option(&w, 161, "https://mud.example.com/cam.json");
	put_u8(&w, 255);
	return w;
}

#define DISCOVERED                                                                                 \
	"dhcp-host-name sender LAB-CAM\n"                                                          \
	"dhcp-parameters sender 1,3,6,12,15,28,42\n"                                               \
	"dhcp-vendor-class sender udhcp 1.22.1\n"                                                  \
	"dhcp-mud-url sender https://mud.example.com/cam.json\n"

static void feed(const struct wire *w)
{
	assert_int_equal(parsing_mine(&p, true, w->bytes, w->len), MATCH_YES);
	assert_true(parsing_datagram(&p, true, w->bytes, w->len));
}

static void test_a_client(void **state)
{
	struct wire w = discover();

	(void)state;
	fresh(CLIENT, SERVER);
	feed(&w);
	expect_told(&p, DISCOVERED);
	put_zeros(&w, 30); /* padding behind the end */
	feed(&w);
	expect_told(&p, DISCOVERED);
}

/* Only where an option ends may a message end; then what stands before is whole. */
static void test_cuts(void **state)
{
	struct wire w = discover();

	(void)state;
	for (size_t n = 0; n < w.len; n++) {
		fresh(CLIENT, SERVER);
		parsing_mine(&p, true, w.bytes, n);
		parsing_datagram(&p, true, w.bytes, n);
		assert_memory_equal(p.text, DISCOVERED, p.len);
		assert_true(p.len == 0 || p.text[p.len - 1] == '\n');
	}
}

static void test_pieces(void **state)
{
	struct wire w = message(1, REQUEST);

	(void)state;
	put_option(&w, 60, "AXIS,Network ");
	put_option(&w, 12, "cam");
	put_option(&w, 60, "Camera,LAB,5.1");
	put_u8(&w, 255);
	fresh(CLIENT, SERVER);
	feed(&w);
	expect_told(&p, "dhcp-host-name sender cam\n"
			"dhcp-vendor-class sender AXIS,Network Camera,LAB,5.1\n");
}

/* Where = 1: file, 2: sname, 3: both, in this order. */
static struct wire overloaded(unsigned where)
{
	struct wire w = message(1, REQUEST);

	put_u8(&w, 52);
	put_short(&w, (const char[]){(char)where, '\0'});
	put_option(&w, 12, "a");
	put_u8(&w, 255);
	memcpy(w.bytes + FILE_AT,
	       "\x0c\x01"
	       "b"
	       "\xff",
	       4);
	memcpy(w.bytes + SNAME,
	       "\x0c\x01"
	       "c"
	       "\xff",
	       4);
	return w;
}

static void test_overload(void **state)
{
	static const char *const expected[] = {
		"dhcp-host-name sender a\n", "dhcp-host-name sender ab\n",
		"dhcp-host-name sender ac\n", "dhcp-host-name sender abc\n"};

	(void)state;
	fresh(CLIENT, SERVER);
	for (unsigned where = 0; where < 4; where++) {
		struct wire w = overloaded(where > 0 ? where : 4); /* 4 means nothing */

		feed(&w);
		expect_told(&p, expected[where]);
	}
}

static void test_too_long(void **state)
{
	struct wire w = message(1, REQUEST);
	char text[201];

	(void)state;
	memset(text, 'x', 200);
	text[200] = '\0';
	put_option(&w, 12, text);
	put_option(&w, 12, text);
	fresh(CLIENT, SERVER);
	assert_false(parsing_datagram(&p, true, w.bytes, w.len));
	expect_told(&p, "");
	w = message(1, REQUEST);
	memset(text, 200, 100);
	text[100] = '\0';
	put_option(&w, 55, text); /* 50 numbers of three digits fit */
	feed(&w);
	assert_int_equal(p.len, strlen("dhcp-parameters sender \n") + 199);
	w = message(1, REQUEST);
	memset(text, 'x', 200);
	memcpy(text, "https://", 8);
	put_option(&w, 161, text);
	put_option(&w, 161, "y");
	p.len = 0;
	p.text[0] = '\0';
	feed(&w);
	expect_told(&p, "");
}

static const char *client_id(const char *id, size_t len)
{
	struct wire w = message(1, REQUEST);

	put_u8(&w, 61);
	put_u8(&w, (unsigned)len);
	put(&w, id, len);
	put_u8(&w, 255);
	fresh(CLIENT, SERVER);
	feed(&w);
	return p.text;
}
#define CLIENT_ID(text) client_id(text, sizeof(text) - 1)

static void test_client_ids(void **state)
{
	(void)state;
	assert_string_equal(CLIENT_ID("\0lab-camera"), "dhcp-client-id sender lab-camera\n");
	assert_string_equal(CLIENT_ID("lab-camera"), "dhcp-client-id sender lab-camera\n");
	assert_string_equal(CLIENT_ID("\x01\x02\x00\x5e\x00\x00\x01"), "");
	assert_string_equal(CLIENT_ID("\xff\x5e\x00\x00\x01\x00\x01\x02"), "");
	assert_string_equal(CLIENT_ID("\0lab-0200.5e00.0001-Gi0"), "");
	assert_string_equal(CLIENT_ID("02:00:5E:00:00:01"), "");
	assert_string_equal(CLIENT_ID("7d1f0c52-0c1a-4b5e-9f7e-0242ac120002"), "");
	assert_string_equal(CLIENT_ID("unit 20240117"), "");
	assert_string_equal(CLIENT_ID("\0"), "");
	assert_string_equal(CLIENT_ID("123"), "");
}

static const char *fqdn(const char *option, size_t len)
{
	struct wire w = message(1, REQUEST);

	put_u8(&w, 81);
	put_u8(&w, (unsigned)len);
	put(&w, option, len);
	fresh(CLIENT, SERVER);
	feed(&w);
	return p.text;
}
#define FQDN(text) fqdn(text, sizeof(text) - 1)

static void test_fqdns(void **state)
{
	(void)state;
	assert_string_equal(FQDN("\0\0\0lab-pc.home"), "dhcp-fqdn sender lab-pc.home\n");
	assert_string_equal(FQDN("\x05\0\0\x06lab-pc\x04home\0"), "dhcp-fqdn sender lab-pc.home\n");
	assert_string_equal(FQDN("\x05\0\0\x06lab-pc"), "dhcp-fqdn sender lab-pc\n");
	assert_string_equal(FQDN("\x05\0\0\x07lab-pc"), "");
	assert_string_equal(FQDN("\0\0"), "");
	assert_string_equal(FQDN("\0\0\0"), "");
}

static void test_relays(void **state)
{
	struct wire w = discover();

	(void)state;
	fresh(SERVER, SERVER);
	w.bytes[GIADDR] = 10;
	feed(&w);
	expect_told(&p, "");
}

static void feed_as(const struct wire *w, const char *address, const uint8_t sender[6])
{
	struct talk t = parsing_talk(&p, true, (struct bytes){w->bytes, w->len});

	if (address != NULL)
		assert_true(addr_parse(address, &p.packet.src));
	memcpy(p.packet.src_mac.b, sender, 6);
	p.packet.flags |= PACKET_HAS_MAC;
	assert_true(proto_dhcp.datagram(&t, &p.telling));
}

static void test_senders(void **state)
{
	static const uint8_t other[6] = {0x02, 0x00, 0x5e, 0, 0, 2};
	struct wire w = discover();

	(void)state;
	fresh(CLIENT, SERVER);
	feed_as(&w, "0.0.0.0", mac);
	expect_told(&p, DISCOVERED);
	feed_as(&w, NULL, mac);
	expect_told(&p, DISCOVERED);
	feed_as(&w, "0.0.0.0", other); /* a repeater, or somebody who wants all addresses */
	expect_told(&p, "");
	memcpy(w.bytes + CIADDR, "\xc0\xa8\x01\x14", 4);
	feed_as(&w, "192.168.1.20", other); /* beyond a router */
	expect_told(&p, DISCOVERED);
	feed_as(&w, "192.168.1.21", other);
	expect_told(&p, "");
}

static struct wire offer(unsigned type)
{
	struct wire w = message(2, type);

	memcpy(w.bytes + YIADDR, "\xc0\xa8\x01\x14", 4);
	put_option(&w, 54, "\xc0\xa8\x01\x01");
	put_option(&w, 12, "LAB-CAM");
	put_option(&w, 60, "udhcp 1.22.1");
	put_u8(&w, 255);
	return w;
}

static void test_servers(void **state)
{
	struct wire w = offer(OFFER);

	(void)state;
	fresh(SERVER, CLIENT);
	feed(&w);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n");
	w = offer(ACK);
	feed(&w);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n");
	w = offer(NAK);
	feed(&w);
	expect_told(&p, "");
	w = offer(ACK);
	w.bytes[GIADDR] = 10;
	feed(&w);
	expect_told(&p, "");
	w = offer(OFFER); /* boot files only */
	memset(w.bytes + YIADDR, 0, 4);
	feed(&w);
	expect_told(&p, "");
}

static void feed_to(const struct wire *w, const char *address, const uint8_t receiver[6])
{
	struct talk t = parsing_talk(&p, true, (struct bytes){w->bytes, w->len});

	assert_true(addr_parse(address, &p.packet.dst));
	memcpy(p.packet.dst_mac.b, receiver, 6);
	p.packet.flags |= PACKET_HAS_MAC;
	assert_true(proto_dhcp.datagram(&t, &p.telling));
}

/* An acknowledgement to the client alone says what it is called; one to all, or through a repeater, does not. */
static void test_names_given(void **state)
{
	static const uint8_t other[6] = {0x02, 0x00, 0x5e, 0, 0, 2};
	struct wire w = offer(ACK);

	(void)state;
	fresh(SERVER, CLIENT);
	feed_to(&w, "192.168.1.20", mac);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n"
			"dhcp-host-name receiver LAB-CAM\n");
	feed_to(&w, "255.255.255.255", mac);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n");
	feed_to(&w, "192.168.1.20", other);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n");
	w = offer(OFFER);
	feed_to(&w, "192.168.1.20", mac);
	expect_told(&p, "service sender dhcp\ndhcp-server sender server\n");
}

static void test_other_types(void **state)
{
	struct wire w = message(1, LEASEQUERY);

	(void)state;
	put_option(&w, 12, "LAB-CAM");
	fresh(CLIENT, SERVER);
	feed(&w);
	expect_told(&p, "");
	w = message(1, DISCOVER); /* two types at once */
	put_option(&w, 53, "\x02");
	assert_false(parsing_datagram(&p, true, w.bytes, w.len));
	w = message(1, DISCOVER);
	w.len = 240; /* BOOTP has none */
	assert_false(parsing_datagram(&p, true, w.bytes, w.len));
}

static void test_look_alikes(void **state)
{
	struct wire w = discover(), noise = {.len = 0};

	(void)state;
	for (int i = 0; i < 400; i++)
		put_u8(&noise, (unsigned)(i * 151 + 7));
	fresh(CLIENT, SERVER);
	assert_int_equal(parsing_mine(&p, true, noise.bytes, noise.len), MATCH_NO);
	assert_false(parsing_datagram(&p, true, noise.bytes, noise.len));
	assert_int_equal(parsing_mine(&p, true, w.bytes, 239), MATCH_NO);
	assert_int_equal(parsing_mine(&p, false, w.bytes, w.len), MATCH_NO);
	assert_false(parsing_datagram(&p, false, w.bytes, w.len));
	w.bytes[2] = 17; /* longer than the field */
	assert_int_equal(parsing_mine(&p, true, w.bytes, w.len), MATCH_NO);
	w = discover();
	w.bytes[0] = 3;
	assert_int_equal(parsing_mine(&p, true, w.bytes, w.len), MATCH_NO);
	w = discover();
	fresh(40000, 40001);
	assert_int_equal(parsing_mine(&p, true, w.bytes, w.len), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client),    cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_pieces),	    cmocka_unit_test(test_overload),
		cmocka_unit_test(test_too_long),    cmocka_unit_test(test_client_ids),
		cmocka_unit_test(test_fqdns),	    cmocka_unit_test(test_relays),
		cmocka_unit_test(test_senders),	    cmocka_unit_test(test_servers),
		cmocka_unit_test(test_names_given), cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
