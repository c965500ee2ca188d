/* SPDX-License-Identifier: MIT */
/*
 * verdict/recalls: which recalls name a device, which can't be decided and which are none of its business; and the list of
 * recalls over all devices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "reduced.h"
#include "verdict/recalls.h"

static struct catalogue known;

static int load(void **state)
{
	static const struct small_files files = {
		.makers = "Acme\tmaker\t-\t-\ttest\thigh\nBolt\tmaker\t-\t-\ttest\thigh\n"
			  "Shop\tbrand\t-\tBolt\ttest\thigh\n",
		.fingerprints = "onvif-model\tLC-*\tAcme\tcamera\t$0\t-\t-\thigh\ttest\n"
				"onvif-model\tNC-*\tAcme\t-\t$0\t-\t-\thigh\ttest\n"
				"onvif-model\tLR-*\tAcme\trouter\t$0\t-\t-\thigh\ttest\n"
				"onvif-manufacturer\tBolt\tBolt\t-\t-\t-\t-\thigh\ttest\n"
				"onvif-manufacturer\tShop\tShop\t-\t-\t-\t-\thigh\ttest\n"
				"onvif-firmware\t*\t-\t-\t-\t$0\t-\thigh\ttest\n"
				"xm-built\t*\t-\t-\t-\t-\t$0\thigh\ttest\n",
		.recalls = "Acme\tLC-1|LC-2\tall\tR-RETURN\treturn\tsend it back\t-\ttest\thigh\n"
			   "Acme\tLC-*\tfw<2.0\tR-UPDATE\tupdate\t-\t2.0\ttest\thigh\n"
			   "Acme\tLC-3\tbuilt<2015-01-01\tR-BUILT\tno-fix\t-\t-\ttest\thigh\n"
			   "Acme\tclass:router\tall\tR-CLASS\tadvice\t-\t-\ttest\thigh\n"
			   "Acme\t*\tall\tR-MAKER\tadvice\t-\t-\ttest\thigh\n"
			   "Acme\t*\tsvc:telnet\tR-TELNET\tno-fix\t-\t-\ttest\thigh\n"
			   "Acme\t*\tdisc:Init absent\tR-INIT\tno-fix\t-\t-\ttest\thigh\n"
			   "Acme\tLC-1\tall\tR-LOW\treturn\t-\t-\ttest\tlow\n"
			   "Bolt\t*\tfw<9\tR-BOLT\tupdate\tdo so\t-\ttest\thigh\n"
			   "-\t*\tall\tR-NOBODY\treturn\t-\t-\ttest\thigh\n"};

	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

struct what {
	enum signal signal;
	const char *value;
};

enum { TOLD_MAX = 4 };

/* The advisories that name a device, and those that may: "R-A R-B | R-C". */
static void expect_recalls(const struct what told[TOLD_MAX], const char *expected)
{
	struct scene *s = scene_new(NULL);
	char text[256] = "";
	struct reduced r;
	const struct exposed *e;
	struct end host;

	scene_listen(s, &known);
	s->now_ns = 1477000000 * NS_PER_S; /* October 2016: later than any build here */
	host = settle(s, 30);
	for (uint64_t i = 0; i < TOLD_MAX && told[i].value != NULL; i++)
		tells_on(s, host, told[i].signal,
			 told[i].signal == SIGNAL_service ? PROTO_telnet_id : PROTO_onvif_id, 0,
			 told[i].value, 10 + i);
	reduce(&r, s, &known, false);
	e = exposed_of(&r, host);
	for (size_t i = 0; i < e->named_n; i++)
		strcat(strcat(text, e->named[i]->advisory), " ");
	strcat(text, "|");
	for (size_t i = 0; i < e->undecided_n; i++)
		strcat(strcat(text, " "), e->undecided[i]->advisory);
	assert_string_equal(text, expected);
	for (size_t i = 0; i < e->n; i++)
		assert_true(e->list[i].kind == EXPOSURE_OPEN_TELNET || e->list[i].inferred);
	reduced_fini(&r);
	scene_free(s);
}

#define MODEL(text)                                                                                \
	{                                                                                          \
		SIGNAL_onvif_model, text                                                           \
	}
#define FIRMWARE(text)                                                                             \
	{                                                                                          \
		SIGNAL_onvif_firmware, text                                                        \
	}

static void test_three_answers(void **state)
{
	static const struct {
		struct what told[TOLD_MAX];
		const char *expected;
	} cases[] = {
		{{MODEL("LC-1")}, "R-RETURN | R-UPDATE R-MAKER R-TELNET R-INIT R-LOW"},
		{{MODEL("LC-1"), FIRMWARE("1.9")},
		 "R-RETURN R-UPDATE | R-MAKER R-TELNET R-INIT R-LOW"},
		{{MODEL("LC-1"), FIRMWARE("2.0")}, "R-RETURN | R-MAKER R-TELNET R-INIT R-LOW"},
		{{MODEL("LC-2"), FIRMWARE("soon")}, "R-RETURN | R-UPDATE R-MAKER R-TELNET R-INIT"},
		{{MODEL("LC-3"), FIRMWARE("3"), {SIGNAL_xm_built, "2014-12-31"}},
		 "R-BUILT | R-MAKER R-TELNET R-INIT"},
		{{MODEL("LC-3"), FIRMWARE("3"), {SIGNAL_xm_built, "2015-01-01"}},
		 "| R-MAKER R-TELNET R-INIT"},
		{{MODEL("LC-3"), FIRMWARE("3")}, "| R-BUILT R-MAKER R-TELNET R-INIT"},
		{{MODEL("LR-1")}, "R-CLASS | R-MAKER R-TELNET R-INIT"},
		{{MODEL("NC-1")}, "| R-CLASS R-MAKER R-TELNET R-INIT"}, /* of which class? */
		{{MODEL("LC-9"), FIRMWARE("3"), {SIGNAL_service, "telnet"}},
		 "R-TELNET | R-MAKER R-INIT"},
		{{MODEL("LC-9"), FIRMWARE("3"), {SIGNAL_dahua_init, "absent"}},
		 "R-INIT | R-MAKER R-TELNET"},
		{{MODEL("LC-9"),
		  FIRMWARE("3"),
		  {SIGNAL_dahua_init, "absent"},
		  {SIGNAL_dahua_init, "6"}},
		 "| R-MAKER R-TELNET"}, /* updated since */
		{{{SIGNAL_onvif_manufacturer, "Shop"}, FIRMWARE("3")}, "|"},
		{{{SIGNAL_onvif_manufacturer, "Bolt"}, FIRMWARE("3")}, "R-BOLT |"},
		{{FIRMWARE("1")}, "|"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_recalls(cases[i].told, cases[i].expected);
}

static void test_what_is_said(void **state)
{
	struct scene *s = scene_new(NULL);
	struct end e;
	struct reduced r;
	const struct exposure *list;

	(void)state;
	scene_listen(s, &known);
	e = settle(s, 30);
	tells(s, e, SIGNAL_onvif_model, "LC-1", 5);
	tells(s, e, SIGNAL_onvif_firmware, "1.0", 6);
	reduce(&r, s, &known, false);
	list = exposed_of(&r, e)->list;
	assert_int_equal(exposed_of(&r, e)->n, 2);
	assert_int_equal(list[0].kind, EXPOSURE_RECALLED);
	assert_string_equal(list[0].detail, "R-RETURN: send it back");
	assert_int_equal(list[0].where.packet, 5); /* the model's */
	assert_int_equal(list[1].kind, EXPOSURE_OUTDATED_FIRMWARE);
	assert_string_equal(list[1].detail, "R-UPDATE: see the advisory");
	assert_int_equal(list[1].where.packet, 6); /* the firmware's */
	assert_null(list[1].service);
	reduced_fini(&r);
	scene_free(s);
}

/* A stranger who told his model and nothing else is no concern; one that is exposed is. */
static void test_strangers(void **state)
{
	(void)state;
	for (int found = 0; found < 2; found++) {
		struct scene *s = scene_new(NULL);
		struct end far = stranger_at("203.0.113.80", 0);
		struct reduced r;

		scene_listen(s, &known);
		settle(s, 30);
		tells(s, far, SIGNAL_onvif_model, "LC-1", 5);
		if (found == 1)
			tells_on(s, far, SIGNAL_beacon, PROTO_dahua_id, 0, "dahua", 6);
		reduce(&r, s, &known, false);
		assert_int_equal(r.exposed[device_named(&r, "ip:203.0.113.80")].named_n, found);
		reduced_fini(&r);
		scene_free(s);
	}
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static const struct recall *recall_called(const char *advisory)
{
	for (size_t i = 0; i < known.recalls_n; i++) {
		if (strcmp(known.recalls[i].advisory, advisory) == 0)
			return &known.recalls[i];
	}
	return NULL;
}

static void test_list(void **state)
{
	const struct recall *back = recall_called("R-RETURN"), *update = recall_called("R-UPDATE");
	const struct recall *bolt = recall_called("R-BOLT"), *built = recall_called("R-BUILT");
	const struct recall *one[] = {back, back}, *two[] = {bolt, update},
			    *maybe[] = {back, update, built};
	const struct exposed a = {.named = one, .named_n = 2, .undecided = maybe, .undecided_n = 3};
	const struct exposed b = {.named = two, .named_n = 2};
	const struct recall_device devices[] = {{"z", &a}, {"a", &b}};
	struct arena arena = {.failed = false};
	const struct recall_entry *list;
	size_t n;

	(void)state;
	list = recalls_list(devices, 2, &arena, &n);
	assert_int_equal(n, 4);
	assert_string_equal(list[0].advisory, "R-BUILT");
	assert_string_equal(list[0].action, "no fix: keep it off the Internet");
	assert_int_equal(list[0].devices_n, 0);
	assert_string_equal(list[0].undecided[0], "z");
	assert_string_equal(list[1].advisory, "R-RETURN");
	assert_string_equal(list[1].action, "return it to its maker (send it back)");
	assert_int_equal(list[1].devices_n, 1); /* named twice, and perhaps once more: named */
	assert_int_equal(list[1].undecided_n, 0);
	assert_string_equal(list[2].advisory, "R-UPDATE");
	assert_string_equal(list[2].action, "update the firmware to 2.0 or later");
	assert_string_equal(list[2].devices[0], "a");
	assert_string_equal(list[2].undecided[0], "z");
	assert_string_equal(list[3].maker, "Bolt");
	assert_string_equal(list[3].action, "update the firmware (do so)");
	recalls_list(devices, 0, &arena, &n);
	assert_int_equal(n, 0);
	arena_fini(&arena);
}

/* ---- as it stands in the report ---------------------------------------------------------------------------------- */

static void test_write_profile(void **state)
{
	const struct recall *maybe[] = {recall_called("R-RETURN"), recall_called("R-RETURN")};
	const struct exposed exposed = {.undecided = maybe, .undecided_n = 2};
	const struct evidence_for evidence[] = {{.signal = SIGNAL_dhcp_host_name,
						 .value = "v",
						 .key = (UINT64_C(2) << 40) + 7,
						 .maker = "Acme",
						 .product = "camera",
						 .model = "LC-1",
						 .firmware = "1.0",
						 .built = "2014-01-02"},
						{.signal = SIGNAL_mac_prefix,
						 .value = "Chips Inc.",
						 .module = "Chips",
						 .against = true},
						{.signal = SIGNAL_mac_prefix, .value = "Nobody"}};
	const struct profile p = {
		.maker = "Acme", .built = "2014-01-02", .evidence = evidence, .evidence_n = 3};
	struct device out = {.id = "x"};
	struct arena arena = {.failed = false};

	(void)state;
	write_profile(&out, &p, &exposed, &arena);
	assert_string_equal(out.maker, "Acme");
	assert_null(out.built); /* not known */
	assert_int_equal(out.claims_n, 3);
	assert_string_equal(out.claims[0].signal, "dhcp-host-name");
	assert_string_equal(out.claims[0].says, "Acme camera LC-1 firmware 1.0 built 2014-01-02");
	assert_int_equal(out.claims[0].where.input, 2);
	assert_int_equal(out.claims[0].where.packet, 7);
	assert_string_equal(out.claims[1].says, "Chips module inside");
	assert_true(out.claims[1].against);
	assert_string_equal(out.claims[2].says, "registered to Nobody");
	assert_int_equal(out.undecided_n, 1);
	arena_fini(&arena);
}

static void test_makers(void **state)
{
	const struct exposure x = {.kind = EXPOSURE_OPEN_TELNET};
	const struct device devices[] = {
		{.maker = "Bolt", .exposures = &x, .exposures_n = 1, .verdict = VERDICT_INFECTED},
		{.maker = "Acme"},
		{.maker = NULL},
		{.maker = "Bolt", .verdict = VERDICT_INFECTED}};
	const struct judged judged = {.devices = devices, .devices_n = 4};
	struct arena arena = {.failed = false};
	const struct maker_count *list;
	size_t n;

	(void)state;
	list = makers_count(&judged, &arena, &n);
	assert_int_equal(n, 2);
	assert_string_equal(list[0].maker, "Acme");
	assert_string_equal(list[1].maker, "Bolt");
	assert_int_equal(list[1].devices, 2);
	assert_int_equal(list[1].exposed, 1);
	assert_int_equal(list[1].infected, 2);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_answers), cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_strangers),     cmocka_unit_test(test_list),
		cmocka_unit_test(test_write_profile), cmocka_unit_test(test_makers),
	};

	return cmocka_run_group_tests(tests, load, small_catalogue_fini);
}
