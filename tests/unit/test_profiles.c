/* SPDX-License-Identifier: MIT */
/*
 * identify/profiles and profile_weigh: who made a device, by which evidence, and whose facts are whose. Catalogues are a
 * few lines; a MAC's organisation is the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/prefixes.h"
#include "identify/profile_weigh.h"
#include "reduced.h"

/* The IEEE's list as this test has it: by the MAC's last byte. */
const char *prefixes_organisation(const struct mac *mac)
{
	return mac->b[5] == 76	 ? "Fone SA"
	       : mac->b[5] == 77 ? "Acme Ltd"
	       : mac->b[5] == 78 ? "Chips Inc."
	       : mac->b[5] == 79 ? "Nobody"
				 : NULL;
}

static struct catalogue known;
static const struct world_mac fone = {.mac = {{0, 1, 2, 3, 4, 76}}, .first_key = 2};
static const struct world_mac acme = {.mac = {{0, 1, 2, 3, 4, 77}}, .first_key = 3};
static const struct world_mac chips = {.mac = {{0, 1, 2, 3, 4, 78}}, .first_key = 4};
static const struct world_mac unknown = {.mac = {{0, 1, 2, 3, 4, 79}}, .first_key = 5};

/* One signal of each weight, best first. */
static const enum signal by_weight[] = {SIGNAL_onvif_manufacturer, SIGNAL_xm_dvrip,
					SIGNAL_http_server, SIGNAL_dhcp_host_name, SIGNAL_dns_name};
enum { WEIGHTS = 5 };

/* Each signal may say who it is: "Acme", surely or as a guess; one says everything else. */
static const char *fingerprints(void)
{
	static const char *const makers[] = {"Acme", "Bolt", "Shop"};
	static const char *const levels[] = {"low", "medium", "high"};
	static char text[8192];
	size_t n = 0;

	for (int s = 0; s < WEIGHTS; s++) {
		char name[64];

		snprintf(name, sizeof name, "%s", signals[by_weight[s]].name);
		for (char *c = name; *c != '\0'; c++)
			*c = *c == '_' ? '-' : *c;
		for (int m = 0; m < 3; m++) {
			for (int l = 0; l < 3; l++)
				n += (size_t)snprintf(text + n, sizeof text - n,
						      "%s\t%s %s\t%s\t-\t-\t-\t-\t%s\ttest\n", name,
						      makers[m], levels[l], makers[m], levels[l]);
		}
	}
	snprintf(text + n, sizeof text - n,
		 "onvif-model\tLC-(*)\tAcme\tcamera\tLC-$1\t-\t-\thigh\ttest\n"
		 "onvif-model\tX-(*)\t-\t-\tX-$1\t-\t-\tlow\ttest\n"
		 "onvif-firmware\tV*\t-\t-\t-\t$0\t-\tmedium\ttest\n"
		 "onvif-firmware\tB*\tBolt\t-\t-\t$0\t-\tmedium\ttest\n"
		 "http-title\tfw (*)\t-\t-\t-\t$1\t-\thigh\ttest\n"
		 "xm-built\t*\t-\t-\t-\t-\t$0\thigh\ttest\n"
		 "http-agent\tWindows\t-\tpc\t-\t-\t-\tmedium\ttest\n"
		 "dhcp-vendor-class\tMSFT\t-\tpc\t-\t-\t-\tmedium\ttest\n"
		 "dhcp-host-name\tFone-7\tFone\tphone\t-\t-\t-\tmedium\ttest\n"
		 "dhcp-server\tserver\t-\trouter\t-\t-\t-\tmedium\ttest\n"
		 "dns-name\t.acme.example\tAcme\t-\t-\t-\t-\tmedium\ttest\n"
		 "dns-name\twww.bolt.example\tBolt\t-\t-\t-\t-\tmedium\ttest\n"
		 "tls-sni\t.acme.example\tAcme\t-\t-\t-\t-\tlow\ttest\n"
		 "dns-name\tguess.example\tAcme\t-\t-\t-\t-\tlow\ttest\n");
	return text;
}

static int load(void **state)
{
	struct small_files files = {
		.makers =
			"Acme\tmaker\tAcme*\t-\ttest\thigh\nBolt\tmaker\tBolt*\t-\ttest\thigh\n"
			"Fone\tmaker\tFone*\t-\ttest\thigh\n"
			"Chips\tmodule\tChips*\t-\ttest\thigh\nShop\tbrand\tShop*\tBolt\ttest\thigh\n",
		.products =
			"Acme\tLC-9*\tdoorbell\t-\t-\ttest\thigh\nAcme\tX-*\trouter\t-\t-\ttest\thigh\n"};

	files.fingerprints = fingerprints();
	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

/* ---- weighing ---------------------------------------------------------------------------------------------------- */

enum { DAY = 86400, SAID_MAX = 12 };

struct said {
	struct fact facts[SAID_MAX];
	struct told told[SAID_MAX];
	struct profile profile;
	struct arena arena;
};

static void say(struct said *s, enum signal signal, const char *value, uint64_t key)
{
	size_t n = s->profile.told_n++;

	assert_true(n < SAID_MAX);
	s->facts[n] = (struct fact){.key = key,
				    .last_key = key,
				    .first_ns = 16000 * (int64_t)DAY * NS_PER_S,
				    .last_ns = 16000 * (int64_t)DAY * NS_PER_S,
				    .signal = (uint8_t)signal};
	s->told[n] = (struct told){.fact = &s->facts[n], .value = bytes_of(value)};
}

static const struct profile *weigh(struct said *s, const struct world_mac *mac)
{
	static struct matches matches;

	matches = (struct matches){.catalogue = &known};
	s->profile.told = s->told;
	profile_weigh(&s->profile, mac, &matches, &s->arena);
	assert_false(s->arena.failed);
	return &s->profile;
}

static void expect_text(const char *text, const char *expected)
{
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void test_each_weight_beats_the_next(void **state)
{
	(void)state;
	for (int better = 0; better < WEIGHTS; better++) {
		for (int worse = better + 1; worse < WEIGHTS; worse++) {
			struct said s = {.arena = {.failed = false}};

			say(&s, by_weight[worse], "Bolt high", 1);
			say(&s, by_weight[better], "Acme medium", 2);
			expect_text(weigh(&s, NULL)->maker, "Acme");
			assert_int_equal(s.profile.maker_key, 2);
			assert_int_equal(s.profile.evidence_n, 2);
			assert_false(s.profile.evidence[0].against);
			assert_true(s.profile.evidence[1].against);
			arena_fini(&s.arena);
		}
	}
}

/* Every other signal beats the MAC's prefix, which alone names a maker too. */
static void test_prefix(void **state)
{
	(void)state;
	for (int better = -1; better < WEIGHTS; better++) {
		struct said s = {.arena = {.failed = false}};

		if (better >= 0)
			say(&s, by_weight[better], "Bolt medium", 2);
		weigh(&s, &acme);
		expect_text(s.profile.maker, better < 0 ? "Acme" : "Bolt");
		assert_int_equal(s.profile.maker_key, better < 0 ? 3 : 2);
		arena_fini(&s.arena);
	}
}

static void test_confidence_then_packet(void **state)
{
	struct said s = {.arena = {.failed = false}};

	(void)state;
	say(&s, SIGNAL_http_server, "Acme medium", 1);
	say(&s, SIGNAL_http_server, "Bolt high", 2);
	expect_text(weigh(&s, NULL)->maker, "Bolt");
	arena_fini(&s.arena);
	s = (struct said){.arena = {.failed = false}};
	say(&s, SIGNAL_http_server, "Acme medium", 2);
	say(&s, SIGNAL_http_server, "Bolt medium", 1);
	expect_text(weigh(&s, NULL)->maker, "Bolt");
	arena_fini(&s.arena);
}

static void test_a_guess_needs_a_second_signal(void **state)
{
	static const struct {
		enum signal second;
		const char *value;
		const char *maker;
	} cases[] = {{SIGNAL_http_server, NULL, NULL},
		     {SIGNAL_dns_name, "Acme low", "Acme"},
		     {SIGNAL_dns_name, "Acme medium", "Acme"},
		     {SIGNAL_http_server, "Acme high", "Acme"}, /* by itself */
		     {SIGNAL_dns_name, "Bolt low", NULL},
		     {SIGNAL_dns_name, "Bolt medium", "Bolt"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct said s = {.arena = {.failed = false}};

		say(&s, SIGNAL_http_server, "Acme low", 1);
		if (cases[i].value != NULL)
			say(&s, cases[i].second, cases[i].value, 2);
		expect_text(weigh(&s, NULL)->maker, cases[i].maker);
		arena_fini(&s.arena);
	}
}

static void test_modules_make_no_devices(void **state)
{
	struct said s = {.arena = {.failed = false}};

	(void)state;
	weigh(&s, &chips);
	assert_null(s.profile.maker);
	assert_int_equal(s.profile.evidence_n, 1);
	expect_text(s.profile.evidence[0].module, "Chips");
	assert_false(s.profile.evidence[0].against);
	say(&s, SIGNAL_dhcp_host_name, "Acme medium", 9);
	s.profile.evidence_n = 0;
	weigh(&s, &chips);
	expect_text(s.profile.maker, "Acme");
	assert_false(s.profile.evidence[1].against);
	arena_fini(&s.arena);
	s = (struct said){.arena = {.failed = false}};
	weigh(&s, &unknown); /* kept, though it says nothing */
	assert_null(s.profile.maker);
	assert_int_equal(s.profile.evidence_n, 1);
	expect_text(s.profile.evidence[0].value, "Nobody");
	arena_fini(&s.arena);
}

/* What is said of a device, one value a line; NULL ends the list. */
static void expect_named(const struct world_mac *mac, const char *maker, const char *product,
			 const char *const *lines)
{
	struct said s = {.arena = {.failed = false}};

	for (uint64_t key = 1; *lines != NULL; key++, lines += 2) {
		enum signal signal = SIGNALS;

		for (int i = 0; i < SIGNALS; i++)
			signal = strcmp(signals[i].name, lines[0]) == 0 ? (enum signal)i : signal;
		assert_int_not_equal(signal, SIGNALS);
		say(&s, signal, lines[1], key);
	}
	weigh(&s, mac);
	expect_text(s.profile.maker, maker);
	expect_text(s.profile.product, product);
	arena_fini(&s.arena);
}

#define EXPECT_NAMED(mac, maker, product, ...)                                                     \
	expect_named(mac, maker, product, (const char *const[]){__VA_ARGS__, NULL})

/* The app on somebody's computer, and the name that the owner gave it, are not the device. */
static void test_computers_ask_for_everybody(void **state)
{
	(void)state;
	EXPECT_NAMED(NULL, "Acme", NULL, "dns_name", "a.acme.example");
	EXPECT_NAMED(NULL, NULL, "pc", "dns_name", "a.acme.example", "http_agent", "Windows");
	EXPECT_NAMED(NULL, NULL, "pc", "dns_name", "a.acme.example", "dhcp_vendor_class", "MSFT");
	EXPECT_NAMED(NULL, NULL, "pc", "dhcp_host_name", "Acme high", "dhcp_vendor_class", "MSFT");
	EXPECT_NAMED(NULL, "Fone", "phone", "dhcp_host_name", "Fone-7", "dns_name",
		     "a.acme.example");
	EXPECT_NAMED(&fone, "Fone", NULL, "dns_name", "a.acme.example");
	EXPECT_NAMED(&fone, "Fone", NULL, "dhcp_host_name", "Acme high");
	EXPECT_NAMED(&fone, "Acme", NULL, "http_server", "Acme medium");
	EXPECT_NAMED(&acme, "Acme", "pc", "dns_name", "a.acme.example", "http_agent", "Windows");
	EXPECT_NAMED(NULL, "Acme", "pc", "http_server", "Acme high", "http_agent", "Windows");
}

/* A flood's User-Agent does not make a computer of what says itself that it is something else. */
static void test_a_thing_that_claims_a_browser(void **state)
{
	(void)state;
	EXPECT_NAMED(NULL, "Acme", NULL, "onvif_manufacturer", "Acme high", "http_agent",
		     "Windows");
	EXPECT_NAMED(NULL, "Acme", "camera", "onvif_model", "LC-1", "http_agent", "Windows");
}

static void test_who_asks_for_others(void **state)
{
	(void)state;
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "a.acme.example", "dns_name", "Bolt medium");
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "a.acme.example", "tls_sni", "a.acme.example",
		     "dns_name", "Bolt low");
	EXPECT_NAMED(NULL, "Bolt", NULL, "dns_name", "Bolt medium", "dns_name", "Shop medium");
	EXPECT_NAMED(NULL, NULL, "router", "dns_name", "a.acme.example", "dhcp_server", "server");
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "a.acme.example", "service", "dns");
	EXPECT_NAMED(NULL, "Acme", NULL, "dns_name", "a.acme.example", "service", "http");
	EXPECT_NAMED(&acme, "Acme", "router", "dns_name", "Bolt medium", "dhcp_server", "server");
	EXPECT_NAMED(NULL, NULL, "pc", "dhcp_vendor_class", "MSFT", "dhcp_server", "server");
}

/* People visit a maker's site; a name looked up and then connected to is one sign. */
static void test_sites_and_guesses(void **state)
{
	(void)state;
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "www.acme.example");
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "app.eu.acme.example");
	EXPECT_NAMED(NULL, "Acme", NULL, "dns_name", "application.acme.example");
	EXPECT_NAMED(NULL, "Bolt", NULL, "dns_name", "www.bolt.example"); /* a line for itself */
	EXPECT_NAMED(NULL, NULL, NULL, "dns_name", "guess.example", "tls_sni", "x.acme.example");
	EXPECT_NAMED(NULL, "Acme", NULL, "dns_name", "guess.example", "http_server", "Acme low");
}

/* Whichever names itself better: who builds is the maker, who sells the brand; they do not contradict each other. */
static void test_brands(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct said s = {.arena = {.failed = false}};

		say(&s, SIGNAL_onvif_manufacturer, first == 0 ? "Shop high" : "Bolt high", 1);
		say(&s, SIGNAL_http_server, first == 0 ? "Bolt medium" : "Shop medium", 2);
		say(&s, SIGNAL_dns_name, "Acme medium", 3);
		weigh(&s, NULL);
		expect_text(s.profile.maker, "Bolt");
		expect_text(s.profile.brand, "Shop");
		assert_false(s.profile.evidence[0].against || s.profile.evidence[1].against);
		assert_true(s.profile.evidence[2].against);
		arena_fini(&s.arena);
	}
}

static void test_model_and_product(void **state)
{
	struct said s = {.arena = {.failed = false}};

	(void)state;
	say(&s, SIGNAL_onvif_model, "LC-9 rev B", 4);
	weigh(&s, NULL);
	expect_text(s.profile.maker, "Acme");
	expect_text(s.profile.model, "LC-9 rev B");
	expect_text(s.profile.product, "camera"); /* the device's own word before products.tsv */
	assert_int_equal(s.profile.model_key, 4);
	arena_fini(&s.arena);
	s = (struct said){.arena = {.failed = false}};
	say(&s, SIGNAL_onvif_model, "LC-9", 4);
	say(&s, SIGNAL_onvif_manufacturer, "Bolt high", 1); /* the same weight, first */
	weigh(&s, NULL);
	expect_text(s.profile.maker, "Bolt");
	assert_null(s.profile.model); /* another maker's */
	assert_null(s.profile.product);
	arena_fini(&s.arena);
	s = (struct said){.arena = {.failed = false}};
	say(&s, SIGNAL_onvif_model, "X-1", 4); /* a guess that names nobody is none */
	say(&s, SIGNAL_onvif_manufacturer, "Acme high", 1);
	weigh(&s, NULL);
	assert_null(s.profile.model);
	arena_fini(&s.arena);
}

static void test_firmware_seen_last(void **state)
{
	struct said s = {.arena = {.failed = false}};

	(void)state;
	say(&s, SIGNAL_onvif_manufacturer, "Acme high", 1);
	say(&s, SIGNAL_onvif_firmware, "V2", 5);
	say(&s, SIGNAL_onvif_firmware, "V1", 7); /* went back */
	say(&s, SIGNAL_onvif_firmware, "B9", 8); /* somebody else's */
	say(&s, SIGNAL_http_title, "fw 3", 9);	 /* a banner only */
	weigh(&s, NULL);
	expect_text(s.profile.firmware, "V1");
	assert_int_equal(s.profile.firmware_key, 7);
	s.facts[1].last_key = 10; /* the other one again */
	s.profile.firmware = NULL;
	s.profile.evidence_n = 0;
	expect_text(weigh(&s, NULL)->firmware, "V2");
	arena_fini(&s.arena);
}

static void test_build_dates(void **state)
{
	static const struct {
		const char *told;
		const char *built;
	} cases[] = {{"2013-10-22 10:00:00", "2013-10-22"},
		     {"2013-10-22", "2013-10-22"}, /* the capture's day */
		     {"2013-10-23", "2013-10-23"}, /* … and the next, for other time zones */
		     {"2013-10-24", ""},
		     {"2099-01-01", ""},
		     {"2000-01-01", ""},
		     {"yesterday", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct said s = {.arena = {.failed = false}};

		say(&s, SIGNAL_xm_built, cases[i].told, 1);
		weigh(&s, NULL);
		assert_string_equal(s.profile.built, cases[i].built);
		assert_int_equal(s.profile.built_known, cases[i].built[0] != '\0');
		arena_fini(&s.arena);
	}
}

/* ---- whose facts ------------------------------------------------------------------------------------------------- */

static struct scene *stage(void)
{
	struct scene *s = scene_new(NULL);

	scene_listen(s, &known);
	return s;
}

/* A name told in DHCP, from 0.0.0.0, is the device's that the lease makes of that MAC. */
static void test_before_it_has_an_address(void **state)
{
	struct scene *s = stage();
	struct end unborn = home(30, 68), all;
	uint8_t dhcp[300] = {1, 1, 6, 0};
	struct reduced r;

	(void)state;
	all = (struct end){
		.addr = addr_v4(0xffffffff), .mac = {{255, 255, 255, 255, 255, 255}}, .port = 67};
	unborn.addr = addr_v4(0);
	memcpy(dhcp + 28, unborn.mac.b, 6);
	memcpy(dhcp + 236,
	       "\x63\x82\x53\x63\x35\x01\x01\x0c\x0b"
	       "Acme medium\xff",
	       21);
	scene_send(s, make_udp(unborn, all, dhcp, sizeof dhcp));
	settle(s, 30);
	reduce(&r, s, &known, false);
	expect_text(profile_of(&r, home(30, 0))->maker, "Acme");
	assert_int_equal(r.devices.n, 2);
	reduced_fini(&r);
	scene_free(s);
}

/* IPv4 and IPv6 of one host tell of one device; another host's facts stay its own. */
static void test_addresses_of_one_mac(void **state)
{
	struct scene *s = stage();
	struct end a = settle(s, 30), b = settle(s, 31), six = a;
	struct reduced r;

	(void)state;
	six.addr = scene_addr("fe80::30");
	scene_send(s, make_udp(six,
			       (struct end){.addr = scene_addr("ff02::fb"), .mac = {{0x33, 0x33}}},
			       NULL, 0));
	tells(s, a, SIGNAL_onvif_model, "LC-1", 9);
	tells(s, six, SIGNAL_onvif_firmware, "V7", 10);
	tells(s, b, SIGNAL_http_server, "Bolt high", 11);
	reduce(&r, s, &known, false);
	expect_text(profile_of(&r, a)->maker, "Acme");
	expect_text(profile_of(&r, a)->firmware, "V7");
	assert_int_equal(profile_of(&r, a)->told_n, 2);
	expect_text(profile_of(&r, b)->maker, "Bolt");
	assert_null(profile_of(&r, b)->firmware);
	reduced_fini(&r);
	scene_free(s);
}

static void test_strangers_that_tell(void **state)
{
	struct scene *s = stage();
	struct end far = stranger_at("203.0.113.80", 0);
	struct reduced r;

	(void)state;
	settle(s, 30);
	tells(s, far, SIGNAL_onvif_model, "LC-1", 9);
	reduce(&r, s, &known, false);
	expect_text(r.profiles.list[device_named(&r, "ip:203.0.113.80")].maker, "Acme");
	assert_int_equal(r.devices.n, 3);
	reduced_fini(&r);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_weight_beats_the_next),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_confidence_then_packet),
		cmocka_unit_test(test_a_guess_needs_a_second_signal),
		cmocka_unit_test(test_modules_make_no_devices),
		cmocka_unit_test(test_computers_ask_for_everybody),
		cmocka_unit_test(test_a_thing_that_claims_a_browser),
		cmocka_unit_test(test_who_asks_for_others),
		cmocka_unit_test(test_sites_and_guesses),
		cmocka_unit_test(test_brands),
		cmocka_unit_test(test_model_and_product),
		cmocka_unit_test(test_firmware_seen_last),
		cmocka_unit_test(test_build_dates),
		cmocka_unit_test(test_before_it_has_an_address),
		cmocka_unit_test(test_addresses_of_one_mac),
		cmocka_unit_test(test_strangers_that_tell),
	};

	return cmocka_run_group_tests(tests, load, small_catalogue_fini);
}
