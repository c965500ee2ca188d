/* SPDX-License-Identifier: MIT */
/*
 * base/json: values by their path, what a cut leaves, text that is no JSON, and random strings against a naive reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/scan.h"

#include <stdio.h>
#include <stdlib.h>

/* The bytes are copied, so that reads beyond them are seen. */
static void expect_in(const char *json, size_t len, const char *path, const char *expected)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct bytes value = {.at = NULL, .len = 0};
	bool found;

	memcpy(copy, json, len);
	found = json_find((struct bytes){copy, len}, path, &value);
	assert_int_equal(found, expected != NULL);
	if (found) {
		assert_int_equal(value.len, strlen(expected));
		assert_memory_equal(value.at, expected, value.len);
	}
	free(copy);
}

static void expect(const char *json, const char *path, const char *expected)
{
	expect_in(json, strlen(json), path, expected);
}

static const char answer[] =
	"{ \"AliveInterval\" : 20, \"ChannelNum\" : 4, \"DeviceType \" : \"DVR\",\n"
	"\"Empty\" : \"\", \"Path\":\"a\\\"b\\\\\",\"Net\":{\"IP\":[192,168,1,\"x]\"],"
	"\"Deep\":{\"Name\":\"cam\"}},\"On\":true,\"Off\":null,\"Last\":-1.5e3}\n";

static void values_are_found_by_path(void **unused)
{
	(void)unused;
	expect(answer, "AliveInterval", "20");
	expect(answer, "ChannelNum", "4");
	expect(answer, "DeviceType", "DVR");
	expect(answer, "DeviceType ", "DVR");
	expect(answer, "Empty", "");
	expect(answer, "Path", "a\\\"b\\\\");
	expect(answer, "Net.Deep.Name", "cam");
	expect(answer, "Net.Deep", "{\"Name\":\"cam\"}");
	expect(answer, "Net.IP", "[192,168,1,\"x]\"]");
	expect(answer, "On", "true");
	expect(answer, "Last", "-1.5e3");
	expect("  {\"a\":1} trailing", "", "{\"a\":1}");
	expect("{\"a\":1,\"a\":2}", "a", "1");
	expect("{\"a\":\"1\"", "a", "1");
}

static void what_is_not_there_is_not_found(void **unused)
{
	(void)unused;
	expect(answer, "Off", NULL);
	expect(answer, "Name", NULL);
	expect(answer, "Alive", NULL);
	expect(answer, "AliveIntervalX", NULL);
	expect(answer, "AliveInterval.x", NULL);
	expect(answer, "Net.IP.0", NULL);
	expect(answer, "Net.Deep.Nam", NULL);
	expect("", "a", NULL);
	expect("{}", "a", NULL);
	expect("[{\"a\":1}]", "a", NULL);
	expect_in("\0{\"a\":1}", 8, "a", NULL);
	assert_false(json_find((struct bytes){.at = NULL, .len = 0}, "a", &(struct bytes){0}));
}

/* Before the end of a value nothing is found, behind it the same as in the whole. */
static void cut_values_are_not_found(void **unused)
{
	static const struct {
		const char *path, *value, *end;
	} wanted[] = {{"AliveInterval", "20", "20,"},
		      {"DeviceType", "DVR", "\"DVR\""},
		      {"Net.Deep.Name", "cam", "\"cam\""},
		      {"Net.Deep", "{\"Name\":\"cam\"}", "\"cam\"}"},
		      {"On", "true", "true,"},
		      {"Last", "-1.5e3", "-1.5e3}"}};

	(void)unused;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		const char *hit = strstr(answer, wanted[i].end);
		size_t whole;

		assert_non_null(hit);
		whole = (size_t)(hit - answer) + strlen(wanted[i].end);
		for (size_t n = 0; n < sizeof answer; n++)
			expect_in(answer, n, wanted[i].path, n < whole ? NULL : wanted[i].value);
	}
}

static void broken_text_stops_the_search(void **unused)
{
	static const char *const broken[] = {
		"{a:1,\"b\":2}",       "{\"a\" 1,\"b\":2}",   "{\"a\":1 \"b\":2}",
		"{\"a\":,\"b\":2}",    "{\"a\":[1},\"b\":2}", "{\"a\":{1],\"b\":2}",
		"{\"a\":\"1,\"b\":2}", "{,\"b\":2}",	      "{\"a\":'1',\"b\":2}",
		"{\"a\":1}\"b\":2}",   "{\"a\":\"\\",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		expect(broken[i], "b", NULL);
}

/* {"a":[[[…]]],"b":1} */
static void expect_nested(size_t depth, const char *expected)
{
	char *text = malloc(2 * depth + 32), *at = text;

	at += sprintf(at, "{\"a\":");
	memset(at, '[', depth);
	memset(at + depth, ']', depth);
	strcpy(at + 2 * depth, ",\"b\":1}");
	expect(text, "b", expected);
	free(text);
}

static void nesting_is_bounded(void **unused)
{
	(void)unused;
	expect_nested(1, "1");
	expect_nested(JSON_DEPTH, "1");
	expect_nested(JSON_DEPTH + 1, NULL);
	expect_nested(100000, NULL);
}

static void items_are_counted(void **unused)
{
	struct bytes array = bytes_of("[ 1, \"two\" ,[3], {\"four\":4},null,6]"), value;

	(void)unused;
	assert_true(json_item(array, 0, &value) && bytes_are(value, "1"));
	assert_true(json_item(array, 1, &value) && bytes_are(value, "two"));
	assert_true(json_item(array, 2, &value) && bytes_are(value, "[3]"));
	assert_true(json_item(array, 3, &value) && json_find(value, "four", &value));
	assert_true(bytes_are(value, "4"));
	assert_true(json_item(array, 4, &value) && value.at == NULL && value.len == 0);
	assert_true(json_item(array, 5, &value) && bytes_are(value, "6"));
	assert_false(json_item(array, 6, &value));
	assert_false(json_item(bytes_of("[]"), 0, &value));
	assert_false(json_item(bytes_of("{\"a\":1}"), 0, &value));
	assert_false(json_item(bytes_of("[1, 23"), 1, &value));
	assert_false(json_item((struct bytes){.at = NULL, .len = 0}, 0, &value));
}

/* Byte by byte: where the string ends that begins at text[0]; n when nowhere. */
static size_t naive_end(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			return i;
		i += text[i] == '\\';
	}
	return n;
}

static void strings_end_where_a_naive_reader_ends_them(void **unused)
{
	static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\\!#[]\xa2\xdc\x23\x5d";
	unsigned whole = 0, cut = 0;
	uint32_t seed = 20161021;

	(void)unused;
	for (int i = 0; i < 200000; i++) {
		size_t n = 3 + (seed >> 8) % 40, end;
		char text[48] = "[\"";
		struct bytes value;

		for (size_t k = 2; k < n; k++) {
			seed = seed * 1664525 + 1013904223;
			text[k] = letters[(seed >> 8) % (sizeof letters - 1)];
		}
		end = naive_end(text + 2, n - 2);
		if (json_item((struct bytes){(const uint8_t *)text, n}, 0, &value)) {
			assert_ptr_equal(value.at, text + 2);
			assert_int_equal(value.len, end);
			whole++;
		} else {
			assert_int_equal(end, n - 2);
			cut++;
		}
	}
	assert_true(whole > 10000);
	assert_true(cut > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_by_path),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(cut_values_are_not_found),
		cmocka_unit_test(broken_text_stops_the_search),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(items_are_counted),
		cmocka_unit_test(strings_end_where_a_naive_reader_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
