/* SPDX-License-Identifier: MIT */
/*
 * identify/relays and identify/devices: from bindings to devices. Each test plays a small household and looks at who
 * is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/arena.h"
#include "identify/devices.h"
#include "identify/relays.h"

static struct scene *s;
static struct arena arena;
static struct devices devices;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	arena = (struct arena){0};
	devices = (struct devices){0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	devices_fini(&devices);
	arena_fini(&arena);
	scene_free(s);
	return 0;
}

static void reduce(void)
{
	devices_fini(&devices);
	devices_reduce(&devices, &s->world, &arena);
	assert_false(devices.failed);
}

static const struct identity *find(const char *id)
{
	for (size_t i = 0; i < devices.n; i++) {
		if (strcmp(devices.list[i].id, id) == 0)
			return &devices.list[i];
	}
	return NULL;
}

/* The device of home(n)'s MAC. */
static const struct identity *of_mac(unsigned n)
{
	struct mac m = scene_mac(n);
	char text[MAC_TEXT_MAX], id[64];

	snprintf(id, sizeof id, "mac:%s", mac_text(&m, text));
	return find(id);
}

static struct end server(void)
{
	return stranger_at("198.51.100.1", 443);
}

/* home(mac) under the address of home(address). */
static struct end as(unsigned mac, unsigned address)
{
	struct end e = home(address, 4000);

	e.mac = scene_mac(mac);
	return e;
}

static struct end six(unsigned mac, const char *address)
{
	struct end e = as(mac, 1);

	e.addr = scene_addr(address);
	return e;
}

static void speak(struct end e)
{
	scene_after(s, 10, make_udp(e, home(1, 53), NULL, 0));
}

static void lease(struct end e)
{
	uint8_t bytes[260] = {2, 1, 6, 0};

	memcpy(bytes + 16, e.addr.b + 12, 4);
	memcpy(bytes + 28, e.mac.b, 6);
	memcpy(bytes + 236, "\x63\x82\x53\x63\x35\x01\x05\xff", 8);
	scene_after(s, 10,
		    make_udp(home(1, 67), stranger_at("255.255.255.255", 68), bytes, sizeof bytes));
}

static void test_one_host(void **state)
{
	const struct identity *d;

	(void)state;
	speak(home(20, 1));
	speak(home(20, 1));
	reduce();
	assert_int_equal(devices.n, 1);
	d = of_mac(20);
	assert_string_equal(d->id, "mac:02:00:5e:00:53:14");
	assert_true(d->local && d->own_mac && d->bound && !d->conflict && !d->two_way);
	assert_int_equal(d->backed, BACKED_MAC);
	assert_int_equal(d->packets, 2);
	assert_int_equal(d->unicast, 2);
	assert_int_equal(d->via, NO_MAC);
	assert_int_equal(d->addresses_n, 1);
	assert_int_equal(d->last_ns - d->first_ns, 10 * NS_PER_MS);
}

static void test_ipv4_and_ipv6_are_one_host(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		speak(home(20, 1));
		speak(six(20, "fe80::20"));
		speak(six(20, "fd00::20"));
		speak(six(20, "fd00::1234")); /* a temporary address */
	}
	reduce();
	assert_int_equal(devices.n, 1);
	assert_int_equal(of_mac(20)->addresses_n, 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(addr_compare(&of_mac(20)->addresses[i - 1], &of_mac(20)->addresses[i]) <
			    0);
}

/* One after the other, and ARP or DHCP tells of each change. */
static void test_succession_is_one_host(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		if (i % 2 == 0)
			lease(as(20, 100 + i));
		else
			scene_send(s, make_arp(as(20, 100 + i), home(1, 0).addr, 1));
		speak(as(20, 100 + i));
		speak(as(20, 100 + i));
	}
	reduce();
	assert_int_equal(devices.n, 2); /* and who gave the leases */
	assert_int_equal(of_mac(20)->addresses_n, 10);
}

/* The same without either: as many hosts behind a router that was not seen to count down. */
static void test_succession_that_nothing_tells_of(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		speak(as(20, 100 + i));
	reduce();
	assert_int_equal(devices.n, 10);
	assert_null(of_mac(20));
	assert_int_equal(find("ip:192.168.1.100")->backed, BACKED_ADDRESS);
}

/* One address that nothing tells of, after nine that ARP did: hosts behind the one who claims. */
static void test_one_gap_breaks_the_succession(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		if (i != 1)
			scene_send(s, make_arp(as(20, 100 + i), home(1, 0).addr, 1));
		speak(as(20, 100 + i));
	}
	reduce();
	assert_int_equal(devices.n, 3);
	assert_non_null(find("ip:192.168.1.101"));
}

static void test_ipv6_addresses_need_no_telling(void **state)
{
	(void)state;
	speak(as(20, 100));
	speak(six(20, "fd00::20"));
	speak(six(20, "fd00::1234"));
	reduce();
	assert_int_equal(devices.n, 1);
	assert_non_null(of_mac(20));
}

static void test_two_at_once_are_behind_a_relay(void **state)
{
	struct mac m = scene_mac(20);

	(void)state;
	speak(as(20, 100));
	speak(as(20, 101));
	speak(as(20, 100));
	reduce();
	assert_int_equal(devices.n, 2);
	assert_null(of_mac(20));
	assert_int_equal(find("ip:192.168.1.100")->via, world_mac_find(&s->world, &m));
	assert_int_equal(find("ip:192.168.1.100")->packets, 2);
	assert_int_equal(find("ip:192.168.1.101")->backed, BACKED_ADDRESS);
	assert_false(find("ip:192.168.1.101")->own_mac);
}

static void test_two_link_local_addresses_at_once_too(void **state)
{
	(void)state;
	speak(six(20, "fe80::1:1"));
	speak(six(20, "fe80::1:2"));
	speak(six(20, "fe80::1:1"));
	reduce();
	assert_int_equal(devices.n, 2);
	assert_non_null(find("ip:fe80::1:1"));
}

/* A lease renewed to another address while old connections go on. */
static void test_two_leases_are_one_host(void **state)
{
	(void)state;
	lease(as(20, 100));
	speak(as(20, 100));
	lease(as(20, 101));
	speak(as(20, 101));
	speak(as(20, 100));
	reduce();
	assert_non_null(of_mac(20));
	assert_int_equal(of_mac(20)->addresses_n, 2);
	assert_int_equal(of_mac(20)->backed, BACKED_TWO_WAY);
}

/* The lease is the relay's own. */
static void test_a_lease_and_an_address_of_its_own_are_two(void **state)
{
	const struct end leased = as(20, 100);

	(void)state;
	lease(leased);
	speak(leased);
	speak(as(20, 101));
	speak(leased);
	reduce();
	assert_int_equal(devices.n, 3);
	assert_int_equal(of_mac(20)->addresses_n, 1);
	assert_true(addr_equal(&of_mac(20)->addresses[0], &leased.addr));
	assert_non_null(find("ip:192.168.1.101"));
}

static void test_two_leases_and_another_leave_the_mac_to_nobody(void **state)
{
	(void)state;
	lease(as(20, 100));
	lease(as(20, 101));
	speak(as(20, 100));
	speak(as(20, 101));
	speak(as(20, 102));
	reduce();
	assert_null(of_mac(20));
	assert_int_equal(devices.n, 4);
}

/* The one address that a relay claims by ARP is its own. */
static void test_a_relays_own_address(void **state)
{
	(void)state;
	scene_send(s, make_arp(as(20, 100), home(1, 0).addr, 2));
	speak(as(20, 101));
	speak(as(20, 102));
	speak(as(20, 101));
	speak(as(20, 100));
	reduce();
	assert_int_equal(devices.n, 3);
	assert_int_equal(of_mac(20)->addresses_n, 1);
	assert_non_null(find("ip:192.168.1.101"));
	scene_send(s, make_arp(as(20, 102), home(1, 0).addr, 2)); /* a proxy: none is */
	reduce();
	assert_null(of_mac(20));
	assert_int_equal(devices.n, 3);
}

/* Claimed, but never spoken from: no second host, until it speaks. */
static void test_an_address_left_over_from_set_up(void **state)
{
	(void)state;
	scene_send(s, make_arp(as(20, 100), home(1, 0).addr, 1));
	scene_send(s, make_arp(as(20, 101), home(1, 0).addr, 1));
	speak(as(20, 100));
	reduce();
	assert_non_null(of_mac(20));
	assert_int_equal(of_mac(20)->addresses_n, 2);
	for (unsigned n = 102; n < 105; n++) /* a proxy */
		scene_send(s, make_arp(as(20, n), home(1, 0).addr, 2));
	speak(as(20, 100));
	reduce();
	assert_non_null(find("ip:192.168.1.100"));
	assert_non_null(find("ip:192.168.1.101"));
}

static void test_virtual_macs_are_nobodys_own(void **state)
{
	static const struct mac virtual[] = {{{0, 0, 0x5e, 0, 1, 7}},
					     {{0, 0, 0x5e, 0, 2, 7}},
					     {{0, 0, 0x0c, 7, 0xac, 7}},
					     {{0, 0, 0x0c, 0x9f, 0xf0, 7}}};
	static const struct mac other[] = {{{0, 0, 0x5e, 0, 3, 7}}, {{0, 0, 0x0c, 7, 0xad, 7}}};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct end e = home(100 + i, 1);

		e.mac = virtual[i];
		scene_send(s, make_arp(e, home(1, 0).addr, 2));
		speak(e);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct end e = home(110 + i, 1);

		e.mac = other[i];
		speak(e);
	}
	reduce();
	assert_int_equal(devices.n, 6);
	assert_non_null(find("ip:192.168.1.100"));
	assert_non_null(find("ip:192.168.1.103"));
	assert_non_null(find("mac:00:00:5e:00:03:07"));
	assert_non_null(find("mac:00:00:0c:07:ad:07"));
}

/* ---- one address, two MACs ---- */

static void twice_each(struct end a, struct end b)
{
	speak(a);
	speak(b);
	speak(a);
	speak(b);
}

static void test_equal_claims_go_to_the_first(void **state)
{
	(void)state;
	twice_each(as(20, 100), as(21, 100));
	reduce();
	assert_int_equal(devices.n, 1);
	assert_non_null(of_mac(20));
	assert_true(of_mac(20)->conflict);
	assert_int_equal(of_mac(20)->packets, 2);
}

static void prove(struct end e, int proof)
{
	if (proof == 1)
		scene_send(s, make_arp(e, home(1, 0).addr, 2));
	if (proof == 2) {
		scene_after(s, 1, make_udp(e, server(), NULL, 0));
		scene_after(s, 1, make_udp(server(), e, NULL, 0));
	}
	if (proof == 3)
		scene_handshake(s, e, server());
	if (proof == 4)
		lease(e);
	speak(e);
}

/* Nothing, ARP, two ways, handshake or lease: the better proof wins, at one rank who came first. */
static void test_the_better_proof_wins(void **state)
{
	static const int rank[] = {0, 1, 2, 3, 3};

	for (int first = 0; first < 5; first++) {
		for (int second = 0; second < 5; second++) {
			bool to_first = rank[first] >= rank[second];

			speak(as(20, 100));
			prove(as(21, 100), second);
			prove(as(20, 100), first);
			prove(as(21, 100), second);
			reduce();
			if ((of_mac(20) != NULL) != to_first || (of_mac(21) == NULL) != to_first)
				fail_msg("proofs %d and %d", first, second);
			tear_down(state);
			set_up(state);
		}
	}
}

static void test_an_address_handed_on_belongs_to_both(void **state)
{
	(void)state;
	prove(as(20, 100), 3);
	prove(as(20, 100), 0);
	prove(as(21, 100), 3);
	reduce();
	assert_non_null(of_mac(20));
	assert_non_null(of_mac(21));
}

static void test_forged_senders_are_laid_to_the_mac(void **state)
{
	struct mac forger = scene_mac(66);
	struct addr victim = home(20, 0).addr;
	struct identity *d;

	(void)state;
	prove(home(20, 1), 3);
	prove(home(66, 1), 3);
	speak(as(66, 20));
	prove(home(20, 1), 0);
	reduce();
	d = devices_get(&devices, &s->world, &arena, &victim, world_mac_find(&s->world, &forger));
	assert_string_equal(d->id, "mac:02:00:5e:00:53:42");
	forger = scene_mac(20);
	d = devices_get(&devices, &s->world, &arena, &victim, world_mac_find(&s->world, &forger));
	assert_string_equal(d->id, "mac:02:00:5e:00:53:14");
}

static void test_conflicts_cost_the_proof(void **state)
{
	(void)state;
	prove(home(20, 1), 3);
	reduce();
	assert_int_equal(of_mac(20)->backed, BACKED_TWO_WAY);
	speak(as(66, 20));
	reduce();
	assert_int_equal(of_mac(20)->backed, BACKED_MAC);
}

static void test_invented_addresses_are_no_devices(void **state)
{
	(void)state;
	prove(home(20, 1), 3);
	for (unsigned i = 0; i < 200; i++) {
		struct end e = home(20, 1);

		e.addr = addr_v4(0x0a000000 + i);
		speak(e);
	}
	reduce();
	assert_int_equal(devices.n, 1);
	assert_int_equal(of_mac(20)->addresses_n, 1);
}

static void test_what_the_internet_sends_is_no_device(void **state)
{
	struct end private = stranger_at("10.9.9.9", 1);

	(void)state;
	scene_handshake(s, home(20, 4000), server()); /* the first MAC is a router */
	scene_send(s, make_udp(private, home(20, 1), NULL, 0));
	reduce();
	assert_int_equal(devices.n, 1);
	assert_non_null(of_mac(20));
}

static void test_sessions_back(void **state)
{
	struct packet p = make_udp(home(20, 1), server(), NULL, 0);

	(void)state;
	p.flags |= PACKET_SESSION;
	scene_send(s, p);
	reduce();
	assert_int_equal(of_mac(20)->backed, BACKED_SESSION);
}

/* ---- global IPv6 without an advertisement ---- */

static void test_a_global_address_of_a_host(void **state)
{
	(void)state;
	speak(home(20, 1));
	scene_send(s, make_udp(six(20, "2001:db8::20"), server(), NULL, 0));
	reduce();
	assert_int_equal(devices.n, 1);
	assert_int_equal(of_mac(20)->addresses_n, 2);
	assert_true(devices_is_local(&devices, &s->world, &of_mac(20)->addresses[1]));
}

static void test_a_routers_global_addresses_are_not_its_own(void **state)
{
	(void)state;
	speak(home(20, 1));
	scene_send(s, make_udp(six(20, "2001:db8::20"), server(), NULL, 0));
	for (unsigned i = 0; i < 20; i++) {
		struct end e = six(20, "2001:db8::99");

		e.ttl = 57;
		scene_send(s, make_udp(e, home(30, 1), NULL, 0));
	}
	reduce();
	assert_int_equal(of_mac(20)->addresses_n, 1);
}

/* ---- the Internet side of a router ---- */

static void talk(struct end a, struct end b, unsigned packets)
{
	for (unsigned i = 0; i < packets; i++) {
		scene_after(s, 1, make_udp(a, b, NULL, 0));
		scene_after(s, 1, make_udp(b, a, NULL, 0));
	}
}

static void test_wan(void **state)
{
	struct end router = stranger_at("203.0.113.9", 5000);
	struct addr address = router.addr;
	const struct identity *d;

	(void)state;
	router.mac = scene_mac(9);
	for (unsigned i = 1; i < 40; i++)
		talk(router, stranger(addr_v4(0xc6336400 + i), 443), 5);
	reduce();
	assert_true(devices.wan);
	assert_true(addr_equal(&devices.wan_addr, &address));
	assert_true(devices_is_local(&devices, &s->world, &address));
	d = devices_get(&devices, &s->world, &arena, &address,
			world_mac_find(&s->world, &router.mac));
	assert_string_equal(d->id, "mac:02:00:5e:00:53:09");
	assert_true(d->local);
}

static void test_two_who_talk_to_each_other_are_no_wan(void **state)
{
	(void)state;
	talk(stranger_at("203.0.113.9", 1), stranger_at("198.51.100.1", 2), 200);
	reduce();
	assert_false(devices.wan);
}

static void test_many_talkers_are_no_wan(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 100; i++)
		talk(stranger(addr_v4(0xcb007100 + i), 1), stranger(addr_v4(0xc6336400 + i), 2), 3);
	reduce();
	assert_false(devices.wan);
}

static void test_a_house_is_no_wan(void **state)
{
	(void)state;
	talk(home(20, 1), server(), 200);
	reduce();
	assert_false(devices.wan);
	assert_int_equal(devices.n, 1);
}

static void test_strangers(void **state)
{
	struct addr a = scene_addr("198.51.100.1"), b = scene_addr("198.51.100.2");
	struct identity *d;

	(void)state;
	speak(home(20, 1));
	reduce();
	d = devices_get(&devices, &s->world, &arena, &a, NO_MAC);
	assert_string_equal(d->id, "ip:198.51.100.1");
	assert_false(d->local);
	assert_int_equal(devices.n, 2);
	devices_get(&devices, &s->world, &arena, &a, NO_MAC);
	assert_int_equal(devices.n, 2);
	devices_get(&devices, &s->world, &arena, &b, NO_MAC);
	assert_int_equal(devices.n, 3);
	assert_false(devices_is_local(&devices, &s->world, &a));
}

static void test_a_forgers_mac_is_a_device(void **state)
{
	struct addr none = {{0}};
	struct mac m = scene_mac(20);
	struct identity *d;

	(void)state;
	scene_send(s, make_arp(home(30, 0), home(1, 0).addr, 2));
	speak(six(20, "fe80::1"));
	reduce();
	d = devices_get(&devices, &s->world, &arena, &none, world_mac_find(&s->world, &m));
	assert_string_equal(d->id, "mac:02:00:5e:00:53:14");
	assert_int_equal(d->backed, BACKED_MAC);
}

static void test_nobody(void **state)
{
	(void)state;
	reduce();
	assert_int_equal(devices.n, 0);
	assert_false(devices.wan);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_one_host),
		RULE(test_ipv4_and_ipv6_are_one_host),
		RULE(test_succession_is_one_host),
		RULE(test_succession_that_nothing_tells_of),
		RULE(test_one_gap_breaks_the_succession),
		RULE(test_ipv6_addresses_need_no_telling),
		RULE(test_two_leases_and_another_leave_the_mac_to_nobody),
		RULE(test_two_at_once_are_behind_a_relay),
		RULE(test_two_link_local_addresses_at_once_too),
		RULE(test_two_leases_are_one_host),
		RULE(test_a_lease_and_an_address_of_its_own_are_two),
		RULE(test_a_relays_own_address),
		RULE(test_an_address_left_over_from_set_up),
		RULE(test_virtual_macs_are_nobodys_own),
		RULE(test_equal_claims_go_to_the_first),
		RULE(test_the_better_proof_wins),
		RULE(test_an_address_handed_on_belongs_to_both),
		RULE(test_forged_senders_are_laid_to_the_mac),
		RULE(test_conflicts_cost_the_proof),
		RULE(test_invented_addresses_are_no_devices),
		RULE(test_what_the_internet_sends_is_no_device),
		RULE(test_sessions_back),
		RULE(test_a_global_address_of_a_host),
		RULE(test_a_routers_global_addresses_are_not_its_own),
		RULE(test_wan),
		RULE(test_two_who_talk_to_each_other_are_no_wan),
		RULE(test_many_talkers_are_no_wan),
		RULE(test_a_house_is_no_wan),
		RULE(test_strangers),
		RULE(test_a_forgers_mac_is_a_device),
		RULE(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
