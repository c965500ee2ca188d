/* SPDX-License-Identifier: MIT */
/*
 * contain/plan: what devices need as elements, and that the deeds, applied one after the other to a plain list, make it the
 * wanted one by the shortest way, in the promised order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "contain/plan.h"

#include <stdlib.h>

enum { ROUNDS = 3000, MOST = 400, SECOND = 1000000000 };

static uint64_t state = 88172645463325252u;

static unsigned next(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 11) % below;
}

static struct mac mac_of(unsigned n)
{
	return (struct mac){{0x02, 0, 0x5e, 0, 0x53, (uint8_t)n}};
}

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static struct addr any_addr(void)
{
	struct addr a = addr_v4(0xc0000200u + next(6));

	if (next(2) == 0) {
		a = addr_of("2001:db8::");
		a.b[15] = (uint8_t)next(6);
	}
	return a;
}

static bool same(const struct contain_element *a, const struct contain_element *b)
{
	return contain_element_order(a, b) == 0;
}

static const struct contain_element *find(const struct contain_element *list, size_t n,
					  const struct contain_element *what)
{
	for (size_t i = 0; i < n; i++) {
		if (same(&list[i], what))
			return &list[i];
	}
	return NULL;
}

static bool is_hold(enum contain_set set)
{
	return set <= SET_ISOLATED;
}

static bool is_held(const struct contain_element *list, size_t n, const struct mac *mac)
{
	for (size_t i = 0; i < n; i++) {
		if (is_hold(list[i].set) && mac_equal(&list[i].mac, mac))
			return true;
	}
	return false;
}

static int by_order(const void *a, const void *b)
{
	return contain_element_order(a, b);
}

static size_t any_elements(struct contain_element *out)
{
	size_t n = 0, tries = next(60);

	for (size_t i = 0; i < tries; i++) {
		struct contain_element e = {.set = (enum contain_set)next(CONTAIN_SETS)};

		if (contain_set_has_mac(e.set))
			e.mac = mac_of(next(5));
		if (contain_set_has_addr(e.set))
			e.addr = any_addr();
		if (contain_set_has_end(e.set) && next(3) > 0)
			e.until_ns = (int64_t)(1 + next(100)) * SECOND;
		if (find(out, n, &e) == NULL)
			out[n++] = e;
	}
	qsort(out, n, sizeof *out, by_order);
	return n;
}

/* The slow list: what it holds after a deed. */
static size_t apply(struct contain_element *list, size_t n, const struct contain_action *a)
{
	size_t at = 0;

	while (at < n && !same(&list[at], &a->element))
		at++;
	if (a->deed == DEED_ADD) {
		assert_int_equal(at, n);
		list[n] = a->element;
		return n + 1;
	}
	assert_true(at < n);
	if (a->deed == DEED_RENEW) {
		assert_int_not_equal(list[at].until_ns, a->element.until_ns);
		list[at] = a->element;
		return n;
	}
	list[at] = list[n - 1];
	return n - 1;
}

/* Does it end when it should? */
static bool is_right(const struct contain_element *want, const struct contain_element *have,
		     int64_t slack)
{
	int64_t w = want->until_ns, h = have->until_ns;

	if (w == h)
		return true;
	if (want->set == SET_VIEWERS && (h == 0 || (w != 0 && h > w)))
		return true;
	return w != 0 && h != 0 && llabs(w - h) <= slack;
}

static void expect_wanted(const struct contain_element *wanted, size_t wanted_n,
			  const struct contain_element *list, size_t n, int64_t slack)
{
	for (size_t i = 0; i < wanted_n; i++) {
		const struct contain_element *have = find(list, n, &wanted[i]);

		assert_non_null(have);
		assert_true(is_right(&wanted[i], have, slack));
	}
	for (size_t i = 0; i < n; i++) {
		if (find(wanted, wanted_n, &list[i]) == NULL)
			assert_true(list[i].set == SET_VIEWERS &&
				    is_held(wanted, wanted_n, &list[i].mac));
	}
}

/* 0: removals, 1: what a device may, 2: holds, 3: holds that were replaced. */
static int rank(const struct contain_action *a, const struct contain_element *wanted, size_t n)
{
	if (a->deed == DEED_REMOVE)
		return is_hold(a->element.set) && is_held(wanted, n, &a->element.mac) ? 3 : 0;
	return is_hold(a->element.set) ? 2 : 1;
}

static void deeds_make_it_so(void **unused)
{
	static struct contain_element wanted[MOST], actual[MOST], list[2 * MOST];
	static struct contain_action actions[2 * MOST];

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t wanted_n = any_elements(wanted), actual_n = any_elements(actual), n;
		int64_t slack = next(3) * 20LL * SECOND;
		size_t deeds = plan_actions(wanted, wanted_n, actual, actual_n, slack, actions);
		int last = 0;

		assert_true(deeds <= wanted_n + actual_n);
		memcpy(list, actual, sizeof actual);
		n = actual_n;
		for (size_t i = 0; i < deeds; i++) {
			const struct contain_element *have = find(list, n, &actions[i].element);
			int now = rank(&actions[i], wanted, wanted_n);

			assert_true(now >= last);
			last = now;
			/* Nothing is touched that is right already. */
			if (actions[i].deed == DEED_RENEW)
				assert_false(is_right(&actions[i].element, have, slack));
			else if (actions[i].deed == DEED_REMOVE)
				assert_null(find(wanted, wanted_n, &actions[i].element));
			/* Who was held and is to be held is held at every moment. */
			n = apply(list, n, &actions[i]);
			for (unsigned m = 0; m < 5; m++) {
				struct mac mac = mac_of(m);

				if (is_held(wanted, wanted_n, &mac) &&
				    is_held(actual, actual_n, &mac))
					assert_true(is_held(list, n, &mac));
			}
		}
		expect_wanted(wanted, wanted_n, list, n, slack);
		/* And once it is so, there is nothing left to do. */
		qsort(list, n, sizeof *list, by_order);
		assert_int_equal(plan_actions(wanted, wanted_n, list, n, slack, actions), 0);
	}
}

static struct contain_wanted camera(unsigned n, enum hold hold)
{
	struct contain_wanted w = {.mac = mac_of(n), .hold = hold, .until_ns = 60LL * SECOND};

	w.addresses[w.addresses_n++] = addr_v4(0xc0000200u + n);
	w.addresses[w.addresses_n++] = addr_of("fe80::53");
	w.viewers[w.viewers_n++] = addr_of("192.0.2.40");
	w.viewers_until_ns = 5LL * SECOND;
	w.recorders[w.recorders_n++] = addr_of("239.1.1.1");
	w.allowed[w.allowed_n++] = addr_of("198.51.100.7");
	return w;
}

static bool has(const struct contain_element *list, size_t n, enum contain_set set,
		const char *addr)
{
	for (size_t i = 0; i < n; i++) {
		struct addr a = addr == NULL ? (struct addr){{0}} : addr_of(addr);

		if (list[i].set == set && addr_equal(&list[i].addr, &a))
			return true;
	}
	return false;
}

static void each_hold_has_its_sets(void **unused)
{
	struct contain_wanted w = camera(1, HOLD_CONTAINED);
	struct contain_element e[64];
	size_t refused,
		n = plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused);

	(void)unused;
	assert_int_equal(refused, 0);
	assert_int_equal(n, 5 + 2 + 1 + 1 + 1);
	assert_true(has(e, n, SET_CONTAINED, NULL) && has(e, n, SET_BLOCKED, NULL));
	assert_true(has(e, n, SET_HELD, NULL) && has(e, n, SET_LOUD, NULL) &&
		    has(e, n, SET_ASKS, NULL));
	assert_true(has(e, n, SET_OWN, "192.0.2.1") && has(e, n, SET_OWN, "fe80::53"));
	assert_true(has(e, n, SET_AWAY, "192.0.2.1") && !has(e, n, SET_AWAY, "fe80::53"));
	assert_true(has(e, n, SET_VIEWERS, "192.0.2.40") && has(e, n, SET_RECORDERS, "239.1.1.1"));
	for (size_t i = 0; i < n; i++) {
		int64_t until = !contain_set_has_end(e[i].set) ? 0
				: e[i].set == SET_VIEWERS      ? 5LL * SECOND
							       : 60LL * SECOND;

		assert_true(e[i].until_ns == until);
	}
	w.hold = HOLD_GATED;
	n = plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused);
	assert_true(has(e, n, SET_GATED, NULL) && has(e, n, SET_ALLOWED, "198.51.100.7"));
	assert_true(has(e, n, SET_CALLED, "198.51.100.7") && !has(e, n, SET_CONTAINED, NULL));
	assert_false(has(e, n, SET_VIEWERS, "192.0.2.40") || has(e, n, SET_RECORDERS, "239.1.1.1"));
	w.hold = HOLD_ISOLATED;
	n = plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused);
	assert_int_equal(n, 5 + 2 + 1);
	w.hold = HOLD_NONE;
	assert_int_equal(
		plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused), 0);
	assert_int_equal(refused, 0);
}

static void what_is_no_address_is_left_out(void **unused)
{
	static const char *const none[] = {
		"0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "::", "::1", "ff02::1"};
	struct contain_wanted w = {.mac = mac_of(1), .hold = HOLD_CONTAINED};
	struct contain_element e[64];
	size_t refused;

	(void)unused;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		w.addresses[w.addresses_n++] = addr_of(none[i]);
		w.viewers[w.viewers_n++] = addr_of(none[i]);
	}
	assert_int_equal(
		plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused), 5);
	w.mac = (struct mac){{1, 2, 3, 4, 5, 6}};
	assert_int_equal(
		plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused), 0);
	assert_int_equal(refused, 1);
	w.mac = (struct mac){{0}};
	assert_int_equal(
		plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused), 0);
	assert_int_equal(refused, 1);
	/* A count that is too large reads nothing beyond the array. */
	w = camera(1, HOLD_CONTAINED);
	w.addresses_n = 1000;
	assert_true(plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, e, 64, &refused) <
		    64);
}

static void two_devices_with_one_address(void **unused)
{
	struct contain_wanted w[2] = {camera(1, HOLD_CONTAINED), camera(2, HOLD_CONTAINED)};
	struct contain_element e[64];
	size_t refused, n, away = 0;

	(void)unused;
	w[1].addresses[0] = w[0].addresses[0];
	w[1].until_ns = 90LL * SECOND;
	n = plan_elements(&(struct contain_all){.held = w, .held_n = 2}, e, 64, &refused);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || contain_element_order(&e[i - 1], &e[i]) < 0);
		if (e[i].set == SET_AWAY) {
			away++;
			assert_true(e[i].until_ns == 90LL * SECOND);
		}
	}
	assert_int_equal(away, 1);
	w[0].until_ns = 0;
	n = plan_elements(&(struct contain_all){.held = w, .held_n = 2}, e, 64, &refused);
	for (size_t i = 0; i < n; i++)
		assert_true(e[i].set != SET_AWAY || e[i].until_ns == 0);
}

/* The last ones are left out, whole. */
static void a_full_list(void **unused)
{
	struct contain_wanted w[5];
	struct contain_element e[64];
	size_t refused, one;

	(void)unused;
	for (unsigned i = 0; i < 5; i++)
		w[i] = camera(i + 1, HOLD_ISOLATED);
	one = plan_elements(&(struct contain_all){.held = w, .held_n = 1}, e, 64, &refused);
	for (size_t room = 0; room <= 5 * one; room++) {
		size_t n = plan_elements(&(struct contain_all){.held = w, .held_n = 5}, e, room,
					 &refused);

		assert_int_equal(n, room / one * one);
		assert_int_equal(refused, 5 - room / one);
		for (size_t i = 0; i < n; i++)
			assert_true(contain_set_has_mac(e[i].set) == false ||
				    e[i].mac.b[5] <= room / one);
	}
	w[1].hold = HOLD_NONE;
	assert_int_equal(
		plan_elements(&(struct contain_all){.held = w, .held_n = 5}, e, one, &refused),
		one);
	assert_int_equal(refused, 3);
}

static void as_text(void **unused)
{
	struct contain_action a[] = {
		{DEED_ADD, {SET_CONTAINED, mac_of(1), {{0}}, 90LL * SECOND + 1}},
		{DEED_RENEW, {SET_OWN, mac_of(1), addr_of("2001:db8::7"), 0}},
		{DEED_REMOVE, {SET_AWAY, {{0}}, addr_of("2001:db8::7"), 90LL * SECOND}},
		{DEED_ADD, {SET_VIEWERS, mac_of(1), addr_of("192.0.2.40"), 10LL * SECOND}},
	};
	struct text t = {0};

	(void)unused;
	plan_write(a, 4, 30LL * SECOND, &t);
	assert_string_equal(
		text_string(&t),
		"add element netdev cordon contained { 02:00:5e:00:53:01 timeout 61s }\n"
		"add element bridge cordon contained { 02:00:5e:00:53:01 timeout 61s }\n"
		"add element inet cordon contained { 02:00:5e:00:53:01 timeout 61s }\n"
		"delete element netdev cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"delete element bridge cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"delete element inet cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"add element netdev cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"add element bridge cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"add element inet cordon own6 { 02:00:5e:00:53:01 . 0x20010db8000000000000000000000007 }\n"
		"delete element netdev cordon away6 { 2001:db8::7 }\n"
		"delete element bridge cordon away6 { 2001:db8::7 }\n"
		"delete element inet cordon away6 { 2001:db8::7 }\n");
	text_fini(&t);
}

static void sets_have_names(void **unused)
{
	struct addr four = addr_of("192.0.2.1"), six = addr_of("2001:db8::1");

	(void)unused;
	assert_string_equal(contain_set_name(SET_CONTAINED, NULL), "contained");
	assert_string_equal(contain_set_name(SET_OWN, &four), "own4");
	assert_string_equal(contain_set_name(SET_OWN, &six), "own6");
	assert_null(contain_set_name(SET_OWN, NULL));
	assert_null(contain_set_name((enum contain_set)CONTAIN_SETS, &four));
	assert_null(contain_set_name((enum contain_set) - 1, &four));
	for (int i = 0; i < CONTAIN_SETS; i++) {
		enum contain_set set = (enum contain_set)i;

		assert_true(contain_set_has_mac(set) || contain_set_has_addr(set));
		assert_non_null(contain_set_name(set, &six));
	}
	assert_false(contain_set_has_mac((enum contain_set)CONTAIN_SETS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deeds_make_it_so),
		cmocka_unit_test(each_hold_has_its_sets),
		cmocka_unit_test(what_is_no_address_is_left_out),
		cmocka_unit_test(two_devices_with_one_address),
		cmocka_unit_test(a_full_list),
		cmocka_unit_test(as_text),
		cmocka_unit_test(sets_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
