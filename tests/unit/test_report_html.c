/* SPDX-License-Identifier: MIT */
/*
 * report/html*.c: what the page says and draws, and that nothing from outside becomes markup. With CORDON_PAGES set to
 * a folder the pages are left there, for tests/groups/html to look at in a browser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/formats.h"
#include "report_model.h"

#include <stdio.h>
#include <stdlib.h>

#define EVIL "</script><script>alert(1)</script><!--<b>\033[2J\xff\xe2\x80\xae\"'&\\\x01"

static const struct report_options plain = {.utf8 = true, .width = REPORT_WIDTH};
static const struct where packet_list[] = {{0, 101}, {0, 102}, {0, 103}, {0, 104}};
static const enum stage stages[] = {STAGE_BREACHED, STAGE_LOADED, STAGE_RECRUITED, STAGE_SCANNING,
				    STAGE_ATTACKING};
static const char *const families[] = {"mirai"};
static const char *const steps[] = {"now: block it in your router", "today: unplug it"};
static const uint32_t sent[] = {10, 10, 10, 4000, 4000, 9000, 9000, 1000, 0};
static const uint32_t arrived[] = {5, 4000, 4000, 20};

#define SIGN(name, number, from, to, shown, peer_, says, stage_, role_, port_, weight_)            \
	{                                                                                          \
		.detector = (name), .code = (number), .first_ns = AT(from), .last_ns = AT(to),     \
		.count = 9, .packets = packet_list, .packets_n = (shown), .peer = (peer_),         \
		.text = (says), .stage = (stage_), .role = (role_), .port = (port_),               \
		.weight = (weight_), .inward = (stage_) == STAGE_BREACHED,                         \
	}

/* clang-format off */
static const struct evidence signs[] = {
	SIGN("breach", "C-0011", 20, 20, 1, "203.0.113.77", "telnet login root / x…1 (factory password) accepted",
	     STAGE_BREACHED, "intruder", 23, "proof"),
	SIGN("loader", "C-0012", 22, 24, 2, "203.0.113.78", "fetched a program from a bare address",
	     STAGE_LOADED, "loader", 80, "sign"),
	SIGN("c2", "C-0013", 26, 90, 4, "198.51.100.9", "keeps a command server company, every 10 s",
	     STAGE_RECRUITED, "command-server", 23, "proof"),
	SIGN("mirai-scan", "C-0001", 30, 70, 4, NULL, "scans TCP ports 23, 2323",
	     STAGE_SCANNING, NULL, -1, "proof"),
	SIGN("flood", "C-0004", 50, 60, 4, NULL, "floods 198.51.100.7 (udp)",
	     STAGE_ATTACKING, "target", -1, "proof"),
	SIGN("odd", "C-0099", 10, 10, 1, NULL, "something odd", STAGE_NONE, NULL, -1, "note"),
};
/* clang-format on */

struct whole {
	struct model model;
	struct attack attack;
	struct count unseen[1];
	uint8_t networks[8192];
};

static void tell_story(struct whole *w)
{
	struct device *d = &w->model.devices[1];

	fill(&w->model);
	d->stages = stages;
	d->stages_n = COUNT(stages);
	d->families = families;
	d->families_n = 1;
	d->evidence = signs;
	d->evidence_n = COUNT(signs);
	d->why = "several independent proofs";
	d->todo = steps;
	d->todo_n = 2;
	d->product = "dvr";
	d->last_ns = AT(90);
	d->rates = (struct series){AT(0), 10 * S, sent, COUNT(sent)};
	w->attack = (struct attack){.vector = VECTOR_UDP,
				    .target = addr_v4(0xc6336407),
				    .port = -1,
				    .direction = DIRECTION_OUTBOUND,
				    .first_ns = AT(50),
				    .last_ns = AT(60),
				    .packets = 9000,
				    .bytes = 5000000,
				    .peak_pps = 1000,
				    .sources = 1,
				    .devices = &recorders[1],
				    .devices_n = 1,
				    .detail = "to random ports",
				    .rates = {AT(48), 4 * S, arrived, COUNT(arrived)},
				    .packet_list = packet_list,
				    .packet_list_n = 4};
	w->unseen[0] = (struct count){"truncated", 3};
	memset(w->networks, 0, sizeof w->networks);
	w->model.judged.attacks = &w->attack;
	w->model.judged.attacks_n = 1;
	w->model.judged.unseen = w->unseen;
	w->model.judged.unseen_n = 1;
}

static void add_network(struct whole *w, unsigned first, unsigned second)
{
	unsigned n = first * 256 + second;

	w->model.judged.scanned.networks = w->networks;
	w->model.judged.scanned.n++;
	w->networks[n / 8] |= (uint8_t)(1U << n % 8);
}

static void keep_page(const struct text *t, const char *name)
{
	const char *folder = getenv("CORDON_PAGES");
	char path[512];
	FILE *f;

	if (folder == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%s.html", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(t->at, 1, t->len, f), t->len);
	assert_int_equal(fclose(f), 0);
}

static void write_page(struct text *t, const struct judged *judged)
{
	report_html(judged, &plain, t);
	assert_false(t->failed);
}

/* The pieces, one after the other. */
static void expect_order(const struct text *t, const char *const *wanted, size_t n)
{
	const char *at = text_string(t);

	for (size_t i = 0; i < n; i++) {
		const char *found = strstr(at, wanted[i]);

		if (found == NULL)
			fail_msg("no \"%s\", or not in its place, in:\n%s", wanted[i],
				 text_string(t));
		at = found + strlen(wanted[i]);
	}
}

static void test_says_all_in_order(void **state)
{
	static const char *const wanted[] = {
		"<title>One device on this network is hijacked and attacking others.</title>",
		"<h1>One device on this network is hijacked and attacking others.</h1>",
		"5 local devices",
		"<b>1</b> INFECTED",
		"<b>2</b> EXPOSED",
		"<b>1</b> clear",
		"<b>1</b> not judged",
		"1 of 5 devices is hijacked: 192.168.1.21. 2 could be taken.",
		"From here 4 of 5 devices could be judged",
		"1 attack goes out from here against 198.51.100.7.",
		"<bdi>shop.pcapng</bdi>",
		"<time datetime=\"2016-10-21T11:04:31Z\">",
		"<article class=\"device infected\" data-device=\"mac:02:00:5e:00:53:21\">",
		"192.168.1.21",
		"DVR  Xiongmai",
		"INFECTED</b> <span class=\"sure\">sure",
		"Why we are sure:</b> <bdi>several independent proofs</bdi>.",
		"acts like <bdi>mirai</bdi>",
		"It sent 1.0 packets/s before the first sign of infection at <time "
		"datetime=\"2016-10-21T11:04:51Z\">11:04:51</time>, and 385 packets/s after it; at "
		"most 900 packets/s over 10\xc2\xa0s.",
		"How it was taken",
		"telnet login root / x…1 (factory password) accepted",
		"intruder <bdi>203.0.113.77</bdi>, at port 23 of the device",
		"#101…<",
		"proof",
		"fetched a program",
		"What it does",
		"command server <bdi>198.51.100.9</bdi> port 23",
		"#101, #102, #103…",
		"What was seen",
		"something odd",
		"How it is exposed",
		"Do this",
		"now: block it in your router",
		"data-device=\"mac:02:00:5e:00:53:20\"",
		"What it is known by",
		"<b>but:</b> <bdi>MAC</bdi>",
	};
	struct whole w = {0};
	struct text t = {0};

	(void)state;
	tell_story(&w);
	write_page(&t, &w.model.judged);
	expect_order(&t, wanted, COUNT(wanted));
	text_fini(&t);
}

static void test_sections_in_order(void **state)
{
	static const char *const wanted[] = {
		"<h2>Devices that need you",
		"<h2>Attacks",
		"UDP flood [udp] on 198.51.100.7, outbound: <bdi>to random ports</bdi>",
		"The highest step is 1\xc2\xa0"
		"000 packets/s over 4.0\xc2\xa0s.",
		"taking part: 192.168.1.21",
		"<h2>Where the scans went",
		"<h2>Recalls and advisories",
		"exposed or hijacked, by maker: <bdi>Xiongmai</bdi> 2 (1 hijacked)",
		"<h3><bdi>Dahua</bdi></h3>",
		"names 192.168.1.20, 192.168.1.21",
		"<h2>Devices without findings",
		"1 other device shows nothing wrong; 1 not judged. By maker:",
		"192.168.1.40",
		"192.168.1.41",
		"not judged</td>",
		"<h2>Not seen, or seen in part",
		"3 packets were cut short",
		"logins inside TLS",
		"<h2>Method and limits",
		"cordon <bdi>0.1.0</bdi>, knowledge <bdi>0123456789abcdef</bdi>",
		"<script type=\"application/json\" id=\"cordon-report\">",
		"\"schema\": \"cordon.report/1\"",
		"</script>\n</body>\n</html>\n",
	};
	struct whole w = {0};
	struct text t = {0};

	(void)state;
	tell_story(&w);
	for (unsigned first = 1; first < 224; first++)
		for (unsigned second = first % 3; second < 256; second += 3 + first % 5)
			if (first != 10 && first != 127)
				add_network(&w, first, second);
	write_page(&t, &w.model.judged);
	expect_order(&t, wanted, COUNT(wanted));
	keep_page(&t, "model-story");
	text_fini(&t);
}

static void test_draws_stages(void **state)
{
	/* The capture is 90 s long, and a plot 1000 wide. */
	static const char *const wanted[] = {
		"<desc id=\"plot1-is\">breached 11:04:51; loaded 11:04:53 → 11:04:55; recruited 11:04:57 → "
		"11:06:01; scanning 11:05:01 → 11:05:41; attacking 11:05:21 → 11:05:31</desc>",
		"<path class=\"bar breached\" d=\"M222 14H222\"/>",
		"<path class=\"bar loaded\" d=\"M244 42H266\"/>",
		"<path class=\"bar recruited\" d=\"M288 70H999\"/>",
		"<path class=\"bar scanning\" d=\"M333 98H777\"/>",
		"<path class=\"bar attacking\" d=\"M555 126H666\"/>",
		"<desc id=\"plot2-is\">It sent 1.0 packets/s before",
		"<path class=\"area\" d=\"M0 64V63H111V63H222V63H333V38H444V38H555V4H666V4H777V58H888V64H999V64Z\"/>",
		"<path class=\"mark\" d=\"M222 0V64\"/>",
	};
	struct whole w = {0};
	struct text t = {0};

	(void)state;
	tell_story(&w);
	write_page(&t, &w.model.judged);
	expect_order(&t, wanted, COUNT(wanted));
	text_fini(&t);
}

static void test_leaves_out_what_is_not_known(void **state)
{
	struct model m;
	struct text t = {0};

	(void)state;
	fill(&m);
	write_page(&t, &m.judged);
	expect_in(&t, "<h1>One device on this network is hijacked.</h1>");
	expect_not_in(&t, "<svg");
	expect_not_in(&t, "id=\"attacks\"");
	expect_not_in(&t, "id=\"strangers\"");
	expect_not_in(&t, "class=\"why\"><b>Why we are sure:</b> <bdi></bdi>");
	keep_page(&t, "model-plain");
	text_clear(&t);
	m.devices[1].verdict = VERDICT_EXPOSED;
	write_page(&t, &m.judged);
	expect_in(&t, "<h1>Three devices on this network could be taken over.</h1>");
	text_clear(&t);
	m.devices[1].verdict = VERDICT_SUSPECT;
	write_page(&t, &m.judged);
	expect_in(&t, "<h1>One device on this network acts suspiciously.</h1>");
	text_clear(&t);
	m.judged.devices_n = 0;
	m.judged.judged = m.judged.of = 0;
	m.judged.recalls_n = 0;
	write_page(&t, &m.judged);
	expect_in(&t, "<h1>Nothing could be judged: no local device was seen.</h1>");
	expect_in(&t, "id=\"unseen\"");
	expect_not_in(&t, "id=\"devices\"");
	expect_not_in(&t, "id=\"clear\"");
	expect_not_in(&t, "id=\"recalls\"");
	text_fini(&t);
}

/* Where Hilbert's curve has its first cells, its last, and the quarters between. */
static void test_map(void **state)
{
	static const struct {
		unsigned first, second;
		const char *run;
	} cells[] = {
		{0, 0, "d=\"M0 0h1\""},	      {0, 1, "d=\"M1 0h1\""},
		{0, 2, "d=\"M1 1h1\""},	      {0, 3, "d=\"M0 1h1\""},
		{1, 0, "d=\"M16 0h1\""},      {2, 0, "d=\"M16 16h1\""},
		{64, 0, "d=\"M0 128h1\""},    {128, 0, "d=\"M128 128h1\""},
		{192, 0, "d=\"M255 127h1\""}, {255, 255, "d=\"M255 0h1\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cells); i++) {
		struct whole w = {0};
		struct text t = {0};

		tell_story(&w);
		add_network(&w, cells[i].first, cells[i].second);
		write_page(&t, &w.model.judged);
		expect_in(&t, cells[i].run);
		expect_in(&t, "1 of the 65\xc2\xa0"
			      "536 networks that IPv4 has were tried");
		text_fini(&t);
	}
}

static void test_map_joins_neighbours(void **state)
{
	struct whole w = {0};
	struct text t = {0};

	(void)state;
	tell_story(&w);
	for (unsigned second = 0; second < 16; second++)
		add_network(&w, 0, second);
	write_page(&t, &w.model.judged);
	expect_in(&t, "d=\"M0 0h4M0 1h4M0 2h4M0 3h4\"");
	/* 224.0.0.0/4 and what follows fill the last quarter's second half. */
	expect_in(&t, "x=\"128\" y=\"0\" width=\"64\" height=\"64\"");
	expect_in(&t, "x=\"192\" y=\"0\" width=\"64\" height=\"64\"");
	text_fini(&t);
}

/* ---- hostile --------------------------------------------------------------------------------------------------- */

static size_t count_of(const char *s, const char *piece)
{
	size_t n = 0;

	for (s = strstr(s, piece); s != NULL; s = strstr(s + 1, piece))
		n++;
	return n;
}

/* In every field that a writer may print, whoever fills it. */
static void poison(struct hostile *h, struct whole *w, struct evidence *e, char *name)
{
	static const char *const evil[] = {EVIL};
	struct device *d = &h->model.devices[0];

	make_hostile(h);
	*e = signs[0];
	e->detector = e->code = e->peer = e->text = e->role = e->family = e->weight = EVIL;
	for (size_t i = 0; i < 2; i++) {
		h->claims[i].signal = h->claims[i].value = h->claims[i].says = name;
		h->exposures[i].service = h->exposures[i].detail = EVIL;
		h->recalls[i].maker = h->recalls[i].advisory = h->recalls[i].action = EVIL;
	}
	d->id = d->maker = d->product = d->model = d->firmware = d->built = d->why = d->since =
		EVIL;
	d->brand = name;
	d->evidence = e;
	d->evidence_n = 1;
	d->stages = stages;
	d->stages_n = 1;
	d->todo = d->families = d->undecided = evil;
	d->todo_n = d->families_n = d->undecided_n = 1;
	h->model.devices[1].id = h->model.devices[4].id = EVIL;
	h->model.devices[1].addresses_n = 0;
	h->model.devices[3].maker = name;
	h->model.devices[4].addresses_n = 0;
	h->model.input.path = h->model.input.damage_reason = EVIL;
	h->model.input.damaged = true;
	h->model.judged.note = h->model.judged.version = h->model.judged.knowledge = EVIL;
	w->attack = (struct attack){.detail = EVIL, .devices = evil, .devices_n = 1};
	w->unseen[0] = (struct count){EVIL, 1};
	h->model.judged.attacks = &w->attack;
	h->model.judged.attacks_n = 1;
	h->model.judged.unseen = w->unseen;
	h->model.judged.unseen_n = 1;
}

static void test_nothing_from_outside_is_markup(void **state)
{
	static char name[4096 + sizeof EVIL];
	struct hostile h = {0};
	struct whole w = {0};
	struct text t = {0};
	struct evidence e;
	const char *json;

	(void)state;
	memset(name, 'M', 4096);
	memcpy(name + 4096, EVIL, sizeof EVIL);
	poison(&h, &w, &e, name);
	write_page(&t, &h.model.judged);
	expect_harmless(&t, false);
	assert_int_equal(count_of(t.at, "<script"), 1);
	assert_int_equal(count_of(t.at, "</script"), 1);
	expect_not_in(&t, "<b>\\x1b");
	expect_not_in(&t, "<!--");
	expect_in(&t, "&lt;/script&gt;&lt;script&gt;alert(1)");
	json = strstr(t.at, "id=\"cordon-report\">");
	json = strchr(json, '\n');
	assert_ptr_equal(strchr(json, '<'), strstr(json, "</script>\n"));
	assert_non_null(strstr(json, "\\u003c/script>"));
	keep_page(&t, "model-hostile");
	text_fini(&t);
}

/* ---- the report inside ----------------------------------------------------------------------------------------- */

static void test_holds_the_json(void **state)
{
	struct whole w = {0};
	struct text t = {0};
	struct text json = {0};

	(void)state;
	tell_story(&w);
	write_page(&t, &w.model.judged);
	report_json(&w.model.judged, &plain, &json);
	assert_null(strchr(json.at, '<'));
	expect_in(&t, text_string(&json));
	text_fini(&json);
	text_fini(&t);
}

static void collect(void *context, const char *at, size_t len)
{
	text_add(context, at, len);
}

static void test_streams(void **state)
{
	struct whole w = {0};
	struct text t = {0};
	struct text got = {0};
	struct text streamed = {.sink = collect, .sink_context = &got};

	(void)state;
	tell_story(&w);
	add_network(&w, 8, 8);
	write_page(&t, &w.model.judged);
	write_page(&streamed, &w.model.judged);
	text_finish(&streamed);
	assert_string_equal(text_string(&t), text_string(&got));
	text_fini(&streamed);
	text_fini(&got);
	text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_all_in_order),
		cmocka_unit_test(test_sections_in_order),
		cmocka_unit_test(test_draws_stages),
		cmocka_unit_test(test_leaves_out_what_is_not_known),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_joins_neighbours),
		cmocka_unit_test(test_nothing_from_outside_is_markup),
		cmocka_unit_test(test_holds_the_json),
		cmocka_unit_test(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
