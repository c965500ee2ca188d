/* SPDX-License-Identifier: MIT */
/*
 * report/citations.c: every packet number of a model with its reason, sorted, once; and nothing of a stranger's that
 * could do harm where the comments are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/citations.h"
#include "report_model.h"

#include <stdlib.h>

static const struct where marked[] = {{0, 10233}, {0, 10300}, {0, 10300}, {1, 2}};
static const struct evidence signs[] = {
	{.detector = "mirai-scan",
	 .packets = marked,
	 .packets_n = 4,
	 .text = "scans telnet",
	 .stage = STAGE_SCANNING},
	{.detector = "flood", .packets = &marked[1], .packets_n = 1, .text = "floods"},
};
static const struct where hits[] = {{0, 10300}, {0, 10301}};

static void fill_cited(struct model *m, struct attack *a)
{
	fill(m);
	m->devices[1].evidence = signs;
	m->devices[1].evidence_n = 2;
	*a = (struct attack){.vector = VECTOR_SYN,
			     .target = addr_v4(0xc6336407),
			     .port = 80,
			     .packet_list = hits,
			     .packet_list_n = 2};
	m->judged.attacks = a;
	m->judged.attacks_n = 1;
}

static void say_all(const struct judged *judged, struct text *t)
{
	struct citation *list;
	size_t n;

	assert_int_equal(citations_collect(judged, &list, &n), 0);
	for (size_t i = 0; i < n; i++) {
		text_printf(t, "%u:%u ", (unsigned)list[i].where.input,
			    (unsigned)list[i].where.packet);
		citation_say(&list[i], t);
		text_puts(t, "\n");
	}
	free(list);
}

/* Packets in order; of one packet the signs before exposures and claims, devices before attacks; nothing twice. */
static void test_order(void **state)
{
	static const char wanted[] =
		"0:10233 mac:02:00:5e:00:53:20 (192.168.1.20): factory-password, telnet/23: root / l…1 (this "
		"maker's factory password) accepted from 203.0.113.77\n"
		"0:10233 mac:02:00:5e:00:53:21 (192.168.1.21): mirai-scan (scanning): scans telnet\n"
		"0:10233 mac:02:00:5e:00:53:21 (192.168.1.21): factory-password, telnet/23: root / l…1 (this "
		"maker's factory password) accepted from 203.0.113.77\n"
		"0:10300 mac:02:00:5e:00:53:21 (192.168.1.21): mirai-scan (scanning): scans telnet\n"
		"0:10300 mac:02:00:5e:00:53:21 (192.168.1.21): flood: floods\n"
		"0:10300 attack on 198.51.100.7 port 80: syn, outbound\n"
		"0:10301 attack on 198.51.100.7 port 80: syn, outbound\n"
		"1:2 mac:02:00:5e:00:53:21 (192.168.1.21): mirai-scan (scanning): scans telnet\n"
		"1:9 mac:02:00:5e:00:53:30 (192.168.1.30): cleartext-login, http/80: the password crossed in "
		"clear\n";
	struct text t = {0};
	struct attack a;
	struct model m;

	(void)state;
	fill_cited(&m, &a);
	say_all(&m.judged, &t);
	expect_in(&t, wanted);
	expect_in(&t,
		  "0:1 mac:02:00:5e:00:53:20 (192.168.1.20): mac-prefix \"Lab Radios Ltd\" speaks "
		  "against that, it says Lab Radios module inside\n0:2 ");
	text_fini(&t);
}

static void test_nothing(void **state)
{
	struct judged none = {0};
	struct citation *list;
	size_t n = 7;

	(void)state;
	assert_int_equal(citations_collect(&none, &list, &n), 0);
	assert_int_equal(n, 0);
	free(list);
}

static void test_hostile(void **state)
{
	struct text t = {0};
	struct hostile h;

	(void)state;
	make_hostile(&h);
	h.model.devices[0].id = h.model.input.path = HOSTILE;
	say_all(&h.model.judged, &t);
	citation_say_packet(&h.model.judged, &marked[0], &t);
	expect_harmless(&t, false);
	expect_in(&t, "packet 10233 of =a\\x1b[2J");
	text_fini(&t);
}

/* A page that a device sent is quoted by its beginning, and not cut inside a character. */
static void test_long_value(void **state)
{
	char value[400] = "x";
	struct claim c = {"http-title", value, "a camera", {0, 3}, false};
	struct text t = {0};
	struct model m;

	(void)state;
	for (size_t i = 1; i + 2 < sizeof value; i += 2)
		memcpy(value + i, "\xc3\xa9", 3);
	fill(&m);
	m.devices[0].claims = &c;
	m.devices[0].claims_n = 1;
	say_all(&m.judged, &t);
	expect_in(&t, "\xc3\xa9…\" says a camera");
	assert_true(t.len < 1200);
	text_fini(&t);
}

static void test_packet_names(void **state)
{
	struct input inputs[2] = {{.path = "a/shop.pcapng"}, {.path = "b/shop.pcapng"}};
	struct judged judged = {.inputs = inputs, .inputs_n = 1};
	struct text t = {0};

	(void)state;
	citation_say_packet(&judged, &marked[0], &t);
	assert_string_equal(text_string(&t), "packet 10233 of shop.pcapng");
	text_clear(&t);
	judged.inputs_n = 2;
	citation_say_packet(&judged, &marked[3], &t);
	assert_string_equal(text_string(&t), "packet 2 of input 1, shop.pcapng");
	text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	     cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_long_value),
		cmocka_unit_test(test_packet_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
