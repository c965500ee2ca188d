/* SPDX-License-Identifier: MIT */
/* watch/shields: lines as the kernel writes them, lines that are none, and who is whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hold/shields.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct shields s;

static enum shield of(const char *mac, const char *addr)
{
	struct mac m = {{0}};
	struct addr a;

	assert_true(mac_parse(mac, &m));
	assert_true(addr_parse(addr, &a));
	return shields_of(&s, &m, &a, 1);
}

#define NOBODY "02:00:5e:00:53:77"

/* Addresses in these files are words as they lie in memory. */
static void word_of(const char *addr, char text[9])
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, addr, &in), 1);
	(void)snprintf(text, 9, "%08X", in.s_addr);
}

static void test_routers(void **state)
{
	char line[160], word[9];

	(void)state;
	s = (struct shields){0};
	word_of("192.0.2.1", word);
	(void)snprintf(line, sizeof line,
		       "eth0\t00000000\t%s\t0003\t0\t0\t100\t00000000\t0\t0\t0\n", word);
	shields_take_route(&s, line);
	shields_take_route(
		&s,
		"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
	(void)snprintf(line, sizeof line, "eth0\t%s\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n",
		       word);
	shields_take_route(&s, line); /* a network on the link has no router */
	assert_int_equal(s.routers_n, 1);
	shields_take_route6(
		&s,
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n");
	shields_take_route6(
		&s,
		"20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n");
	assert_int_equal(s.routers_n, 2);
	shields_take_arp(
		&s,
		"IP address       HW type     Flags       HW address            Mask     Device\n");
	shields_take_arp(
		&s,
		"192.0.2.1        0x1         0x2         02:00:5e:00:53:fe     *        eth0\n");
	shields_take_arp(
		&s,
		"192.0.2.9        0x1         0x2         02:00:5e:00:53:09     *        eth0\n");
	shields_take_arp(
		&s,
		"192.0.2.1        0x1         0x0         00:00:00:00:00:00     *        eth0\n");
	assert_int_equal(s.router_macs_n, 1);
	assert_int_equal(of("02:00:5e:00:53:fe", "192.0.2.50"), SHIELD_GATEWAY);
	assert_int_equal(of(NOBODY, "192.0.2.1"), SHIELD_GATEWAY);
	assert_int_equal(of(NOBODY, "fe80::1"), SHIELD_GATEWAY);
	assert_int_equal(of("02:00:5e:00:53:09", "192.0.2.9"), SHIELD_NONE);
}

static void test_administrators(void **state)
{
	char line[256], own[9], other[9];

	(void)state;
	s = (struct shields){0};
	word_of("192.0.2.1", own);
	word_of("192.0.2.30", other);
	(void)snprintf(line, sizeof line,
		       "   0: %s:0016 %s:D2F0 01 00000000:00000000 02:000AF 0 0 1 2\n", own, other);
	shields_take_tcp(&s, line);
	(void)snprintf(line, sizeof line, "   1: %s:0050 %s:D2F0 01 00000000:00000000\n", own, own);
	shields_take_tcp(&s, line); /* another port */
	(void)snprintf(line, sizeof line, "   2: %s:0016 %s:D2F0 06 00000000:00000000\n", own, own);
	shields_take_tcp(&s, line); /* one that ended */
	shields_take_tcp(&s, "  sl  local_address rem_address   st tx_queue rx_queue\n");
	shields_take_tcp(
		&s,
		"   3: 00000000000000000000000000000000:0016 B80D0120000001000000000030000000:D2F0 01\n");
	assert_int_equal(s.admins_n, 2);
	assert_int_equal(of(NOBODY, "192.0.2.30"), SHIELD_ADMINISTRATOR);
	assert_int_equal(of(NOBODY, "192.0.2.31"), SHIELD_NONE);
	/* An IPv4 client of a socket for both is the same client. */
	s.admins_n = 0;
	(void)snprintf(line, sizeof line,
		       "   4: 0000000000000000FFFF0000%s:0016 0000000000000000FFFF0000%s:D2F0 01\n",
		       own, other);
	shields_take_tcp(&s, line);
	assert_int_equal(of(NOBODY, "192.0.2.30"), SHIELD_ADMINISTRATOR);
	/* More than there is room for. */
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(line, sizeof line, "   5: %s:0016 %08X:D2F0 01\n", own, i);
		shields_take_tcp(&s, line);
	}
	assert_int_equal(s.admins_n, SHIELDS_ADMINS);
}

/* Of the machine that the test runs on nothing is known but that it is itself. */
static void test_this_host(void **state)
{
	(void)state;
	assert_int_equal(shields_read(&s), 0);
	assert_true(s.own_n > 0);
	assert_int_equal(of(NOBODY, "127.0.0.1"), SHIELD_THIS_HOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routers),
		cmocka_unit_test(test_administrators),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
