/* SPDX-License-Identifier: MIT */
/*
 * report/listing.c, report/recalls.c and the zone of report/page.c: devices one line each, recalls alone, and times as the
 * reader's clock shows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_model.h"
#include "report/csv.h"
#include "report/listing.h"
#include "report/recalls.h"

static const char *const names[] = {"lobby-dvr", "other"};

/* Two hours to the east; before 11:05 UTC of that day one. */
static int64_t zone(int64_t ns, char name[REPORT_ZONE])
{
	bool summer = ns >= AT(29);

	memcpy(name, summer ? "CEST" : "CET", summer ? 5 : 4);
	return (summer ? 7200 : 3600) * S;
}

static struct text list(const struct judged *judged, const struct listing *listing,
			struct report_options options)
{
	struct text t = {0};

	options.utf8 = true;
	listing_text(judged, listing, &options, &t);
	return t;
}

static void test_table(void **state)
{
	static const char expected[] =
		"1 of 5 devices is hijacked: 192.168.1.21. 2 could be taken.\n"
		"From here 4 of 5 devices could be judged; of the others only broadcasts were\n"
		"seen. Capture on the router to see all. Taken inside the local network.\n"
		"\n"
		"VERDICT        ADDRESS       FIRST SEEN    LAST SEEN     DEVICE\n"
		"INFECTED sure  192.168.1.21  21 Oct 11:04  21 Oct 11:04  Xiongmai\n"
		"EXPOSED sure   192.168.1.20  21 Oct 2015   21 Oct 11:06  "
		"DVR  Xiongmai AHB7008T (sold as NetSurveillance) (lobby-dvr)\n"
		"EXPOSED sure   192.168.1.30  21 Oct 11:04  21 Oct 11:06  camera  Dahua\n"
		"clear likely   192.168.1.40  21 Oct 11:04  21 Oct 11:06  phone  Lab Phones\n"
		"not judged     192.168.1.41  21 Oct 11:04  21 Oct 11:06\n"
		"\n"
		"Times are UTC. All about one device: cordon show ADDRESS\n";
	struct listing listing = {0};
	struct model m;
	struct text t;

	(void)state;
	fill(&m);
	m.devices[0].first_ns -= INT64_C(366) * 86400 * S;
	m.devices[0].names = names;
	m.devices[0].names_n = 2;
	t = list(&m.judged, &listing, (struct report_options){.width = 80});
	assert_string_equal(text_string(&t), expected);
	text_fini(&t);
}

static unsigned longest(const struct text *t, const char *from)
{
	unsigned most = 0;

	for (const char *s = strstr(text_string(t), from); s != NULL && *s != '\0';) {
		size_t len = strcspn(s, "\n");
		struct text line = {0};

		text_add(&line, s, len);
		if (text_width(text_string(&line)) > most)
			most = text_width(text_string(&line));
		text_fini(&line);
		s += len + 1;
	}
	return most;
}

/* On a terminal a line is cut to its width, with dots; whole characters stay. */
static void test_cut(void **state)
{
	static const char *const wide[] = {"摄像头摄像头摄像头摄像头摄像头摄像头摄像头"};
	struct listing listing = {.cuts = true};
	struct model m;
	struct text t;

	(void)state;
	fill(&m);
	m.devices[2].names = wide;
	m.devices[2].names_n = 1;
	for (unsigned width = REPORT_WIDTH_MIN; width < 120; width++) {
		t = list(&m.judged, &listing, (struct report_options){.width = width});
		assert_false(t.failed);
		assert_in_range(longest(&t, "VERDICT"), REPORT_WIDTH_MIN, width);
		if (width < 80)
			expect_in(&t, "…\n");
		expect_not_in(&t, "\xef\xbf\xbd");
		text_fini(&t);
	}
	listing.cuts = false;
	t = list(&m.judged, &listing, (struct report_options){.width = 80});
	expect_in(&t, wide[0]);
	text_fini(&t);
}

static void test_colour(void **state)
{
	struct listing listing = {.cuts = true};
	struct model m;
	struct text t;

	(void)state;
	fill(&m);
	t = list(&m.judged, &listing, (struct report_options){.width = 80, .colour = true});
	expect_in(&t, "\033[1;31mINFECTED\033[0m sure  192.168.1.21");
	expect_in(&t, "\nnot judged     192.168.1.41");
	text_fini(&t);
}

static void test_strangers(void **state)
{
	struct listing listing = {0};
	struct model m;
	struct text t;

	(void)state;
	fill(&m);
	m.devices[1].local = false;
	t = list(&m.judged, &listing, (struct report_options){.width = 80});
	expect_not_in(&t, "192.168.1.21  ");
	text_fini(&t);
	listing.all = true;
	t = list(&m.judged, &listing, (struct report_options){.width = 80});
	expect_in(&t, "INFECTED sure  192.168.1.21  ");
	text_fini(&t);
}

static void test_nobody(void **state)
{
	const struct listing listing = {.all = true};
	const struct judged nothing = {.place = PLACE_UNKNOWN};
	struct text t = list(&nothing, &listing, (struct report_options){.width = 80});

	(void)state;
	expect_not_in(&t, "VERDICT");
	expect_in(&t, "Nothing could be judged");
	text_fini(&t);
}

static void test_zone(void **state)
{
	const struct report_options options = {.width = 160, .zone = zone, .utf8 = true};
	struct listing listing = {0};
	struct model m;
	struct text t;

	(void)state;
	fill(&m);
	t = list(&m.judged, &listing, options);
	expect_in(&t, "192.168.1.20  21 Oct 12:04  21 Oct 13:06  ");
	expect_in(&t, "Times are CEST.");
	text_fini(&t);
	t = (struct text){0};
	report_text_device(&m.judged, &m.devices[0], &options, &t);
	expect_in(&t, "12:04:31 CET → 13:06:01 CEST");
	expect_in(&t, "13:05:31 CEST");
	text_fini(&t);
	/* Stamps at the ends of the range have no zone, and do no harm. */
	m.devices[0].first_ns = INT64_MIN;
	m.devices[0].last_ns = INT64_MAX;
	t = list(&m.judged, &listing, options);
	assert_false(t.failed);
	text_fini(&t);
}

static void test_harmless(void **state)
{
	struct report_options options = {.width = 80, .utf8 = true};
	struct listing listing = {.all = true};
	struct hostile h;
	struct text t = {0};

	(void)state;
	make_hostile(&h);
	h.model.devices[0].names = bad;
	h.model.devices[0].names_n = 1;
	for (unsigned i = 0; i < 2; i++, options.utf8 = false) {
		listing.cuts = i == 0;
		listing_text(&h.model.judged, &listing, &options, &t);
		listing_name(&h.model.judged, &h.model.devices[0], &options, &t);
		recalls_text(&h.model.judged, &options, &t);
		expect_harmless(&t, false);
		text_clear(&t);
	}
	listing_json(&h.model.judged, &listing, &options, &t);
	recalls_json(&h.model.judged, &t);
	expect_harmless(&t, false);
	text_clear(&t);
	listing_csv(&h.model.judged, &listing, &options, &t);
	expect_harmless(&t, true);
	expect_in(&t, "'=a");
	expect_not_in(&t, ",\"=");
	expect_not_in(&t, ";=");
	text_fini(&t);
}

static void test_programs(void **state)
{
	const struct report_options options = {.width = 80};
	struct listing listing = {0};
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	m.devices[0].names = names;
	m.devices[0].names_n = 2;
	listing_json(&m.judged, &listing, &options, &t);
	expect_in(&t, "\"schema\": \"cordon.devices/1\",\n  \"judged\": 4,\n  \"of\": 5,\n");
	expect_in(&t, "\"names\": [\n        \"lobby-dvr\",\n        \"other\"\n      ]");
	expect_in(&t, "\"first\": \"2016-10-21T11:04:31.000000000Z\"");
	text_clear(&t);
	listing_csv(&m.judged, &listing, &options, &t);
	expect_in(
		&t,
		"exposed,sure,mac:02:00:5e:00:53:20,192.168.1.20,02:00:5e:00:53:20,\"lobby-dvr;other\",Xiongmai,"
		"NetSurveillance,dvr,AHB7008T,V4.02.R11,2016-10-21T11:04:31.000000000Z,"
		"2016-10-21T11:06:01.000000000Z\r\n");
	text_fini(&t);
}

static void test_recalls(void **state)
{
	const struct report_options options = {.width = 80};
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	recalls_text(&m.judged, &options, &t);
	expect_in(&t, "Recalls or advisories name 2 devices, and may concern 1 more.\n");
	expect_in(&t, "  Xiongmai\n    XM 2016: return it to its maker\n      names 192.168.1.20,");
	text_clear(&t);
	m.judged.recalls_n = 1;
	recalls_text(&m.judged, &options, &t);
	expect_in(&t, "may concern 1 device; what was seen does not decide it.\n");
	text_clear(&t);
	m.judged.recalls_n = 0;
	recalls_text(&m.judged, &options, &t);
	expect_in(&t, "No recall or advisory names a device here.\n");
	text_clear(&t);
	m.judged.recalls_n = COUNT(recalls);
	/* A recall may outlive its device. */
	m.judged.devices_n = 0;
	recalls_text(&m.judged, &options, &t);
	recalls_json(&m.judged, &t);
	expect_in(&t, "\"device\": \"mac:02:00:5e:00:53:21\",\n      \"addresses\": [],");
	expect_in(&t, "\"basis\": \"undecided\"");
	text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	 cmocka_unit_test(test_cut),
		cmocka_unit_test(test_colour),	 cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_nobody),	 cmocka_unit_test(test_zone),
		cmocka_unit_test(test_harmless), cmocka_unit_test(test_programs),
		cmocka_unit_test(test_recalls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
