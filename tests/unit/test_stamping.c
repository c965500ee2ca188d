/* SPDX-License-Identifier: MIT */
/*
 * The short ways of the reader's world against the long ones: a world that remembers and works in batches stamps as one
 * that is made to forget before each packet; prefixes as words hold what prefix_has() says; ends are counted as Misra and
 * Gries do it; what begins a payload is rolled in byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

/* ---- worlds ---- */

static struct addr some_addr(struct draw *d)
{
	static const char *const known[] = {
		"192.168.1.1",	   "192.168.1.20", "10.0.0.7",	"198.51.100.1",
		"203.0.113.9",	   "0.0.0.0",	   "127.0.0.1", "224.0.0.251",
		"255.255.255.255", "240.0.0.1",	   "fe80::1",	"2001:db8::1",
		"2001:db8:1::2",   "fd00::5",	   "ff02::1",	"::"};
	uint64_t which = draw_below(d, 24);

	if (which < 16)
		return scene_addr(known[which]);
	return addr_v4((uint32_t)draw(d) & (which < 20 ? 0xc0a801ff : 0xffffffff));
}

static struct mac some_mac(struct draw *d)
{
	static const struct mac odd[] = {{{0}}, {{255, 255, 255, 255, 255, 255}}};
	uint64_t which = draw_below(d, 12);

	return which < 2 ? odd[which]
			 : scene_mac((unsigned)(which < 8 ? which : draw_below(d, 400)));
}

static struct packet some_packet(struct draw *d, const uint8_t *payload)
{
	static const uint8_t kinds[] = {PROTO_TCP,  PROTO_TCP,	  PROTO_TCP, PROTO_UDP,	 PROTO_UDP,
					PROTO_ICMP, PROTO_ICMPV6, PROTO_ARP, PROTO_LINK, PROTO_GRE};
	static const uint8_t ttls[] = {64, 128, 255, 63, 50, 1};
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_RST,
					TCP_FIN | TCP_ACK};
	struct packet p = {.src = some_addr(d), .dst = some_addr(d)};
	uint64_t has = draw_below(d, 16);

	p.src_mac = some_mac(d);
	p.dst_mac = some_mac(d);
	p.proto = kinds[draw_below(d, sizeof kinds)];
	p.ttl = ttls[draw_below(d, sizeof ttls)];
	p.flags = PACKET_L4;
	p.flags |= has != 0 ? PACKET_HAS_MAC : 0;
	p.flags |= has > 1 ? PACKET_HAS_DST_MAC : 0;
	p.flags |= addr_is_v4(&p.src) ? 0 : PACKET_V6;
	p.tcp_flags = p.proto == PROTO_TCP ? flags[draw_below(d, sizeof flags)] : 0;
	p.sport = (uint16_t)(draw_below(d, 4) + 66);
	p.dport = (uint16_t)(draw_below(d, 4) + 66);
	p.seq = (uint32_t)draw_below(d, 4);
	p.ack = (uint32_t)draw_below(d, 4);
	p.payload = payload;
	p.payload_len = p.payload_wire = (uint32_t)draw_below(d, 3);
	p.link_key = (uint32_t)(draw_below(d, 16) == 0);
	if (p.proto == PROTO_ARP)
		p.arp_mac = some_mac(d);
	return p;
}

static void forget(struct world *w)
{
	for (int i = 0; i < WORLD_PAIRS; i++)
		w->pairs[i].known = PAIR_NONE;
	w->second = w->second_ns = 0;
}

static void same_stamps(const struct stamp *a, const struct stamp *b)
{
	assert_int_equal(a->packet->key, b->packet->key);
	assert_int_equal(a->packet->now_ns, b->packet->now_ns);
	assert_true(addr_equal(&a->actor, &b->actor));
	assert_int_equal(a->actor_hash, b->actor_hash);
	assert_int_equal(a->target_hash, b->target_hash);
	assert_int_equal(a->actor_key, b->actor_key);
	assert_int_equal(a->target_key, b->target_key);
	assert_int_equal(a->second, b->second);
	assert_int_equal(a->src_mac, b->src_mac);
	assert_int_equal(a->dst_mac, b->dst_mac);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->heard, b->heard);
	assert_int_equal(a->actor_lane, b->actor_lane);
	assert_int_equal(a->target_lane, b->target_lane);
	if (a->heard)
		assert_int_equal(a->pair_key, b->pair_key);
	assert_int_equal(a->pair_lane, b->pair_lane);
}

static void same_worlds(const struct world *a, const struct world *b)
{
	assert_int_equal(a->macs_n, b->macs_n);
	assert_int_equal(a->binds_n, b->binds_n);
	assert_int_equal(a->refused_macs, b->refused_macs);
	assert_int_equal(a->refused_binds, b->refused_binds);
	assert_int_equal(a->no_actor, b->no_actor);
	assert_int_equal(a->two_way, b->two_way);
	assert_int_equal(a->copies.seen, b->copies.seen);
	for (uint32_t i = 0; i < a->macs_n; i++) {
		const struct world_mac *x = &a->macs[i], *y = &b->macs[i];

		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->first_key, y->first_key);
		assert_int_equal(x->next_hop, y->next_hop);
		assert_int_equal(x->forwarded, y->forwarded);
		assert_int_equal(x->foreign, y->foreign);
		assert_int_equal(x->invented, y->invented);
		assert_memory_equal(x->first, y->first, sizeof x->first);
		assert_memory_equal(x->sources_seen, y->sources_seen, sizeof x->sources_seen);
	}
	for (uint32_t i = 0; i < a->binds_n; i++) {
		const struct binding *x = &a->binds[i], *y = &b->binds[i];

		assert_int_equal(x->mac, y->mac);
		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->packets, y->packets);
		assert_int_equal(x->unicast, y->unicast);
		assert_memory_equal(x->peers, y->peers, sizeof x->peers);
		assert_memory_equal(x->callers, y->callers, sizeof x->callers);
	}
}

enum { BATCH_MOST = 200 };

static struct stamp alone[BATCH_MOST];
static struct packet alone_packets[BATCH_MOST];

/* Each packet by itself, in a world that remembers nothing of the last. */
static uint32_t stamp_alone(struct scene *s, const struct packet *packets, uint32_t n)
{
	uint32_t stamps = 0;

	for (uint32_t i = 0; i < n; i++) {
		forget(&s->world);
		s->work.packets[0] = packets[i];
		s->work.n = 1;
		if (world_stamp(&s->world, &s->work, 0) == 0)
			continue;
		alone_packets[stamps] = s->work.packets[0];
		alone[stamps] = s->work.stamps[0];
		alone[stamps].packet = &alone_packets[stamps];
		stamps++;
	}
	return stamps;
}

static void check_worlds(const char *local, uint64_t seed, uint32_t macs)
{
	static const uint8_t payload[4];
	struct draw d = draw_from(seed);
	struct scene *whole = scene_new(local), *pieces = scene_new(local);
	int64_t time_ns = 0;
	uint64_t key = 0;

	if (macs > 0)
		whole->world.macs_cap = pieces->world.macs_cap = macs;
	for (int round = 0; round < 300; round++) {
		uint32_t n = 1 + (uint32_t)draw_below(&d, BATCH_MOST - 1);

		for (uint32_t i = 0; i < n; i++) {
			struct packet *p = &whole->work.packets[i];

			*p = some_packet(&d, payload);
			p->time_ns = time_ns += (int64_t)draw_below(&d, 20) * NS_PER_MS;
			if (draw_below(&d, 200) == 0)
				p->time_ns -= (int64_t)draw_below(&d, 200) * NS_PER_S;
			p->key = ++key;
		}
		n = stamp_alone(pieces, whole->work.packets, whole->work.n = n);
		assert_int_equal(world_stamp(&whole->world, &whole->work, 0), n);
		for (uint32_t i = 0; i < n; i++)
			same_stamps(&whole->work.stamps[i], &alone[i]);
	}
	same_worlds(&whole->world, &pieces->world);
	scene_free(whole);
	scene_free(pieces);
}

static void test_memory_and_batches_do_not_show(void **state)
{
	(void)state;
	check_worlds(NULL, 1, 0);
	check_worlds("198.51.100.0/24", 2, 0);
	check_worlds(NULL, 3, 5);
	check_worlds("2001:db8::/32", 4, 1);
}

/* A run of frames from a MAC that finds no place is refused once, whatever comes to it meanwhile. */
static void test_runs_are_refused_once(void **state)
{
	struct scene *s = scene_new(NULL);
	unsigned macs[] = {1, 2, 3, 3, 3, 2, 3, 4, 4, 1, 4};

	(void)state;
	s->world.macs_cap = 2;
	for (size_t i = 0; i < sizeof macs / sizeof macs[0]; i++) {
		struct packet p = make_syn(home(macs[i], 1), home(1, 2), 7);

		scene_send(s, p);
		scene_send(s, p);
	}
	assert_int_equal(s->world.refused_macs, 4);
	scene_free(s);
}

/* ---- prefixes ---- */

static struct prefix some_prefix(struct draw *d)
{
	struct prefix p = {.addr = some_addr(d), .bits = (uint8_t)draw_below(d, 129)};
	char text[PREFIX_TEXT_MAX], plain[ADDR_TEXT_MAX];

	if (addr_is_v4(&p.addr))
		p.bits = (uint8_t)(p.bits % 33);
	snprintf(text, sizeof text, "%s/%u", addr_text(&p.addr, plain), p.bits);
	assert_true(prefix_parse(text, &p)); /* clears what lies behind */
	return p;
}

static void check_prefixes(struct draw *d, const struct prefix *given, size_t n)
{
	struct scene *s = scene_new(NULL);
	struct world w;

	assert_int_equal(
		world_init(&w, &s->budget, 1 << 16, &s->knowledge.limits, given, n, draw(d)), 0);
	for (int i = 0; i < 2000; i++) {
		struct addr a = some_addr(d);
		bool local = false;

		if (draw_below(d, 2) == 0) {
			a = given[draw_below(d, n)].addr;
			a.b[draw_below(d, 16)] ^= (uint8_t)(1U << draw_below(d, 8));
		}
		for (size_t k = 0; k < n; k++)
			local |= prefix_has(&given[k], &a);
		assert_int_equal(world_prefix_is_local(&w, &a), local || addr_is_link_local(&a));
	}
	scene_free(s);
}

static void test_prefixes_hold_what_they_hold(void **state)
{
	struct draw d = draw_from(5);
	struct prefix given[3];

	(void)state;
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 3; i++)
			given[i] = some_prefix(&d);
		check_prefixes(&d, given, 1 + draw_below(&d, 3));
	}
	assert_true(prefix_parse("::/0", &given[0]));
	check_prefixes(&d, given, 1);
	assert_true(prefix_parse("::/80", &given[0]));
	check_prefixes(&d, given, 1);
}

/* ---- ends ---- */

struct plain_end {
	struct addr addr;
	uint64_t count;
	bool sent, received;
};

static void count_plainly(struct plain_end *ends, const struct addr *a, bool sent)
{
	int free_place = -1;

	for (int i = 0; i < COMMON_ENDS; i++) {
		if (ends[i].count > 0 && addr_equal(&ends[i].addr, a)) {
			ends[i].count++;
			ends[i].sent |= sent;
			ends[i].received |= !sent;
			return;
		}
		if (ends[i].count == 0 && free_place < 0)
			free_place = i;
	}
	if (free_place >= 0)
		ends[free_place] = (struct plain_end){*a, 1, sent, !sent};
	for (int i = 0; i < COMMON_ENDS && free_place < 0; i++)
		ends[i].count--;
}

static void check_ends(uint64_t seed, uint64_t among, uint64_t often)
{
	struct draw d = draw_from(seed);
	struct common_ends e = {0};
	struct plain_end plain[COMMON_ENDS] = {0};

	for (int i = 0; i < 20000; i++) {
		uint64_t which = draw_below(&d, often) == 0 ? 7 : draw_below(&d, among);
		struct addr a = addr_v4((uint32_t)which);
		bool sent = draw_below(&d, 2) == 0;

		common_ends_add(&e, &a, hash_addr(&a), sent);
		count_plainly(plain, &a, sent);
		for (int k = 0; k < COMMON_ENDS; k++) {
			assert_int_equal(common_ends_count(&e, k), plain[k].count);
			if (plain[k].count == 0)
				continue;
			assert_true(addr_equal(&e.list[k].addr, &plain[k].addr));
			assert_int_equal(e.list[k].sent, plain[k].sent);
			assert_int_equal(e.list[k].received, plain[k].received);
		}
	}
}

static void test_ends_are_counted(void **state)
{
	(void)state;
	check_ends(1, 10, 2);
	check_ends(2, 17, 100);
	check_ends(3, 18, 100);
	check_ends(4, 1U << 30, 3);
	check_ends(5, 1U << 30, 1000);
	check_ends(6, 40, 4);
}

/* ---- copies ---- */

static void test_a_payload_is_rolled_in(void **state)
{
	struct draw d = draw_from(6);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t c = draw(&d), expected = c;
		uint32_t len = (uint32_t)draw_below(&d, 12);
		uint8_t payload[12];

		for (int k = 0; k < 12; k++)
			payload[k] = (uint8_t)draw(&d);
		for (uint32_t k = 0; k < len && k < 8; k++)
			expected = (expected << 8 | expected >> 56) ^ payload[k];
		assert_int_equal(copies_roll(c, payload, len), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_and_batches_do_not_show),
		cmocka_unit_test(test_runs_are_refused_once),
		cmocka_unit_test(test_prefixes_hold_what_they_hold),
		cmocka_unit_test(test_ends_are_counted),
		cmocka_unit_test(test_a_payload_is_rolled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
