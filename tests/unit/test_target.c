/* SPDX-License-Identifier: MIT */
/*
 * proto/target: texts and paths that are called harmless at a glance must be those of which nothing would be hidden.
 * Random ones, of the pieces that marks of one device are made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "proto/target.c"

static const char *const pieces[] = {
	"0",	"1",	 "23",	 "45678",  "a",	   "f",	   "C",	     "de",    "g",	"Z",
	"xyz",	"-",	 ":",	 ".",	   " ",	   "/",	   "_",	     "%",     "=",	"(",
	"sn:",	"S/N",	 "uuid", "serial", "IMEI", "user", "pwd=",   "no",    "\x80",	"word",
	"1.0.", "00:11", "ab-",	 "v2",	   "cam",  "serv", "supers", "uid7=", "number", "#"};

static struct bytes random_text(struct draw *d, char room[96])
{
	size_t most = 1 + draw_below(d, 80), n = 0;

	while (n < most) {
		const char *piece = pieces[draw_below(d, sizeof pieces / sizeof pieces[0])];
		size_t len = strlen(piece);

		memcpy(room + n, piece, len);
		n += len;
	}
	return (struct bytes){(const uint8_t *)room, n};
}

static bool is_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static void test_a_harmless_text_hides_nothing(void **state)
{
	struct draw d = draw_from(5);
	unsigned harmless = 0, hiding = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		char room[96], copy[96];
		struct bytes text = random_text(&d, room);
		bool same = is_same(copy_hiding(text, ID_DIGITS, copy, sizeof copy), text) &&
			    is_same(copy_hiding(text, VERSION_DIGITS, copy, sizeof copy), text);

		if (is_harmless(text) && !same)
			fail_msg("'%.*s' became '%s'", (int)text.len, room, copy);
		harmless += is_harmless(text);
		hiding += !same;
	}
	assert_true(harmless > 30000);
	assert_true(hiding > 30000);
}

static void test_a_harmless_path_hides_nothing(void **state)
{
	struct draw d = draw_from(6);
	unsigned harmless = 0, hiding = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		char room[96], copy[96];
		struct bytes text = random_text(&d, room);
		bool same = is_same(path_hiding(text, copy, sizeof copy), text);

		if (is_harmless_path(text) && !same)
			fail_msg("'%.*s' became '%s'", (int)text.len, room, copy);
		harmless += is_harmless_path(text);
		hiding += !same;
	}
	assert_true(harmless > 10000);
	assert_true(hiding > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_harmless_text_hides_nothing),
		cmocka_unit_test(test_a_harmless_path_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
