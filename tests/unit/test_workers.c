/* SPDX-License-Identifier: MIT */
/*
 * The workers: every lane takes every slot once, in order, with any number of threads, and no slot is filled again
 * while somebody reads it. lanes_step() is listened to on its way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"
#include "draw.h"

#include <sched.h>
#include <stdatomic.h>

enum { ROUNDS = 300, HOSTS = 400 };

static struct {
	uint64_t next
		[LANE_STEPS]
		[LANES]; /* number of the slot that the lane must get; one thread at a time writes each */
	atomic_uint wrong;
	bool listening;
} heard;

static void listen(struct lanes *lanes, const struct work *work, unsigned step, unsigned parts)
{
	uint64_t number = work->packets[0].key;

	if (!heard.listening) {
		lanes_step(lanes, work, step, parts);
		return;
	}
	for (unsigned i = step / LANE_STEPS; i < LANES; i += parts) {
		if (heard.next[step % LANE_STEPS][i]++ != number)
			heard.wrong++;
	}
	for (uint64_t i = 0; i < (number * 7 + step) % 5; i++)
		sched_yield();
	if (work->packets[0].key != number) /* filled again under our hands */
		heard.wrong++;
}

static void listen_all(struct lanes *lanes, const struct work *work, unsigned part, unsigned parts)
{
	for (unsigned i = 0; i < LANE_STEPS; i++)
		listen(lanes, work, part * LANE_STEPS + i, parts);
}

#define lanes_step listen
#define lanes_run listen_all
#include "workers.c"
#undef lanes_run
#undef lanes_step

static void check_threads(unsigned threads, uint64_t slots)
{
	struct workers *w;

	memset(heard.next, 0, sizeof heard.next);
	heard.wrong = 0;
	heard.listening = true;
	assert_int_equal(workers_start(&w, NULL, threads), 0);
	for (uint64_t i = 0; i < slots; i++) {
		struct slot *slot = workers_slot(w);

		slot->work->packets[0].key = i;
		slot->work->n = 1;
		workers_run(w, slot);
	}
	workers_stop(w);
	heard.listening = false;
	assert_int_equal(heard.wrong, 0);
	for (int i = 0; i < LANES; i++) {
		assert_int_equal(heard.next[0][i], slots);
		assert_int_equal(heard.next[1][i], slots);
	}
}

static void test_every_lane_takes_every_slot_once_in_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 16; threads++)
		check_threads(threads, ROUNDS);
}

static void test_few_slots(void **state)
{
	(void)state;
	for (uint64_t slots = 0; slots < 12; slots++) {
		check_threads(1, slots);
		check_threads(4, slots);
	}
}

static void test_more_threads_than_lanes(void **state)
{
	(void)state;
	check_threads(64, 20);
	check_threads(1000, 20); /* held to 64 */
}

static void test_no_slot_is_named_twice(void **state)
{
	struct workers *w;
	struct slot *slot;

	(void)state;
	assert_int_equal(workers_start(&w, NULL, 1), 0);
	slot = workers_slot(w);
	assert_non_null(slot->batch->bytes);
	assert_ptr_equal(workers_slot(w), slot); /* not handed over yet */
	workers_stop(w);
}

/* The same traffic through real lanes: what they hold afterwards is the same for any number of threads. */
static void fill(struct work *work, struct draw *d, uint64_t *number)
{
	work->n = 100;
	for (uint32_t i = 0; i < work->n; i++) {
		struct end from = stranger(addr_v4(0xc6330000 + (uint32_t)draw_below(d, HOSTS)), 9);
		struct end to = stranger(addr_v4(0xcb007100 + (uint32_t)draw_below(d, 50)), 23);
		struct packet p = make_syn(from, to, addr_low32(&to.addr));

		p.key = ++*number;
		p.time_ns = p.now_ns = (int64_t)*number * NS_PER_MS;
		work->packets[i] = p;
		work->stamps[i] =
			(struct stamp){.packet = &work->packets[i],
				       .actor = p.src,
				       .actor_hash = hash_addr(&p.src),
				       .target_hash = hash_addr(&p.dst),
				       .second = p.now_ns / NS_PER_S,
				       .src_mac = NO_MAC,
				       .dst_mac = NO_MAC,
				       .kind = KIND_SYN,
				       .flags = STAMP_SENDER | STAMP_TARGET | STAMP_BELIEVED};
		work->stamps[i].actor_lane = (uint8_t)(work->stamps[i].actor_hash >> 58);
		work->stamps[i].target_lane = (uint8_t)(work->stamps[i].target_hash >> 58);
	}
}

static struct scene *play(unsigned threads, uint64_t seed)
{
	struct scene *s = scene_seeded(NULL, seed);
	struct draw d = draw_from(1);
	struct workers *w;
	uint64_t number = 0;

	assert_int_equal(workers_start(&w, &s->lanes, threads), 0);
	for (int i = 0; i < 60; i++) {
		struct slot *slot = workers_slot(w);

		fill(slot->work, &d, &number);
		workers_run(w, slot);
	}
	workers_stop(w);
	scene_conclude(s);
	return s;
}

static void expect_equal(const struct scene *a, const struct scene *b)
{
	assert_int_equal(a->findings.n, b->findings.n);
	for (size_t i = 0; i < a->findings.n; i++) {
		assert_string_equal(a->findings.list[i].text, b->findings.list[i].text);
		assert_memory_equal(&a->findings.list[i], &b->findings.list[i],
				    offsetof(struct finding, text));
	}
	for (int l = 0; l < LANES; l++) {
		const struct hosts *x = &a->lanes.lane[l].hosts, *y = &b->lanes.lane[l].hosts;
		const struct flood_lane *f = flood_lane_of(&a->lanes.lane[l]);
		const struct flood_lane *g = flood_lane_of(&b->lanes.lane[l]);

		assert_int_equal(x->n, y->n);
		for (uint32_t h = 0; h < x->n; h++)
			assert_memory_equal(hosts_at(x, h), hosts_at(y, h), sizeof(struct host));
		assert_int_equal(f->records_n, g->records_n);
		assert_memory_equal(f->records, g->records,
				    f->records_n * sizeof(struct flood_record));
	}
}

static void test_threads_and_seeds_change_nothing(void **state)
{
	struct scene *one = play(1, 1);

	(void)state;
	assert_true(one->findings.n > HOSTS / 2);
	for (unsigned threads = 2; threads <= 16; threads += 7) {
		struct scene *many = play(threads, threads * 1000);

		expect_equal(one, many);
		scene_free(many);
	}
	scene_free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_lane_takes_every_slot_once_in_order),
		cmocka_unit_test(test_few_slots),
		cmocka_unit_test(test_more_threads_than_lanes),
		cmocka_unit_test(test_no_slot_is_named_twice),
		cmocka_unit_test(test_threads_and_seeds_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
