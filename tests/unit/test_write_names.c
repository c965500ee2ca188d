/* SPDX-License-Identifier: MIT */
/*
 * verdict/write_names: what a device calls itself, told in several ways and by those who shout loudest, and how it asks for
 * its lease.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "verdict/write_profile.h"

#include <stdlib.h>
#include <string.h>

struct word {
	enum signal signal;
	const char *value;
	uint32_t count;
};

/* "first second …|lease" of what was told. */
static void expect_names(const struct word *words, size_t n, bool local, const char *expected)
{
	struct fact facts[40] = {{.key = 0}};
	struct told told[40];
	const struct profile p = {.told = told, .told_n = n};
	struct device d = {.local = local};
	struct arena arena = {.failed = false};
	char text[512] = "";

	for (size_t i = 0; i < n; i++) {
		facts[i] = (struct fact){.signal = (uint8_t)words[i].signal,
					 .key = i + 1,
					 .last_key = i + 1,
					 .count = words[i].count};
		told[i] = (struct told){
			.fact = &facts[i],
			.value = {(const uint8_t *)words[i].value, strlen(words[i].value)}};
	}
	write_told_names(&d, &p, &arena);
	for (size_t i = 0; i < d.names_n; i++)
		strcat(strcat(text, d.names[i]), " ");
	strcat(strcat(text, "|"), d.lease != NULL ? d.lease : "");
	assert_string_equal(text, expected);
	arena_fini(&arena);
}

#define EXPECT(expected, ...)                                                                      \
	do {                                                                                       \
		static const struct word words[] = {__VA_ARGS__};                                  \
		expect_names(words, sizeof words / sizeof words[0], true, expected);               \
	} while (0)

static void test_names(void **state)
{
	(void)state;
	EXPECT("|", {SIGNAL_http_title, "NETSurveillance", 9});
	/* One name told in four ways is one, as it was told first. */
	EXPECT("Cam |", {SIGNAL_dhcp_host_name, "Cam", 1}, {SIGNAL_mdns_host, "cam.local", 1},
	       {SIGNAL_nbns_name, "CAM<00>", 1}, {SIGNAL_llmnr_name, "cam", 1});
	EXPECT("loud quiet |", {SIGNAL_dhcp_host_name, "quiet", 1},
	       {SIGNAL_mdns_host, "loud.local.", 5});
	EXPECT("e d c b |", {SIGNAL_dhcp_host_name, "a", 1}, {SIGNAL_dhcp_host_name, "b", 2},
	       {SIGNAL_dhcp_fqdn, "c", 3}, {SIGNAL_dhcp6_fqdn, "d", 4},
	       {SIGNAL_llmnr_name, "e", 5});
	EXPECT("|", {SIGNAL_nbns_name, "<20>", 1}, {SIGNAL_dhcp_host_name, "", 1},
	       {SIGNAL_dhcp_fqdn, ".", 1});
	EXPECT(".local |", {SIGNAL_mdns_host, ".local", 1});
}

static void test_leases(void **state)
{
	(void)state;
	EXPECT("|1,3,6", {SIGNAL_dhcp_parameters, "1,3,6", 1});
	EXPECT("|1,3,6 udhcp 1.24.1", {SIGNAL_dhcp_parameters, "1,3,6", 1},
	       {SIGNAL_dhcp_vendor_class, "udhcp 1.24.1", 1});
	EXPECT("|", {SIGNAL_dhcp_vendor_class, "udhcp 1.24.1", 1});
	EXPECT("|1,3", {SIGNAL_dhcp_parameters, "1,3,6", 9}, {SIGNAL_dhcp_parameters, "1,3", 1});
}

/* More names than are weighed, and strangers, who have none here. */
static void test_bounds(void **state)
{
	struct word words[40];
	static char texts[40][8];

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(texts[i], sizeof texts[i], "n%u", i);
		words[i] = (struct word){SIGNAL_dhcp_host_name, texts[i], i < 32 ? 1 : 100};
	}
	expect_names(words, 40, true, "n0 n1 n2 n3 |");
	expect_names(words, 40, false, "|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
					   cmocka_unit_test(test_leases),
					   cmocka_unit_test(test_bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
