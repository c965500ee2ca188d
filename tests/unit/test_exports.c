/* SPDX-License-Identifier: MIT */
/*
 * base/uuid.c, report/json_out.c and the exports that are made with them, from a model made by hand: what they say, what
 * they hold back, and that hostile strings do no harm. Schemas are held by tests/groups/exports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_model.h"
#include "base/uuid.h"
#include "cli/reporter.h"
#include "report/abroad.h"
#include "report/formats.h"
#include "report/json_out.h"

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* RFC 9562, appendix A.4; and STIX's namespace, as another implementation has it. */
static void test_uuid(void **state)
{
	static const struct uuid dns = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4,
					 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
	static const struct uuid stix = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c,
					  0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};
	char id[UUID_TEXT_MAX];

	(void)state;
	assert_string_equal(uuid_of_name(&dns, bytes_of("www.example.com"), id),
			    "2ed6657d-e927-568b-95e1-2665a8aea6a2");
	assert_string_equal(uuid_of_name(&stix, bytes_of("{\"value\":\"198.51.100.7\"}"), id),
			    "12592121-be4c-5a93-a813-5a5af16e50db");
}

static void test_compact_json(void **state)
{
	struct text t = {0};
	struct json j = {.to = &t, .compact = true};

	(void)state;
	for (int i = 0; i < 2; i++) {
		json_open(&j, NULL, "{");
		json_string(&j, "a", NULL);
		json_known(&j, "b", NULL);
		json_open(&j, "c", "[");
		json_count(&j, NULL, 1);
		json_bool(&j, NULL, true);
		json_close(&j, "]");
		json_time_as(&j, "d", AT(0) + 123456789, 6, "+0000");
		json_time_as(&j, "e", AT(0), 0, "");
		json_close(&j, "}");
		json_end(&j);
	}
	assert_string_equal(text_string(&t),
			    "{\"a\":null,\"c\":[1,true],\"d\":\"2016-10-21T11:04:31.123456+0000\","
			    "\"e\":\"2016-10-21T11:04:31\"}\n"
			    "{\"a\":null,\"c\":[1,true],\"d\":\"2016-10-21T11:04:31.123456+0000\","
			    "\"e\":\"2016-10-21T11:04:31\"}\n");
	text_fini(&t);
}

static void test_reporter(void **state)
{
	static const char *const wrong[] = {
		"",
		"abuse@example.net",
		"<abuse@example.net>",
		"Example",
		"Example <abuse>",
		"Example <@example.net>",
		"Example <abuse@example>",
		"Example <a@b@example.net>",
		"Example <a..b@example.net>",
		"Example <abuse@-example.net>",
		"Example <abuse@example-.net>",
		"Example <abuse@example.net.>",
		"Example <a b@example.net>",
		"Example <abuse@example.net> x",
	};
	struct reporter r;

	(void)state;
	assert_true(reporter_read("  Example Net  <abuse+iot@example.net>", &r));
	assert_string_equal(r.org, "Example Net");
	assert_string_equal(r.mail, "abuse+iot@example.net");
	assert_string_equal(r.domain, "example.net");
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (reporter_read(wrong[i], &r))
			fail_msg("taken: %s", wrong[i]);
}

/* ---- the exports ----------------------------------------------------------------------------------------------- */

static const struct where seen[] = {{0, 5}, {0, 6}};
static const char *const mirai[] = {"mirai"};

struct story_of_one {
	struct model model;
	struct evidence evidence[4];
};

/* The taken recorder scanned from port 4000, was broken into, called its server, and may have called a cloud. */
static void fill_story(struct story_of_one *s)
{
	struct device *d = &s->model.devices[1];
	struct evidence like = {.detector = "mirai-scan",
				.code = "C-0001",
				.first_ns = AT(1),
				.last_ns = AT(9),
				.count = 40,
				.packets = seen,
				.packets_n = 2,
				.text = "scans TCP port 23",
				.stage = STAGE_SCANNING,
				.port = 23,
				.caller_port = 4000,
				.family = "mirai",
				.weight = "proof"};

	fill(&s->model);
	for (size_t i = 0; i < 4; i++)
		s->evidence[i] = like;
	s->evidence[1].detector = "breach";
	s->evidence[1].peer = "203.0.113.77";
	s->evidence[1].role = "intruder";
	s->evidence[1].inward = true;
	s->evidence[1].stage = STAGE_BREACHED;
	s->evidence[2].detector = s->evidence[3].detector = "c2";
	s->evidence[2].peer = "198.51.100.9";
	s->evidence[3].peer = "198.51.100.10";
	s->evidence[2].role = s->evidence[3].role = "command-server";
	s->evidence[2].stage = s->evidence[3].stage = STAGE_RECRUITED;
	s->evidence[3].weight = "sign";
	s->evidence[3].text = "calls regularly";
	d->evidence = s->evidence;
	d->evidence_n = 4;
	d->families = mirai;
	d->families_n = 1;
}

static const struct report_options example = {.reporter = "Example Net",
					      .reporter_mail = "abuse@example.net",
					      .reporter_domain = "example.net"};

static void write_format(enum format f, const struct judged *judged, struct text *t)
{
	formats[f].write(judged, &example, t);
	assert_false(t->failed);
}

static void test_accomplices_by_proof(void **state)
{
	static const enum format abroad[] = {FORMAT_XARF, FORMAT_STIX, FORMAT_MISP};
	struct story_of_one s;

	(void)state;
	fill_story(&s);
	for (size_t i = 0; i < COUNT(abroad); i++) {
		struct text t = {0};

		write_format(abroad[i], &s.model.judged, &t);
		expect_in(&t, "203.0.113.77");
		expect_in(&t, "198.51.100.9");
		expect_not_in(&t,
			      "198.51.100.10"); /* a sign is no proof: a cloud, for all we know */
		expect_not_in(&t, "192.168.1.20"); /* exposed, and did nothing */
		expect_not_in(&t, "shop.pcapng");
		text_fini(&t);
	}
}

/* Without the caller's port a provider can't find a subscriber, and XARF asks for it: the deed is in the host's report. */
static void test_no_port_no_deed(void **state)
{
	struct text with = {0}, without = {0};
	struct story_of_one s;

	(void)state;
	fill_story(&s);
	write_format(FORMAT_XARF, &s.model.judged, &with);
	expect_in(&with, "\"source_port\":4000,\"category\":\"connection\",\"type\":\"port_scan\"");
	expect_in(&with, "\"type\":\"infected_host\"");
	expect_in(&with, "\"tags\":[\"malware:mirai\",\"cordon:c-0001\",\"address:private\"]");
	s.evidence[0].caller_port = 0;
	write_format(FORMAT_XARF, &s.model.judged, &without);
	expect_not_in(&without, "port_scan");
	expect_in(&without, "\"type\":\"infected_host\"");
	text_fini(&with);
	text_fini(&without);
}

/* A deed over IPv4 is reported under the IPv4 address, though the IPv6 one is public. */
static void test_address_of_the_deed(void **state)
{
	struct addr both[2];
	struct device d = {.addresses = both, .addresses_n = 2};
	struct evidence e = {.peer = "198.51.100.9"};

	(void)state;
	assert_true(addr_parse("192.168.1.21", &both[0]));
	assert_true(addr_parse("2001:db8::21", &both[1]));
	assert_ptr_equal(abroad_address(&d), &both[1]);
	assert_ptr_equal(abroad_sender(&d, &e), &both[0]);
	e.peer = NULL;
	e.sender = both[0];
	assert_true(addr_equal(abroad_sender(&d, &e), &both[0]));
	e.peer = "2001:db8::9";
	assert_ptr_equal(abroad_sender(&d, &e), &both[1]);
	assert_true(abroad_shows(&d, &both[1])); /* the private one says nothing elsewhere */
	assert_false(abroad_shows(&d, &both[0]));
}

/* Where both ends of a conversation are known, events have the name that other tools give it; both ways round. */
static void test_community(void **state)
{
	struct text t = {0}, without = {0};
	struct story_of_one s;

	(void)state;
	fill_story(&s);
	write_format(FORMAT_EVE, &s.model.judged, &t);
	expect_in(&t, "\"src_ip\":\"203.0.113.77\",\"src_port\":4000,\"dest_ip\":\"192.168.1.21\","
		      "\"dest_port\":23,\"proto\":\"TCP\","
		      "\"community_id\":\"1:uk9mXA7flbY31Z7Puo2Glt8BmBI=\"");
	expect_in(&t, "\"community_id\":\"1:qsG1iwbYuhCj+QLAmJWnLawukx4=\"");
	for (size_t i = 0; i < COUNT(s.evidence); i++)
		s.evidence[i].caller_port = 0;
	write_format(FORMAT_EVE, &s.model.judged, &without);
	expect_not_in(&without, "community_id");
	text_fini(&t);
	text_fini(&without);
}

/* Columns about the compromised end have no row for who got in, whichever detector saw him. */
static void test_intruders_have_no_row(void **state)
{
	struct text t = {0};
	struct story_of_one s;

	(void)state;
	fill_story(&s);
	s.evidence[1].detector = "telnet-bruteforce";
	write_format(FORMAT_SHADOWSERVER, &s.model.judged, &t);
	expect_not_in(&t, "203.0.113.77");
	expect_not_in(&t, "brute-force");
	expect_in(&t, "198.51.100.9");
	text_fini(&t);
}

static void test_hostile(void **state)
{
	static const enum format exports[] = {FORMAT_EVE,  FORMAT_NDJSON, FORMAT_XARF,
					      FORMAT_STIX, FORMAT_MISP,	  FORMAT_SHADOWSERVER};
	struct hostile h;
	struct evidence e[2];

	(void)state;
	make_hostile(&h);
	for (size_t i = 0; i < COUNT(e); i++)
		e[i] = (struct evidence){.detector = HOSTILE,
					 .code = HOSTILE,
					 .packets = seen,
					 .packets_n = 1,
					 .peer = i == 0 ? HOSTILE : "198.51.100.9",
					 .role = "loader",
					 .family = HOSTILE,
					 .weight = "proof",
					 .text = HOSTILE,
					 .stage = STAGE_SCANNING,
					 .caller_port = 1};
	h.model.devices[0].verdict = VERDICT_INFECTED;
	h.model.devices[0].evidence = e;
	h.model.devices[0].evidence_n = 2;
	h.model.devices[0].families = bad;
	h.model.devices[0].families_n = 1;
	for (size_t i = 0; i < COUNT(exports); i++) {
		struct text t = {0};

		write_format(exports[i], &h.model.judged, &t);
		expect_harmless(&t, true);
		text_fini(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_compact_json),
		cmocka_unit_test(test_reporter),
		cmocka_unit_test(test_accomplices_by_proof),
		cmocka_unit_test(test_no_port_no_deed),
		cmocka_unit_test(test_address_of_the_deed),
		cmocka_unit_test(test_community),
		cmocka_unit_test(test_intruders_have_no_row),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
