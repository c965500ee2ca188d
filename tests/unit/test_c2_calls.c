/* SPDX-License-Identifier: MIT */
/*
 * Calls to one stranger over and over: a command server that is gone, a beacon at a fixed pace, and all the honest things
 * that look like either of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

#include "detect/c2_calls.c"

#define CODE "C-0011"

static struct scene *s;
static unsigned port_now;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	port_now = 30000;
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

static struct end bot(void)
{
	return home(20, 0);
}

static struct end server(uint16_t port)
{
	return stranger_at("198.51.100.50", port);
}

/* What a kernel sends for one connect(): the SYN, and again after 1, 3 and 7 s. */
static void call_and_repeat(struct end from, struct end to, unsigned repeats)
{
	uint32_t seq = 0x5a000000 + port_now * 2654435761U;

	from.port = (uint16_t)port_now++;
	if (port_now == 60000)
		port_now = 30000;
	scene_send(s, make_syn(from, to, seq));
	for (unsigned i = 0; i < repeats; i++)
		scene_after(s, 1000 << i, make_syn(from, to, seq));
}

static void call(struct end from, struct end to)
{
	call_and_repeat(from, to, 0);
}

static void lets_in(struct end from, struct end to)
{
	from.port = (uint16_t)(port_now - 1);
	scene_after(s, 20, make_tcp(to, from, TCP_SYN | TCP_ACK, 900, 1));
}

static void refuses(struct end from, struct end to)
{
	from.port = (uint16_t)(port_now - 1);
	scene_after(s, 20, make_tcp(to, from, TCP_RST | TCP_ACK, 0, 1));
}

/* A name server's answer with one address. */
static void name(struct end to, struct addr given)
{
	uint8_t m[] = {0x12, 0x34, 0x81, 0x80, 0,   1,	 0,   1,   0,	0, 0, 0, 3, 'h', 'u',
		       'b',  7,	   'e',	 'x',  'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1,	 0xc0,
		       12,   0,	   1,	 0,    1,   0,	 0,   0,   60,	0, 4, 0, 0, 0,	 0};
	struct end resolver = home(1, 53);

	memcpy(m + sizeof m - 4, given.b + 12, 4);
	to.port = 40000;
	scene_send(s, make_udp(to, resolver, m, 16)); /* it asks: the host is known */
	scene_send(s, make_udp(resolver, to, m, sizeof m));
}

/* So many calls, one every so many seconds, nobody answers. */
static void call_for_long(struct end to, unsigned n, int64_t every_s)
{
	for (unsigned i = 0; i < n; i++) {
		call(bot(), to);
		scene_wait(s, every_s * 1000);
		scene_tick(s, true);
	}
}

static const struct finding *found(void)
{
	return scene_finding(s, CODE, bot());
}

static void test_a_dead_server_is_a_sign(void **state)
{
	struct addr it = server(50).addr;
	const struct finding *f;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		call_and_repeat(bot(), server(50), 3);
		scene_wait(s, 73000);
	}
	f = found();
	assert_non_null(f);
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_int_equal(f->act, ACT_RECRUITED);
	assert_int_equal(f->role, ROLE_COMMAND);
	assert_int_equal(f->port, 50);
	assert_int_equal(f->count, 300); /* what the kernel repeats is no call */
	assert_true(addr_equal(&f->peer, &it));
	assert_non_null(
		strstr(f->text, "called TCP port 50 of 198.51.100.50 300 times in 6 hours"));
	assert_int_equal(f->keys_n, KEYS_KEPT + 1);
	assert_null(scene_finding_n(s, CODE, bot().addr, 1));
}

static void test_two_servers_in_turn(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 250; i++) {
		call(bot(), server(50));
		scene_wait(s, 40000);
		call(bot(), stranger_at("203.0.113.50", 50));
		scene_wait(s, 40000);
	}
	assert_int_equal(scene_finding_n(s, CODE, bot().addr, 0)->count, 250);
	assert_int_equal(scene_finding_n(s, CODE, bot().addr, 1)->count, 250);
}

static void test_the_floors_of_a_dead_server(void **state)
{
	(void)state;
	call_for_long(server(50), 199, 41);
	scene_wait(s, 8000000);
	assert_int_equal(s->knowledge.limits.dead_calls, 200);
	assert_null(strstr(found()->text, "never let in"));
	call(bot(), server(50));
	assert_non_null(strstr(found()->text, "never let in"));
}

static void test_hours_are_needed(void **state)
{
	(void)state;
	call_for_long(server(50), 1000, 7); /* 7,000 s */
	assert_null(strstr(found()->text, "never let in"));
	call_for_long(server(50), 40, 7);
	assert_non_null(strstr(found()->text, "never let in"));
}

/* The hub of the captures: its cloud has a name, is down most of the time, and it calls every 3.3 s. */
static void test_a_hub_whose_cloud_is_down_is_left_alone(void **state)
{
	(void)state;
	name(bot(), server(0).addr);
	call_for_long(server(9999), 3000, 3);
	assert_null(found());
	/* The name may also come late. */
	for (unsigned i = 0; i < 3000; i++) {
		call(bot(), stranger_at("203.0.113.77", 9999));
		scene_wait(s, 3300);
	}
	assert_non_null(found());
	name(bot(), scene_addr("203.0.113.77"));
	assert_null(found());
}

static void test_one_answer_is_enough(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		call(bot(), server(50));
		if (i == 200)
			lets_in(bot(), server(50));
		scene_wait(s, 30000 + (int64_t)(i * 7919 % 60) * 1000); /* and no pace */
	}
	assert_null(found());
}

static void test_refused_is_not_let_in(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		call(bot(), server(50));
		refuses(bot(), server(50));
		scene_wait(s, 60000);
	}
	assert_non_null(strstr(found()->text, "never let in (300 times it was refused)"));
}

/* Messengers, push services, MQTT, web, VPN, mail: a dead server there is anybody's. */
static void test_usual_ports_are_left_alone(void **state)
{
	static const uint16_t ports[] = {53,   80,   123 - 80 /* whois */,
					 443,  853,  1194,
					 1883, 3478, 5060,
					 5222, 5228, 8080,
					 8333, 8443, 8883,
					 22,   7547};

	(void)state;
	for (size_t p = 0; p < sizeof ports / sizeof ports[0]; p++)
		call_for_long(server(ports[p]), 250, 60);
	assert_null(found());
}

/* The uplink is down: nobody gets an answer, so that nobody answers says nothing. */
static void test_an_uplink_that_is_down(void **state)
{
	(void)state;
	scene_wait_for(s, 1000000, false);
	for (unsigned i = 0; i < 300; i++) {
		call(bot(), server(50));
		scene_wait_for(s, (int64_t)(20 + i * 31 % 97) * 1000, false);
	}
	assert_null(found());
}

static void test_calls_at_home_are_left_alone(void **state)
{
	(void)state;
	call_for_long(home(77, 50), 400, 60);
	assert_null(found());
}

/* Nobody outside has a state of his own, however he calls. */
static void test_strangers_are_not_followed(void **state)
{
	struct end from = stranger_at("203.0.113.9", 0);

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		call(from, stranger_at("198.51.100.9", 50));
		scene_wait(s, 60000);
	}
	for (int i = 0; i < LANES; i++)
		assert_int_equal(s->lanes.lane[i].pools[detector_c2_calls.slot].n, 0);
}

/* A peer of a file-sharing network: many bare addresses on any port, each a few times. */
static void test_peers_are_left_alone(void **state)
{
	struct draw d = draw_from(7);

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		call(bot(), stranger(addr_v4(0x14000000 + draw_below(&d, 900) * 65537),
				     (uint16_t)(20000 + draw_below(&d, 3))));
		scene_wait(s, 2000 + draw_below(&d, 5000));
	}
	assert_null(found());
}

/* ---- pace ------------------------------------------------------------------------------------------------------ */

static void beacon(struct end to, unsigned n, int64_t every_ms, int64_t jitter_ms)
{
	struct draw d = draw_from(3);

	for (unsigned i = 0; i < n; i++) {
		call(bot(), to);
		lets_in(bot(), to);
		scene_wait(s, every_ms - 20 +
				      (jitter_ms > 0 ? draw_below(&d, (uint32_t)jitter_ms) : 0));
	}
}

static void test_a_beacon_is_a_sign_and_no_more(void **state)
{
	const struct finding *f;

	(void)state;
	name(bot(), scene_addr("203.0.113.1")); /* names are seen here, and none is the server's */
	beacon(server(6667), 62, 300000, 8000);
	f = found();
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_non_null(strstr(f->text, "62 times in 5 hours, 61 of them 30"));
}

/* Where no name was ever seen, it can't be said that this one had none. */
static void test_without_names_a_beacon_is_a_note(void **state)
{
	(void)state;
	beacon(server(6667), 60, 300000, 8000);
	assert_int_equal(found()->weight, WEIGHT_NOTE);
}

/* Heartbeats of clouds, MQTT, monitors, time over TCP: by name, or on their ports. */
static void test_heartbeats_are_left_alone(void **state)
{
	(void)state;
	name(bot(), server(0).addr);
	beacon(server(6667), 60, 300000, 0);
	beacon(server(9999), 60, 60000, 0);
	beacon(stranger_at("203.0.113.5", 443), 100, 60000, 0);
	beacon(stranger_at("203.0.113.5", 8883), 100, 60000, 0);
	beacon(stranger_at("203.0.113.5", 5223), 100, 60000, 0);
	beacon(stranger_at("203.0.113.5", 80), 100, 300000, 0);
	assert_null(found());
}

static void test_a_pace_needs_calls_and_time(void **state)
{
	(void)state;
	name(bot(), scene_addr("203.0.113.1"));
	beacon(server(6667), 19, 300000, 0);
	assert_null(found());
	beacon(server(6667), 1, 300000, 0);
	assert_non_null(found());
	beacon(server(6668), 100, 30000, 0); /* 50 minutes */
	assert_null(scene_finding_n(s, CODE, bot().addr, 1));
}

/* People, and programs that wait longer each time. */
static void test_no_pace(void **state)
{
	struct draw d = draw_from(11);
	int64_t wait = 1000;

	(void)state;
	name(bot(), scene_addr("203.0.113.1"));
	beacon(server(6667), 150, 10000, 600000);
	for (unsigned i = 0; i < 150; i++) {
		call(bot(), server(6668));
		lets_in(bot(), server(6668));
		scene_wait(s, wait);
		wait = wait > 600000 ? 1000 + (int64_t)draw_below(&d, 1000) : wait * 2;
	}
	assert_null(found());
}

/* A twentieth of the calls lost, a reboot in between: the pace is found again. */
static void test_a_pace_survives_losses(void **state)
{
	struct draw d = draw_from(5);

	(void)state;
	name(bot(), scene_addr("203.0.113.1"));
	for (unsigned i = 0; i < 200; i++) {
		if (draw_below(&d, 20) != 0)
			call(bot(), server(6667));
		scene_wait(s, i == 100 ? 7777777 : 60000);
	}
	assert_non_null(found());
	assert_non_null(strstr(found()->text, " 60.0 s after"));
}

/* A bot whose beacon opens two connections at a time. */
static void test_calls_at_once_are_one_contact(void **state)
{
	(void)state;
	name(bot(), scene_addr("203.0.113.1"));
	for (unsigned i = 0; i < 100; i++) {
		call(bot(), server(6667));
		scene_after(s, 5, make_udp(bot(), home(1, 99), NULL, 0));
		call(bot(), server(6667));
		scene_wait(s, 60000);
	}
	assert_non_null(found());
}

/* ---- state ----------------------------------------------------------------------------------------------------- */

/* Whoever was called often keeps a place while others come and go. */
static void test_the_often_called_keep_their_place(void **state)
{
	(void)state;
	call_for_long(server(50), 40, 60);
	for (unsigned i = 0; i < 260; i++) {
		for (unsigned other = 0; other < 8; other++)
			call(bot(), stranger(addr_v4(0x14000000 + (i * 8 + other) * 65537), 7000));
		call(bot(), server(50));
		scene_wait(s, 60000);
	}
	assert_int_equal(found()->count, 300);
}

/* The same packets give the same findings whatever the tables' keys are. */
static void test_seeds_do_not_show(void **state)
{
	char text[FINDING_TEXT];

	(void)state;
	call_for_long(server(50), 250, 60);
	strcpy(text, found()->text);
	scene_free(s);
	s = scene_seeded(NULL, 777);
	port_now = 30000;
	scene_tick(s, true);
	scene_tick(s, true);
	call_for_long(server(50), 250, 60);
	assert_string_equal(found()->text, text);
}

static void test_time_that_runs_backwards(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		call(bot(), server(50));
		scene_wait(s, 60000);
		s->now_ns -= i % 5 == 0 ? 90 * NS_PER_S : 0;
	}
	assert_non_null(found());
}

static void test_names_of_any_form(void **state)
{
	struct calls_state *calls = calloc(1, sizeof *calls);
	unsigned wrong = 0;
	struct addr a;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		a = addr_v4(0xcb007100 + i);
		name_seen(calls, &a);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		a = addr_v4(0x14000000 + i * 7919);
		wrong += names_note(calls, &a, false);
	}
	assert_true(wrong < 600);
	for (uint32_t i = 0; i < 100; i++) {
		a = addr_v4(0xcb007100 + i);
		assert_true(names_note(calls, &a, false));
	}
	free(calls);
}

/* Two new names an hour for two months: a bare address is still bare, and one that is used is known by its name still. */
static void test_names_of_months(void **state)
{
	struct end used = stranger_at("198.51.100.77", 50);
	struct calls_state *calls;
	struct host *host;

	(void)state;
	name(bot(), used.addr);
	call(bot(), used);
	host = (struct host *)(uintptr_t)scene_host(s, bot());
	calls = detect_state_if(&s->lanes.lane[hash_addr(&host->addr) >> 58], host,
				detector_c2_calls.slot);
	for (uint32_t i = 0; i < 3000; i++) {
		struct addr given = addr_v4(0x0b000000 + i * 77);

		name_seen(calls, &given);
		if (i % 2 == 0)
			calls_expire(calls);
		assert_true(is_named(calls, &given));
		if (i % 10 == 0)
			assert_true(is_named(calls, &used.addr));
	}
	call_for_long(server(50), 300, 73);
	assert_non_null(found());
	assert_int_equal(found()->peer.b[15], 50);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_dead_server_is_a_sign),
		TEST(test_names_of_months),
		TEST(test_two_servers_in_turn),
		TEST(test_the_floors_of_a_dead_server),
		TEST(test_hours_are_needed),
		TEST(test_a_hub_whose_cloud_is_down_is_left_alone),
		TEST(test_one_answer_is_enough),
		TEST(test_refused_is_not_let_in),
		TEST(test_usual_ports_are_left_alone),
		TEST(test_an_uplink_that_is_down),
		TEST(test_calls_at_home_are_left_alone),
		TEST(test_strangers_are_not_followed),
		TEST(test_peers_are_left_alone),
		TEST(test_a_beacon_is_a_sign_and_no_more),
		TEST(test_without_names_a_beacon_is_a_note),
		TEST(test_heartbeats_are_left_alone),
		TEST(test_a_pace_needs_calls_and_time),
		TEST(test_no_pace),
		TEST(test_a_pace_survives_losses),
		TEST(test_calls_at_once_are_one_contact),
		TEST(test_the_often_called_keep_their_place),
		TEST(test_seeds_do_not_show),
		TEST(test_time_that_runs_backwards),
		TEST(test_names_of_any_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
