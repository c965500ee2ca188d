/* SPDX-License-Identifier: MIT */
/*
 * Scanners without a mark: the floors, the score, what answers do to it, and when the test is off. Targets are
 * addresses of the Internet picked so that each fills a cell of its own in the counters (nothing is sent anywhere).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "detect/scan.c"

#define CODE "C-0002"

enum { TARGETS = 60 };

static struct scene *s;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	scene_tick(s, true); /* the uplink is alive */
	scene_tick(s, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

/* The n-th first octet whose /16 fills a cell of its own in the count of networks. */
static uint32_t network(unsigned n)
{
	uint64_t cells = 0;
	uint32_t octet = 20;

	for (;; octet++) {
		struct addr a = addr_v4(octet << 24 | 7 << 16);
		uint64_t cell = UINT64_C(1) << (network_tag(&a) & 63);

		if ((cells & cell) == 0 && n-- == 0)
			return octet;
		cells |= cell;
	}
}

/* The n-th address, all of them in so many networks, each filling a cell of its own in the count of targets. */
static struct end target(unsigned n, unsigned networks)
{
	static struct addr found[TARGETS][33];
	struct addr *known = &found[n][networks];
	uint64_t cells[4] = {0};
	unsigned got = 0;

	assert_true(n < TARGETS && networks <= 32);
	for (uint32_t i = 1; addr_is_zero(known); i++) {
		struct addr a = addr_v4(network(got % networks) << 24 | 7 << 16 | i);
		uint32_t tag = (uint32_t)hash_addr(&a) | 1, cell = tag >> 2 & 255;

		if ((cells[cell / 64] >> cell % 64 & 1) != 0)
			continue;
		cells[cell / 64] |= UINT64_C(1) << cell % 64;
		if (got++ == n)
			*known = a;
	}
	return stranger(*known, 23);
}

static struct end bot(void)
{
	return home(20, 4000);
}

static void call(struct end from, struct end to, int64_t ms)
{
	scene_after(s, ms, make_syn(from, to, 0x01020304));
}

/* First contacts with n targets, none answered. */
static void scan(unsigned n, unsigned networks, int64_t ms)
{
	for (unsigned i = 0; i < n; i++)
		call(bot(), target(i, networks), ms);
}

static const struct finding *found(void)
{
	scene_wait(s, 5000);
	scene_tick(s, true);
	return scene_finding(s, CODE, bot());
}

static void test_sixteen_targets_convict(void **state)
{
	const struct finding *f;

	(void)state;
	scan(16, 16, 100);
	f = found();
	assert_non_null(f);
	assert_int_equal(f->weight, WEIGHT_PROOF);
	assert_int_equal(f->stranger, WEIGHT_SIGN);
	assert_int_equal(f->act, ACT_SCANNING);
	assert_int_equal(f->count, 16);
	assert_string_equal(f->detector, "scan");
	assert_int_equal(f->keys_n, FINDING_PACKETS);
	for (unsigned i = 0; i < FINDING_PACKETS; i++) /* two exchanges came first */
		assert_int_equal(f->keys[i], 5 + i);
	assert_non_null(strstr(f->text, "port 23 "));
	assert_non_null(strstr(f->text, "16 never answered, 0 refused, 0 answered"));
}

/* The seventeenth call finds out that the first sixteen are unanswered, all but the last ones; once. */
static void test_conviction_is_urgent_once(void **state)
{
	(void)state;
	scan(16, 16, 100);
	(void)scene_finding(s, CODE, bot());
	assert_int_equal(scene_urgent(s), 0);
	scene_wait(s, 4000);
	scan(32, 16, 100);
	assert_int_equal(scene_urgent(s), 1);
	(void)found();
	assert_int_equal(scene_urgent(s), 1);
}

static void test_fifteen_targets_do_not_however_often(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 15; i++) {
			struct end to = target(i, 15);

			to.port = round % 2 == 0 ? 23 : 2323;
			call(bot(), to, 100);
		}
	}
	assert_null(found());
}

/* The model takes the sixteenth failure for proof, however slow it comes. */
static void test_slow_scanners_are_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		scene_wait(s, 55 * 60 * 1000);
		call(bot(), target(i, 16), 1);
	}
	assert_non_null(found());
}

static void test_seven_networks_do_not_convict(void **state)
{
	(void)state;
	scan(40, 7, 100);
	assert_null(found());
}

static void test_eight_networks_do(void **state)
{
	(void)state;
	scan(40, 8, 100);
	assert_non_null(found());
}

/* The range of documentation that `first` begins: n targets each in a cell of its own, in its first /26s. */
static void scan_example(uint32_t first, unsigned n, unsigned networks)
{
	uint64_t cells[4] = {0};

	for (uint32_t i = 0, got = 0; got < n; i++) {
		struct addr a = addr_v4(first + i % networks * 64 + i / networks % 64);
		uint32_t cell = ((uint32_t)hash_addr(&a) | 1) >> 2 & 255;

		assert_true(i < networks * 64);
		if ((cells[cell / 64] >> cell % 64 & 1) != 0)
			continue;
		cells[cell / 64] |= UINT64_C(1) << cell % 64;
		call(bot(), stranger(a, 23), 100);
		got++;
	}
}

/* Each /26 of a range for documentation stands for a network: twelve there are in three of them. */
static void test_ranges_for_documentation(void **state)
{
	(void)state;
	scan_example(0xc0000200, 8, 4);
	scan_example(0xc6336400, 8, 4);
	scan_example(0xcb007100, 8, 4);
	assert_non_null(found());
	assert_int_equal(found()->weight, WEIGHT_PROOF);
}

/* One range alone has four. */
static void test_one_range_for_documentation(void **state)
{
	(void)state;
	scan_example(0xc6336400, 40, 4);
	assert_null(found());
}

/* Many in few networks: who looks after a network sweeps it like that. */
static void test_dense_sweeps_are_a_sign(void **state)
{
	(void)state;
	scan_example(0xc6336400, 56, 4); /* counted as 63 */
	assert_null(found());
	scan_example(0xc6336400, 57, 4);
	assert_non_null(found());
	assert_int_equal(found()->weight, WEIGHT_SIGN);
	assert_int_equal(found()->stranger, WEIGHT_SIGN);
}

static void answer(unsigned i, unsigned networks, uint8_t flags)
{
	scene_after(s, 10, make_tcp(target(i, networks), bot(), flags, 1, 2));
}

/* An honest client: a quarter fails, and the score never gets off the ground. */
static void test_answers_acquit(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		for (unsigned i = 0; i < TARGETS; i++) {
			call(bot(), target(i, 30), 100);
			if (i % 2 == 0)
				answer(i, 30, TCP_SYN | TCP_ACK);
		}
	}
	assert_null(found());
}

static void test_few_answers_delay(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		call(bot(), target(i, 20), 100);
		if (i % 4 == 3)
			answer(i, 20, TCP_SYN | TCP_ACK);
	}
	assert_null(found()); /* 15 fail: 1920, less 1000 */
	for (unsigned i = 20; i < 40; i++)
		call(bot(), target(i, 20), 100);
	assert_non_null(found());
}

/* 36 refusals are 1800, 37 are 1850; 1842 convicts. */
static void test_refusals_count_less(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 36; i++) {
		call(bot(), target(i, 20), 100);
		answer(i, 20, TCP_RST | TCP_ACK);
	}
	assert_null(found());
	call(bot(), target(36, 20), 100);
	answer(36, 20, TCP_RST | TCP_ACK);
	assert_non_null(found());
	assert_non_null(strstr(found()->text, "0 never answered, 37 refused"));
}

static void test_retransmissions_are_no_contacts(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++)
		scan(12, 12, 500);
	assert_null(found());
	scan(16, 16, 100);
	assert_int_equal(found()->count, 16);
}

static void test_a_late_answer_comes_too_late(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		call(bot(), target(i, 16), 3001);
		if (i > 0)
			answer(i - 1, 16, TCP_SYN | TCP_ACK);
	}
	assert_non_null(strstr(found()->text, "16 never answered, 0 refused, 0 answered"));
}

static void test_answers_within_three_seconds_count(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		call(bot(), target(i, 16), 2000);
		answer(i, 16, TCP_SYN | TCP_ACK);
	}
	assert_null(found());
	scan(TARGETS, 30, 100);
	assert_non_null(strstr(found()->text, "20 answered"));
}

/* The oldest of 16 is pushed out and counts as unanswered, though no second has passed. */
static void test_the_ring_pushes_out(void **state)
{
	const struct scan_state *state_of;
	const struct host *host;

	(void)state;
	scan(20, 20, 1);
	host = scene_host(s, bot());
	state_of = detect_state_if(&s->lanes.lane[hash_addr(&host->addr) >> 58], host, 1);
	assert_int_equal(state_of->tally[TEST_TELNET].unanswered, 4);
	assert_int_equal(state_of->tally[TEST_TELNET].contacts, 20);
}

static void test_wrong_answers_answer_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct end other_port = target(i, 16);

		other_port.port = 80;
		call(bot(), target(i, 16), 100);
		scene_send(s, make_tcp(other_port, bot(), TCP_SYN | TCP_ACK, 1, 2));
		scene_send(s, make_tcp(target(i + 20, 16), bot(), TCP_SYN | TCP_ACK, 1, 2));
		scene_send(s, make_tcp(target(i, 16), home(21, 4000), TCP_SYN | TCP_ACK, 1, 2));
	}
	assert_non_null(found());
}

static void call_ports(uint16_t port)
{
	for (unsigned i = 0; i < TARGETS; i++) {
		struct end to = target(i, 30);

		to.port = port;
		call(bot(), to, 100);
	}
}

static void test_other_ports_are_not_tested(void **state)
{
	(void)state;
	call_ports(80);
	call_ports(6881);
	call_ports(443);
	assert_null(found());
}

static void test_worm_ports_are_a_sign(void **state)
{
	(void)state;
	call_ports(5555);
	assert_int_equal(found()->weight, WEIGHT_SIGN);
}

static void test_marked_scans_are_left_to_others(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TARGETS; i++) {
		struct end to = target(i, 30);
		struct packet p = make_syn(bot(), to, addr_low32(&to.addr));

		scene_after(s, 100, p);
		p.seq = 5;
		p.ip_id = 54321;
		scene_after(s, 100, p);
		p.seq = 6;
		p.tcp_options = 4;
		p.ip_id = (uint16_t)(addr_low32(&to.addr) ^ 23 ^ 6);
		scene_after(s, 100, p);
	}
	assert_null(found());
}

static void test_local_targets_are_a_sign(void **state)
{
	const struct finding *f;

	(void)state;
	for (unsigned i = 0; i < TARGETS; i++)
		call(bot(), home(100 + i, 23), 100);
	f = found();
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_non_null(strstr(f->text, "local addresses"));
}

/* Inventory tools try several ports a host. */
static void test_inventory_is_no_sign(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TARGETS; i++) {
		call(bot(), home(100 + i, 23), 100);
		if (i % 8 == 0)
			call(bot(), home(100 + i, 80), 100);
	}
	assert_null(found());
}

static void test_strangers_who_scan_us_are_not_tested_locally(void **state)
{
	struct end from = stranger_at("203.0.113.66", 4000);

	(void)state;
	for (unsigned i = 0; i < TARGETS; i++)
		call(from, home(100 + i, 23), 100);
	scene_wait(s, 5000);
	scene_tick(s, true);
	assert_null(scene_finding(s, CODE, from));
}

static void test_off_while_nobody_answers(void **state)
{
	uint64_t one_way = 0;

	(void)state;
	scene_free(s);
	s = scene_new(NULL);
	scene_tick(s, false);
	scan(TARGETS, 30, 100);
	scene_wait_for(s, 5000, false);
	scene_tick(s, false);
	assert_null(scene_finding(s, CODE, bot()));
	for (int i = 0; i < LANES; i++)
		one_way += s->lanes.lane[i].one_way;
	assert_true(one_way >= TARGETS - CONTACTS);
}

static void test_off_ten_minutes_after_the_last_answer(void **state)
{
	(void)state;
	scene_wait_for(s, 601 * 1000, false);
	scan(TARGETS, 30, 100);
	scene_wait_for(s, 5000, false);
	scene_tick(s, false);
	assert_null(scene_finding(s, CODE, bot()));
}

static void test_on_when_the_host_itself_got_answers(void **state)
{
	(void)state;
	scene_wait_for(s, 601 * 1000, false);
	call(bot(), target(50, 30), 100);
	answer(50, 30, TCP_SYN | TCP_ACK);
	scene_wait_for(s, 601 * 1000, false);
	scan(30, 30, 100);
	scene_wait_for(s, 5000, false);
	scene_tick(s, false);
	assert_non_null(scene_finding(s, CODE, bot()));
}

static void test_an_outage_is_no_scan(void **state)
{
	(void)state;
	scene_wait_for(s, 601 * 1000, false);
	for (int round = 0; round < 10; round++)
		scan(TARGETS, 30, 1000);
	scene_wait_for(s, 5000, false);
	scene_tick(s, false);
	assert_null(scene_finding(s, CODE, bot()));
}

static void test_ports_are_named(void **state)
{
	static const uint16_t ports[] = {23, 2323, 2223, 26, 9527};

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct end to = target(i, 20);

		to.port = ports[i % 5];
		call(bot(), to, 100);
	}
	assert_non_null(strstr(found()->text, "ports 23, 2323, 2223, 26 of about"));
}

static void test_ipv6_scanners(void **state)
{
	struct end from = {
		.addr = scene_addr("fd00::20"), .mac = scene_mac(20), .port = 4000, .ttl = 64};

	(void)state;
	for (unsigned i = 0; i < TARGETS; i++) {
		struct end to = stranger_at("2001:db8::", 23);

		to.addr.b[5] = (uint8_t)(i * 37); /* another /48 each */
		to.addr.b[15] = (uint8_t)i;
		call(from, to, 100);
	}
	scene_wait(s, 5000);
	scene_tick(s, true);
	assert_int_equal(scene_finding(s, CODE, from)->weight, WEIGHT_PROOF);
}

/* Sixty-four networks of one /48 are one site. */
static void test_ipv6_scanners_of_one_site(void **state)
{
	struct end from = {
		.addr = scene_addr("fd00::20"), .mac = scene_mac(20), .port = 4000, .ttl = 64};

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct end to = stranger_at("2001:db8:1::", 23);

		to.addr.b[7] = (uint8_t)(i * 37);
		to.addr.b[15] = (uint8_t)i;
		call(from, to, 100);
	}
	scene_wait(s, 5000);
	scene_tick(s, true);
	assert_null(scene_finding(s, CODE, from));
}

static void test_contacts_at_the_ends_of_time(void **state)
{
	(void)state;
	s->now_ns = INT64_MIN;
	for (int i = 0; i < 100; i++)
		scene_send(s, make_syn(bot(), target((unsigned)i % TARGETS, 30), 1));
	s->now_ns = INT64_MAX;
	for (int i = 0; i < 100; i++)
		scene_send(s, make_syn(bot(), target((unsigned)i % TARGETS, 30), 1));
	scene_finding(s, CODE, bot());
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_sixteen_targets_convict),
		RULE(test_conviction_is_urgent_once),
		RULE(test_fifteen_targets_do_not_however_often),
		RULE(test_slow_scanners_are_found),
		RULE(test_seven_networks_do_not_convict),
		RULE(test_eight_networks_do),
		RULE(test_ranges_for_documentation),
		RULE(test_one_range_for_documentation),
		RULE(test_dense_sweeps_are_a_sign),
		RULE(test_answers_acquit),
		RULE(test_few_answers_delay),
		RULE(test_refusals_count_less),
		RULE(test_retransmissions_are_no_contacts),
		RULE(test_a_late_answer_comes_too_late),
		RULE(test_answers_within_three_seconds_count),
		RULE(test_the_ring_pushes_out),
		RULE(test_wrong_answers_answer_nothing),
		RULE(test_other_ports_are_not_tested),
		RULE(test_worm_ports_are_a_sign),
		RULE(test_marked_scans_are_left_to_others),
		RULE(test_local_targets_are_a_sign),
		RULE(test_inventory_is_no_sign),
		RULE(test_strangers_who_scan_us_are_not_tested_locally),
		RULE(test_off_while_nobody_answers),
		RULE(test_off_ten_minutes_after_the_last_answer),
		RULE(test_on_when_the_host_itself_got_answers),
		RULE(test_an_outage_is_no_scan),
		RULE(test_ports_are_named),
		RULE(test_ipv6_scanners),
		RULE(test_ipv6_scanners_of_one_site),
		RULE(test_contacts_at_the_ends_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
