/* SPDX-License-Identifier: MIT */
/*
 * watch/hold_place: what cordon-enforce is told of a place, and when a place is another. What interfaces say is tried in the lab.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hold/hold_place.h"

#include <string.h>

static struct ruleset_place place_of(const char *const *lan, const char *const *gateways)
{
	struct ruleset_place p = {0};

	for (; *lan != NULL; lan++)
		assert_true(prefix_parse(*lan, &p.lan[p.lan_n++]));
	for (; *gateways != NULL; gateways++)
		assert_true(addr_parse(*gateways, &p.gateway[p.gateway_n++]));
	return p;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void order_is_no_difference(void **unused)
{
	const struct ruleset_place a = place_of(LIST("192.0.2.0/24", "2001:db8:1::/64"),
						LIST("192.0.2.1", "fe80::1")),
				   b = place_of(LIST("2001:db8:1::/64", "192.0.2.0/24"),
						LIST("fe80::1", "192.0.2.1"));
	const struct ruleset_place others[] = {
		place_of(LIST("192.0.2.0/24"), LIST("192.0.2.1", "fe80::1")),
		place_of(LIST("192.0.2.0/25", "2001:db8:1::/64"), LIST("192.0.2.1", "fe80::1")),
		place_of(LIST("192.0.2.0/24", "2001:db8:1::/64"), LIST("192.0.2.1")),
		place_of(LIST("192.0.2.0/24", "2001:db8:1::/64"), LIST("192.0.2.1", "fe80::2")),
		place_of(LIST("192.0.2.0/24", "2001:db8:1::/64", "2001:db8:3::/64"),
			 LIST("192.0.2.1", "fe80::1"))};

	(void)unused;
	assert_true(hold_place_same(&a, &b));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_false(hold_place_same(&a, &others[i]));
		assert_false(hold_place_same(&others[i], &a));
	}
}

/* A prefix that comes and goes, or is read half, ends nothing. */
static void a_change_has_to_last(void **unused)
{
	static struct hold_change c;
	const struct ruleset_place a = place_of(LIST("192.0.2.0/24"), LIST("192.0.2.1")),
				   b = place_of(LIST("203.0.113.0/24"), LIST("203.0.113.1")),
				   none = {0};

	(void)unused;
	assert_false(hold_place_changed(&c, &a));
	assert_false(hold_place_changed(&c, &a));
	assert_false(hold_place_changed(&c, &none));
	assert_false(hold_place_changed(&c, &a));
	assert_false(hold_place_changed(&c, &b));
	assert_false(hold_place_changed(&c, &none));
	assert_false(hold_place_changed(&c, &b));
	assert_true(hold_place_changed(&c, &b));
}

static void words_come_in_pairs(void **unused)
{
	static const char *const expected[] = {
		"--port",	   "br0",	"--lan",     "192.0.2.0/24", "--lan",
		"2001:db8:1::/64", "--gateway", "192.0.2.1", "--never",	     "02:00:5e:00:53:01"};
	static struct settings s;
	struct ruleset_place p =
		place_of(LIST("192.0.2.0/24", "2001:db8:1::/64"), LIST("192.0.2.1"));
	struct hold_words w = {.place = &p, .settings = &s};
	const char *name, *value;
	bool gate = false;
	size_t n = 0;

	(void)unused;
	strcpy(p.ports[p.ports_n++], "br0");
	p.gate = true;
	s.contain_never.n = 2; /* one by address, which cordon-enforce is not told */
	s.contain_never.list[0].addr = addr_v4(0xc0000209);
	s.contain_never.list[1].is_mac = true;
	assert_true(mac_parse("02:00:5e:00:53:01", &s.contain_never.list[1].mac));
	while (hold_words_next(&w, &name, &value)) {
		if (n < sizeof expected / sizeof *expected) {
			assert_string_equal(name, expected[n++]);
			assert_string_equal(value, expected[n++]);
		}
		gate = gate || (strcmp(name, "--gate") == 0 && strcmp(value, "on") == 0);
	}
	assert_int_equal(n, sizeof expected / sizeof *expected);
	assert_true(gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_no_difference),
		cmocka_unit_test(a_change_has_to_last),
		cmocka_unit_test(words_come_in_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
