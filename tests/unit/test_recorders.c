/* SPDX-License-Identifier: MIT */
/* watch/recorders, watch/recorder_book: who is a device's recorder, since when, and what happens when somebody fills the lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/timespan.h"
#include "hold/recorder_book.h"
#include "hold/recorders.h"

#define NOW (1000 * INT64_C(3600) * NS_PER_S)

static struct recorders r;
static struct prefix lan;

static int set_up(void **state)
{
	(void)state;
	assert_true(prefix_parse("192.0.2.0/24", &lan));
	return recorders_init(&r);
}

static int tear_down(void **state)
{
	(void)state;
	recorders_fini(&r);
	return 0;
}

/* The device .N calls .M there, for so long, and sends so much. */
static struct ledger_entry call(unsigned from, unsigned to, uint16_t port, int64_t seconds,
				uint64_t kb)
{
	return (struct ledger_entry){.client = addr_v4(0xc0000200 + from),
				     .server = addr_v4(0xc0000200 + to),
				     .client_port = 40000,
				     .server_port = port,
				     .transport = 6,
				     .first_ns = NOW,
				     .last_ns = NOW + seconds * NS_PER_S,
				     .packets = {kb, kb},
				     .bytes = {kb << 10, kb << 6}};
}

static void ended(const struct ledger_entry *e)
{
	recorders_ended(&r, e, &lan, 1);
}

static void goes_on(const struct ledger_entry *e)
{
	recorders_begin(&r);
	recorders_goes_on(&r, e, &lan, 1);
	recorders_end(&r, e->last_ns);
}

/* How many recorders .N has that were known before so many seconds from NOW on. */
static size_t known(unsigned device, int64_t seconds, struct addr *first)
{
	const struct addr addr = addr_v4(0xc0000200 + device);
	struct addr out[4];
	size_t n = recorders_of(&r, &addr, 1, NOW + seconds * NS_PER_S, out, 4);

	if (n > 0 && first != NULL)
		*first = out[0];
	return n;
}

static void test_a_stream(void **state)
{
	struct ledger_entry e = call(21, 40, 9000, 30, 3000);
	struct addr who = {{0}};

	(void)state;
	goes_on(&e);
	assert_int_equal(known(21, 10000, NULL), 0); /* not a minute yet */
	e.last_ns = NOW + 70 * NS_PER_S;
	goes_on(&e);
	assert_int_equal(known(21, 10000, &who), 1);
	assert_true(addr_equal(&who, &e.server));
	assert_int_equal(known(21, 70, NULL), 0); /* … by then it was accused */
	assert_int_equal(known(21, 71, NULL), 1);
	assert_int_equal(known(40, 10000, NULL), 0);
	/* It goes on, and it stays known since when. */
	e.last_ns = NOW + 7000 * NS_PER_S;
	goes_on(&e);
	ended(&e);
	assert_int_equal(known(21, 71, NULL), 1);
}

static void test_uploads(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 4; i++) {
		struct ledger_entry e = call(21, 40, 50000, 1, 80);

		e.first_ns += i * 20 * NS_PER_S;
		e.last_ns += i * 20 * NS_PER_S;
		assert_int_equal(known(21, 10000, NULL), 0);
		ended(&e);
	}
	assert_int_equal(known(21, 10000, NULL), 1);
}

static void test_ports_of_video(void **state)
{
	struct ledger_entry e = call(21, 40, 554, 21, 100);

	(void)state;
	goes_on(&e);
	assert_int_equal(known(21, 10000, NULL), 1);
	e = call(22, 40, 555, 21, 100);
	goes_on(&e);
	assert_int_equal(known(22, 10000, NULL), 0);
}

static void test_who_is_none(void **state)
{
	struct ledger_entry e;

	(void)state;
	e = call(21, 40, 554, 600, 3000); /* as much comes as goes: a shell, a peer */
	e.bytes[1] = e.bytes[0];
	goes_on(&e);
	e = call(21, 41, 23, 600, 1); /* a login */
	goes_on(&e);
	e = call(21, 42, 554, 600, 3000); /* nobody answered */
	e.packets[1] = 0;
	goes_on(&e);
	e = call(21, 43, 554, 600, 3000); /* outside */
	e.server = addr_v4(0xc6336401);
	goes_on(&e);
	e = call(21, 21, 554, 600, 3000);
	goes_on(&e);
	e = call(40, 21, 554, 600, 3000); /* the recorder fetches it: bytes go to who called */
	e.bytes[1] = e.bytes[0];
	e.bytes[0] = 9000;
	goes_on(&e);
	assert_int_equal(known(21, 10000, NULL), 0);
	assert_int_equal(known(40, 10000, NULL), 0);
	assert_int_equal(r.n, 2);
}

static void test_full_of_pairs(void **state)
{
	struct ledger_entry e = call(1, 250, 554, 60, 3000);

	(void)state;
	goes_on(&e);
	for (unsigned i = 0; i < 2 * RECORDERS_PAIRS; i++) {
		e = call(2 + i % 200, 210 + i / 200, 5000, 1, 5);
		e.last_ns += i;
		ended(&e);
	}
	assert_int_equal(r.n, RECORDERS_PAIRS);
	assert_int_equal(r.refused, 0);
	assert_int_equal(known(1, 10000, NULL), 1); /* who is one stays */
	recorders_end(&r, NOW + 15 * 86400 * NS_PER_S);
	assert_int_equal(r.n, 0);
	for (unsigned i = 0; i < RECORDERS_PAIRS + 5; i++) {
		e = call(2 + i % 200, 210 + i / 200, 554, 60, 3000);
		ended(&e);
	}
	assert_int_equal(r.refused, 5);
}

/* ---- the book -------------------------------------------------------------------------------------------------- */

static void test_the_book(void **state)
{
	const struct addr one = addr_v4(0xc0000228), two = addr_v4(0xc0000229);
	struct recorder_book b, again;
	struct text text = {0}, same = {0};

	(void)state;
	assert_int_equal(book_init(&b), 0);
	assert_int_equal(book_init(&again), 0);
	book_add(&b, "mac:02:00:5e:00:53:01", &one);
	assert_true(b.changed);
	b.changed = false;
	book_add(&b, "mac:02:00:5e:00:53:01", &one);
	assert_false(b.changed);
	book_add(&b, "mac:02:00:5e:00:53:01", &two);
	book_add(&b, "ip:192.0.2.9", &one);
	book_add(&b, "two words", &one);
	book_add(&b, "", &one);
	assert_int_equal(b.n, 2);
	assert_true(addr_equal(&book_of(&b, "mac:02:00:5e:00:53:01")->recorders[0], &two));
	book_write(&b, &text);
	assert_string_equal(
		text_string(&text),
		"mac:02:00:5e:00:53:01 192.0.2.40 192.0.2.41\nip:192.0.2.9 192.0.2.40\n");
	book_read(&again, text_string(&text));
	assert_false(again.changed);
	book_write(&again, &same);
	assert_string_equal(text_string(&text), text_string(&same));
	assert_null(book_of(&b, "mac:02:00:5e:00:53:02"));
	text_fini(&text);
	text_fini(&same);
	book_fini(&b);
	book_fini(&again);
}

static void test_a_book_that_was_changed(void **state)
{
	static const char *const wrong[] = {
		"",
		"\n\n",
		"x",
		"x y\n",
		" 192.0.2.1 192.0.2.2\n",
		"a 192.0.2.999\nb 192.0.2.1",
		"a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 192.0.2.1\n"};
	struct recorder_book b;
	char line[400];

	(void)state;
	assert_int_equal(book_init(&b), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		book_read(&b, wrong[i]);
	memset(line, 'i', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	book_read(&b, line);
	memset(line, '1', sizeof line - 1);
	line[3] = ' ';
	book_read(&b, line);
	for (size_t i = 0; i < b.n; i++)
		assert_in_range(b.list[i].n, 1, CONTAIN_ADDRESSES);
	assert_non_null(book_of(&b, "b"));
	assert_null(book_of(&b, "x"));
	book_fini(&b);
}

static void test_a_full_book(void **state)
{
	struct recorder_book b;
	char id[BOOK_ID];

	(void)state;
	assert_int_equal(book_init(&b), 0);
	for (unsigned i = 0; i < BOOK_DEVICES + 1; i++)
		for (unsigned k = 0; k < CONTAIN_ADDRESSES + 1; k++) {
			const struct addr a = addr_v4(0xc0000200 + k);

			(void)snprintf(id, sizeof id, "mac:%u", i);
			book_add(&b, id, &a);
		}
	assert_int_equal(b.n, BOOK_DEVICES);
	assert_null(book_of(&b, "mac:0"));
	assert_int_equal(book_of(&b, "mac:256")->n, CONTAIN_ADDRESSES);
	book_fini(&b);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_a_stream),
		RULE(test_uploads),
		RULE(test_ports_of_video),
		RULE(test_who_is_none),
		RULE(test_full_of_pairs),
		cmocka_unit_test(test_the_book),
		cmocka_unit_test(test_a_book_that_was_changed),
		cmocka_unit_test(test_a_full_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
