/* SPDX-License-Identifier: MIT */
/*
 * report/: what devices are, how they are exposed, and which recalls name them, as text, JSON and CSV, of a model made
 * by hand. With the name of a folder as argument the JSON reports are written there, for a check against the schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/csv.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)
#define AT(s) ((1477047871 + (s)) * S) /* 2016-10-21 11:04:31 UTC and so many seconds */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct mac macs[] = {
	{{2, 0, 0x5e, 0, 0x53, 0x20}}, {{2, 0, 0x5e, 0, 0x53, 0x21}}, {{2, 0, 0x5e, 0, 0x53, 0x30}},
	{{2, 0, 0x5e, 0, 0x53, 0x40}}, {{2, 0, 0x5e, 0, 0x53, 0x41}},
};
static const char *const todo[] = {"set a password", "install the newest firmware"};
static const char *const undecided[] = {"CVE-1", "CVE-2", "CVE-3", "CVE-4", "CVE-5, CVE-6"};
static const char recorder[] = "mac:02:00:5e:00:53:20", taken[] = "mac:02:00:5e:00:53:21",
		  camera[] = "mac:02:00:5e:00:53:30", phone[] = "mac:02:00:5e:00:53:40";
static const char *const recorders[] = {recorder, taken};
static const char *const one_camera[] = {camera};
static const char *const camera_and_recorder[] = {camera, recorder};

static const struct claim claims[] = {
	{"xm-version", "V4.02.R11", "Xiongmai firmware V4.02.R11", {0, 7}, false},
	{"xm-hardware", "AHB7008T", "Xiongmai dvr AHB7008T", {0, 7}, false},
	{"mac-prefix", "Lab Radios Ltd", "Lab Radios module inside", {0, 1}, true},
	{"http-title", "NETSurveillance WEB", "Xiongmai", {0, 40}, false},
	{"dhcp-host-name", "LocalHost", "Xiongmai", {0, 2}, false},
	{"tls-sni", "secu.example", "Xiongmai", {0, 50}, false},
};

static const struct exposure exposures[] = {
	{EXPOSURE_FACTORY_PASSWORD,
	 false,
	 "telnet/23",
	 "root / l…1 (this maker's factory password) accepted from 203.0.113.77",
	 {0, 10233},
	 AT(60)},
	{EXPOSURE_RECALLED, true, NULL, "XM 2016: return it", {0, 7}, 0},
	{EXPOSURE_CLEARTEXT_LOGIN,
	 false,
	 "http/80",
	 "the password crossed in clear",
	 {1, 9},
	 AT(70)},
};

static const struct recall_entry recalls[] = {
	{"Dahua", "CVE-2021-33045", "update the firmware", NULL, 0, one_camera, 1},
	{"Xiongmai", "CVE-1", "see the advisory", NULL, 0, camera_and_recorder, 2},
	{"Xiongmai", "CVE-2", "see the advisory", NULL, 0, one_camera, 1},
	{"Xiongmai", "XM 2016", "return it to its maker", recorders, 2, one_camera, 1},
};

static const struct maker_count makers[] = {{"Dahua", 1, 1, 0}, {"Xiongmai", 2, 2, 1}};

struct model {
	struct judged judged;
	struct device devices[5];
	struct addr addresses[5];
	struct input input;
};

static struct device *add_device(struct model *m, const char *id, uint32_t address)
{
	size_t i = m->judged.devices_n++;
	struct device *d = &m->devices[i];

	m->addresses[i] = addr_v4(address);
	*d = (struct device){.id = id,
			     .local = true,
			     .macs = &macs[i],
			     .macs_n = 1,
			     .addresses = &m->addresses[i],
			     .addresses_n = 1,
			     .backing = BACKING_TWO_WAY,
			     .first_ns = AT(0),
			     .last_ns = AT(90),
			     .packets_out = 12,
			     .two_way = true,
			     .judged = true,
			     .confidence = CONFIDENCE_LIKELY};
	return d;
}

static void make_exposed(struct device *d, const struct exposure *list, size_t n)
{
	d->verdict = VERDICT_EXPOSED;
	d->confidence = CONFIDENCE_SURE;
	d->exposures = list;
	d->exposures_n = n;
	d->why = "it accepts a password that everybody can look up";
	d->todo = todo;
	d->todo_n = 2;
}

/* An exposed recorder, a hijacked one, a camera exposed a little, a phone and something unknown. */
static void fill(struct model *m)
{
	struct device *d;

	*m = (struct model){0};
	m->input = (struct input){.path = "shop.pcapng",
				  .format = "pcapng",
				  .packets = 20000,
				  .any = true,
				  .first_ns = AT(0),
				  .last_ns = AT(90)};
	d = add_device(m, recorder, 0xc0a80114);
	make_exposed(d, exposures, 2);
	d->maker = "Xiongmai";
	d->brand = "NetSurveillance";
	d->product = "dvr";
	d->model = "AHB7008T";
	d->firmware = "V4.02.R11";
	d->built = "2014-12-05";
	d->claims = claims;
	d->claims_n = COUNT(claims);
	d = add_device(m, taken, 0xc0a80115);
	*d = (struct device){.id = taken,
			     .local = true,
			     .macs = d->macs,
			     .macs_n = 1,
			     .addresses = d->addresses,
			     .addresses_n = 1,
			     .judged = true,
			     .first_ns = AT(0),
			     .last_ns = AT(0),
			     .verdict = VERDICT_INFECTED,
			     .confidence = CONFIDENCE_SURE,
			     .maker = "Xiongmai",
			     .exposures = exposures,
			     .exposures_n = 1};
	d = add_device(m, camera, 0xc0a8011e);
	make_exposed(d, &exposures[2], 1);
	d->maker = "Dahua";
	d->product = "camera";
	d->undecided = undecided;
	d->undecided_n = COUNT(undecided);
	d = add_device(m, phone, 0xc0a80128);
	d->maker = "Lab Phones";
	d->product = "phone";
	d = add_device(m, "mac:02:00:5e:00:53:41", 0xc0a80129);
	d->judged = false;
	d->confidence = CONFIDENCE_NONE;
	m->judged.version = "0.1.0";
	m->judged.knowledge = "0123456789abcdef";
	m->judged.place = PLACE_LAN;
	m->judged.judged = 4;
	m->judged.of = 5;
	m->judged.inputs = &m->input;
	m->judged.inputs_n = 1;
	m->judged.devices = m->devices;
	m->judged.recalls = recalls;
	m->judged.recalls_n = COUNT(recalls);
	m->judged.makers = makers;
	m->judged.makers_n = COUNT(makers);
}

static const struct report_options plain = {.utf8 = true, .width = REPORT_WIDTH};
static const struct report_options all = {.all = true, .utf8 = true, .width = REPORT_WIDTH};

static void expect_in(const struct text *t, const char *wanted)
{
	assert_false(t->failed);
	if (strstr(text_string(t), wanted) == NULL)
		fail_msg("no \"%s\" in:\n%s", wanted, text_string(t));
}

static void expect_not_in(const struct text *t, const char *unwanted)
{
	if (strstr(text_string(t), unwanted) != NULL)
		fail_msg("\"%s\" in:\n%s", unwanted, text_string(t));
}

static void expect_has(const struct model *m, const struct report_options *options,
		       const char *wanted)
{
	struct text t = {0};

	report_text(&m->judged, options, &t);
	expect_in(&t, wanted);
	text_fini(&t);
}

static void expect_lacks(const struct model *m, const struct report_options *options,
			 const char *unwanted)
{
	struct text t = {0};

	report_text(&m->judged, options, &t);
	expect_not_in(&t, unwanted);
	text_fini(&t);
}

/* clang-format off */
static const char whole_text[] =
	"1 of 5 devices is hijacked: 192.168.1.21. 2 could be taken.\n"
	"From here 4 of 5 devices could be judged; of the others only broadcasts were\n"
	"seen. Capture on the router to see all. Taken inside the local network.\n"
	"\n"
	"shop.pcapng   2016-10-21 11:04:31 → 11:06:01 UTC   1 m 30 s   20 000 packets\n"
	"5 local devices   1 INFECTED   2 EXPOSED   1 clear   1 not judged\n"
	"exposed or hijacked, by maker: Xiongmai 2 (1 hijacked) · Dahua 1\n"
	"\n"
	"● 192.168.1.21  Xiongmai                                         INFECTED   sure\n"
	"  MAC 02:00:5e:00:53:21; sent 0 packets, 11:04:31\n"
	"  told by its address alone, which anybody could forge\n"
	"  HOW IT IS EXPOSED\n"
	"    11:05:31  telnet/23: root / l…1 (this maker's factory password) accepted\n"
	"      from 203.0.113.77  #10233\n"
	"\n"
	"● 192.168.1.20  DVR  Xiongmai AHB7008T (sold as NetSurveillance)  EXPOSED   sure\n"
	"  firmware V4.02.R11 built 2014-12-05; MAC 02:00:5e:00:53:20; sent 12 packets,\n"
	"  11:04:31 → 11:06:01\n"
	"  told by two-way traffic\n"
	"  known by Xiongmai version \"V4.02.R11\": Xiongmai firmware V4.02.R11  #7\n"
	"       and Xiongmai hardware \"AHB7008T\": Xiongmai dvr AHB7008T  #7\n"
	"       and HTTP title \"NETSurveillance WEB\": Xiongmai  #40\n"
	"      but: MAC prefix \"Lab Radios Ltd\": Lab Radios module inside  #1\n"
	"       and 2 more signs (--all lists them)\n"
	"  HOW IT IS EXPOSED\n"
	"    11:05:31  telnet/23: root / l…1 (this maker's factory password) accepted\n"
	"      from 203.0.113.77  #10233\n"
	"    XM 2016: return it (from its model and firmware)  #7\n"
	"  WHY WE ARE SURE   it accepts a password that everybody can look up\n"
	"  DO THIS\n"
	"    1  set a password\n"
	"    2  install the newest firmware\n"
	"\n"
	"● 192.168.1.30  camera  Dahua                                     EXPOSED   sure\n"
	"  MAC 02:00:5e:00:53:30; sent 12 packets, 11:04:31 → 11:06:01\n"
	"  told by two-way traffic\n"
	"  HOW IT IS EXPOSED\n"
	"    11:05:41  http/80: the password crossed in clear  #9\n"
	"  may concern it, its firmware was not seen: CVE-1; CVE-2; CVE-3; CVE-4 and 1\n"
	"    more\n"
	"  WHY WE ARE SURE   it accepts a password that everybody can look up\n"
	"  DO THIS\n"
	"    1  set a password\n"
	"    2  install the newest firmware\n"
	"\n"
	"1 other device shows nothing wrong; 1 not judged (--all lists them). By maker:\n"
	"  Lab Phones 1, not known 1.\n"
	"\n"
	"RECALLS AND ADVISORIES\n"
	"  Dahua\n"
	"    may concern 192.168.1.30; what was seen does not decide: CVE-2021-33045\n"
	"  Xiongmai\n"
	"    XM 2016: return it to its maker\n"
	"      names 192.168.1.20, 192.168.1.21\n"
	"    may concern 192.168.1.20, 192.168.1.30; what was seen does not decide:\n"
	"      CVE-1; CVE-2; XM 2016\n"
	"\n"
	"NOT SEEN, OR SEEN IN PART\n"
	"  logins inside TLS, SSH and other encrypted protocols can't be seen: what was\n"
	"    not seen is not safe\n";
/* clang-format on */

static void test_whole_text(void **state)
{
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	report_text(&m.judged, &plain, &t);
	assert_false(t.failed);
	assert_string_equal(text_string(&t), whole_text);
	text_fini(&t);
}

static void test_all_brings_back_the_rest(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	expect_has(&m, &all, "       and DHCP host name \"LocalHost\": Xiongmai  #2\n");
	expect_has(&m, &all, "       and TLS SNI \"secu.example\": Xiongmai  #50\n");
	expect_has(&m, &all, "CVE-4; CVE-5,\n    CVE-6\n");
	expect_has(&m, &all, "● 192.168.1.40  phone  Lab Phones");
	expect_lacks(&m, &all, "--all");
	expect_lacks(&m, &all, "By maker");
}

/* Of equally sure devices the one with the worse exposure comes first. */
static void test_worst_first(void **state)
{
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	make_exposed(&m.devices[0], &exposures[2], 1);
	make_exposed(&m.devices[2], exposures, 1);
	report_text(&m.judged, &plain, &t);
	assert_true(strstr(t.at, "● 192.168.1.30") < strstr(t.at, "● 192.168.1.20"));
	text_fini(&t);
}

/* What finds no room beside the verdict stands on the next line. */
static void test_identity_takes_two_lines(void **state)
{
	struct report_options narrow = {.utf8 = true, .width = 50};
	struct model m;

	(void)state;
	fill(&m);
	expect_has(&m, &narrow,
		   "● 192.168.1.20  DVR  Xiongmai       EXPOSED   sure\n"
		   "  AHB7008T (sold as NetSurveillance); firmware\n"
		   "  V4.02.R11 built 2014-12-05; MAC\n");
	narrow.width = 64;
	expect_has(&m, &narrow,
		   "● 192.168.1.20  DVR  Xiongmai AHB7008T            EXPOSED   sure\n"
		   "  sold as NetSurveillance; firmware V4.02.R11 built 2014-12-05;\n");
	m.devices[0].maker = NULL;
	expect_has(&m, &plain, "● 192.168.1.20  DVR  AHB7008T (sold as NetSurveillance)  ");
	m.devices[0].product = "ip camera";
	m.devices[0].brand = NULL;
	m.devices[0].firmware = NULL;
	expect_has(&m, &plain, "● 192.168.1.20  ip camera  AHB7008T          ");
	expect_has(&m, &plain, "\n  firmware built 2014-12-05; MAC");
	m.devices[0].maker = m.devices[0].brand = "Lab";
	expect_lacks(&m, &plain, "sold as");
}

static void test_stays_quiet_about_the_unknown(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < m.judged.devices_n; i++)
		m.devices[i].maker = NULL;
	m.judged.recalls_n = 0;
	expect_lacks(&m, &plain, "by maker");
	expect_lacks(&m, &plain, "By maker");
	expect_lacks(&m, &plain, "RECALLS");
	m.judged.judged = 0;
	expect_lacks(&m, &plain, "not safe");
}

/* What decides may be something else than the firmware. */
static void test_undecided_with_firmware(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	m.devices[2].firmware = "1.0";
	expect_has(&m, &plain,
		   "  may concern it, what was seen of it does not decide: CVE-1; CVE-2;");
}

static void test_no_packet_is_not_told(void **state)
{
	static const struct claim prefix = {"mac-prefix", "Lab", "Lab", {0, 0}, false};
	struct model m;

	(void)state;
	fill(&m);
	m.devices[0].claims = &prefix;
	m.devices[0].claims_n = 1;
	expect_has(&m, &plain, "  known by MAC prefix \"Lab\": Lab\n");
}

static void test_long_values_are_cut(void **state)
{
	static const char banner[] =
		"BusyBox v1.00 built-in shell (ash), Lab edition: →→→ and more";
	struct claim c = {"telnet-banner", banner, "dvr", {0, 3}, false};
	static struct exposure many[20];
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = exposures[2];
	make_exposed(&m.devices[0], many, COUNT(many));
	m.devices[0].claims = &c;
	m.devices[0].claims_n = 1;
	/* 48 bytes end inside the first arrow or behind it, never between its bytes */
	expect_has(&m, &plain, "BusyBox v1.00 built-in shell (ash), Lab edition:");
	expect_lacks(&m, &plain, "and more\"");
	expect_lacks(&m, &plain, "\\xe2");
	expect_has(&m, &plain, "    and 8 more (--all lists them)\n");
	expect_lacks(&m, &all, "8 more");
	c.value = "012345678901234567890123456789012345678901234567→x";
	expect_has(&m, &plain, "901234567…\":");
	c.value = "01234567890123456789012345678901234567890123456→x";
	expect_has(&m, &plain, "90123456…\":");
	c.value = "0123456789012345678901234567890123456789012345→xy";
	expect_has(&m, &plain, "9012345…\":");
}

static void test_several_inputs_name_theirs(void **state)
{
	struct input inputs[2];
	struct model m;

	(void)state;
	fill(&m);
	inputs[0] = inputs[1] = m.input;
	m.judged.inputs = inputs;
	m.judged.inputs_n = 2;
	expect_has(&m, &plain, "http/80: the password crossed in clear  #1:9\n");
}

static void test_strangers_get_no_advice(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	m.devices[0].local = false;
	m.judged.devices_n = 1;
	m.judged.of = m.judged.judged = 0;
	expect_has(&m, &plain,
		   "No local device was seen, but 1 stranger could be taken.\nFrom here ");
	expect_has(&m, &plain,
		   "STRANGERS SEEN   1 EXPOSED\n\n● 192.168.1.20  DVR  Xiongmai AHB7008T");
	expect_has(&m, &plain, "    11:05:31  telnet/23: root / l…1");
	expect_lacks(&m, &plain, "DO THIS");
	expect_lacks(&m, &plain, "HOW IT IS EXPOSED");
}

/* Most devices first; a recall that names many is cut short. */
static void test_many(void **state)
{
	static struct device devices[40];
	static char ids[40][32], names[40][16];
	static const char *named[40];
	struct recall_entry entry = {"Maker", "CVE", "do", named, 40, NULL, 0};
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < COUNT(devices); i++) {
		(void)snprintf(ids[i], sizeof ids[i], "mac:02:00:5e:00:54:%02zx", i);
		(void)snprintf(names[i], sizeof names[i], "Maker %02zu", i % 12);
		named[i] = ids[i];
		devices[i] = m.devices[2];
		devices[i].id = ids[i];
		devices[i].addresses_n = 0;
		devices[i].maker = i < 2 ? NULL : names[i];
	}
	m.judged.devices = devices;
	m.judged.devices_n = COUNT(devices);
	m.judged.recalls = &entry;
	m.judged.recalls_n = 1;
	expect_has(&m, &plain,
		   "exposed or hijacked, by maker: Maker 02 4 · Maker 03 4 · Maker 00 3 · ");
	expect_has(&m, &plain, "and 5 more\n");
	expect_has(&m, &plain, "\n  Maker\n    CVE: do\n      names mac:02:00:5e:00:54:00, ");
	expect_has(&m, &plain, " and 32 more\n");
	expect_lacks(&m, &all, "32 more");
	expect_has(&m, &all, " · Maker 11 3 · not known 2\n");
}

static void test_colour_marks_the_verdict_alone(void **state)
{
	struct report_options colour = {.utf8 = true, .colour = true, .width = REPORT_WIDTH};
	struct text t = {0}, stripped = {0};
	struct model m;

	(void)state;
	fill(&m);
	report_text(&m.judged, &colour, &t);
	for (const char *c = t.at; *c != '\0'; c++) {
		if (*c == '\033')
			c = strchr(c, 'm');
		else
			text_add(&stripped, c, 1);
	}
	assert_string_equal(stripped.at, whole_text);
	expect_in(&t, "\033[35mEXPOSED\033[0m   sure\n");
	text_fini(&t);
	text_fini(&stripped);
}

/* ---- hostile strings ------------------------------------------------------------------------------------------- */

#define HOSTILE "=a\033[2J\n<b>\xff\xe2\x80\xae\"\\\r;=1,'"

static const char *const bad[] = {HOSTILE};

struct hostile {
	struct model model;
	struct claim claims[2];
	struct exposure exposures[2];
	struct recall_entry recalls[2];
	struct maker_count makers[1];
};

/* In every field that somebody outside, or a file of the owner's, could fill. */
static void make_hostile(struct hostile *h)
{
	struct device *d = &h->model.devices[0];

	fill(&h->model);
	for (size_t i = 0; i < 2; i++) {
		h->claims[i] = (struct claim){HOSTILE, HOSTILE, HOSTILE, {0, 1}, i == 1};
		h->exposures[i] = exposures[i];
		h->exposures[i].service = HOSTILE;
		h->exposures[i].detail = HOSTILE;
		h->recalls[i] = (struct recall_entry){HOSTILE, HOSTILE, HOSTILE, NULL, 0, bad, 1};
	}
	h->recalls[0].devices = recorders;
	h->recalls[0].devices_n = 2;
	h->makers[0] = (struct maker_count){HOSTILE, 1, 1, 1};
	d->maker = d->product = d->model = d->firmware = d->built = HOSTILE;
	d->brand = "x" HOSTILE;
	d->claims = h->claims;
	d->claims_n = 2;
	d->exposures = h->exposures;
	d->exposures_n = 2;
	d->undecided = bad;
	d->undecided_n = 1;
	h->model.devices[3].maker = HOSTILE;
	h->model.judged.recalls = h->recalls;
	h->model.judged.recalls_n = 2;
	h->model.judged.makers = h->makers;
	h->model.judged.makers_n = 1;
}

static void expect_harmless(const struct text *t, bool crlf)
{
	assert_false(t->failed);
	for (size_t i = 0; i < t->len; i++) {
		unsigned char c = (unsigned char)t->at[i];

		assert_true(c >= 0x20 || c == '\n' || (crlf && c == '\r' && t->at[i + 1] == '\n'));
		assert_true(c != 0xff && c != 0x7f);
	}
	expect_not_in(t, "\xe2\x80\xae");
}

static void test_hostile_text(void **state)
{
	static const unsigned widths[] = {40, 80, 120};
	struct hostile h;

	(void)state;
	make_hostile(&h);
	for (size_t i = 0; i < 4 * COUNT(widths); i++) {
		struct report_options options = {
			.all = (i & 1) != 0, .utf8 = (i & 2) != 0, .width = widths[i / 4]};
		struct text t = {0};

		report_text(&h.model.judged, &options, &t);
		expect_harmless(&t, false);
		for (size_t k = 0; !options.utf8 && k < t.len; k++)
			assert_true((unsigned char)t.at[k] < 0x80);
		text_fini(&t);
	}
	expect_has(&h.model, &all, "=a\\x1b[2J\\x0a<b>\\xff\\u202e\"\\\\\\x0d;=1,'");
}

static void test_hostile_json(void **state)
{
	struct text t = {0};
	struct hostile h;

	(void)state;
	make_hostile(&h);
	report_json(&h.model.judged, &t);
	expect_harmless(&t, false);
	expect_in(&t, "\"model\": \"=a\\u001b[2J\\n<b>\xef\xbf\xbd\\u202e\\\"\\\\\\r;=1,'\"");
	text_fini(&t);
}

static void test_never_wider_than_asked(void **state)
{
	struct hostile h;

	(void)state;
	make_hostile(&h);
	for (unsigned i = 0; i < 4 * (REPORT_WIDTH_MAX - REPORT_WIDTH_MIN + 1); i++) {
		struct report_options options = {
			.all = (i & 1) != 0, .utf8 = true, .width = REPORT_WIDTH_MIN + i / 4};
		struct text t = {0};
		char *end;

		if ((i & 2) != 0)
			assert_true(addr_parse("2001:db8:1111:2222:3333:4444:5555:6666",
					       &h.model.addresses[0]));
		else
			h.model.addresses[0] = addr_v4(0xc0a80114);
		report_text(&h.model.judged, &options, &t);
		for (char *line = t.at; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			if (text_width(line) > options.width || (*line != '\0' && end[-1] == ' '))
				fail_msg("%u: '%s'", options.width, line);
		}
		text_fini(&t);
	}
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

/* clang-format off */
static const char device_json[] =
	"      \"maker\": \"Xiongmai\",\n"
	"      \"brand\": \"NetSurveillance\",\n"
	"      \"product\": \"dvr\",\n"
	"      \"model\": \"AHB7008T\",\n"
	"      \"firmware\": \"V4.02.R11\",\n"
	"      \"built\": \"2014-12-05\",\n"
	"      \"identified_by\": [\n"
	"        {\n"
	"          \"signal\": \"xm-version\",\n"
	"          \"value\": \"V4.02.R11\",\n"
	"          \"says\": \"Xiongmai firmware V4.02.R11\",\n"
	"          \"input\": 0,\n"
	"          \"packet\": 7\n"
	"        },\n"
	"        {\n"
	"          \"signal\": \"mac-prefix\",\n"
	"          \"value\": \"Lab Radios Ltd\",\n"
	"          \"says\": \"Lab Radios module inside\",\n"
	"          \"input\": 0,\n"
	"          \"packet\": 1,\n"
	"          \"against\": true\n"
	"        }\n"
	"      ],\n"
	"      \"exposures\": [\n"
	"        {\n"
	"          \"kind\": \"recalled\",\n"
	"          \"service\": null,\n"
	"          \"detail\": \"XM 2016: return it\",\n"
	"          \"basis\": \"inferred\",\n"
	"          \"input\": 0,\n"
	"          \"packet\": 7\n"
	"        },\n"
	"        {\n"
	"          \"kind\": \"cleartext-login\",\n"
	"          \"service\": \"http/80\",\n"
	"          \"detail\": \"the password crossed in clear\",\n"
	"          \"basis\": \"seen\",\n"
	"          \"input\": 1,\n"
	"          \"packet\": 9\n"
	"        }\n"
	"      ],\n"
	"      \"undecided\": [\n"
	"        \"CVE-1\"\n"
	"      ],\n"
	"      \"verdict\": \"exposed\",\n";

static const char recalls_json[] =
	"  \"recalls\": [\n"
	"    {\n"
	"      \"maker\": \"Xiongmai\",\n"
	"      \"advisory\": \"XM 2016\",\n"
	"      \"action\": \"return it to its maker\",\n"
	"      \"devices\": [\n"
	"        \"mac:02:00:5e:00:53:20\",\n"
	"        \"mac:02:00:5e:00:53:21\"\n"
	"      ],\n"
	"      \"undecided\": [\n"
	"        \"mac:02:00:5e:00:53:30\"\n"
	"      ]\n"
	"    }\n"
	"  ],\n"
	"  \"undecided\": [\n"
	"    {\n"
	"      \"maker\": \"Dahua\",\n"
	"      \"advisory\": \"CVE-2021-33045\",\n"
	"      \"action\": \"update the firmware\",\n"
	"      \"devices\": [\n"
	"        \"mac:02:00:5e:00:53:30\"\n"
	"      ]\n"
	"    },\n";

static const char makers_json[] =
	"  \"makers\": [\n"
	"    {\n"
	"      \"maker\": \"Dahua\",\n"
	"      \"devices\": 1,\n"
	"      \"exposed\": 1,\n"
	"      \"infected\": 0\n"
	"    },\n"
	"    {\n"
	"      \"maker\": \"Xiongmai\",\n"
	"      \"devices\": 2,\n"
	"      \"exposed\": 2,\n"
	"      \"infected\": 1\n"
	"    }\n"
	"  ],\n"
	"  \"unseen\": {}\n"
	"}\n";
/* clang-format on */

static void test_json(void **state)
{
	static const struct claim two[] = {
		{"xm-version", "V4.02.R11", "Xiongmai firmware V4.02.R11", {0, 7}, false},
		{"mac-prefix", "Lab Radios Ltd", "Lab Radios module inside", {0, 1}, true},
	};
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	m.devices[0].claims = two;
	m.devices[0].claims_n = 2;
	m.devices[0].exposures = &exposures[1];
	m.devices[0].undecided = undecided;
	m.devices[0].undecided_n = 1;
	report_json(&m.judged, &t);
	expect_in(&t, device_json);
	expect_in(&t, recalls_json);
	expect_in(&t, makers_json);
	/* Nothing known: null and empty lists, and no added field. */
	expect_in(&t,
		  "      \"maker\": \"Lab Phones\",\n      \"product\": \"phone\",\n"
		  "      \"model\": null,\n      \"firmware\": null,\n      \"built\": null,\n"
		  "      \"identified_by\": [],\n      \"exposures\": [],\n      \"verdict\": ");
	text_fini(&t);
}

static void test_every_kind_has_a_word(void **state)
{
	struct exposure e = exposures[0];
	struct model m;

	(void)state;
	fill(&m);
	make_exposed(&m.devices[0], &e, 1);
	for (int kind = 0; kind < EXPOSURE_KINDS; kind++) {
		struct text json = {0}, csv = {0};

		e.kind = (enum exposure_kind)kind;
		e.detail = NULL;
		report_json(&m.judged, &json);
		report_csv(&m.judged, &csv);
		expect_not_in(&json, "\"kind\": null");
		expect_in(&csv, exposure_words[kind]);
		expect_has(&m, &plain, exposure_words[kind]);
		text_fini(&json);
		text_fini(&csv);
	}
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const char whole_csv[] =
	"id,addresses,macs,maker,brand,product,model,firmware,built,verdict,confidence,exposures,recalls\r\n"
	"mac:02:00:5e:00:53:20,192.168.1.20,02:00:5e:00:53:20,Xiongmai,NetSurveillance,dvr,AHB7008T,V4.02.R11,"
		"2014-12-05,exposed,sure,\"factory-password telnet/23;recalled (inferred)\",\"XM 2016\"\r\n"
	"mac:02:00:5e:00:53:21,192.168.1.21,02:00:5e:00:53:21,Xiongmai,,,,,,infected,sure,"
		"\"factory-password telnet/23\",\"XM 2016\"\r\n"
	"mac:02:00:5e:00:53:30,192.168.1.30,02:00:5e:00:53:30,Dahua,,camera,,,,exposed,sure,"
		"\"cleartext-login http/80\",\r\n"
	"mac:02:00:5e:00:53:40,192.168.1.40,02:00:5e:00:53:40,\"Lab Phones\",,phone,,,,clear,likely,,\r\n"
	"mac:02:00:5e:00:53:41,192.168.1.41,02:00:5e:00:53:41,,,,,,,clear,none,,\r\n";

static const char recalls_csv[] =
	"maker,advisory,action,device,addresses,product,model,firmware,built,basis\r\n"
	"Dahua,CVE-2021-33045,\"update the firmware\",mac:02:00:5e:00:53:30,192.168.1.30,camera,,,,undecided\r\n"
	"Xiongmai,CVE-1,\"see the advisory\",mac:02:00:5e:00:53:30,192.168.1.30,camera,,,,undecided\r\n"
	"Xiongmai,CVE-1,\"see the advisory\",mac:02:00:5e:00:53:20,192.168.1.20,dvr,AHB7008T,V4.02.R11,2014-12-05,"
		"undecided\r\n"
	"Xiongmai,CVE-2,\"see the advisory\",mac:02:00:5e:00:53:30,192.168.1.30,camera,,,,undecided\r\n"
	"Xiongmai,\"XM 2016\",\"return it to its maker\",mac:02:00:5e:00:53:20,192.168.1.20,dvr,AHB7008T,V4.02.R11,"
		"2014-12-05,matched\r\n"
	"Xiongmai,\"XM 2016\",\"return it to its maker\",mac:02:00:5e:00:53:21,192.168.1.21,,,,,matched\r\n"
	"Xiongmai,\"XM 2016\",\"return it to its maker\",mac:02:00:5e:00:53:30,192.168.1.30,camera,,,,undecided\r\n";
/* clang-format on */

static void test_csv(void **state)
{
	struct text devices = {0}, list = {0};
	struct model m;

	(void)state;
	fill(&m);
	report_csv(&m.judged, &devices);
	report_csv_recalls(&m.judged, &list);
	assert_string_equal(text_string(&devices), whole_csv);
	assert_string_equal(text_string(&list), recalls_csv);
	text_fini(&devices);
	text_fini(&list);
}

/* A header and no rows; nobody by that id is no crash. */
static void test_csv_of_nothing(void **state)
{
	struct text devices = {0}, list = {0};
	struct model m;

	(void)state;
	fill(&m);
	m.judged.devices_n = 0;
	report_csv(&m.judged, &devices);
	assert_string_equal(strstr(text_string(&devices), "\r\n"), "\r\n");
	m.judged.recalls_n = 1;
	report_csv_recalls(&m.judged, &list);
	expect_in(&list, ",mac:02:00:5e:00:53:30,,,,,,undecided\r\n");
	text_fini(&devices);
	text_fini(&list);
}

static void test_csv_cells(void **state)
{
	static const struct {
		const char *value;
		const char *wanted; /* with the commas around it */
	} cases[] = {
		{"plain", ",plain,"},
		{"", ",,"},
		{"a,b", ",\"a,b\","},
		{"say \"hi\"", ",\"say \"\"hi\"\"\","},
		{"\"", ",\"\"\"\","},
		{"Xiaomi 小米", ",\"Xiaomi 小米\","},
		{"=1+1", ",'=1+1,"},
		{"+1", ",'+1,"},
		{"-1", ",'-1,"},
		{"@sum(1)", ",'@sum(1),"},
		{"\t=1", ",'\\x09=1,"},
		{"\r=1", ",'\\x0d=1,"},
		{" =1", ",\" '=1\","},
		{"＝1", ",'＝1,"},
		{"a=1", ",a=1,"},
		{"a;=1", ",\"a;'=1\","},
		{"a\nb", ",a\\x0ab,"},
		{"a\x1b[31mb", ",a\\x1b[31mb,"},
		{"a\\b", ",a\\\\b,"},
		{"\xff", ",\\xff,"},
		{"\xe2\x80\xae", ",\\u202e,"},
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = {0};

		fill(&m);
		m.devices[0].model = cases[i].value;
		report_csv(&m.judged, &t);
		expect_in(&t, cases[i].wanted);
		text_fini(&t);
	}
}

/* Every line has its thirteen or ten cells, whatever stands in them. */
static void expect_cells(const struct text *t, unsigned wanted)
{
	bool quoted = false;
	unsigned n = 1;

	for (const char *s = text_string(t); *s != '\0'; s++) {
		quoted ^= *s == '"';
		n += !quoted && *s == ',';
		if (*s != '\n')
			continue;
		assert_false(quoted);
		assert_true(s[-1] == '\r');
		assert_int_equal(n, wanted);
		n = 1;
	}
	assert_int_equal(n, 1);
}

static void test_hostile_csv(void **state)
{
	struct text devices = {0}, list = {0};
	struct hostile h;

	(void)state;
	make_hostile(&h);
	report_csv(&h.model.judged, &devices);
	report_csv_recalls(&h.model.judged, &list);
	expect_harmless(&devices, true);
	expect_harmless(&list, true);
	expect_cells(&devices, 13);
	expect_cells(&list, 10);
	expect_in(&devices, "\"'=a\\x1b[2J\\x0a<b>\\xff\\u202e\"\"\\\\\\x0d;'=1,'\"");
	text_fini(&devices);
	text_fini(&list);
}

/* ---- files for the check against the schema -------------------------------------------------------------------- */

static int write_json(const struct judged *judged, const char *folder, const char *name)
{
	struct text t = {0};
	char path[4096];
	FILE *f;
	int failed;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	report_json(judged, &t);
	f = fopen(path, "w");
	failed = f == NULL || fwrite(text_string(&t), 1, t.len, f) != t.len || t.failed;
	failed |= f != NULL && fclose(f) != 0;
	text_fini(&t);
	return failed;
}

static int write_reports(const char *folder)
{
	struct hostile h;
	struct model m;

	fill(&m);
	make_hostile(&h);
	return write_json(&m.judged, folder, "profile.json") |
	       write_json(&h.model.judged, folder, "profile-hostile.json");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_all_brings_back_the_rest),
		cmocka_unit_test(test_worst_first),
		cmocka_unit_test(test_identity_takes_two_lines),
		cmocka_unit_test(test_stays_quiet_about_the_unknown),
		cmocka_unit_test(test_undecided_with_firmware),
		cmocka_unit_test(test_no_packet_is_not_told),
		cmocka_unit_test(test_long_values_are_cut),
		cmocka_unit_test(test_several_inputs_name_theirs),
		cmocka_unit_test(test_strangers_get_no_advice),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_colour_marks_the_verdict_alone),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_hostile_json),
		cmocka_unit_test(test_never_wider_than_asked),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_every_kind_has_a_word),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_csv_of_nothing),
		cmocka_unit_test(test_csv_cells),
		cmocka_unit_test(test_hostile_csv),
	};

	if (argc == 2)
		return write_reports(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
