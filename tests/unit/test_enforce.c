/* SPDX-License-Identifier: MIT */
/*
 * cordon-enforce's own copy of the elements against a naive list, when tables are put back (time is fed), and who may not be
 * held. What is a message is tested with the kernel (tests/groups/enforce) and by the fuzz target.
 */
#include "../../src/enforce/held.c"
#include "../../src/enforce/here.c"
#include "../../src/enforce/watch.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The program's sockets are no part of this. */
const uint8_t sets_families[SETS_FAMILIES] = {5, 7, 1};
int netlink_open(struct netlink *n, int bus, uint32_t groups)
{
	(void)n, (void)bus, (void)groups;
	return 0;
}
bool netlink_hear(struct netlink *n, netlink_see *see, void *context, unsigned most)
{
	(void)n, (void)see, (void)context, (void)most;
	return true;
}

static struct held held;

static struct contain_element draw(void)
{
	struct contain_element e = {.set = rand() % 2 != 0 ? SET_GATED : SET_OWN,      /* NOLINT */
				    .mac = {{2, 0, 0, 0, 0, (uint8_t)(rand() % 40)}}}; /* NOLINT */

	if (e.set == SET_OWN)
		e.addr = addr_v4(0xc0000200U + (uint32_t)(rand() % 3)); /* NOLINT */
	e.until_ns = rand() % 4 * 10;					/* NOLINT */
	return e;
}

struct twin {
	struct contain_element list[4096];
	size_t n;
};

static struct contain_element *twin_find(struct twin *t, const struct contain_element *e)
{
	for (size_t i = 0; i < t->n; i++)
		if (contain_element_order(&t->list[i], e) == 0)
			return &t->list[i];
	return NULL;
}

static void against_a_twin(void **state)
{
	static struct twin t;

	(void)state;
	srand(8);
	for (int step = 0; step < 20000; step++) {
		struct contain_element e = draw(), *there = twin_find(&t, &e);

		if (rand() % 3 == 0) { /* NOLINT */
			held_take(&held, &e);
			if (there != NULL)
				*there = t.list[--t.n];
		} else if (step % 1000 == 999) {
			held_expire(&held, 10);
			for (size_t i = t.n; i-- > 0;)
				if (t.list[i].until_ns == 10)
					t.list[i] = t.list[--t.n];
		} else {
			assert_true(held_put(&held, &e, false));
			if (there != NULL)
				*there = e;
			else
				t.list[t.n++] = e;
		}
		assert_int_equal(held.n, t.n);
		assert_int_equal(held.of_set[SET_GATED] + held.of_set[SET_OWN], t.n);
		for (size_t i = 0; i < held.n; i++) {
			assert_true(i == 0 ||
				    contain_element_order(&held.list[i - 1], &held.list[i]) < 0);
			there = twin_find(&t, &held.list[i]);
			assert_non_null(there);
			assert_int_equal(there->until_ns, held.list[i].until_ns);
		}
	}
}

static void full(void **state)
{
	struct contain_element e = {.set = SET_CONTAINED};

	(void)state;
	held_clear(&held);
	for (unsigned i = 0; i < 2000; i++) {
		e.mac = (struct mac){{2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};
		assert_int_equal(held_put(&held, &e, true), i < CONTAIN_DEVICES);
	}
	e.mac.b[4] = e.mac.b[5] = 0;
	assert_true(held_put(&held, &e, true)); /* one that is there */
	e.set = SET_ISOLATED;
	assert_true(held_put(&held, &e, true)); /* another set */
	e.set = SET_AWAY;
	for (unsigned i = 0; i < 20000; i++) {
		e = (struct contain_element){.set = SET_AWAY, .addr = addr_v4(0x0a000000 + i)};
		assert_int_equal(held_put(&held, &e, true),
				 i < CONTAIN_ELEMENTS - CONTAIN_DEVICES - 1);
	}
	assert_int_equal(held.n, CONTAIN_ELEMENTS);
}

static void wanted_again(void **state)
{
	struct contain_element a = {.set = SET_GATED, .mac = {{2, 0, 0, 0, 0, 1}}}, b = a;

	(void)state;
	b.mac.b[5] = 2;
	held_clear(&held);
	assert_true(held_put(&held, &b, true));
	held_begin(&held);
	assert_true(held_put(&held, &a, true)); /* moves the other one, mark and all */
	assert_true(held.wanted[0]);
	assert_false(held.wanted[1]);
	assert_true(held_put(&held, &b, false));
	assert_false(held.wanted[1]);
	assert_true(held_put(&held, &b, true));
	assert_true(held.wanted[1]);
	held_take(&held, &a);
	assert_true(held.wanted[0]);
}

/* At once, then ever later, at most a minute; at once again when it was quiet. */
static void ever_later(void **state)
{
	struct watch w = {0};
	int64_t now = 1000000, last = 0, gap = 0;

	(void)state;
	w.touched = true;
	assert_true(watch_is_due(&w, now));
	for (int i = 0; i < 20; i++) {
		while (!watch_is_due(&w, now)) {
			int wait = watch_wait_ms(&w, now, -1);

			assert_in_range(wait, 1, WATCH_PAUSE_MOST_MS);
			now += wait;
		}
		if (last != 0) {
			assert_true(now - last >= gap);
			gap = now - last;
		}
		last = now;
		watch_done(&w, now, true);
		assert_false(w.touched);
		assert_int_equal(watch_wait_ms(&w, now, -1), -1);
		w.touched = true; /* somebody takes them away at once */
	}
	assert_int_equal(gap, WATCH_PAUSE_MOST_MS);
	now += 3 * WATCH_PAUSE_MOST_MS;
	watch_done(&w, now, true);
	w.touched = true;
	assert_false(watch_is_due(&w, now));
	assert_true(watch_is_due(&w, now + WATCH_PAUSE_MS));
	watch_done(&w, now + WATCH_PAUSE_MS, false);
	assert_true(w.touched); /* it failed: tried again */
}

static void nobody_of_ours(void **state)
{
	static struct enforce_place place = {.never = {{{2, 0, 0, 0, 0, 9}}}, .never_n = 1};
	static struct here here;
	struct contain_element e = {
		.set = SET_OWN, .mac = {{2, 0, 0, 0, 0, 8}}, .addr = addr_v4(1)};

	(void)state;
	place.rules.gateway[0] = addr_v4(0xc0000201);
	place.rules.gateway_n = 1;
	here_begin(&here, &place);
	for (unsigned i = 0; i < 3000; i++)
		here_add_mac(&here, (const uint8_t[]){4, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i});
	here_sort(&here);
	assert_true(here.full);
	assert_false(here_refuses(&here, &e));
	e.addr = place.rules.gateway[0];
	assert_true(here_refuses(&here, &e));
	e.set = SET_VIEWERS;
	assert_false(here_refuses(&here, &e));
	e.mac.b[5] = 9;
	assert_true(here_refuses(&here, &e));
	e = (struct contain_element){.set = SET_AWAY, .addr = place.rules.gateway[0]};
	assert_true(here_refuses(&here, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(against_a_twin), cmocka_unit_test(full),
					   cmocka_unit_test(wanted_again),
					   cmocka_unit_test(ever_later),
					   cmocka_unit_test(nobody_of_ours)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
