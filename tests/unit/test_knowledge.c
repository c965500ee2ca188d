/* SPDX-License-Identifier: MIT */
/*
 * base/knowledge: the embedded files load, the loader names what is wrong and where, and accepts nothing it does not
 * understand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/knowledge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct knowledge k;
static char all_limits[8192]; /* a limits.tsv with every name once, values from 1000 up */

static int make_limits(void **state)
{
	size_t used = 0;
	int value = 1000;

	(void)state;
#define LIMIT(name)                                                                                \
	used += (size_t)snprintf(all_limits + used, sizeof all_limits - used, "%s\t%d\tx\ty\n",    \
				 #name, value++);
#include "base/limits.def"
#undef LIMIT
	return used < sizeof all_limits ? 0 : -1;
}

static struct knowledge_file file(const char *name, const char *text)
{
	return (struct knowledge_file){.name = name, .text = text, .len = strlen(text)};
}

/* Loads the text as the named file beside good limits. */
static int load(const char *name, const char *text, struct knowledge_error *error)
{
	struct knowledge_file files[] = {file("limits.tsv", all_limits), file(name, text)};

	*error = (struct knowledge_error){0};
	return knowledge_load_from(files, 2, &k, error);
}

static void expect_error(const char *name, const char *text, unsigned line, const char *word)
{
	struct knowledge_error error;

	if (load(name, text, &error) != -EINVAL)
		fail_msg("accepted: %s", text);
	assert_string_equal(error.file, name);
	assert_int_equal(error.line, line);
	if (strstr(error.expect, word) == NULL)
		fail_msg("\"%s\" should say \"%s\"", error.expect, word);
}

static void expect_fine(const char *name, const char *text)
{
	struct knowledge_error error;

	if (load(name, text, &error) != 0)
		fail_msg("line %u: expected %s", error.line, error.expect);
}

static void test_embedded_knowledge_loads(void **state)
{
	struct knowledge_error error = {0};
	char digest[17], again[17];

	(void)state;
	if (knowledge_load(&k, &error) != 0)
		fail_msg("%s:%u: expected %s", error.file, error.line, error.expect);
	assert_int_equal(k.limits.mirai_marks_infected, 3);
	assert_int_equal(k.limits.clock_agree, 64);
	assert_int_equal(k.ports[23], PORT_TELNET);
	assert_int_equal(k.ports[22], PORT_WORM);
	assert_int_equal(k.ports[80], PORT_USUAL);
	assert_int_equal(k.ports[50], PORT_OTHER);
	assert_true(k.amplifiers_n > 10);
	assert_string_equal(knowledge_digest(digest), knowledge_digest(again));
	assert_int_equal(strspn(digest, "0123456789abcdef"), 16);
}

static void test_every_limit_finds_its_place(void **state)
{
	struct knowledge_error error;
	int64_t value = 1000;

	(void)state;
	assert_int_equal(load("ports.tsv", "", &error), 0);
#define LIMIT(name) assert_int_equal(k.limits.name, value++);
#include "base/limits.def"
#undef LIMIT
}

static void test_a_missing_limit_is_named(void **state)
{
	struct knowledge_error error = {0};
	char *cut = strdup(all_limits);
	struct knowledge_file files[] = {file("limits.tsv", cut)};

	(void)state;
	strstr(cut, "wan_share_percent")[0] = '\0';
	files[0].len = strlen(cut);
	assert_int_equal(knowledge_load_from(files, 1, &k, &error), -EINVAL);
	assert_int_equal(error.line, 0);
	assert_string_equal(error.expect, "wan_share_percent");
	assert_int_equal(knowledge_load_from(NULL, 0, &k, &error), -EINVAL);
	free(cut);
}

static void test_wrong_limits(void **state)
{
	(void)state;
	expect_error("limits.tsv", "clock_agree\t64\tpackets\tsource\n", 1, "once");
	expect_error("limits.tsv", "# a comment\n\nno_such_name\t64\tpackets\tsource\n", 3,
		     "limits.def");
	expect_error("limits.tsv", "clock_agree\t64\tpackets\n", 1, "four fields");
	expect_error("limits.tsv", "clock_agree\t64\tpackets\tsource\tmore\n", 1, "four fields");
	expect_error("limits.tsv", "clock_agree\t64\tpackets\tsource\t\n", 1, "four fields");
	expect_error("limits.tsv", "a\tb\tc\td\te\tf\tg\th\n", 1, "four fields");
	expect_error("limits.tsv", "clock_agree\t-1\tpackets\tsource\n", 1, "whole number");
	expect_error("limits.tsv", "clock_agree\t\tpackets\tsource\n", 1, "whole number");
	expect_error("limits.tsv", "clock_agree\t6 4\tpackets\tsource\n", 1, "whole number");
	expect_error("limits.tsv", "clock_agree\t0x40\tpackets\tsource\n", 1, "whole number");
	expect_error("limits.tsv", "clock_agree\t1099511627777\tpackets\tsource\n", 1,
		     "whole number");
	expect_error("limits.tsv", "clock_agree\t9999999999999999999999\tpackets\tsource\n", 1,
		     "whole number");
	expect_error("limits.tsv", " \n", 1, "four fields");
}

static void test_ports(void **state)
{
	(void)state;
	expect_fine("ports.tsv", "0\ttelnet\tx\n65535\tworm\tx"); /* no newline at the end */
	assert_int_equal(k.ports[0], PORT_TELNET);
	assert_int_equal(k.ports[65535], PORT_WORM);
	assert_int_equal(k.ports[1], PORT_OTHER);
	expect_error("ports.tsv", "23\ttelnet\tx\n65536\tworm\tx\n", 2, "65535");
	expect_error("ports.tsv", "23\tTelnet\tx\n", 1, "telnet, worm or usual");
	expect_error("ports.tsv", "23\ttelnets\tx\n", 1, "telnet, worm or usual");
	expect_error("ports.tsv", "23\ttelnet\n", 1, "three fields");
	expect_error("ports.tsv", "twenty\ttelnet\tx\n", 1, "65535");
}

static void test_amplifiers(void **state)
{
	const struct amplifier *a = &k.amplifiers[0];

	(void)state;
	expect_fine("amplifiers.tsv", "dhip\t37810\t100\t\\x20\\x00DH\\x5cIP\tsource\n"
				      "any\t7\t0\t-\tsource\n");
	assert_int_equal(k.amplifiers_n, 2);
	assert_string_equal(a->name, "dhip");
	assert_int_equal(a->port, 37810);
	assert_int_equal(a->min_bytes, 100);
	assert_int_equal(a->prefix_len, 7);
	assert_memory_equal(a->prefix,
			    "\x20\x00"
			    "DH\\IP",
			    7);
	assert_int_equal(a[1].prefix_len, 0);
	for (unsigned port = 0; port < 65536; port++)
		assert_int_equal(k.ports_amplified[port / 8] >> port % 8 & 1,
				 port == 37810 || port == 7);
}

static void test_wrong_amplifiers(void **state)
{
	(void)state;
	expect_error("amplifiers.tsv", "\t7\t0\t-\tx\n", 1, "1 to 15");
	expect_error("amplifiers.tsv", "sixteen-letters-\t7\t0\t-\tx\n", 1, "1 to 15");
	expect_error("amplifiers.tsv", "a b\t7\t0\t-\tx\n", 1, "1 to 15");
	expect_error("amplifiers.tsv", "a\x1b\t7\t0\t-\tx\n", 1, "1 to 15");
	expect_error("amplifiers.tsv", "\xc3\xa4\t7\t0\t-\tx\n", 1, "1 to 15");
	expect_error("amplifiers.tsv", "a\t65536\t0\t-\tx\n", 1, "65535");
	expect_error("amplifiers.tsv", "a\t7\t65536\t-\tx\n", 1, "65535");
	expect_error("amplifiers.tsv", "a\t7\t0\t\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\t\\x2\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\t\\xAB\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\t\\n41\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\tabc\\\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\t12345678901234567\tx\n", 1, "prefix");
	expect_error("amplifiers.tsv", "a\t7\t0\t-\n", 1, "five fields");
	expect_fine("amplifiers.tsv", "fifteen-letters\t7\t0\t1234567890123456\tx\n");
}

static void test_at_most_32_amplifiers(void **state)
{
	char text[33 * 16] = "";

	(void)state;
	for (int i = 0; i < 32; i++)
		strcat(text, "a\t7\t0\t-\tx\n");
	expect_fine("amplifiers.tsv", text);
	assert_int_equal(k.amplifiers_n, AMPLIFIERS_MAX);
	strcat(text, "a\t7\t0\t-\tx\n");
	expect_error("amplifiers.tsv", text, 33, "at most 32");
}

static void test_unknown_files(void **state)
{
	(void)state;
	expect_error("other.tsv", "line\n", 0, "limits.tsv");
	expect_error("limits.tsv.old", "# nothing but a comment\n\n", 0, "limits.tsv");
	expect_error("recalls.txt", "", 0, "recalls*.tsv");
	expect_fine("recalls.tsv", "the catalogue's\n");
	expect_fine("makers-shop.tsv", "the catalogue's\n");
	assert_int_equal(knowledge_kind("/etc/cordon/data.d/fingerprints-shop.tsv"),
			 KNOWLEDGE_FINGERPRINTS);
	assert_int_equal(knowledge_kind("makers/products.tsv"), KNOWLEDGE_PRODUCTS);
	assert_int_equal(knowledge_kind("makers/"), KNOWLEDGE_UNKNOWN);
	assert_int_equal(knowledge_kind("maker.tsv"), KNOWLEDGE_UNKNOWN);
	assert_int_equal(knowledge_kind(""), KNOWLEDGE_UNKNOWN);
}

static unsigned wrong_lines[4];

static void keep_line(struct knowledge_report *report, const struct knowledge_error *error)
{
	if (report->errors < 4)
		wrong_lines[report->errors] = error->line;
}

static void test_every_error_is_told(void **state)
{
	struct knowledge_file files[] = {
		file("limits.tsv", all_limits),
		file("ports.tsv", "x\ty\tz\r\n23\ttelnet\tx\r\n\r\n23\ttelnet\n")};
	struct knowledge_report report = {.wrong = keep_line};

	(void)state;
	knowledge_check(files, 2, &k, &report);
	assert_int_equal(report.errors, 2);
	assert_int_equal(wrong_lines[0], 1);
	assert_int_equal(wrong_lines[1], 4);
	assert_int_equal(k.ports[23], PORT_TELNET);
}

/* A byte string that ends anywhere is never read past its end: a heap block of its own for each length. */
static void test_cut_files(void **state)
{
	static const char text[] = "dhip\t37810\t100\t\\x20\\x00DH\\x5cIP\tsource\n# end";

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		char *block = malloc(n + (n == 0));
		struct knowledge_file cut = {.name = "amplifiers.tsv", .text = block, .len = n};
		struct knowledge_error error;

		memcpy(block, text, n);
		assert_int_equal(knowledge_load_from(&cut, 1, &k, &error), -EINVAL);
		free(block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_embedded_knowledge_loads),
		cmocka_unit_test(test_every_limit_finds_its_place),
		cmocka_unit_test(test_a_missing_limit_is_named),
		cmocka_unit_test(test_wrong_limits),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_amplifiers),
		cmocka_unit_test(test_wrong_amplifiers),
		cmocka_unit_test(test_at_most_32_amplifiers),
		cmocka_unit_test(test_unknown_files),
		cmocka_unit_test(test_every_error_is_told),
		cmocka_unit_test(test_cut_files),
	};

	return cmocka_run_group_tests(tests, make_limits, NULL);
}
