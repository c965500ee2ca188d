/* SPDX-License-Identifier: MIT */
/*
 * report/json.c and report/csv.c: what devices are, how they are exposed, and which recalls name them, as programs read
 * it. With the name of a folder as argument the JSON reports are written there, for a check against the schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_model.h"
#include "report/csv.h"

#include <stdio.h>

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
	report_json(&m.judged, NULL, &t);
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
	const struct report_options plain = {.utf8 = true, .width = REPORT_WIDTH};
	struct exposure e = exposures[0];
	struct model m;

	(void)state;
	fill(&m);
	make_exposed(&m.devices[0], &e, 1);
	for (int kind = 0; kind < EXPOSURE_KINDS; kind++) {
		struct text text = {0}, json = {0}, csv = {0};

		e.kind = (enum exposure_kind)kind;
		e.detail = NULL;
		report_json(&m.judged, NULL, &json);
		report_csv(&m.judged, NULL, &csv);
		expect_not_in(&json, "\"kind\": null");
		expect_in(&csv, exposure_words[kind]);
		report_text(&m.judged, &plain, &text);
		expect_in(&text, exposure_words[kind]);
		text_fini(&text);
		text_fini(&json);
		text_fini(&csv);
	}
}

static void test_hostile_json(void **state)
{
	struct text t = {0};
	struct hostile h;

	(void)state;
	make_hostile(&h);
	report_json(&h.model.judged, NULL, &t);
	expect_harmless(&t, false);
	expect_in(&t, "\"model\": \"=a\\u001b[2J\\n<b>\xef\xbf\xbd\\u202e\\\"\\\\\\r;=1,'\"");
	text_fini(&t);
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
	report_csv(&m.judged, NULL, &devices);
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
	report_csv(&m.judged, NULL, &devices);
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
		report_csv(&m.judged, NULL, &t);
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
	report_csv(&h.model.judged, NULL, &devices);
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
	report_json(judged, NULL, &t);
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
		cmocka_unit_test(test_hostile_json),	      cmocka_unit_test(test_json),
		cmocka_unit_test(test_every_kind_has_a_word), cmocka_unit_test(test_csv),
		cmocka_unit_test(test_csv_of_nothing),	      cmocka_unit_test(test_csv_cells),
		cmocka_unit_test(test_hostile_csv),
	};

	if (argc == 2)
		return write_reports(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
