/* SPDX-License-Identifier: MIT */
/*
 * base/prefixes: what was embedded is sorted, whole, and found again, row by row; the longest prefix wins; a MAC that
 * somebody made up has no organisation. Where the build had no list, that is what is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prefixes.h"

#include <string.h>
#include <strings.h>

static bool built_without(void)
{
	return strcmp(prefixes_date, "none") == 0;
}

static void test_date(void **state)
{
	(void)state;
	if (built_without()) {
		for (size_t i = 0; i < PREFIXES_TABLES; i++)
			assert_int_equal(prefixes_tables[i].n, 0);
		return;
	}
	assert_int_equal(strlen(prefixes_date), 10);
	assert_int_equal(strspn(prefixes_date, "0123456789-"), 10);
	assert_true(prefixes_tables[0].n > 20000);
}

static void test_rows_are_sorted_and_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < PREFIXES_TABLES; i++) {
		size_t key = 3 + i, row = key + 3;

		for (size_t at = 0; at < prefixes_tables[i].n; at++) {
			const char *bytes = prefixes_tables[i].rows + at * row;
			struct mac mac = {{0}};
			const char *name;

			if (at > 0)
				assert_true(memcmp(bytes - row, bytes, key) < 0);
			memcpy(mac.b, bytes, key);
			name = prefixes_organisation(&mac);
			if ((mac.b[0] & 3) != 0) {
				assert_null(name);
				continue;
			}
			assert_non_null(name);
			assert_true(name[0] != '\0');
			/* A name begins where another one ends. */
			assert_true(name == prefixes_names || name[-1] == '\0');
		}
	}
}

static void expect(const char *name, const char *bytes)
{
	struct mac mac;
	const char *got;

	memcpy(mac.b, bytes, sizeof mac.b);
	got = prefixes_organisation(&mac);
	if (name == NULL || got == NULL)
		assert_true(got == name);
	else
		assert_int_equal(strncasecmp(got, name, strlen(name)), 0);
}

static void test_known_ones(void **state)
{
	(void)state;
	expect(NULL, "\xff\xff\xff\xff\xff\xff");
	expect(NULL, "\x01\x00\x5e\x00\x00\x01");
	expect(NULL, "\x02\x40\x8c\x12\x34\x56");
	if (built_without()) {
		print_message("SKIPPED: this build has no MAC prefixes (package ieee-data)\n");
		skip();
	}
	expect("Axis Communications", "\x00\x40\x8c\x12\x34\x56");
	expect("Axis Communications", "\x00\x40\x8c\xff\xff\xff");
	expect("Hangzhou Hikvision", "\xc0\x56\xe3\x00\x00\x00");
	/* A block that the registry hands out in parts: 28 and 36 bits. */
	expect("DEUTA", "\x00\x50\xc2\x7d\x5f\xff");
	expect("IOG", "\x20\x85\x93\xb0\x00\x00");
	expect(NULL, "\x74\x1a\xe0\x90\x00\x00"); /* "Private" */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_rows_are_sorted_and_found),
		cmocka_unit_test(test_known_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
