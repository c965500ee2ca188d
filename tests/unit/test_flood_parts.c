/* SPDX-License-Identifier: MIT */
/*
 * The parts of the flood detector by themselves: the gate never counts too little, sources are exact to 1,024 and
 * within 5 percent to a million, the shape of streams, packets to vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

#include <stdlib.h>

/* ---- gate ---- */

enum { NAMES = 3000 };

static void check_gate(uint64_t seed, uint64_t names, uint64_t per_second)
{
	static struct gate_cell cells[GATE_CELLS];
	static struct gate_seen ring[GATE_RING];
	struct draw d = draw_from(seed);
	struct gate g = {.cells = cells, .ring = ring};
	uint64_t exact = 0, all = 0;

	memset(cells, 0, sizeof cells);
	for (int64_t second = -3; second < 10; second++) {
		static uint32_t truth[NAMES];

		memset(truth, 0, sizeof truth);
		for (uint64_t i = 0; i < per_second; i++) {
			uint32_t name = (uint32_t)draw_below(&d, draw_below(&d, names) + 1);
			uint32_t count = gate_count(&g, hash_mix(name + 1), second);

			assert_true(count >= ++truth[name]);
			exact += count == truth[name];
			all++;
		}
	}
	assert_true(names > 100 || exact == all);
}

static void test_gate_never_counts_too_little(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 6; seed++) {
		check_gate(seed, 1, 1000);
		check_gate(seed, 10, 1000);
		check_gate(seed, NAMES, 10000);
	}
}

static void test_gate_forgets_other_seconds(void **state)
{
	static struct gate_cell cells[GATE_CELLS];
	struct gate g = {.cells = cells};

	(void)state;
	for (uint32_t i = 1; i <= 100; i++)
		assert_int_equal(gate_count(&g, 77, 1000), i);
	assert_int_equal(gate_count(&g, 77, 1001), 1);
	assert_int_equal(gate_count(&g, 77, INT64_MAX / NS_PER_S), 1);
	assert_int_equal(gate_count(&g, 77, INT64_MIN / NS_PER_S), 1);
}

static void test_ring_keeps_the_last(void **state)
{
	static struct gate_seen ring[GATE_RING];
	struct gate g = {.ring = ring};

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++)
		*gate_next(&g) = (struct gate_seen){.key = i};
	for (uint64_t back = 1; back <= GATE_RING; back++)
		assert_int_equal(ring[(g.head + GATE_RING - back) % GATE_RING].key, 1001 - back);
}

/* ---- sources ---- */

static struct sources_pool new_pool(uint32_t cap)
{
	return (struct sources_pool){.blocks = calloc(cap + 1, SOURCES_BLOCK_BYTES), .cap = cap};
}

static int by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static uint32_t count_distinct(const uint64_t *list, uint32_t n)
{
	uint64_t *sorted = malloc(n * sizeof *sorted);
	uint32_t distinct = 0;

	memcpy(sorted, list, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_value);
	for (uint32_t i = 0; i < n; i++)
		distinct += i == 0 || sorted[i] != sorted[i - 1];
	free(sorted);
	return distinct;
}

/* Hashes, and values that all want the same cell of a block. */
static uint64_t pull_source(struct draw *d, uint64_t many, bool crowd)
{
	uint64_t n = draw_below(d, many);

	return crowd ? n * SOURCES_CELLS + 5 : hash_mix(n + 1);
}

static void check_exact(uint64_t seed, uint64_t many, bool crowd)
{
	enum { ADDS = 4000 };
	static uint64_t list[ADDS];
	struct draw d = draw_from(seed);
	struct sources_pool pool = new_pool(1);
	struct flood_sources s = {.n = 0};

	for (uint32_t i = 0; i < ADDS; i++) {
		list[i] = pull_source(&d, many, crowd);
		sources_add(&s, &pool, list[i]);
		if (i % 100 == 0 || i < 40)
			assert_int_equal(sources_count(&s, &pool), count_distinct(list, i + 1));
	}
	assert_int_equal(sources_count(&s, &pool), count_distinct(list, ADDS));
	assert_false(s.sketched);
	assert_int_equal(pool.n, many > SOURCES_INLINE);
	free(pool.blocks);
}

static void test_sources_are_exact_to_1024(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 4; seed++) {
		check_exact(seed, 1, false);
		check_exact(seed, SOURCES_INLINE, false);
		check_exact(seed, SOURCES_INLINE + 1, false);
		check_exact(seed, 500, false);
		check_exact(seed, 500, true);
		check_exact(seed, SOURCES_EXACT, false);
		check_exact(seed, SOURCES_EXACT, true);
	}
}

/* Every source comes twice, some of them often. */
static void test_sources_are_within_5_percent_to_a_million(void **state)
{
	struct sources_pool pool = new_pool(1);
	struct flood_sources s = {.n = 0};
	uint64_t check_at = 16;

	(void)state;
	for (uint64_t n = 1; n <= 1000000; n++) {
		struct addr a = addr_v4((uint32_t)(n * 2654435761U));

		sources_add(&s, &pool, hash_addr(&a));
		a = addr_v4((uint32_t)((n / 2 + 1) * 2654435761U));
		sources_add(&s, &pool, hash_addr(&a));
		if (n != check_at && n != 1000000 && (n < 1020 || n > 1030))
			continue;
		check_at = check_at * 5 / 4;
		if (sources_count(&s, &pool) * 20 < n * 19 ||
		    sources_count(&s, &pool) * 20 > n * 21)
			fail_msg("%llu taken for %llu", (unsigned long long)n,
				 (unsigned long long)sources_count(&s, &pool));
	}
	assert_true(s.sketched);
	free(pool.blocks);
}

static void test_sources_without_a_block(void **state)
{
	struct sources_pool pool = new_pool(0);
	struct flood_sources s = {.n = 0};
	uint64_t before = 0;

	(void)state;
	for (uint64_t n = 1; n <= 20000; n++) {
		uint64_t count;

		sources_add(&s, &pool, hash_mix(n));
		count = sources_count(&s, &pool);
		assert_true(count >= before); /* more sources never count less */
		before = count;
		if (n <= SOURCES_INLINE)
			assert_int_equal(count, n);
		else if (n <= 300)
			assert_true(count * 5 > n * 4 && count * 5 < n * 6);
	}
	assert_true(before >= SOURCES_EXACT);
	assert_int_equal(pool.refused, 1);
	free(pool.blocks);
}

static void test_records_share_a_pool(void **state)
{
	struct sources_pool pool = new_pool(3);
	struct flood_sources s[5] = {{.n = 0}};

	(void)state;
	for (uint64_t n = 1; n <= 600; n++) {
		for (uint64_t r = 0; r < 5; r++)
			sources_add(&s[r], &pool, hash_mix(n * 5 + r));
	}
	for (int r = 0; r < 3; r++)
		assert_int_equal(sources_count(&s[r], &pool), 600);
	assert_int_equal(pool.refused, 2);
	free(pool.blocks);
}

/* ---- shape ---- */

static struct flood_shape shape;

static void add(struct packet p)
{
	shape_add(&shape, &p, hash_addr(&p.src));
}

static int clear_shape(void **state)
{
	(void)state;
	memset(&shape, 0, sizeof shape);
	return 0;
}

static void test_a_counter_is_orderly(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 1000; i++) {
		const uint8_t rtp[32] = {0x80, 0x60, (uint8_t)(i >> 8), (uint8_t)i,
					 9,    9,    (uint8_t)(i * 77)};

		add(make_udp(home(20, 5004), stranger_at("198.51.100.1", 5004), rtp, sizeof rtp));
	}
	assert_int_equal(shape.judged, 999);
	assert_int_equal(shape.orderly, 999);
	assert_int_equal(shape.same, 0);
	assert_int_equal(shape_ports(shape.dports), 1);
	assert_int_equal(shape.port, 5004);
	assert_int_equal(shape.port_hits, 1000);
	assert_false(shape_is_fresh(&shape));
}

static void test_random_payload_is_not(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint8_t payload[32];

		for (size_t j = 0; j < sizeof payload; j++)
			payload[j] = (uint8_t)draw(&d);
		add(make_udp(home(20, 5004), stranger_at("198.51.100.1", 5004), payload,
			     sizeof payload));
	}
	assert_true(shape.orderly < 50);
	assert_int_equal(shape.same, 0);
}

static void test_equal_payload_is_told(void **state)
{
	static const uint8_t payload[32] = {1, 2, 3};

	(void)state;
	for (int i = 0; i < 100; i++)
		add(make_udp(home(20, 5004), stranger_at("198.51.100.1", 5004), payload,
			     sizeof payload));
	assert_int_equal(shape.same, 99);
	assert_int_equal(shape.orderly, 0);
}

static void test_tcp_follows_its_lengths(void **state)
{
	static const uint8_t payload[100];
	uint32_t seq = 0xffffff00; /* wraps */

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		struct packet p = make_tcp(home(20, 40000), stranger_at("198.51.100.1", 443),
					   TCP_ACK, seq, 1);

		p.payload = payload;
		p.payload_len = p.payload_wire = i;
		seq += i + (i == 50); /* one is missing */
		add(p);
	}
	assert_int_equal(shape.judged, 99);
	assert_int_equal(shape.orderly, 98);
}

/* Random ports never come back: nothing can be said of order. */
static void test_random_ports_are_fresh(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	assert_true(shape_is_fresh(&shape));
	for (int i = 0; i < 20000; i++)
		add(make_udp(home(20, (uint16_t)draw(&d)),
			     stranger_at("198.51.100.1", (uint16_t)draw(&d)), "x", 1));
	assert_true(shape_is_fresh(&shape));
}

static void test_many_streams_at_once_are_orderly(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		for (uint16_t stream = 0; stream < 300; stream++) {
			const uint8_t rtp[16] = {0x80, 0x60, 0, (uint8_t)i, 1, 2, (uint8_t)stream};

			add(make_udp(home(20, (uint16_t)(5000 + stream)),
				     stranger_at("198.51.100.1", 5004), rtp, sizeof rtp));
		}
	}
	assert_false(shape_is_fresh(&shape));
	assert_true(shape.judged > 100);
	assert_int_equal(shape.orderly, shape.judged);
}

static void test_ports_are_counted(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 4000; n++) {
		uint32_t before = shape_ports(shape.dports);

		shape_add_ports(&shape, 1, (uint16_t)(n * 16));
		assert_true(shape_ports(shape.dports) >= before);
		if (n <= 64)
			assert_true(shape_ports(shape.dports) * 4 >= n * 3 &&
				    shape_ports(shape.dports) * 3 <= n * 4);
	}
	assert_int_equal(shape_ports(shape.sports), 1);
	assert_true(shape_ports(shape.dports) > 500);
}

/* ---- vectors ---- */

static struct knowledge k;

static int load(void **state)
{
	struct knowledge_error error;

	(void)state;
	return knowledge_load(&k, &error);
}

static uint8_t kind_of_proto(const struct packet *p)
{
	switch (p->proto) {
	case PROTO_TCP:
		if ((p->tcp_flags & TCP_RST) != 0 ||
		    (p->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
			return KIND_ANSWER;
		return packet_is_syn(p) ? KIND_SYN : KIND_TCP;
	case PROTO_UDP:
		return KIND_UDP;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return KIND_ICMP;
	default:
		return KIND_OTHER_IP;
	}
}

static enum flood_vector vector(struct packet p, unsigned *amplifier)
{
	struct stamp s = {.packet = &p, .kind = kind_of_proto(&p)};

	return flood_vector_of(&s, &k, amplifier);
}

static void expect(struct packet p, enum flood_vector wanted)
{
	unsigned amplifier;

	assert_int_equal(vector(p, &amplifier), wanted);
}

static struct packet udp(uint16_t sport, uint16_t dport, const char *payload, uint32_t len)
{
	return make_udp(home(20, sport), stranger_at("198.51.100.1", dport), payload, len);
}

static struct packet tcp(uint8_t flags, const char *payload)
{
	struct packet p = make_tcp(home(20, 9), stranger_at("198.51.100.1", 80), flags, 1, 1);

	p.payload = (const uint8_t *)payload;
	p.payload_len = p.payload_wire = (uint32_t)strlen(payload);
	return p;
}

static void test_tcp_vectors(void **state)
{
	struct packet p = tcp(TCP_SYN, "");
	unsigned amplifier = 0;

	(void)state;
	expect(p, FLOOD_SYN);
	expect(tcp(TCP_SYN | TCP_PSH | TCP_URG, ""), FLOOD_SYN);
	expect(tcp(TCP_ACK, "data"), FLOOD_ACK);
	expect(tcp(TCP_ACK | TCP_PSH, "GET / HTTP/1.1\r\n"), FLOOD_HTTP);
	expect(tcp(TCP_ACK, "POST /EXAMPLE"), FLOOD_HTTP);
	expect(tcp(TCP_ACK, "GET"), FLOOD_ACK);
	expect(tcp(TCP_RST, ""), FLOOD_NONE);
	expect(tcp(TCP_ACK | TCP_FIN, ""), FLOOD_NONE);
	assert_int_equal(vector(tcp(TCP_SYN | TCP_ACK, ""), &amplifier), FLOOD_AMPLIFICATION);
	assert_int_equal(amplifier, AMPLIFIER_SYN_ACK);
	p.flags &= (uint16_t)~PACKET_L4;
	expect(p, FLOOD_NONE);
	p.flags |= PACKET_FRAGMENT;
	expect(p, FLOOD_FRAGMENT);
}

static void test_udp_vectors(void **state)
{
	static const char query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
				    "\x07"
				    "example\x03org\x00\x00\x01\x00\x01";
	static const char answer[] = "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
				     "\x07"
				     "example\x03org\x00\x00\x01\x00\x01";

	(void)state;
	expect(udp(5000, 5000, "x", 1), FLOOD_UDP);
	expect(udp(5000, 27015, "\xff\xff\xff\xffTSource Engine Query", 25), FLOOD_VSE);
	expect(udp(5000, 27015, "\xff\xff\xff\xffTSource Engine Quer", 24), FLOOD_UDP);
	expect(udp(5000, 53, query, sizeof query - 1), FLOOD_DNS);
	expect(udp(5000, 53, answer, sizeof answer - 1), FLOOD_UDP);
	expect(udp(5000, 53, "no question", 11), FLOOD_UDP);
	expect(udp(53, 5000, answer, sizeof answer - 1), FLOOD_AMPLIFICATION);
	expect(udp(53, 5000, query, sizeof query - 1), FLOOD_UDP);
}

static void test_amplifiers_by_their_answers(void **state)
{
	static const char zeros[600];
	unsigned amplifier = 99;

	(void)state;
	assert_int_equal(vector(udp(1900, 5000, "HTTP/1.1 200 OK", 15), &amplifier),
			 FLOOD_AMPLIFICATION);
	assert_string_equal(k.amplifiers[amplifier].name, "ssdp");
	expect(udp(1900, 5000, "NOTIFY", 6), FLOOD_UDP);
	expect(udp(123, 123, zeros, 48), FLOOD_UDP); /* the time */
	expect(udp(123, 5000, zeros, 440), FLOOD_AMPLIFICATION);
	assert_int_equal(vector(udp(37810, 5000,
				    "\x20\x00\x00\x00"
				    "DHIP....",
				    12),
				&amplifier),
			 FLOOD_AMPLIFICATION);
	assert_string_equal(k.amplifiers[amplifier].name, "dhip");
	expect(udp(37810, 5000, zeros, 12), FLOOD_UDP);
	expect(udp(40000, 1900, "HTTP/1.1 200 OK", 15), FLOOD_UDP); /* the other way */
}

static void test_other_vectors(void **state)
{
	struct packet p = make_packet(home(20, 0), stranger_at("198.51.100.1", 0), PROTO_ICMP);

	(void)state;
	p.icmp_type = 8;
	expect(p, FLOOD_ICMP);
	p.icmp_type = 3; /* unreachable: an answer to somebody else's flood */
	expect(p, FLOOD_NONE);
	p.proto = PROTO_ICMPV6;
	p.icmp_type = 128;
	expect(p, FLOOD_ICMP);
	p.proto = PROTO_GRE;
	p.gre = GRE_IP;
	expect(p, FLOOD_GRE_IP);
	p.gre = GRE_ETHERNET;
	expect(p, FLOOD_GRE_ETH);
	p.gre = GRE_OTHER;
	expect(p, FLOOD_NONE);
	p.proto = 50;
	expect(p, FLOOD_NONE);
}

static void test_groups_are_no_targets(void **state)
{
	struct end group = stranger_at("239.255.255.250", 1900);
	struct packet ping = make_packet(home(20, 0), stranger_at("ff02::1", 0), PROTO_ICMPV6);

	(void)state;
	expect(make_udp(home(20, 9), group, NULL, 0), FLOOD_NONE);
	expect(make_udp(home(20, 9), stranger_at("255.255.255.255", 68), NULL, 0), FLOOD_NONE);
	ping.icmp_type = 128;
	expect(ping, FLOOD_ICMP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate_never_counts_too_little),
		cmocka_unit_test(test_gate_forgets_other_seconds),
		cmocka_unit_test(test_ring_keeps_the_last),
		cmocka_unit_test(test_sources_are_exact_to_1024),
		cmocka_unit_test(test_sources_are_within_5_percent_to_a_million),
		cmocka_unit_test(test_sources_without_a_block),
		cmocka_unit_test(test_records_share_a_pool),
		cmocka_unit_test_setup(test_a_counter_is_orderly, clear_shape),
		cmocka_unit_test_setup(test_random_payload_is_not, clear_shape),
		cmocka_unit_test_setup(test_equal_payload_is_told, clear_shape),
		cmocka_unit_test_setup(test_tcp_follows_its_lengths, clear_shape),
		cmocka_unit_test_setup(test_random_ports_are_fresh, clear_shape),
		cmocka_unit_test_setup(test_many_streams_at_once_are_orderly, clear_shape),
		cmocka_unit_test_setup(test_ports_are_counted, clear_shape),
		cmocka_unit_test(test_tcp_vectors),
		cmocka_unit_test(test_udp_vectors),
		cmocka_unit_test(test_amplifiers_by_their_answers),
		cmocka_unit_test(test_other_vectors),
		cmocka_unit_test(test_groups_are_no_targets),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
