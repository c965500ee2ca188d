/* SPDX-License-Identifier: MIT */
/*
 * The flood detector: what is counted of a target, and for each vector a flood beside the honest traffic that looks
 * most like it. Packets are made in memory and go nowhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

static struct scene *s;
static struct draw d;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	d = draw_from(1);
	scene_tick(s, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

static struct end victim(uint16_t port)
{
	return stranger_at("198.51.100.1", port);
}

static struct end bot(uint16_t port)
{
	return home(20, port);
}

static struct end any_stranger(uint16_t port)
{
	return stranger(addr_v4(0x14000000 + (uint32_t)draw(&d) % 0x8000000), port);
}

static const struct flood_lane *lane_of(struct end target)
{
	return flood_lane_of(&s->lanes.lane[hash_addr(&target.addr) >> 58]);
}

static const struct flood_record *record(struct end target, enum flood_vector vector)
{
	const struct flood_lane *f = lane_of(target);

	for (uint32_t i = 0; i < f->records_n; i++) {
		if (f->records[i].vector == vector &&
		    addr_equal(&f->targets[f->records[i].target].addr, &target.addr))
			return &f->records[i];
	}
	return NULL;
}

static enum flood_kind kind(struct end target, enum flood_vector vector)
{
	const struct flood_record *r = record(target, vector);

	return r == NULL ? FLOOD_IS_NONE : flood_judge(lane_of(target), r, &s->knowledge.limits);
}

/* Calls one() `rate` times a second for so many seconds, evenly. */
static void play(unsigned rate, unsigned seconds, void (*one)(unsigned i))
{
	int64_t start = (s->now_ns / NS_PER_S + 1) * NS_PER_S;

	for (unsigned i = 0; i < rate * seconds; i++) {
		s->now_ns = start + (int64_t)i * NS_PER_S / rate;
		one(i);
	}
}

static void expect(enum flood_vector vector, enum flood_kind wanted)
{
	assert_int_equal(kind(victim(0), vector), wanted);
}

/* ---- counting ---- */

static void send_plain(unsigned i)
{
	scene_send(s, make_udp(bot((uint16_t)(20000 + i)), victim((uint16_t)(i * 7)), "flood", 5));
}

/* Nothing of what came before the gate opened is lost. */
static void test_all_is_counted(void **state)
{
	uint64_t first = s->number + 1;
	const struct flood_record *r;

	(void)state;
	play(400, 2, send_plain);
	r = record(victim(0), FLOOD_UDP);
	assert_int_equal(r->packets, 800);
	assert_int_equal(r->bytes, 800 * 47);
	assert_int_equal(r->peak, 400);
	assert_int_equal(r->keys_n, FINDING_PACKETS);
	for (unsigned i = 0; i < FINDING_PACKETS; i++)
		assert_int_equal(r->keys[i], first + i);
	assert_int_equal(r->from_ours, 800);
	assert_int_equal(sources_count(&r->sources, &lane_of(victim(0))->sources), 1);
	assert_int_equal(lane_of(victim(0))->senders_n, 1);
	assert_int_equal(lane_of(victim(0))->senders[0].packets, 800);
}

static void test_few_packets_are_not_counted_at_all(void **state)
{
	(void)state;
	play(31, 20, send_plain);
	assert_null(record(victim(0), FLOOD_UDP));
	play(32, 1, send_plain);
	assert_non_null(record(victim(0), FLOOD_UDP));
}

static void send_from_many(unsigned i)
{
	scene_send(s, make_udp(stranger(addr_v4(0x14000000 + i % 3000), 9), home(30, 80), "x", 1));
}

static void test_sources_are_counted(void **state)
{
	const struct flood_record *r;
	uint64_t n;

	(void)state;
	play(1500, 4, send_from_many);
	r = record(home(30, 0), FLOOD_UDP);
	n = sources_count(&r->sources, &lane_of(home(30, 0))->sources);
	assert_true(n > 2850 && n < 3150);
	assert_int_equal(r->from_ours, 0);
	assert_int_equal(lane_of(home(30, 0))->senders_n, 0);
}

static void send_invented(unsigned i)
{
	struct end from = bot(9);

	from.addr = addr_v4(0x0a000000 + i % 300);
	scene_send(s, make_udp(from, victim(80), "x", 1));
}

/* Addresses that a MAC invents are laid to it, and counted as sources all the same. */
static void test_invented_sources_are_counted(void **state)
{
	const struct flood_record *r;

	(void)state;
	play(600, 2, send_invented);
	r = record(victim(0), FLOOD_UDP);
	assert_int_equal(sources_count(&r->sources, &lane_of(victim(0))->sources), 300);
	assert_int_equal(r->from_ours, 1200);
}

/* ---- how much, how long ---- */

static void send_raw_syn(unsigned i)
{
	struct packet p = make_syn(bot((uint16_t)draw(&d)), victim(80), (uint32_t)draw(&d));

	(void)i;
	p.tcp_options = 0;
	scene_send(s, p);
}

static void test_three_seconds_are_a_flood(void **state)
{
	(void)state;
	play(120, 2, send_raw_syn);
	expect(FLOOD_SYN, FLOOD_IS_NONE);
	play(120, 1, send_raw_syn);
	expect(FLOOD_SYN, FLOOD_IS_ATTACK);
}

static void test_below_the_least_rate_is_none(void **state)
{
	(void)state;
	play(99, 30, send_raw_syn);
	expect(FLOOD_SYN, FLOOD_IS_NONE);
}

static void send_burst(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		send_plain(i);
}

/* All at once. */
static void test_a_burst_is_a_flood(void **state)
{
	(void)state;
	send_burst(899);
	expect(FLOOD_UDP, FLOOD_IS_NONE);
	send_burst(1);
	expect(FLOOD_UDP, FLOOD_IS_ATTACK);
}

/* … and it does not matter where in the second it begins. */
static void test_a_burst_over_the_seconds_border(void **state)
{
	(void)state;
	s->now_ns = s->now_ns / NS_PER_S * NS_PER_S + 900 * NS_PER_MS;
	send_burst(449);
	s->now_ns += 200 * NS_PER_MS;
	send_burst(450);
	expect(FLOOD_UDP, FLOOD_IS_NONE);
	send_burst(1);
	expect(FLOOD_UDP, FLOOD_IS_ATTACK);
}

/* Two halves with a silent second between them are no burst. */
static void test_halves_of_a_burst_far_apart(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		s->now_ns += 2 * NS_PER_S;
		send_burst(499);
	}
	expect(FLOOD_UDP, FLOOD_IS_NONE);
	assert_int_equal(record(victim(0), FLOOD_UDP)->peak_two, 499);
}

/* ---- vectors ---- */

static void send_rtp(unsigned i)
{
	const uint8_t rtp[40] = {0x80, 0x60, (uint8_t)(i >> 8), (uint8_t)i, (uint8_t)draw(&d)};

	scene_send(s, make_udp(bot(5004), victim(5004), rtp, sizeof rtp));
}

static void send_random_payload(unsigned i)
{
	uint8_t payload[40];

	for (size_t j = 0; j < sizeof payload; j++)
		payload[j] = (uint8_t)draw(&d);
	(void)i;
	scene_send(s, make_udp(bot(5004), victim(5004), payload, sizeof payload));
}

static void send_answered(unsigned i)
{
	send_random_payload(i);
	if (i % 10 == 0)
		scene_send(s, make_udp(victim(5004), bot(5004), "ok", 2));
}

static void test_video_is_no_flood(void **state)
{
	(void)state;
	play(2500, 10, send_rtp);
	expect(FLOOD_UDP, FLOOD_IS_NONE);
}

static void test_random_payload_is(void **state)
{
	(void)state;
	play(2500, 4, send_random_payload);
	expect(FLOOD_UDP, FLOOD_IS_ATTACK);
}

static void test_a_conversation_is_no_flood(void **state)
{
	(void)state;
	play(2500, 4, send_answered);
	expect(FLOOD_UDP, FLOOD_IS_NONE);
}

static void connect_once(unsigned i)
{
	struct end client = any_stranger((uint16_t)(40000 + i)), service = home(30, 443);

	scene_send(s, make_syn(client, service, i));
	scene_send(s, make_tcp(service, client, TCP_SYN | TCP_ACK, 7, i + 1));
	scene_send(s, make_tcp(client, service, TCP_ACK, i + 1, 8));
}

static void send_syn_from_many(unsigned i)
{
	scene_send(s, make_syn(any_stranger((uint16_t)i), home(30, 443), i));
}

static void test_raw_syns_are_a_flood(void **state)
{
	(void)state;
	play(120, 4, send_raw_syn);
	expect(FLOOD_SYN, FLOOD_IS_ATTACK);
}

static void test_a_busy_service_is_none(void **state)
{
	(void)state;
	play(500, 4, connect_once);
	assert_int_equal(kind(home(30, 0), FLOOD_SYN), FLOOD_IS_NONE);
}

static void test_syns_of_many_who_never_go_on_are_one(void **state)
{
	(void)state;
	play(500, 4, send_syn_from_many);
	assert_int_equal(kind(home(30, 0), FLOOD_SYN), FLOOD_IS_ATTACK);
}

static void scan_ports(unsigned i)
{
	scene_send(s, make_syn(bot(40000), victim((uint16_t)i), i));
	scene_send(s, make_tcp(victim((uint16_t)i), bot(40000), TCP_RST | TCP_ACK, 0, i + 1));
}

static void test_a_port_scan_is_no_flood(void **state)
{
	(void)state;
	play(700, 5, scan_ports);
	expect(FLOOD_SYN, FLOOD_IS_NONE);
}

static void send_acks(unsigned i)
{
	struct packet p = make_tcp(bot((uint16_t)draw(&d)), victim(80), TCP_ACK, (uint32_t)draw(&d),
				   (uint32_t)draw(&d));

	p.payload = (const uint8_t *)"EXAMPLE";
	p.payload_len = p.payload_wire = 7;
	if (i == 0) /* the target is seen to send */
		scene_send(s, make_udp(victim(80), bot(1), NULL, 0));
	scene_send(s, p);
}

static void upload(unsigned i)
{
	static const uint8_t segment[1400];
	struct packet p = make_tcp(bot(40000), victim(443), TCP_ACK, i * 1400, 1);

	p.payload = segment;
	p.payload_len = p.payload_wire = sizeof segment;
	scene_send(s, p);
}

static void test_acks_are_a_flood(void **state)
{
	(void)state;
	play(700, 4, send_acks);
	expect(FLOOD_ACK, FLOOD_IS_ATTACK);
}

static void test_an_upload_is_none(void **state)
{
	(void)state;
	play(5000, 4, upload);
	expect(FLOOD_ACK, FLOOD_IS_NONE);
}

static void send_empty_acks(unsigned i)
{
	(void)i;
	scene_send(s, make_tcp(bot((uint16_t)draw(&d)), victim(80), TCP_ACK, (uint32_t)draw(&d),
			       (uint32_t)draw(&d)));
}

static void acknowledge(unsigned i)
{
	scene_send(s, make_tcp(bot((uint16_t)(40000 + i % 4)), victim(443), TCP_ACK, 1, i * 1400));
}

/* The target is never seen to send: ports that never come back say enough. */
static void test_empty_acks_from_fresh_ports_are_a_flood(void **state)
{
	(void)state;
	play(700, 4, send_empty_acks);
	expect(FLOOD_ACK, FLOOD_IS_ATTACK);
}

/* Downloads of which only our half was captured. */
static void test_one_sided_downloads_are_none(void **state)
{
	(void)state;
	play(2000, 4, acknowledge);
	expect(FLOOD_ACK, FLOOD_IS_NONE);
}

static uint32_t sent_until_now;

/* Data in full segments, in order, on a connection that is open. */
static void go_on(unsigned i)
{
	static const uint8_t segment[1400];
	struct packet p = make_tcp(bot(40000), victim(443), TCP_ACK, 1001 + i * 1400, 5001);

	p.payload = segment;
	p.payload_len = p.payload_wire = sizeof segment;
	scene_send(s, p);
	sent_until_now = 1001 + (i + 1) * 1400;
}

static void go_on_acknowledged(unsigned i)
{
	go_on(i);
	if (i % 2 == 1)
		scene_send(s, make_tcp(victim(443), bot(40000), TCP_ACK, 5001, sent_until_now));
}

static void test_data_that_nobody_acknowledges_is_a_stomp(void **state)
{
	(void)state;
	scene_handshake(s, bot(40000), victim(443));
	play(1000, 4, go_on);
	expect(FLOOD_ACK, FLOOD_IS_STOMP);
}

static void test_data_that_is_acknowledged_is_none(void **state)
{
	(void)state;
	scene_handshake(s, bot(40000), victim(443));
	play(1000, 4, go_on_acknowledged);
	expect(FLOOD_ACK, FLOOD_IS_NONE);
}

/* ---- fragments ---- */

static struct packet fragment(uint16_t id, uint16_t offset, bool more, uint32_t len)
{
	static const uint8_t piece[1480];
	struct packet p = make_packet(bot(0), victim(0), PROTO_UDP);

	p.flags = (uint16_t)((p.flags & ~PACKET_L4) | PACKET_FRAGMENT);
	p.flags |= (uint16_t)((offset > 0 ? PACKET_LATER_FRAGMENT : 0) |
			      (more ? PACKET_MORE_FRAGMENTS : 0));
	p.sport = p.dport = 0;
	p.ip_id = id;
	p.frag_offset = offset;
	p.payload = piece;
	p.payload_len = p.payload_wire = len;
	return p;
}

static void send_piece_of_one_id(unsigned i)
{
	(void)i;
	scene_send(s, fragment(7, 64, true, 512));
}

static void send_piece_of_next_id(unsigned i)
{
	scene_send(s, fragment((uint16_t)i, 64, true, 512));
}

/* Datagrams of 4000 bytes in three pieces each: nothing comes back, and nothing is missing. */
static void send_whole_datagrams(unsigned i)
{
	scene_send(s, fragment((uint16_t)(i / 3), (uint16_t)(i % 3 * 185), i % 3 < 2,
			       i % 3 < 2 ? 1480 : 1040));
}

static void test_pieces_of_one_id_are_a_flood(void **state)
{
	(void)state;
	play(400, 4, send_piece_of_one_id);
	expect(FLOOD_FRAGMENT, FLOOD_IS_ATTACK);
}

static void test_pieces_with_a_counting_id_are_a_flood(void **state)
{
	(void)state;
	play(400, 4, send_piece_of_next_id);
	expect(FLOOD_FRAGMENT, FLOOD_IS_ATTACK);
}

static void test_whole_datagrams_in_pieces_are_none(void **state)
{
	(void)state;
	play(900, 4, send_whole_datagrams);
	expect(FLOOD_FRAGMENT, FLOOD_IS_NONE);
}

static void send_gre_of_one_inside(unsigned i)
{
	struct packet p = make_packet(bot(0), victim(0), PROTO_GRE);

	(void)i;
	p.sport = p.dport = 0;
	p.gre = GRE_IP;
	p.payload = (const uint8_t *)"EXAMPLE EXAMPLE EXAMPLE";
	p.payload_len = p.payload_wire = 23;
	scene_send(s, p);
}

static void test_gre_of_one_inside_is_a_flood(void **state)
{
	(void)state;
	play(200, 4, send_gre_of_one_inside);
	expect(FLOOD_GRE_IP, FLOOD_IS_ATTACK);
}

static void ask(unsigned i, bool random)
{
	uint8_t message[64] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 12};
	static const uint8_t zone[] = "\x07"
				      "example\x03org\x00\x00\x01\x00\x01";

	for (int j = 0; j < 12; j++)
		message[13 + j] = (uint8_t) "abcdefghijklmnopqrstuvwxyz234567"[draw_below(&d, 32)];
	if (!random)
		memcpy(message + 13, "mailserverab", 12);
	memcpy(message + 25, zone, sizeof zone - 1);
	scene_send(s,
		   make_udp(bot((uint16_t)(1024 + i)), victim(53), message, 25 + sizeof zone - 1));
}

static void ask_random(unsigned i)
{
	ask(i, true);
}

static void ask_plain(unsigned i)
{
	ask(i, false);
}

static void test_random_names_are_a_flood(void **state)
{
	char text[FINDING_TEXT];

	(void)state;
	play(60, 5, ask_random);
	expect(FLOOD_DNS, FLOOD_IS_ATTACK);
	flood_describe(record(victim(0), FLOOD_DNS), &s->knowledge, text, sizeof text);
	assert_string_equal(text, "random names under example.org");
}

static void test_many_questions_are_none(void **state)
{
	(void)state;
	play(500, 5, ask_plain);
	expect(FLOOD_DNS, FLOOD_IS_NONE);
}

static void request(const char *line, unsigned i)
{
	struct packet p = make_tcp(bot((uint16_t)(1024 + i)), victim(80), TCP_ACK | TCP_PSH, i, 1);

	p.payload = (const uint8_t *)line;
	p.payload_len = p.payload_wire = (uint32_t)strlen(line);
	scene_send(s, p);
}

static void request_the_same(unsigned i)
{
	request("GET /EXAMPLE HTTP/1.1\r\n", i);
}

static void request_others(unsigned i)
{
	char line[64];

	snprintf(line, sizeof line, "GET /%u HTTP/1.1\r\n", i);
	request(line, i);
}

static void test_the_same_request_is_a_flood(void **state)
{
	(void)state;
	play(60, 9, request_the_same);
	expect(FLOOD_HTTP, FLOOD_IS_NONE); /* ten seconds */
	play(60, 2, request_the_same);
	expect(FLOOD_HTTP, FLOOD_IS_ATTACK);
}

/* So many that the capture is simply short. */
static void test_many_of_the_same_request_in_short(void **state)
{
	(void)state;
	play(500, 2, request_the_same);
	expect(FLOOD_HTTP, FLOOD_IS_NONE); /* a burst alone is a page load */
	play(500, 2, request_the_same);
	expect(FLOOD_HTTP, FLOOD_IS_ATTACK);
}

static void test_other_requests_are_none(void **state)
{
	(void)state;
	play(60, 20, request_others);
	expect(FLOOD_HTTP, FLOOD_IS_NONE);
}

static struct packet ping(struct end from, struct end to, uint8_t type)
{
	static uint8_t payload[16];
	struct packet p = make_packet(from, to, PROTO_ICMP);

	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)draw(&d);
	p.sport = p.dport = 0;
	p.icmp_type = type;
	p.payload = payload;
	p.payload_len = p.payload_wire = sizeof payload;
	return p;
}

static void send_ping(unsigned i)
{
	(void)i;
	scene_send(s, ping(bot(0), victim(0), 8));
}

static void send_answered_ping(unsigned i)
{
	send_ping(i);
	scene_send(s, ping(victim(0), bot(0), 0));
}

static void test_unanswered_pings_are_a_flood(void **state)
{
	(void)state;
	play(200, 4, send_ping);
	expect(FLOOD_ICMP, FLOOD_IS_ATTACK);
}

static void test_answered_pings_are_none(void **state)
{
	(void)state;
	play(200, 4, send_answered_ping);
	expect(FLOOD_ICMP, FLOOD_IS_NONE);
}

static void send_unasked(unsigned i)
{
	static const char answer[] = "HTTP/1.1 200 OK EXAMPLE";

	scene_send(s, make_udp(stranger(addr_v4(0x14000000 + i % 50), 1900), home(30, 40000),
			       answer, sizeof answer));
}

static void ask_and_get(unsigned i)
{
	if (i % 5 == 0)
		scene_send(s, make_udp(home(30, 40000), victim(1900), "M-SEARCH", 8));
	send_unasked(i);
}

static void test_answers_nobody_asked_for(void **state)
{
	char text[FINDING_TEXT];

	(void)state;
	play(300, 4, send_unasked);
	assert_int_equal(kind(home(30, 0), FLOOD_AMPLIFICATION), FLOOD_IS_ATTACK);
	flood_describe(record(home(30, 0), FLOOD_AMPLIFICATION), &s->knowledge, text, sizeof text);
	assert_string_equal(text, "answers that nobody asked for: ssdp");
}

static void send_unasked_by_three(unsigned i)
{
	static const char answer[400] = "HTTP/1.1 200 OK EXAMPLE";

	scene_send(s, make_udp(stranger(addr_v4(0x14000000 + i % 3), 1900), home(30, 40000), answer,
			       sizeof answer));
}

static void test_three_reflectors_are_enough(void **state)
{
	(void)state;
	play(300, 4, send_unasked_by_three);
	assert_int_equal(kind(home(30, 0), FLOOD_AMPLIFICATION), FLOOD_IS_ATTACK);
}

static void test_answers_somebody_asked_for(void **state)
{
	(void)state;
	play(300, 4, ask_and_get);
	assert_int_equal(kind(home(30, 0), FLOOD_AMPLIFICATION), FLOOD_IS_NONE);
}

static void send_query(unsigned i)
{
	scene_send(s, make_udp(bot((uint16_t)i), victim(27015),
			       "\xff\xff\xff\xffTSource Engine Query", 25));
}

static void play_with_friends(unsigned i)
{
	struct end player = stranger(addr_v4(0x14000000 + i % 100), 27005);

	scene_send(s,
		   make_udp(player, home(30, 27015), "\xff\xff\xff\xffTSource Engine Query", 25));
	scene_send(s, make_udp(home(30, 27015), player, "hello", 5));
}

static void test_queries_to_a_game_server(void **state)
{
	(void)state;
	play(200, 4, send_query);
	expect(FLOOD_VSE, FLOOD_IS_ATTACK);
	play(200, 4, play_with_friends);
	assert_int_equal(kind(home(30, 0), FLOOD_VSE), FLOOD_IS_NONE);
}

/* A replay of a minute's floods to as many targets as there are: refusals are counted, nothing breaks. */
static void test_more_targets_than_fit(void **state)
{
	uint64_t refused = 0;

	(void)state;
	for (unsigned t = 0; t < 4000; t++) {
		for (unsigned i = 0; i < 40; i++)
			scene_send(s,
				   make_udp(bot((uint16_t)i),
					    stranger(addr_v4(0x14000000 + t * 65537), 9), "x", 1));
	}
	for (int i = 0; i < LANES; i++) {
		const struct flood_lane *f = flood_lane_of(&s->lanes.lane[i]);

		assert_true(f->targets_n <= f->targets_cap && f->records_n <= f->records_cap);
		assert_true(f->senders_n <= f->senders_cap);
		refused += f->refused_targets;
	}
	assert_true(refused > 0);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_all_is_counted),
		RULE(test_few_packets_are_not_counted_at_all),
		RULE(test_sources_are_counted),
		RULE(test_invented_sources_are_counted),
		RULE(test_three_seconds_are_a_flood),
		RULE(test_below_the_least_rate_is_none),
		RULE(test_a_burst_is_a_flood),
		RULE(test_a_burst_over_the_seconds_border),
		RULE(test_halves_of_a_burst_far_apart),
		RULE(test_video_is_no_flood),
		RULE(test_random_payload_is),
		RULE(test_a_conversation_is_no_flood),
		RULE(test_raw_syns_are_a_flood),
		RULE(test_a_busy_service_is_none),
		RULE(test_syns_of_many_who_never_go_on_are_one),
		RULE(test_a_port_scan_is_no_flood),
		RULE(test_acks_are_a_flood),
		RULE(test_an_upload_is_none),
		RULE(test_empty_acks_from_fresh_ports_are_a_flood),
		RULE(test_one_sided_downloads_are_none),
		RULE(test_data_that_nobody_acknowledges_is_a_stomp),
		RULE(test_data_that_is_acknowledged_is_none),
		RULE(test_pieces_of_one_id_are_a_flood),
		RULE(test_pieces_with_a_counting_id_are_a_flood),
		RULE(test_whole_datagrams_in_pieces_are_none),
		RULE(test_gre_of_one_inside_is_a_flood),
		RULE(test_random_names_are_a_flood),
		RULE(test_many_questions_are_none),
		RULE(test_the_same_request_is_a_flood),
		RULE(test_many_of_the_same_request_in_short),
		RULE(test_other_requests_are_none),
		RULE(test_unanswered_pings_are_a_flood),
		RULE(test_answered_pings_are_none),
		RULE(test_answers_nobody_asked_for),
		RULE(test_three_reflectors_are_enough),
		RULE(test_answers_somebody_asked_for),
		RULE(test_queries_to_a_game_server),
		RULE(test_more_targets_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
