/* SPDX-License-Identifier: MIT */
/*
 * report/: whole reports of models made by hand, compared to the byte; hostile names; width; what is cut short and
 * what --all brings back. Whether the JSON fits the schema is checked by tests/cli/validate.py. Makers, exposures and
 * recalls have a test of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)
#define AT(s) ((1477047871 + (s)) * S + 5) /* 2016-10-21 11:04:31 UTC and so many seconds */

static const struct mac macs[] = {
	{{2, 0, 0x5e, 0, 0x53, 0x20}},
	{{2, 0, 0x5e, 0, 0x53, 0x31}},
	{{2, 0, 0x5e, 0, 0x53, 0x40}},
};
static const struct where places[] = {{0, 10}, {0, 12}, {1, 3}, {1, 9}};
static const enum stage stages[] = {STAGE_BREACHED, STAGE_SCANNING};
static const char *const families[] = {"mirai"};
static const char *const todo[] = {"block it", "power-cycle it"};
static const char *const taking_part[] = {"mac:02:00:5e:00:53:20", "ip:gone"};

static const struct evidence evidence[] = {
	{.detector = "login",
	 .code = "C-0009",
	 .first_ns = AT(0),
	 .last_ns = AT(0),
	 .count = 1,
	 .packets = places,
	 .packets_n = 1,
	 .peer = "203.0.113.77",
	 .role = "target",
	 .port = 23,
	 .family = "mirai",
	 .weight = "proof",
	 .text = "login accepted",
	 .stage = STAGE_BREACHED,
	 .inward = true},
	{.detector = "mirai-scan",
	 .code = "C-0001",
	 .first_ns = AT(9),
	 .last_ns = AT(60),
	 .count = 700,
	 .packets = places,
	 .packets_n = 4,
	 .text = "scans TCP 23: 700 SYNs, each with the sequence number equal to the target's address",
	 .stage = STAGE_SCANNING},
};

static const struct input one_input = {.path = "shop.pcapng",
				       .format = "pcapng",
				       .packets = 4118220,
				       .bytes = 900,
				       .any = true,
				       .first_ns = AT(0),
				       .last_ns = AT(3900),
				       .damaged = true,
				       .damage_offset = 123456,
				       .damage_reason = "a record is cut"};

static const struct count unseen[] = {{"bad_checksum", 1214}, {"duplicates", 0}, {"invented", 3}};

struct model {
	struct judged judged;
	struct device devices[4];
	struct addr addresses[4];
	struct attack attacks[1];
	struct prefix local[1];
};

static struct device local_device(const char *id, const struct mac *mac, const struct addr *addr)
{
	return (struct device){.id = id,
			       .local = true,
			       .macs = mac,
			       .macs_n = 1,
			       .addresses = addr,
			       .addresses_n = addr != NULL ? 1 : 0,
			       .backing = BACKING_MAC,
			       .first_ns = AT(0),
			       .last_ns = AT(60),
			       .packets_out = 12,
			       .unicast_out = 11,
			       .judged = true,
			       .confidence = CONFIDENCE_LIKELY};
}

/* One infected, one clear, one not judged, one stranger, one attack. */
static void fill(struct model *m)
{
	struct device *d = m->devices;

	*m = (struct model){0};
	m->addresses[0] = addr_v4(0xc0a80114);
	m->addresses[1] = addr_v4(0xc0a8011f);
	m->addresses[2] = addr_v4(0xcb00714d);
	m->addresses[3] = addr_v4(0xc6336409);
	m->local[0] = (struct prefix){addr_v4(0xc0a80100), 120};
	d[0] = (struct device){.id = "ip:203.0.113.77",
			       .addresses = &m->addresses[2],
			       .addresses_n = 1,
			       .first_ns = AT(0),
			       .last_ns = AT(1),
			       .packets_out = 2,
			       .judged = true,
			       .verdict = VERDICT_SUSPECT,
			       .confidence = CONFIDENCE_POSSIBLE,
			       .evidence = &evidence[1],
			       .evidence_n = 1,
			       .todo = todo,
			       .todo_n = 1};
	d[1] = local_device("mac:02:00:5e:00:53:20", &macs[0], &m->addresses[0]);
	d[1].verdict = VERDICT_INFECTED;
	d[1].confidence = CONFIDENCE_SURE;
	d[1].why = "two independent signs";
	d[1].stages = stages;
	d[1].stages_n = 2;
	d[1].families = families;
	d[1].families_n = 1;
	d[1].evidence = evidence;
	d[1].evidence_n = 2;
	d[1].todo = todo;
	d[1].todo_n = 2;
	d[2] = local_device("mac:02:00:5e:00:53:31", &macs[1], &m->addresses[1]);
	d[3] = local_device("mac:02:00:5e:00:53:40", &macs[2], NULL);
	d[3].judged = false;
	d[3].confidence = CONFIDENCE_NONE;
	m->attacks[0] = (struct attack){.vector = VECTOR_SYN,
					.target = m->addresses[3],
					.port = 80,
					.direction = DIRECTION_OUTBOUND,
					.first_ns = AT(100),
					.last_ns = AT(124),
					.packets = 51834,
					.bytes = 3110040,
					.peak_pps = 2400,
					.sources = 1,
					.devices = taking_part,
					.devices_n = 2,
					.packet_list = places,
					.packet_list_n = 2};
	m->judged = (struct judged){.version = "0.1.0",
				    .knowledge = "0123456789abcdef",
				    .place = PLACE_LAN,
				    .judged = 2,
				    .of = 3,
				    .inputs = &one_input,
				    .inputs_n = 1,
				    .local = m->local,
				    .local_n = 1,
				    .devices = m->devices,
				    .devices_n = 4,
				    .attacks = m->attacks,
				    .attacks_n = 1,
				    .unseen = unseen,
				    .unseen_n = 3};
}

static const struct report_options plain = {.utf8 = true, .width = REPORT_WIDTH};

static void expect_text(const struct judged *judged, const struct report_options *options,
			const char *wanted)
{
	struct text t = {0};

	report_text(judged, options, &t);
	assert_false(t.failed);
	assert_string_equal(text_string(&t), wanted);
	text_fini(&t);
}

static void expect_has(const struct judged *judged, const struct report_options *options,
		       const char *wanted)
{
	struct text t = {0};

	report_text(judged, options, &t);
	if (strstr(text_string(&t), wanted) == NULL)
		fail_msg("no \"%s\" in:\n%s", wanted, text_string(&t));
	text_fini(&t);
}

static void expect_lacks(const struct judged *judged, const struct report_options *options,
			 const char *unwanted)
{
	struct text t = {0};

	report_text(judged, options, &t);
	if (strstr(text_string(&t), unwanted) != NULL)
		fail_msg("\"%s\" in:\n%s", unwanted, text_string(&t));
	text_fini(&t);
}

/* clang-format off */
static const char whole_text[] =
	"1 of 3 devices is hijacked: 192.168.1.20.\n"
	"From here 2 of 3 devices could be judged; of the others only broadcasts were\n"
	"seen. Capture on the router to see all. Taken inside the local network.\n"
	"1 attack goes out from here against 198.51.100.9.\n"
	"\n"
	"shop.pcapng   2016-10-21 11:04:31 → 12:09:31 UTC   1 h 05 m   4 118 220 packets\n"
	"  damaged at byte 123 456: a record is cut; what came before counts\n"
	"3 local devices   1 INFECTED   1 clear   1 not judged\n"
	"taken as local: 192.168.1.0/24\n"
	"\n"
	"● 192.168.1.20                                                   INFECTED   sure\n"
	"  MAC 02:00:5e:00:53:20; sent 12 packets, 11:04:31 → 11:05:31\n"
	"  told by its MAC address, which a neighbour could forge; stages: breached,\n"
	"  scanning; acts like mirai\n"
	"  HOW IT WAS TAKEN\n"
	"    11:04:31  login accepted (203.0.113.77)  #10\n"
	"  WHAT IT DOES\n"
	"    11:04:40 → 11:05:31  scans TCP 23: 700 SYNs, each with the sequence number\n"
	"      equal to the target's address  #10, #12, #3…\n"
	"  WHY WE ARE SURE   two independent signs\n"
	"  DO THIS\n"
	"    1  block it\n"
	"    2  power-cycle it\n"
	"\n"
	"1 other device shows nothing wrong; 1 not judged (--all lists them).\n"
	"\n"
	"ATTACKS\n"
	"  SYN flood [syn] on 198.51.100.9 port 80, outbound\n"
	"    11:06:11 → 11:06:35 (24 s)  51 834 packets, 3.1 MB, at most 2 400 packets/s,\n"
	"      from 1 source  #10, #12…\n"
	"    taking part: 192.168.1.20, ip:gone\n"
	"\n"
	"STRANGERS SEEN   1 SUSPECT\n"
	"\n"
	"● 203.0.113.77                                                SUSPECT   possible\n"
	"  sent 2 packets, 11:04:31 → 11:04:32\n"
	"  told by its address alone, which anybody could forge\n"
	"    11:04:40 → 11:05:31  scans TCP 23: 700 SYNs, each with the sequence number\n"
	"      equal to the target's address  #10, #12, #3…\n"
	"\n"
	"NOT SEEN, OR SEEN IN PART\n"
	"  1 214 packets have a wrong checksum: counted, and judged all the same\n"
	"  invented: 3\n"
	"  logins inside TLS, SSH and other encrypted protocols can't be seen: what was\n"
	"    not seen is not safe\n";
/* clang-format on */

static void test_whole_text(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	expect_text(&m.judged, &plain, whole_text);
}

static void test_all_lists_the_rest(void **state)
{
	struct report_options all = {.all = true, .utf8 = true, .width = REPORT_WIDTH};
	struct model m;

	(void)state;
	fill(&m);
	expect_has(
		&m.judged, &all,
		"● 192.168.1.31                                                    clear   likely\n");
	expect_has(
		&m.judged, &all,
		"● mac:02:00:5e:00:53:40                                               not judged\n");
	expect_lacks(&m.judged, &all, "--all");
}

static void test_ascii(void **state)
{
	struct report_options ascii = {.all = true, .width = REPORT_WIDTH};
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	m.judged.note = "Caméra: “x”.";
	report_text(&m.judged, &ascii, &t);
	for (size_t i = 0; i < t.len; i++)
		assert_true((unsigned char)t.at[i] < 0x80);
	assert_non_null(strstr(t.at, "* 192.168.1.20"));
	assert_non_null(strstr(t.at, "11:04:31 -> 12:09:31"));
	assert_non_null(strstr(t.at, "Cam\\u00e9ra: \"x\"."));
	text_fini(&t);
}

/* Take the colours away and it is the same report. */
static void test_colour_says_nothing_alone(void **state)
{
	struct report_options colour = {.utf8 = true, .colour = true, .width = REPORT_WIDTH};
	struct text t = {0};
	struct text stripped = {0};
	struct model m;

	(void)state;
	fill(&m);
	report_text(&m.judged, &colour, &t);
	assert_non_null(strstr(t.at, "\033[1;31mINFECTED\033[0m"));
	for (const char *c = t.at; *c != '\0'; c++) {
		if (*c == '\033')
			c = strchr(c, 'm');
		else
			text_add(&stripped, c, 1);
	}
	assert_string_equal(stripped.at, whole_text);
	text_fini(&t);
	text_fini(&stripped);
}

static void test_never_wider_than_asked(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	for (unsigned width = REPORT_WIDTH_MIN; width <= REPORT_WIDTH_MAX; width++) {
		struct report_options options = {.all = true, .utf8 = true, .width = width};
		struct text t = {0};
		char *end;

		report_text(&m.judged, &options, &t);
		for (char *line = t.at; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			assert_true(text_width(line) <= width);
			assert_true(*line == '\0' || end[-1] != ' ');
		}
		text_fini(&t);
	}
}

static void test_first_sentence(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	m.judged.attacks_n = 0;
	m.devices[2].verdict = VERDICT_INFECTED;
	m.devices[3].verdict = VERDICT_SUSPECT;
	expect_has(&m.judged, &plain,
		   "2 of 3 devices are hijacked: 192.168.1.20, 192.168.1.31. 1 acts suspiciously.\n"
		   "From here 2 of 3");
	m.devices[1].verdict = VERDICT_CLEAR;
	m.devices[2].verdict = VERDICT_CLEAR;
	expect_has(&m.judged, &plain, "1 of 3 devices acts suspiciously: mac:02:00:5e:00:53:40.\n");
	m.devices[3].id = "ip:192.0.2.1";
	expect_has(&m.judged, &plain,
		   "1 of 3 devices acts suspiciously: ip:192.0.2.1. None is proven hijacked.\n");
	m.devices[3].verdict = VERDICT_EXPOSED;
	expect_has(&m.judged, &plain,
		   "1 of 3 devices could be taken: ip:192.0.2.1. None acts hijacked.\n");
	m.devices[3].verdict = VERDICT_CLEAR;
	expect_has(&m.judged, &plain, "No device here acts hijacked.\nFrom here 2 of 3");
}

static void test_first_sentence_fits_one_line(void **state)
{
	static const struct {
		unsigned width;
		const char *wanted;
	} cases[] = {
		{160, "5 of 9 devices are hijacked: 192.168.1.20, 192.168.1.20, 192.168.1.20, "
		      "192.168.1.20 and 1 more. 4 act suspiciously.\nFrom here "},
		{80, "5 of 9 devices are hijacked: 192.168.1.20 and 4 more. 4 act suspiciously.\n"
		     "From here "},
		{72, "5 of 9 devices are hijacked: 192.168.1.20, 192.168.1.20 and 3 more.\nFrom "},
		{60, "5 of 9 devices are hijacked: 192.168.1.20 and 4 more.\nFrom here "},
		{48, "5 of 9 devices are hijacked. 4 act suspiciously.\nFrom here "},
		{40, "5 of 9 devices are hijacked.\nFrom here "},
	};
	struct device devices[9];
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < 9; i++) {
		devices[i] = m.devices[1];
		devices[i].verdict = i % 2 == 0 ? VERDICT_INFECTED : VERDICT_SUSPECT;
	}
	m.judged.devices = devices;
	m.judged.devices_n = 9;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct report_options options = {.utf8 = true, .width = cases[i].width};
		struct text t = {0};

		report_text(&m.judged, &options, &t);
		assert_memory_equal(t.at, cases[i].wanted, strlen(cases[i].wanted));
		text_fini(&t);
	}
}

static void expect_vantage_second(const struct model *m)
{
	for (unsigned width = REPORT_WIDTH_MIN; width <= REPORT_WIDTH_MAX; width++) {
		struct report_options options = {.utf8 = true, .width = width};
		struct text t = {0};
		const char *end;

		report_text(&m->judged, &options, &t);
		end = strchr(text_string(&t), '\n');
		assert_non_null(end);
		assert_memory_equal(end + 1, "From here ", 10);
		text_fini(&t);
	}
}

/* Whatever there is to say first. */
static void test_second_line_says_what_was_judged(void **state)
{
	struct device many[2000];
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < 2000; i++)
		many[i] = m.devices[1];
	for (int v = VERDICT_CLEAR; v <= VERDICT_INFECTED; v++) {
		fill(&m);
		m.devices[1].verdict = (enum verdict)v;
		expect_vantage_second(&m);
		assert_true(addr_parse("2001:db8:1111:2222:3333:4444:5555:6666", &m.addresses[0]));
		expect_vantage_second(&m);
		for (size_t i = 0; i < 2000; i++)
			many[i].verdict = (enum verdict)v;
		m.judged.devices = many;
		m.judged.devices_n = 2000;
		expect_vantage_second(&m);
	}
	fill(&m);
	m.devices[1].verdict = VERDICT_CLEAR;
	m.judged.judged = 0; /* only broadcasts */
	expect_vantage_second(&m);
	m.judged.devices_n = 1;
	m.judged.of = 0; /* nobody local */
	expect_vantage_second(&m);
	m.devices[0].verdict = VERDICT_INFECTED;
	expect_vantage_second(&m);
	m.judged.inputs_n = 0;
	m.judged.devices_n = 0;
	expect_vantage_second(&m);
}

static void test_nothing_judged(void **state)
{
	struct model m;
	struct input empty = {.path = "empty.pcap", .format = "pcap"};

	(void)state;
	fill(&m);
	m.judged.attacks_n = 0;
	m.judged.judged = 0;
	m.devices[1].verdict = VERDICT_CLEAR;
	m.devices[1].judged = m.devices[2].judged = false;
	expect_has(&m.judged, &plain,
		   "Nothing could be judged: only broadcasts were seen.\nFrom here 0 of 3");
	expect_has(&m.judged, &plain, "\n3 devices were not judged (--all lists them).\n");
	m.judged.devices_n = 1;
	m.judged.of = 0;
	expect_has(&m.judged, &plain,
		   "Nothing could be judged: no local device was seen.\n"
		   "From here no local device was seen.");
	m.devices[0].verdict = VERDICT_INFECTED;
	expect_has(&m.judged, &plain, "No local device was seen, but 1 stranger acts hijacked.\n");
	m.judged = (struct judged){.place = PLACE_UNKNOWN, .inputs = &empty, .inputs_n = 1};
	expect_text(&m.judged, &plain,
		    "Nothing could be judged: there is no packet to judge.\n"
		    "From here no local device was seen.\n"
		    "\n"
		    "empty.pcap   0 packets\n"
		    "0 local devices\n");
}

static void test_victim_reads_of_it_early(void **state)
{
	struct attack attacks[3];
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < 3; i++) {
		attacks[i] = m.attacks[0];
		attacks[i].direction = DIRECTION_INBOUND;
		attacks[i].target = addr_v4(i < 2 ? 0xc0a80114 : 0xc0a80115);
		attacks[i].sources = 40000;
		attacks[i].spoofed = true;
		attacks[i].port = -1;
		attacks[i].detail = "from port 53";
		attacks[i].packets = 100 * (i + 1);
	}
	m.devices[1].verdict = VERDICT_CLEAR;
	m.judged.attacks = attacks;
	m.judged.attacks_n = 2;
	expect_has(&m.judged, &plain,
		   "seen. Capture on the router to see all. Taken inside the local network.\n"
		   "2 attacks from outside hit 192.168.1.20.\n\n");
	m.judged.attacks_n = 3;
	expect_has(&m.judged, &plain, "\n3 attacks from outside hit 2 addresses.\n\n");
	expect_has(&m.judged, &plain,
		   "ATTACKS\n"
		   "  SYN flood [syn] on 192.168.1.21, inbound: from port 53\n"
		   "    11:06:11 → 11:06:35 (24 s)  300 packets, 3.1 MB, at most 2 400 packets/s,\n"
		   "      from about 40 000 sources (forged addresses)  #10, #12…\n");
}

static void test_several_inputs_and_days(void **state)
{
	struct input inputs[2] = {one_input, one_input};
	struct model m;

	(void)state;
	fill(&m);
	inputs[1].path = "second.pcap";
	inputs[1].last_ns = AT(86400);
	m.judged.inputs = inputs;
	m.judged.inputs_n = 2;
	expect_has(&m.judged, &plain, "\n#0  shop.pcapng   2016-10-21 11:04:31 → 12:09:31 UTC");
	expect_has(&m.judged, &plain,
		   "\n#1  second.pcap   2016-10-21 11:04:31 → 2016-10-22 11:04:31 UTC");
	expect_has(&m.judged, &plain,
		   "    2016-10-21 11:04:31  login accepted (203.0.113.77)  #0:10\n");
	expect_has(&m.judged, &plain, "#0:10, #0:12, #1:3…\n");
}

static void test_many_strangers(void **state)
{
	struct report_options all = {.all = true, .utf8 = true, .width = REPORT_WIDTH};
	static struct device strangers[25];
	struct model m;

	(void)state;
	fill(&m);
	for (size_t i = 0; i < 25; i++) {
		strangers[i] = m.devices[0];
		strangers[i].verdict = i == 24 ? VERDICT_INFECTED : VERDICT_SUSPECT;
	}
	m.judged.devices = strangers;
	m.judged.devices_n = 25;
	expect_has(&m.judged, &plain, "STRANGERS SEEN   1 INFECTED, 24 SUSPECT\n\n● 203.0.113.77");
	expect_has(&m.judged, &plain, "INFECTED   possible\n");
	expect_has(&m.judged, &plain, "\nand 5 more; --all lists them.\n");
	expect_lacks(&m.judged, &all, "more; --all");
	expect_lacks(&m.judged, &plain, "DO THIS"); /* a stranger's device is not ours to treat */
}

#define HOSTILE "a\033[2J\n<b>\xff\xe2\x80\xae\"\\\r"

static void make_hostile(struct model *m, struct input *input, struct evidence *e)
{
	static const char *const bad[] = {HOSTILE};
	static const struct count counts[] = {{HOSTILE, 7}};

	fill(m);
	*input = one_input;
	input->path = HOSTILE;
	input->damage_reason = HOSTILE;
	*e = evidence[0];
	e->text = HOSTILE;
	e->peer = "x" HOSTILE;
	m->judged.inputs = input;
	m->judged.note = HOSTILE;
	m->devices[1].evidence = e;
	m->devices[1].evidence_n = 1;
	m->devices[1].why = HOSTILE;
	m->devices[1].families = bad;
	m->devices[1].todo = bad;
	m->devices[1].todo_n = 1;
	m->devices[3].id = "mac:" HOSTILE;
	m->attacks[0].detail = HOSTILE;
	m->attacks[0].devices = bad;
	m->attacks[0].devices_n = 1;
	m->judged.unseen = counts;
	m->judged.unseen_n = 1;
}

static void test_hostile_strings(void **state)
{
	struct report_options all = {.all = true, .utf8 = true, .width = REPORT_WIDTH};
	struct text text = {0};
	struct text json = {0};
	struct evidence e;
	struct input input;
	struct model m;

	(void)state;
	make_hostile(&m, &input, &e);
	report_text(&m.judged, &all, &text);
	report_json(&m.judged, NULL, &json);
	for (size_t i = 0; i < text.len; i++)
		assert_true((unsigned char)text.at[i] >= 0x20 || text.at[i] == '\n');
	for (size_t i = 0; i < json.len; i++)
		assert_true((unsigned char)json.at[i] >= 0x20 || json.at[i] == '\n');
	assert_null(strstr(text.at, "\xe2\x80\xae"));
	assert_null(strstr(json.at, "\xe2\x80\xae"));
	assert_null(strchr(text.at, '\xff'));
	assert_null(strchr(json.at, '\xff'));
	assert_non_null(strstr(text.at, "a\\x1b[2J\\x0a<b>\\xff\\u202e\"\\\\\\x0d"));
	assert_non_null(
		strstr(json.at, "\"path\": \"a\\u001b[2J\\n<b>\xef\xbf\xbd\\u202e\\\"\\\\\\r\""));
	text_fini(&text);
	text_fini(&json);
}

/* clang-format off */
static const char small_json[] =
	"{\n"
	"  \"schema\": \"cordon.report/1\",\n"
	"  \"cordon\": {\n"
	"    \"version\": \"0.1.0\",\n"
	"    \"knowledge\": \"0123456789abcdef\"\n"
	"  },\n"
	"  \"vantage\": {\n"
	"    \"place\": \"wan\",\n"
	"    \"judged\": 1,\n"
	"    \"of\": 1,\n"
	"    \"note\": \"said so\"\n"
	"  },\n"
	"  \"inputs\": [\n"
	"    {\n"
	"      \"path\": \"e.pcap\",\n"
	"      \"format\": \"pcap\",\n"
	"      \"packets\": 0,\n"
	"      \"bytes\": 0,\n"
	"      \"first\": null,\n"
	"      \"last\": null,\n"
	"      \"damage\": null\n"
	"    }\n"
	"  ],\n"
	"  \"local_networks\": [],\n"
	"  \"devices\": [\n"
	"    {\n"
	"      \"id\": \"mac:02:00:5e:00:53:20\",\n"
	"      \"site\": \"local\",\n"
	"      \"backing\": \"two-way\",\n"
	"      \"mac\": null,\n"
	"      \"macs\": [\n"
	"        \"02:00:5e:00:53:20\",\n"
	"        \"02:00:5e:00:53:31\"\n"
	"      ],\n"
	"      \"addresses\": [\n"
	"        \"192.168.1.20\"\n"
	"      ],\n"
	"      \"via\": \"02:00:5e:00:53:40\",\n"
	"      \"observed\": {\n"
	"        \"first\": \"2016-10-21T11:04:31.000000005Z\",\n"
	"        \"last\": \"2016-10-21T11:05:31.000000005Z\",\n"
	"        \"packets_out\": 12,\n"
	"        \"unicast_out\": 11,\n"
	"        \"two_way\": false\n"
	"      },\n"
	"      \"maker\": null,\n"
	"      \"product\": null,\n"
	"      \"model\": null,\n"
	"      \"firmware\": null,\n"
	"      \"built\": null,\n"
	"      \"identified_by\": [],\n"
	"      \"exposures\": [],\n"
	"      \"verdict\": \"infected\",\n"
	"      \"stages\": [\n"
	"        \"breached\",\n"
	"        \"scanning\"\n"
	"      ],\n"
	"      \"families\": [\n"
	"        \"mirai\"\n"
	"      ],\n"
	"      \"confidence\": \"sure\",\n"
	"      \"evidence\": [\n"
	"        {\n"
	"          \"detector\": \"login\",\n"
	"          \"code\": \"C-0009\",\n"
	"          \"first\": \"2016-10-21T11:04:31.000000005Z\",\n"
	"          \"last\": \"2016-10-21T11:04:31.000000005Z\",\n"
	"          \"count\": 1,\n"
	"          \"packets\": [\n"
	"            {\"input\": 0, \"packet\": 10}\n"
	"          ],\n"
	"          \"peer\": \"203.0.113.77\",\n"
	"          \"role\": \"target\",\n"
	"          \"port\": 23,\n"
	"          \"family\": \"mirai\",\n"
	"          \"weight\": \"proof\",\n"
	"          \"text\": \"login accepted\",\n"
	"          \"stage\": \"breached\",\n"
	"          \"direction\": \"in\"\n"
	"        }\n"
	"      ],\n"
	"      \"do\": [\n"
	"        \"block it\",\n"
	"        \"power-cycle it\"\n"
	"      ]\n"
	"    }\n"
	"  ],\n"
	"  \"attacks\": [\n"
	"    {\n"
	"      \"vector\": \"dns-water-torture\",\n"
	"      \"target\": \"2001:db8::1\",\n"
	"      \"port\": null,\n"
	"      \"direction\": \"outbound\",\n"
	"      \"first\": \"2016-10-21T11:06:11.000000005Z\",\n"
	"      \"last\": \"2016-10-21T11:06:35.000000005Z\",\n"
	"      \"packets\": 51834,\n"
	"      \"bytes\": 3110040,\n"
	"      \"peak_pps\": 2400,\n"
	"      \"sources\": 1,\n"
	"      \"devices\": [\n"
	"        \"mac:02:00:5e:00:53:20\",\n"
	"        \"ip:gone\"\n"
	"      ],\n"
	"      \"spoofed\": true,\n"
	"      \"detail\": \"example.net\"\n"
	"    }\n"
	"  ],\n"
	"  \"recalls\": [],\n"
	"  \"undecided\": [],\n"
	"  \"makers\": [],\n"
	"  \"unseen\": {\n"
	"    \"bad_checksum\": 1214,\n"
	"    \"duplicates\": 0,\n"
	"    \"invented\": 3\n"
	"  }\n"
	"}\n";
/* clang-format on */

static void test_whole_json(void **state)
{
	struct input empty = {.path = "e.pcap", .format = "pcap"};
	struct text t = {0};
	struct model m;

	(void)state;
	fill(&m);
	m.judged.place = PLACE_WAN;
	m.judged.judged = m.judged.of = 1;
	m.judged.note = "said so";
	m.judged.inputs = &empty;
	m.judged.local_n = 0;
	m.judged.devices = &m.devices[1];
	m.judged.devices_n = 1;
	m.devices[1].macs_n = 2;
	m.devices[1].via = &macs[2];
	m.devices[1].backing = BACKING_TWO_WAY;
	m.devices[1].evidence_n = 1;
	m.attacks[0].vector = VECTOR_DNS;
	m.attacks[0].port = -1;
	m.attacks[0].spoofed = true;
	m.attacks[0].detail = "example.net";
	assert_true(addr_parse("2001:db8::1", &m.attacks[0].target));
	report_json(&m.judged, NULL, &t);
	assert_string_equal(text_string(&t), small_json);
	text_fini(&t);
}

/* Every word of every enum: a table with a hole would print null or crash here. */
static void test_every_word(void **state)
{
	struct model m;

	(void)state;
	fill(&m);
	for (int i = 0; i < VECTORS; i++) {
		struct text t = {0};
		struct text json = {0};

		m.attacks[0].vector = (enum vector)i;
		m.attacks[0].direction = (enum direction)(i % (DIRECTION_TRANSIT + 1));
		m.judged.place = (enum place)(i % (PLACE_UNKNOWN + 1));
		m.devices[1].backing = (enum backing)(i % (BACKING_PORT + 1));
		m.devices[1].confidence = (enum confidence)(i % (CONFIDENCE_SURE + 1));
		m.devices[1].verdict = (enum verdict)(i % (VERDICT_INFECTED + 1));
		report_text(&m.judged, &plain, &t);
		report_json(&m.judged, NULL, &json);
		assert_null(strstr(t.at, "(null)"));
		assert_non_null(strstr(t.at, vector_words[i]));
		assert_null(strstr(json.at, "\"vector\": null"));
		assert_null(strstr(json.at, "\"backing\": null"));
		assert_null(strstr(json.at, "\"place\": null"));
		text_fini(&t);
		text_fini(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_all_lists_the_rest),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_colour_says_nothing_alone),
		cmocka_unit_test(test_never_wider_than_asked),
		cmocka_unit_test(test_first_sentence),
		cmocka_unit_test(test_first_sentence_fits_one_line),
		cmocka_unit_test(test_second_line_says_what_was_judged),
		cmocka_unit_test(test_nothing_judged),
		cmocka_unit_test(test_victim_reads_of_it_early),
		cmocka_unit_test(test_several_inputs_and_days),
		cmocka_unit_test(test_many_strangers),
		cmocka_unit_test(test_hostile_strings),
		cmocka_unit_test(test_whole_json),
		cmocka_unit_test(test_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
