/* SPDX-License-Identifier: MIT */
/*
 * report/text*.c: what devices are, how they are exposed, and which recalls name them, as people read it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_model.h"

#include <stdio.h>

static const struct report_options plain = {.utf8 = true, .width = REPORT_WIDTH};
static const struct report_options all = {.all = true, .utf8 = true, .width = REPORT_WIDTH};

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

int main(void)
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
		cmocka_unit_test(test_never_wider_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
