/* SPDX-License-Identifier: MIT */
/*
 * Tools' marks and forged senders: research-scan and spoofed-source, and how a router is told from a forger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#define TOOL "C-0003"
#define FORGER "C-0005"

static struct scene *s;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	scene_tick(s, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

static struct end target(unsigned n)
{
	return stranger(addr_v4(0xc6336400 + n), 443);
}

static struct packet zmap(struct end from, struct end to)
{
	struct packet p = make_syn(from, to, 99);

	p.ip_id = 54321;
	p.tcp_options = 0;
	return p;
}

static struct packet masscan(struct end from, struct end to)
{
	struct packet p = make_syn(from, to, 0xabcd1234);

	p.ip_id = (uint16_t)(addr_low32(&to.addr) ^ to.port ^ p.seq);
	p.tcp_options = 4;
	return p;
}

static void test_four_marks_are_a_sign(void **state)
{
	const struct finding *f;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		scene_send(s, zmap(home(20, 1), target(i)));
	assert_null(scene_finding(s, TOOL, home(20, 0)));
	scene_send(s, zmap(home(20, 1), target(3)));
	f = scene_finding(s, TOOL, home(20, 0));
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_int_equal(f->count, 4);
	assert_non_null(strstr(f->text, "ZMap"));
}

static void test_masscan_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		scene_send(s, masscan(home(20, 1), target(i)));
	assert_non_null(strstr(scene_finding(s, TOOL, home(20, 0))->text, "masscan"));
}

/* A kernel's SYNs carry options; their ids hit the mark once in 65536 packets. */
static void test_masscan_has_few_options(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct packet p = masscan(home(20, 1), target(i));

		p.tcp_options = 20;
		scene_send(s, p);
	}
	assert_null(scene_finding(s, TOOL, home(20, 0)));
}

static void test_few_marks_among_many_syns_are_chance(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		scene_send(s, zmap(home(20, 1), target(i)));
		if (i % 3 == 0)
			scene_send(s, make_syn(home(20, 1), target(i), 5));
	}
	assert_null(scene_finding(s, TOOL, home(20, 0)));
}

static void test_ipv6_has_no_such_mark(void **state)
{
	struct end from = {.addr = scene_addr("fd00::20"), .mac = scene_mac(20), .ttl = 64};

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		scene_send(s, zmap(from, stranger_at("2001:db8::1", 443)));
	assert_null(scene_finding(s, TOOL, from));
}

/* A packet of the MAC under a foreign address. */
static void forge(unsigned mac, unsigned n, uint8_t ttl)
{
	struct end from = stranger(addr_v4(0xcb007100 + n), 1000);

	from.mac = scene_mac(mac);
	from.ttl = ttl;
	scene_send(s, make_udp(from, target(1), NULL, 0));
}

static const struct finding *forger(unsigned mac)
{
	struct addr none = {{0}};
	struct mac m = scene_mac(mac);
	const struct finding *f;

	for (unsigned n = 0; (f = scene_finding_n(s, FORGER, none, n)) != NULL; n++) {
		if (f->mac == world_mac_find(&s->world, &m))
			return f;
	}
	return NULL;
}

static void speak_at_home(unsigned mac)
{
	scene_send(s, make_udp(home(mac, 5000), home(2, 53), NULL, 0));
}

static void test_a_forger_is_a_sign(void **state)
{
	const struct finding *f;
	uint64_t first;

	(void)state;
	speak_at_home(20);
	first = s->number + 1;
	for (unsigned i = 0; i < 12; i++)
		forge(20, i, 64);
	assert_null(forger(20)); /* below the floor of 16 */
	for (unsigned i = 0; i < 60; i++)
		forge(20, i, 64);
	f = forger(20);
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_int_equal(f->act, ACT_NONE);
	assert_int_equal(f->count, 72);
	assert_int_equal(f->keys[0], first);
}

/* What comes from outside to one of ours, some gateways do not count down. */
static void test_packets_to_ours_convict_no_gateway(void **state)
{
	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 1000; i++) {
		struct end from = stranger(addr_v4(0x14000000 + i * 65537), 4000);

		from.mac = scene_mac(20);
		from.ttl = 64;
		scene_send(s, make_udp(from, home(30, 23), NULL, 0));
	}
	assert_null(forger(20));
	assert_int_equal(scene_world_mac(s, scene_mac(20))->foreign, 0);
}

static struct end six(unsigned mac, unsigned network)
{
	struct end e = {
		.addr = scene_addr("2001:db8::66"), .mac = scene_mac(mac), .port = 4000, .ttl = 64};

	e.addr.b[5] = (uint8_t)network;
	return e;
}

/* A MAC may have IPv6 addresses in two networks; in more it forges, or passes on. */
static void test_global_addresses_in_many_networks(void **state)
{
	struct end to = stranger_at("2001:db8:ffff::1", 443);

	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 40; i++) {
		scene_send(s, make_udp(six(20, i), to, NULL, 0));
		assert_int_equal(scene_binding(s, six(20, i)) != NULL, i < WORLD_NETWORKS);
	}
	assert_non_null(forger(20));
	assert_int_equal(forger(20)->count, 40 - WORLD_NETWORKS);
}

/* From outside to ours it is a stranger's address, whatever its hop limit. */
static void test_a_strangers_global_address_is_not_ours(void **state)
{
	struct end ours = six(30, 1);

	(void)state;
	speak_at_home(20);
	scene_send(s, make_udp(ours, stranger_at("2001:db8:ffff::1", 443), NULL, 0));
	assert_non_null(scene_binding(s, ours));
	scene_send(s, make_udp(six(20, 9), ours, NULL, 0));
	assert_null(scene_binding(s, six(20, 9)));
}

static void test_few_foreign_addresses_are_roaming(void **state)
{
	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 1000; i++)
		forge(20, i % 3, 64);
	assert_null(forger(20));
}

static void test_a_mac_that_is_not_ours_is_not_judged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		forge(20, i, 64);
	assert_null(forger(20));
}

static void test_counted_down_packets_show_a_router(void **state)
{
	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 100; i++)
		forge(20, i, 57);
	assert_null(forger(20));
	assert_true(world_is_router(scene_world_mac(s, scene_mac(20))));
}

static void test_returning_traffic_shows_a_router(void **state)
{
	struct end through = target(9);

	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 100; i++)
		forge(20, i, 64);
	assert_non_null(forger(20));
	through.mac = scene_mac(20);
	scene_send(s, make_udp(home(30, 5000), through, NULL, 0));
	assert_null(forger(20));
}

static void test_an_advertisement_shows_a_router(void **state)
{
	static const uint8_t rest[8];
	struct end from = {.addr = scene_addr("fe80::20"), .mac = scene_mac(20), .ttl = 255};
	struct packet p = make_packet(from, stranger_at("ff02::1", 0), PROTO_ICMPV6);

	(void)state;
	speak_at_home(20);
	for (unsigned i = 0; i < 100; i++)
		forge(20, i, 64);
	p.icmp_type = 134;
	p.payload = rest;
	p.payload_len = p.payload_wire = sizeof rest;
	p.ttl = 254; /* came from elsewhere */
	scene_send(s, p);
	assert_non_null(forger(20));
	p.ttl = 255;
	scene_send(s, p);
	assert_null(forger(20));
}

/* More local addresses than a MAC may hold: they never become hosts. */
static void test_invented_neighbours(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct end from = home(0, 1000);

		from.addr = addr_v4(0x0a000000 + i);
		from.mac = scene_mac(20);
		scene_send(s, make_udp(from, target(1), NULL, 0));
	}
	assert_non_null(forger(20));
	assert_int_equal(forger(20)->count, 1000 - 64);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_four_marks_are_a_sign),
		RULE(test_masscan_is_named),
		RULE(test_masscan_has_few_options),
		RULE(test_few_marks_among_many_syns_are_chance),
		RULE(test_ipv6_has_no_such_mark),
		RULE(test_a_forger_is_a_sign),
		RULE(test_packets_to_ours_convict_no_gateway),
		RULE(test_global_addresses_in_many_networks),
		RULE(test_a_strangers_global_address_is_not_ours),
		RULE(test_few_foreign_addresses_are_roaming),
		RULE(test_a_mac_that_is_not_ours_is_not_judged),
		RULE(test_counted_down_packets_show_a_router),
		RULE(test_returning_traffic_shows_a_router),
		RULE(test_an_advertisement_shows_a_router),
		RULE(test_invented_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
