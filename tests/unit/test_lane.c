/* SPDX-License-Identifier: MIT */
/*
 * detect/lane: tables fit any budget, strangers never push out who is known, states that find no room are counted,
 * and neither the number of workers, the cuts between batches nor the seed shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "scene.h"

static void check_memory(size_t size)
{
	static struct world world;
	static struct lanes lanes;
	static struct knowledge k;
	struct knowledge_error error;
	struct budget b;

	assert_int_equal(knowledge_load(&k, &error), 0);
	assert_int_equal(budget_init(&b, size), 0);
	if (world_init(&world, &b, size / 100 * 12, &k.limits, NULL, 0, 1) != 0 ||
	    lanes_init(&lanes, &b, size / 100 * 86, &k, 1) != 0)
		fail_msg("tables do not fit %zu bytes", size);
	assert_true(b.taken <= size && b.taken > size / 2);
	for (int i = 0; i < LANES; i++)
		assert_true(lanes.lane[i].hosts.cap >= 500);
	budget_fini(&b);
}

static void test_tables_fit_any_budget(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	for (size_t size = 32 << 20; size < (size_t)4 << 30; size += size / 37 + 4097)
		check_memory(size);
	for (int i = 0; i < 100; i++)
		check_memory((32 << 20) + draw_below(&d, 1 << 30));
}

static void test_too_little_memory_is_said(void **state)
{
	static struct lanes lanes;
	struct scene *s = scene_new(NULL);
	struct budget b;

	(void)state;
	assert_int_equal(budget_init(&b, 1 << 20), 0);
	assert_true(lanes_init(&lanes, &b, 32 << 20, &s->knowledge, 1) < 0);
	budget_fini(&b);
	scene_free(s);
}

static struct end target(unsigned n)
{
	return stranger(addr_v4(0xc6336400 + n % 256), 23);
}

static struct packet marked(struct end from, struct end to)
{
	return make_syn(from, to, addr_low32(&to.addr));
}

static uint64_t refused(const struct scene *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < LANES; i++) {
		const struct lane *lane = &s->lanes.lane[i];

		sum += lane->hosts.refused;
		for (int p = 0; p < HOST_STATES; p++)
			sum += lane->pools[p].refused;
	}
	return sum;
}

/* A flood of marked SYNs from more addresses than there is room for: who came before it is still convicted. */
static void test_a_flood_of_senders_hides_nobody(void **state)
{
	struct scene *s = scene_new(NULL);

	(void)state;
	scene_send(s, marked(home(20, 4000), target(1)));
	for (uint32_t i = 0; i < 300000; i++)
		scene_send(s, marked(stranger(addr_v4(0x14000000 + i * 2654435761U), 4000),
				     home(30, 23)));
	assert_true(refused(s) > 100000);
	for (unsigned i = 2; i <= 5; i++)
		scene_after(s, 100, marked(home(20, 4000), target(i)));
	assert_int_equal(scene_finding(s, "C-0001", home(20, 0))->weight, WEIGHT_PROOF);
	assert_int_equal(scene_finding(s, "C-0001", home(20, 0))->count, 5);
	scene_free(s);
}

static void test_hosts_are_observed(void **state)
{
	struct scene *s = scene_new(NULL);
	const struct host *host;
	int64_t first = s->now_ns;

	(void)state;
	for (int i = 0; i < 10; i++)
		scene_after(s, i > 0, make_udp(home(20, 1), target(1), NULL, 0));
	host = scene_host(s, home(20, 0));
	assert_int_equal(host->packets, 10);
	assert_int_equal(host->first_ns, first);
	assert_int_equal(host->last_ns, first + 9 * NS_PER_MS);
	assert_null(scene_host(s, target(1)));
	scene_free(s);
}

static void test_backscatter_is_counted(void **state)
{
	struct scene *s = scene_new(NULL);
	uint64_t answers = 0, unasked = 0;

	(void)state;
	scene_send(s, make_syn(home(20, 4000), target(1), 1));
	scene_send(s, make_tcp(target(1), home(20, 4000), TCP_SYN | TCP_ACK, 1, 2));
	scene_send(s, make_tcp(target(1), home(20, 4000), TCP_RST, 1, 2));
	for (unsigned i = 0; i < 5; i++)
		scene_send(s, make_tcp(target(1), home(40 + i, 4000), TCP_SYN | TCP_ACK, 1, 2));
	for (int i = 0; i < LANES; i++) {
		answers += s->lanes.lane[i].answers;
		unasked += s->lanes.lane[i].unasked;
	}
	assert_int_equal(answers, 2);
	assert_int_equal(unasked, 5);
	scene_free(s);
}

/* ---- nothing of how the work is done shows ---- */

enum { PACKETS = 6000 };

static struct packet any_packet(struct draw *d)
{
	unsigned n = (unsigned)draw_below(d, 30);
	struct end from = draw_below(d, 3) == 0 ? target(n) : home(20 + n, 4000);
	struct end to = draw_below(d, 2) == 0 ? target(n + 7) : home(20 + (n + 3) % 30, 23);
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_RST, TCP_ACK};

	switch (draw_below(d, 8)) {
	case 0:
	case 1:
	case 2:
		return marked(from, to);
	case 3:
		return make_udp(from, to, NULL, 0);
	case 4:
		return make_arp(from, to.addr, 1);
	case 5:
		to.port = 53;
		return make_udp(from, to, NULL, 0);
	default:
		return make_tcp(from, to, flags[draw_below(d, 4)], (uint32_t)draw_below(d, 9),
				(uint32_t)draw_below(d, 9));
	}
}

/* The same packets in batches of up to `most`, run by so many workers one after the other. */
static struct scene *play(uint64_t seed, uint32_t most, unsigned workers)
{
	struct scene *s = scene_seeded(NULL, seed);
	struct draw d = draw_from(7), cuts = draw_from(seed);

	for (uint64_t sent = 0; sent < PACKETS;) {
		uint32_t n = 1 + (uint32_t)draw_below(&cuts, most);

		for (s->work.n = 0; s->work.n < n && sent < PACKETS; sent++) {
			struct packet p = any_packet(&d);

			s->now_ns += (int64_t)draw_below(&d, 5) * NS_PER_MS;
			p.time_ns = p.now_ns = s->now_ns;
			p.key = sent + 1;
			p.link_key = (uint32_t)draw_below(&d, 2);
			s->work.packets[s->work.n++] = p;
		}
		world_stamp(&s->world, &s->work, 0);
		for (unsigned w = 0; w < workers; w++)
			lanes_run(&s->lanes, &s->work, w, workers);
	}
	scene_conclude(s);
	return s;
}

static void expect_equal(const struct scene *a, const struct scene *b)
{
	assert_int_equal(a->findings.n, b->findings.n);
	for (size_t i = 0; i < a->findings.n; i++) {
		assert_string_equal(a->findings.list[i].text, b->findings.list[i].text);
		assert_memory_equal(a->findings.list[i].keys, b->findings.list[i].keys,
				    sizeof a->findings.list[i].keys);
		assert_memory_equal(&a->findings.list[i], &b->findings.list[i],
				    offsetof(struct finding, text));
	}
	assert_int_equal(a->world.binds_n, b->world.binds_n);
	assert_memory_equal(a->world.binds, b->world.binds,
			    a->world.binds_n * sizeof(struct binding));
	assert_int_equal(a->world.macs_n, b->world.macs_n);
	assert_memory_equal(a->world.macs, b->world.macs,
			    a->world.macs_n * sizeof(struct world_mac));
	assert_int_equal(a->world.copies.seen, b->world.copies.seen);
	for (int i = 0; i < LANES; i++) {
		const struct lane *x = &a->lanes.lane[i], *y = &b->lanes.lane[i];

		assert_int_equal(x->hosts.n, y->hosts.n);
		for (uint32_t h = 0; h < x->hosts.n; h++)
			assert_memory_equal(hosts_at(&x->hosts, h), hosts_at(&y->hosts, h),
					    sizeof(struct host));
		assert_int_equal(x->answers, y->answers);
		assert_int_equal(x->one_way, y->one_way);
	}
}

static void test_the_way_of_working_does_not_show(void **state)
{
	struct scene *one = play(1, 1, 1);

	(void)state;
	assert_true(one->findings.n > 20);
	for (unsigned workers = 1; workers <= 64; workers = workers * 3 + 1) {
		struct scene *other = play(workers * 99, workers * 60, workers);

		expect_equal(one, other);
		scene_free(other);
	}
	scene_free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_fit_any_budget),
		cmocka_unit_test(test_too_little_memory_is_said),
		cmocka_unit_test(test_a_flood_of_senders_hides_nobody),
		cmocka_unit_test(test_hosts_are_observed),
		cmocka_unit_test(test_backscatter_is_counted),
		cmocka_unit_test(test_the_way_of_working_does_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
