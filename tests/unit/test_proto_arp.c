/* SPDX-License-Identifier: MIT */
/*
 * proto/arp: announcements, and the many ARP packets that are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../parsing.h"

enum { REQUEST = 1, REPLY = 2 };

static struct parsing p;
static const struct mac own = {{0x02, 0x00, 0x5e, 0, 0, 1}};
static const struct mac other = {{0x02, 0x00, 0x5e, 0, 0, 2}};

/* What decode makes of an ARP packet. */
static struct packet arp(uint8_t op, const char *src, const char *dst)
{
	struct packet a = {.proto = PROTO_ARP,
			   .arp_op = op,
			   .arp_mac = own,
			   .src_mac = own,
			   .flags = PACKET_HAS_MAC};

	assert_true(addr_parse(src, &a.src));
	assert_true(addr_parse(dst, &a.dst));
	return a;
}

static bool feed(const struct packet *packet)
{
	struct talk t = {.packet = packet};

	return proto_arp.datagram(&t, &p.telling);
}

static void expect(const struct packet *packet, const char *told)
{
	assert_true(feed(packet));
	expect_told(&p, told);
}

static int setup(void **state)
{
	(void)state;
	parsing_init(&p, &proto_arp, 0, 0);
	return 0;
}

static void test_announcements(void **state)
{
	struct packet a = arp(REQUEST, "192.168.1.20", "192.168.1.20");

	(void)state;
	expect(&a, "arp-announce sender 192.168.1.20\n");
	a = arp(REPLY, "192.168.1.20", "192.168.1.20");
	expect(&a, "arp-announce sender 192.168.1.20\n");
	a = arp(REPLY, "192.168.1.20", "255.255.255.255");
	expect(&a, "arp-announce sender 192.168.1.20\n");
	a = arp(REPLY, "192.168.1.20", "0.0.0.0");
	expect(&a, "arp-announce sender 192.168.1.20\n");
	a.flags = 0; /* a capture without link layer */
	expect(&a, "arp-announce sender 192.168.1.20\n");
}

static void test_others(void **state)
{
	struct packet a = arp(REQUEST, "192.168.1.20", "192.168.1.1");

	(void)state;
	expect(&a, "");
	a = arp(REPLY, "192.168.1.20", "192.168.1.1");
	expect(&a, "");
	a = arp(REQUEST, "0.0.0.0", "192.168.1.20"); /* a probe */
	expect(&a, "");
	a = arp(REQUEST, "192.168.1.20", "255.255.255.255");
	expect(&a, "");
}

static void test_nobodys_addresses(void **state)
{
	static const char *const addresses[] = {"0.0.0.0", "255.255.255.255", "224.0.0.1",
						"127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct packet a = arp(REPLY, addresses[i], addresses[i]);

		expect(&a, "");
	}
}

static void test_macs_of_others(void **state)
{
	struct packet a = arp(REPLY, "192.168.1.20", "192.168.1.20");

	(void)state;
	a.arp_mac = other;
	expect(&a, "");
	a.src_mac = a.arp_mac = (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	expect(&a, "");
	a.src_mac = a.arp_mac = (struct mac){{0}};
	expect(&a, "");
}

static void test_other_protocols(void **state)
{
	struct packet a = arp(REPLY, "192.168.1.20", "192.168.1.20");

	(void)state;
	a.proto = PROTO_UDP;
	assert_false(feed(&a));
	expect_told(&p, "");
	assert_false(parsing_datagram(&p, true, "bytes", 5));
	expect_told(&p, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_announcements),	  cmocka_unit_test(test_others),
		cmocka_unit_test(test_nobodys_addresses), cmocka_unit_test(test_macs_of_others),
		cmocka_unit_test(test_other_protocols),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
