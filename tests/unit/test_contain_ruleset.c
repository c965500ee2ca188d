/* SPDX-License-Identifier: MIT */
/*
 * contain/ruleset: that the text has what the place has and nothing else. What the rules do is tried with packets
 * (tests/groups/contain).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contain/element.h"
#include "contain/ruleset.h"

#include <ctype.h>
#include <stdio.h>

static struct ruleset_place place;
static struct text text;

static int anew(void **unused)
{
	(void)unused;
	memset(&place, 0, sizeof place);
	text_clear(&text);
	return 0;
}

static void add_lan(const char *prefix)
{
	assert_true(prefix_parse(prefix, &place.lan[place.lan_n++]));
}

static void add_gateway(const char *addr)
{
	assert_true(addr_parse(addr, &place.gateway[place.gateway_n++]));
}

static void add_port(const char *name)
{
	(void)snprintf(place.ports[place.ports_n++], RULESET_NAME, "%s", name);
}

static bool has(const char *what)
{
	return strstr(text_string(&text), what) != NULL;
}

static void expect(const char *line)
{
	text_clear(&text);
	ruleset_write(&place, &text);
	if (!has(line))
		fail_msg("not in the rules: %s", line);
}

static void networks_do_not_overlap(void **unused)
{
	(void)unused;
	expect("define cordon_here4 = { 169.254.0.0/16, 224.0.0.0/4, 255.255.255.255/32 }\n");
	expect("define cordon_here6 = { fe80::/10, ff00::/8 }\n");
	add_lan("192.0.2.0/25");
	add_lan("192.0.2.0/24");
	add_lan("192.0.2.0/24");
	add_lan("192.0.2.128/25");
	add_lan("169.254.7.0/24");
	add_lan("2001:db8:1::/64");
	add_lan("2001:db8::/32");
	add_lan("fe80::/64");
	expect("define cordon_here4 = { 169.254.0.0/16, 224.0.0.0/4, 255.255.255.255/32, 192.0.2.0/24 }\n");
	expect("define cordon_here6 = { fe80::/10, ff00::/8, 2001:db8::/32 }\n");
}

/* All the world is no local network: held devices would be free. */
static void what_is_too_wide_is_no_network(void **unused)
{
	(void)unused;
	add_lan("0.0.0.0/0");
	add_lan("128.0.0.0/1");
	add_lan("::/0");
	add_lan("2000::/3");
	add_lan("10.0.0.0/8");
	add_lan("fc00::/7");
	expect("define cordon_here4 = { 169.254.0.0/16, 224.0.0.0/4, 255.255.255.255/32, 10.0.0.0/8 }\n");
	expect("define cordon_here6 = { fe80::/10, ff00::/8, fc00::/7 }\n");
}

static void what_is_not_there_has_no_rules(void **unused)
{
	(void)unused;
	ruleset_write(&place, &text);
	assert_false(has("$cordon_gateway4") || has("$cordon_gateway6") || has("cordon_ports"));
	assert_false(has("$cordon_portal") || has("redirect") || has("ingress") || has("egress"));
	assert_false(has("dport 80"));
	add_gateway("192.0.2.1");
	add_gateway("0.0.0.0");
	add_gateway("ff02::1");
	expect("define cordon_gateway4 = { 192.0.2.1 }\n");
	assert_false(has("cordon_gateway6"));
	add_gateway("fe80::1");
	add_gateway("192.0.2.2");
	place.portal_port = 8080;
	add_port("lan1");
	expect("define cordon_gateway4 = { 192.0.2.1, 192.0.2.2 }\n");
	expect("define cordon_gateway6 = { fe80::1 }\n");
	expect("define cordon_portal = 8080\n");
	expect("hook ingress devices = { \"lan1\" } priority -500");
	expect("hook egress devices = { \"lan1\" } priority -500");
	expect("ip6 daddr $cordon_gateway6 redirect to :$cordon_portal");
}

/* A name could end the list that it stands in. */
static void names_of_interfaces(void **unused)
{
	static const char *const good[] = {"eth0", "br-lan", "lan1.7",	       "wlan0_1",
					   "p@q",  "a:1",    "123456789012345"};
	static const char *const bad[] = {"",
					  "a\"b",
					  "*",
					  "eth*",
					  "a b",
					  "-a",
					  "a;b",
					  "a}b",
					  "a{b",
					  "a#b",
					  "a\nb",
					  "a$b",
					  "a,b",
					  "\xc3",
					  ".",
					  "a/b",
					  "1234567890123456"};

	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(ruleset_port_is_plain(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(ruleset_port_is_plain(bad[i]));
	add_port("x\" } ; #");
	add_port("eth0");
	add_port("*");
	add_port("eth1");
	memset(place.ports[place.ports_n++], 'y', RULESET_NAME); /* without its end */
	expect("hook ingress devices = { \"eth0\", \"eth1\" } priority");
	assert_false(has("x\"") || has("yyy") || has("\"*"));
}

/* Counts beyond the arrays are not followed. */
static void counts_have_bounds(void **unused)
{
	(void)unused;
	for (int i = 0; i < RULESET_PREFIXES; i++) {
		place.lan[i] = (struct prefix){addr_v4(0xc0000200u + (uint32_t)i), 128};
		place.gateway[i] = place.lan[i].addr;
	}
	for (int i = 0; i < RULESET_PORTS; i++)
		(void)snprintf(place.ports[i], RULESET_NAME, "p%d", i);
	place.lan_n = place.gateway_n = place.ports_n = SIZE_MAX;
	expect("192.0.2.63/32 }");
	expect(", \"p31\" } priority");
}

static void all_sets_are_in_all_families(void **unused)
{
	struct addr four = addr_v4(0xc0000201u), six = {{0x20}};
	char line[64];

	(void)unused;
	ruleset_write(&place, &text);
	for (size_t f = 0; f < RULESET_FAMILIES; f++) {
		const char *at, *end;

		(void)snprintf(line, sizeof line, "table %s cordon {\n", ruleset_family(f));
		at = strstr(text_string(&text), line);
		assert_non_null(at);
		end = strstr(at, "\n}\n");
		assert_non_null(end);
		for (int i = 0; i < CONTAIN_SETS * 2; i++) {
			enum contain_set set = (enum contain_set)(i / 2);
			const char *found;

			(void)snprintf(line, sizeof line, "\tset %s {\n",
				       contain_set_name(set, i % 2 ? &four : &six));
			found = strstr(at, line);
			assert_true(found != NULL && found < end);
		}
	}
	assert_null(ruleset_family(RULESET_FAMILIES));
}

/* Only ever our own tables, and never a whole table of elements. */
static void only_our_tables(void **unused)
{
	char *line, *rest = NULL;

	(void)unused;
	place.portal_port = 80;
	add_port("a");
	add_gateway("192.0.2.1");
	ruleset_write(&place, &text);
	ruleset_write_removal(&text);
	assert_false(has("flush ruleset") || has("flush set"));
	for (line = strtok_r(text.at, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!isspace((unsigned char)line[0]) && strcmp(line, "}") != 0 &&
		    strncmp(line, "define cordon_", 14) != 0)
			assert_non_null(strstr(line, " cordon"));
	}
	text_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(networks_do_not_overlap, anew),
		cmocka_unit_test_setup(what_is_too_wide_is_no_network, anew),
		cmocka_unit_test_setup(what_is_not_there_has_no_rules, anew),
		cmocka_unit_test_setup(names_of_interfaces, anew),
		cmocka_unit_test_setup(counts_have_bounds, anew),
		cmocka_unit_test_setup(all_sets_are_in_all_families, anew),
		cmocka_unit_test_setup(only_our_tables, anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
