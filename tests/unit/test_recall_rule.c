/* SPDX-License-Identifier: MIT */
/*
 * base/recall_rule: each form of rule against devices that it means, does not mean, and can't be judged by; and what
 * is no rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/built.h"
#include "base/recall_rule.h"
#include "base/scan.h"

#include <stdlib.h>

static const char *const words[] = {"no match", "unknown", "match"};

static void expect_facts(enum recall_match wanted, const char *rule,
			 const struct recall_facts *facts)
{
	enum recall_match got = recall_rule_match(bytes_of(rule), facts);

	if (recall_rule_check(bytes_of(rule)) != NULL)
		fail_msg("'%s': no rule: %s", rule, recall_rule_check(bytes_of(rule)));
	if (got != wanted)
		fail_msg("'%s' on '%s': %s", rule, facts->firmware == NULL ? "" : facts->firmware,
			 words[got]);
}

static void expect(enum recall_match wanted, const char *rule, const char *firmware)
{
	struct recall_facts facts = {.firmware = firmware, .built_day = RECALL_NO_DAY};

	expect_facts(wanted, rule, &facts);
}

static void expect_built(enum recall_match wanted, const char *rule, const char *built)
{
	struct recall_facts facts = {.firmware = "V1 build 080101"};

	assert_true(built_parse(bytes_of(built), &facts.built_day));
	expect_facts(wanted, rule, &facts);
}

static void expect_wrong(const char *rule, const char *word)
{
	struct recall_facts facts = {.built_day = RECALL_NO_DAY};
	const char *wrong = recall_rule_check(bytes_of(rule));

	if (wrong == NULL || strstr(wrong, word) == NULL)
		fail_msg("'%s': %s", rule, wrong == NULL ? "accepted" : wrong);
	assert_int_equal(recall_rule_match(bytes_of(rule), &facts), RECALL_UNKNOWN);
}

static void test_all(void **state)
{
	(void)state;
	expect(RECALL_MATCH, "all", NULL);
	expect_wrong("ALL", "a rule:");
	expect_wrong("", "a rule:");
	expect_wrong("every", "a rule:");
}

static void test_built(void **state)
{
	(void)state;
	expect_built(RECALL_MATCH, "built<2015-09-01", "2015-08-31");
	expect_built(RECALL_NO_MATCH, "built<2015-09-01", "2015-09-01");
	expect(RECALL_MATCH, "built<2015-09-01", "V4.02.R11.Nat.20150831");
	expect(RECALL_NO_MATCH, "built<2015-09-01", "V5.4.0 build 160530");
	expect(RECALL_UNKNOWN, "built<2015-09-01", "V5.4.0");
	expect(RECALL_UNKNOWN, "built<2015-09-01", "V5.4.0 build 000000");
	expect(RECALL_UNKNOWN, "built<2015-09-01", NULL);
	expect(RECALL_MATCH, "build<210628", "V5.5.0 build 210627");
	expect(RECALL_NO_MATCH, "build<210628", "V5.5.0 build 210628");
	expect(RECALL_UNKNOWN, "build<210628", "");
	expect_wrong("built<2015-9-1", "built<");
	expect_wrong("built<2015/09/01", "built<");
	expect_wrong("built<2000-01-01", "2008");
	expect_wrong("built<2011-01-01 (unverified)", "built<");
	expect_wrong("build<2106280", "build<");
	expect_wrong("build<211328", "build<");
	expect_wrong("build<21062x", "build<");
	expect_wrong("build<", "build<");
}

static void test_versions(void **state)
{
	(void)state;
	expect(RECALL_MATCH, "fw<1.3.4", "V1.3.3");
	expect(RECALL_NO_MATCH, "fw<1.3.4", "1.3.4");
	expect(RECALL_MATCH, "fw<=1.3.4", "1.3.4");
	expect(RECALL_NO_MATCH, "fw<=1.3.4", "1.3.5");
	expect(RECALL_UNKNOWN, "fw<1.3.4", "1.3.4-rc1");
	expect(RECALL_UNKNOWN, "fw<1.3.4", NULL);
	expect(RECALL_UNKNOWN, "fw<=20240412", "1.2.3");
	expect(RECALL_MATCH, "fw<=20240412", "20240412");
	expect(RECALL_MATCH, "fw in V4.02.A; 4.02.B", " 4.02.b ");
	expect(RECALL_MATCH, "fw in V4.02.A; 4.02.B", "V4.02.a");
	expect(RECALL_NO_MATCH, "fw in V4.02.A; 4.02.B", "4.02.C");
	expect(RECALL_NO_MATCH, "fw in V4.02.A; 4.02.B", "4.02.A1");
	expect(RECALL_UNKNOWN, "fw in V4.02.A; 4.02.B", NULL);
	expect(RECALL_MATCH, "fw~V5.00.R02.00030747*", "V5.00.R02.00030747.10010");
	expect(RECALL_NO_MATCH, "fw~V5.00.R02.00030747*", "V5.00.R03");
	expect(RECALL_UNKNOWN, "fw~V5.00.R02.00030747*", "");
	expect_wrong("fw<patch (see advisory)", "version");
	expect_wrong("fw<1.86.00 / 2.7.2 (unverified) ?", "version");
	expect_wrong("fw<", "version");
	expect_wrong("fw in ", "between");
	expect_wrong("fw in a;; b", "between");
	expect_wrong("fw in a; ", "between");
	expect_wrong("fw in a;", "last");
	expect_wrong("fw~", "pattern");
	expect_wrong("fw~(", ")");
}

static void test_ranges(void **state)
{
	static const char hik[] = "V5.2.0 build 140721..V5.4.0 Build 160530",
			  xm[] = "V4.02.R11.*.20160422..20170727";
	struct recall_facts dated = {.firmware = "V4.02.R11.00000117.10001"};

	(void)state;
	expect(RECALL_MATCH, hik, "V5.3.0 build 150814");
	expect(RECALL_MATCH, hik, "V5.2.0build 140721");
	expect(RECALL_MATCH, hik, "V5.4.0build 160530");
	expect(RECALL_NO_MATCH, hik, "V5.4.0build 160531");
	expect(RECALL_NO_MATCH, hik, "V5.2.0build 140720");
	expect(RECALL_UNKNOWN, hik, "V5.3.0");
	expect_built(RECALL_MATCH, hik, "2015-08-14");
	expect(RECALL_MATCH, xm, "V4.02.R11.7601.Nat.Onvif.20170420");
	expect(RECALL_MATCH, xm, "4.02.R11.Nat.20160422");
	expect(RECALL_NO_MATCH, xm, "V4.02.R11.Nat.20160421");
	expect(RECALL_NO_MATCH, xm, "V4.02.R11.Nat.20170728");
	expect(RECALL_NO_MATCH, xm, "V4.02.R12.Nat.20170420");
	expect(RECALL_UNKNOWN, xm, "V4.02.R11.Nat.20171420");
	expect(RECALL_UNKNOWN, xm, dated.firmware);
	expect(RECALL_UNKNOWN, xm, NULL);
	assert_true(built_parse(bytes_of("2017-01-01"), &dated.built_day));
	expect_facts(RECALL_MATCH, xm, &dated);
	expect_wrong("1.2..1.5", "two ends");
	expect_wrong("V5.4.0 build 160530..V5.2.0 build 140721", "earlier");
	expect_wrong("V4.02.20170727..20160422", "earlier");
	expect_wrong("V4.02.20160422..2017072", "two ends");
	expect_wrong("20160422..20170727", "pattern");
	expect_wrong("..", "two ends");
}

static void test_what_it_answered(void **state)
{
	static const struct recall_service services[] = {{"http", 80}, {"telnet", 9527}};
	static const struct recall_field fields[] = {{"Init", true}, {"Activated", false}};
	static const char *const servers[] = {"nginx", "uc-httpd 1.0.0"};
	struct recall_facts facts = {
		.built_day = RECALL_NO_DAY,
		.services = services,
		.services_n = 2,
		.fields = fields,
		.fields_n = 2,
		.http_servers = servers,
		.http_servers_n = 2,
	};

	(void)state;
	expect_facts(RECALL_MATCH, "svc:http/80", &facts);
	expect_facts(RECALL_MATCH, "svc:telnet", &facts);
	expect_facts(RECALL_UNKNOWN, "svc:telnet/23", &facts);
	expect(RECALL_UNKNOWN, "svc:telnet", NULL);
	expect_facts(RECALL_MATCH, "disc:Init absent", &facts);
	expect_facts(RECALL_NO_MATCH, "disc:Activated absent", &facts);
	expect_facts(RECALL_UNKNOWN, "disc:Other absent", &facts);
	expect_facts(RECALL_MATCH, "http.server~uc-httpd 1.0.0*", &facts);
	expect_facts(RECALL_NO_MATCH, "http.server~uc-httpd 1.0.1*", &facts);
	expect(RECALL_UNKNOWN, "http.server~*", NULL);
	expect_wrong("svc:", "svc:");
	expect_wrong("svc:/23", "svc:");
	expect_wrong("svc:telnet/", "svc:");
	expect_wrong("svc:telnet/0", "svc:");
	expect_wrong("svc:telnet/65536", "svc:");
	expect_wrong("svc:telnet/23x", "svc:");
	expect_wrong("svc:tel net/23", "svc:");
	expect_wrong("disc:Init", "disc:");
	expect_wrong("disc: absent", "disc:");
	expect_wrong("disc:Init present", "disc:");
	expect_wrong("http.server~", "pattern");
}

static void test_bounds(void **state)
{
	static const char xm[] = "V4.02.R11.*.20160422..20170727";
	char longest[RECALL_RULE_MAX + 2];

	(void)state;
	memset(longest, 'a', sizeof longest);
	memcpy(longest, "fw~", 3);
	longest[RECALL_RULE_MAX + 1] = '\0';
	expect_wrong(longest, "600");
	longest[RECALL_RULE_MAX] = '\0';
	expect_wrong(longest, "160");
	/* A prefix so long that the date's digits don't fit behind it. */
	memset(longest, 'a', 153);
	strcpy(longest + 153, "20160422..20170727");
	expect_wrong(longest, "before the first date");
	memset(longest, 'a', 152);
	strcpy(longest + 152, "20160422..20170727");
	expect(RECALL_NO_MATCH, longest, "V1");
	for (size_t n = 0; n <= strlen(xm); n++) {
		struct recall_facts facts = {.firmware = "V4.02.R11.Nat.20170420"};
		uint8_t *block = malloc(n + (n == 0));

		memcpy(block, xm, n);
		(void)recall_rule_match((struct bytes){block, n}, &facts);
		free(block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_built),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_what_it_answered),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
