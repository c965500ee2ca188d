/* SPDX-License-Identifier: MIT */
/*
 * Bots that find each other without a server, what honest programs do that looks like it, and that neither is told of a
 * device which was not proven to have taken a program in before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "detect/p2p.c"
#include "verdict/founded.c"

#define CODE "C-0012"

enum { OWN = 23456 };

static struct scene *s;

static int set_up(void **state)
{
	(void)state;
	s = scene_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_free(s);
	return 0;
}

static struct end peer(unsigned n, uint16_t port)
{
	return stranger(addr_v4(0xc6336400 + 60 + n), port);
}

/* One datagram to each of n peers; apart: each on a port of its own. */
static void speak(unsigned n, bool apart)
{
	for (unsigned i = 0; i < n; i++)
		scene_after(s, 150,
			    make_udp(home(20, OWN),
				     peer(i, (uint16_t)(20000 + (apart ? 111 * i : 0))), "x", 1));
}

static const struct finding *found(void)
{
	return scene_finding(s, CODE, home(20, 0));
}

static void test_peers_that_are_met_again(void **state)
{
	const struct finding *f;

	(void)state;
	speak(9, true);
	scene_wait(s, 30000);
	speak(9, true);
	f = found();
	assert_non_null(f);
	assert_true(f->after_load);
	assert_int_equal(f->weight, WEIGHT_SIGN);
	assert_int_equal(f->stranger, WEIGHT_NOTE);
	assert_int_equal(f->act, ACT_RECRUITED);
	assert_int_equal(f->keys_n, PEERS);
	assert_null(f->family);
}

static void test_once_is_not_enough(void **state)
{
	(void)state;
	speak(12, true); /* a flood, a trace */
	speak(12, true); /* … within seconds */
	assert_null(found());
}

static void test_few_peers(void **state)
{
	(void)state;
	for (int turn = 0; turn < 5; turn++) {
		speak(7, true);
		scene_wait(s, 20000);
	}
	assert_null(found());
}

static void test_a_cloud_on_one_port(void **state)
{
	(void)state;
	for (int turn = 0; turn < 5; turn++) {
		speak(12, false);
		scene_wait(s, 20000);
	}
	assert_null(found());
}

static void test_servers_and_neighbours_do_not_count(void **state)
{
	(void)state;
	for (int turn = 0; turn < 5; turn++) {
		for (unsigned i = 0; i < 12; i++) {
			scene_after(s, 100,
				    make_udp(home(20, OWN), peer(i, (uint16_t)(100 + i)), "x", 1));
			scene_after(s, 100,
				    make_udp(home(20, OWN), home(30 + i, (uint16_t)(5000 + i)), "x",
					     1));
		}
		scene_wait(s, 20000);
	}
	assert_null(found());
}

static void test_a_stranger_is_not_followed(void **state)
{
	(void)state;
	for (int turn = 0; turn < 5; turn++) {
		for (unsigned i = 0; i < 12; i++)
			scene_after(s, 100,
				    make_udp(stranger_at("203.0.113.9", OWN),
					     peer(i, (uint16_t)(20000 + i)), "x", 1));
		scene_wait(s, 20000);
	}
	assert_null(scene_finding(s, CODE, stranger_at("203.0.113.9", 0)));
}

static void test_parts_are_joined(void **state)
{
	struct p2p_state early = {0}, late = {0};
	bool differ;

	(void)state;
	for (unsigned i = 0; i < PEERS; i++) {
		const struct peer met = {.tag = i + 1, .port = (uint16_t)(2000 + i), .first_ns = 1};
		const struct peer again = {
			.tag = i + 1, .port = (uint16_t)(2000 + i), .first_ns = 90 * NS_PER_S};

		note_peer(find_port(&early, OWN), &met, i + 1, NS_PER_S);
		note_peer(find_port(&late, OWN), &again, i + 100, NS_PER_S);
	}
	note_peer(find_port(&late, 999), &late.ports[0].peers[0], 7, NS_PER_S);
	p2p_join(&early, &late, &s->lanes.lane[0].knowledge->limits);
	assert_int_equal(lasting_peers(&early.ports[0], &differ), PEERS);
	assert_int_equal(early.ports[0].keys[0], 1);
	assert_int_equal(early.ports[1].peers_n, 1);
}

/* ---- only after a program was taken in ---- */

static struct finding finding(uint32_t device, enum act act, enum weight weight, uint64_t key)
{
	return (struct finding){.device = device,
				.act = act,
				.weight = weight,
				.after_load = act == ACT_RECRUITED,
				.keys = {key},
				.keys_n = 1};
}

static size_t kept(struct finding *list, size_t n)
{
	struct findings f = {.list = list, .n = n, .cap = n};
	struct arena arena = {0};

	findings_founded(&f, 3, &arena);
	arena_fini(&arena);
	return f.n;
}

static void test_only_after_a_proven_load(void **state)
{
	struct finding after[] = {finding(1, ACT_LOADED, WEIGHT_PROOF, 5),
				  finding(1, ACT_RECRUITED, WEIGHT_SIGN, 9)};
	struct finding before[] = {finding(1, ACT_RECRUITED, WEIGHT_SIGN, 4),
				   finding(1, ACT_LOADED, WEIGHT_PROOF, 5)};
	struct finding sign[] = {finding(1, ACT_LOADED, WEIGHT_SIGN, 5),
				 finding(1, ACT_RECRUITED, WEIGHT_SIGN, 9)};
	struct finding other[] = {finding(0, ACT_LOADED, WEIGHT_PROOF, 5),
				  finding(2, ACT_RECRUITED, WEIGHT_SIGN, 9),
				  finding(2, ACT_SCANNING, WEIGHT_SIGN, 9)};

	(void)state;
	assert_int_equal(kept(after, 2), 2);
	assert_int_equal(kept(before, 2), 1);
	assert_int_equal(before[0].act, ACT_LOADED);
	assert_int_equal(kept(sign, 2), 1);
	assert_int_equal(kept(other, 3), 2);
	assert_int_equal(other[1].act, ACT_SCANNING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_peers_that_are_met_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_once_is_not_enough, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_few_peers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_cloud_on_one_port, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_servers_and_neighbours_do_not_count, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_stranger_is_not_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parts_are_joined, set_up, tear_down),
		cmocka_unit_test(test_only_after_a_proven_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
