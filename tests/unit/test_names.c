/* SPDX-License-Identifier: MIT */
/*
 * proto/names: whole messages with compressed names, and every way in which a pointer can lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "proto/names.h"
#include "message.h"

#include <stdlib.h>

static bool read_at(const struct wire *w, size_t at, struct name *out)
{
	struct bytes message = {w->bytes, w->len};
	struct cursor c = {.at = w->bytes + at, .end = w->bytes + w->len};

	return name_read(message, &c, out);
}

static void expect_name(const struct wire *w, size_t at, const char *expected)
{
	struct name n;

	assert_true(read_at(w, at, &n));
	assert_int_equal(n.len, strlen(expected));
	assert_memory_equal(n.text, expected, n.len);
}

static void expect_refused(const struct wire *w, size_t at)
{
	struct name n;

	assert_false(read_at(w, at, &n));
}

static void test_compressed_names(void **state)
{
	struct wire w = {.len = 0};
	size_t first, second, third;

	(void)state;
	put_zeros(&w, 12);
	first = w.len;
	put_name(&w, "_http._tcp.local");
	second = w.len;
	put_labels(&w, "Camera 1");
	put_pointer(&w, first);
	third = w.len;
	put_pointer(&w, second);
	put_u8(&w, 0);
	expect_name(&w, first, "_http._tcp.local");
	expect_name(&w, second, "Camera 1._http._tcp.local");
	expect_name(&w, third, "Camera 1._http._tcp.local");
	expect_name(&w, w.len - 1, "");
}

static void test_pointers_that_lie(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	put_zeros(&w, 12);
	put_pointer(&w, 12); /* to itself */
	put_pointer(&w, 16); /* ahead */
	put_name(&w, "a");
	put_pointer(&w, 3); /* into the header */
	put_labels(&w, "loop");
	put_pointer(&w, 21); /* to the label before it */
	put_u8(&w, 0x40);    /* reserved kinds of labels */
	put_u8(&w, 0x80);
	put_u8(&w, 0xc0); /* cut */
	expect_refused(&w, 12);
	expect_refused(&w, 14);
	expect_name(&w, 16, "a");
	expect_refused(&w, 19);
	expect_refused(&w, 21);
	expect_refused(&w, 28);
	expect_refused(&w, 29);
	expect_refused(&w, 30);
}

static void test_chains_are_short(void **state)
{
	struct wire w = {.len = 0};

	(void)state;
	put_zeros(&w, 12);
	put_name(&w, "end");
	put_pointer(&w, 12);
	for (int i = 0; i < 20; i++)
		put_pointer(&w, w.len - 2);
	expect_name(&w, 17 + 2 * 15, "end");
	expect_refused(&w, 17 + 2 * 16);
}

static void test_the_longest_name(void **state)
{
	char label[64];
	struct wire w = {.len = 0};
	struct name n;

	(void)state;
	memset(label, 'x', 63);
	label[63] = '\0';
	for (int i = 0; i < 3; i++)
		put_labels(&w, label);
	label[61] = '\0';
	put_name(&w, label);
	assert_true(read_at(&w, 0, &n));
	assert_int_equal(n.len, 253);
	w.len -= 63;
	label[61] = 'x';
	label[62] = '\0';
	put_name(&w, label);
	expect_refused(&w, 0);
}

static struct wire message(void)
{
	struct wire w = {.len = 0};
	size_t at;

	put_dns_header(&w, 0x8400, 1, 1, 0, 1);
	put_question(&w, "cam.local", RECORD_A, CLASS_IN);
	put_pointer(&w, 12);
	at = open_record(&w, RECORD_A, CLASS_IN, 120);
	put_be32(&w, 0xc0000207);
	close_record(&w, at);
	put_pointer(&w, 12);
	at = open_record(&w, RECORD_TXT, CLASS_IN, 4500);
	put_short(&w, "md=X");
	close_record(&w, at);
	return w;
}

static void test_a_message(void **state)
{
	struct wire w = message();
	struct names n;
	struct entry e;

	(void)state;
	assert_true(names_open(&n, (struct bytes){w.bytes, w.len}));
	assert_int_equal(n.id, 0x1234);
	assert_int_equal(n.flags, 0x8400);
	assert_true(names_next(&n, &e));
	assert_int_equal(e.section, SECTION_QUESTION);
	assert_true(names_next(&n, &e));
	assert_int_equal(e.section, SECTION_ANSWER);
	assert_int_equal(e.ttl, 120);
	assert_int_equal(e.rdata.len, 4);
	assert_true(names_next(&n, &e));
	assert_int_equal(e.section, SECTION_ADDITIONAL);
	assert_int_equal(e.type, RECORD_TXT);
	assert_memory_equal(e.name.text, "cam.local", 9);
	assert_false(names_next(&n, &e));
	assert_int_equal(names_end(&n), NAMES_EXACT);
}

static enum names_end walk(const struct wire *w, size_t len, unsigned *seen)
{
	uint8_t *block = malloc(len + (len == 0));
	enum names_end end = NAMES_CUT;
	struct names n;

	memcpy(block, w->bytes, len);
	*seen = 0;
	if (names_open(&n, (struct bytes){block, len}))
		end = names_walk(&n, seen);
	free(block);
	return end;
}

static void test_ends(void **state)
{
	struct wire w = message();
	unsigned seen;

	(void)state;
	for (size_t n = 0; n < w.len; n++)
		assert_int_equal(walk(&w, n, &seen), NAMES_CUT);
	assert_int_equal(walk(&w, w.len, &seen), NAMES_EXACT);
	assert_int_equal(seen, 3);
	put_u8(&w, 0);
	assert_int_equal(walk(&w, w.len, &seen), NAMES_PADDED);
	put_u8(&w, 1);
	assert_int_equal(walk(&w, w.len, &seen), NAMES_TRAILING);
	w.bytes[12] = 0x7f;
	assert_int_equal(walk(&w, w.len, &seen), NAMES_MALFORMED);
	w.bytes[12] = 3;
	w.bytes[6] = 1; /* 257 answers */
	assert_int_equal(walk(&w, w.len, &seen), NAMES_CUT);
	assert_int_equal(seen, 0);
}

static void test_random_bytes_end(void **state)
{
	struct draw d = draw_from(5);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct wire w = message();
		unsigned seen;

		for (int i = 0; i < 4; i++)
			w.bytes[draw_below(&d, w.len)] = (uint8_t)draw(&d);
		walk(&w, w.len, &seen);
		assert_true(seen <= NAMES_ENTRIES_MAX);
	}
}

/* Questions whose names are short labels and pointers to a name before, rarely to any place; now and then a byte is another. */
static struct wire pile_of_names(struct draw *d)
{
	struct wire w = {.len = 0};
	size_t starts[100] = {12}, n = 0;

	put_zeros(&w, 12);
	w.bytes[5] = 30;
	while (w.len < 400) {
		starts[n++] = w.len;
		for (uint64_t labels = draw_below(d, 4); labels > 0; labels--)
			put_labels(&w, &"twelve chars"[draw_below(d, 12)]);
		if (draw_below(d, 3) > 0)
			put_pointer(&w, draw_below(d, 16) == 0 ? 12 + draw_below(d, w.len - 11)
							       : starts[draw_below(d, n)]);
		else
			put_u8(&w, 0);
		put_zeros(&w, 4);
		if (draw_below(d, 16) == 0)
			w.bytes[12 + draw_below(d, w.len - 12)] = (uint8_t)draw(d);
	}
	return w;
}

/* A name that is only checked fails where one that is read fails, and has its length. */
static void test_skipped_names(void **state)
{
	struct draw d = draw_from(6);
	unsigned read = 0;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		struct wire w = pile_of_names(&d);
		struct bytes bytes = {w.bytes, w.len};
		struct entry one, other;
		struct names a, b;

		assert_true(names_open(&a, bytes) && names_open(&b, bytes));
		while (names_next(&a, &one)) {
			read++;
			assert_true(names_skip(&b, &other));
			assert_int_equal(other.name.len, one.name.len);
			assert_ptr_equal(b.at.at, a.at.at);
			assert_int_equal(names_text(&b, &other).len, one.name.len);
			assert_memory_equal(other.name.text, one.name.text, one.name.len);
		}
		assert_false(names_skip(&b, &other));
		assert_int_equal(names_end(&b), names_end(&a));
	}
	assert_true(read > 50000);
}

static void test_tails(void **state)
{
	static const uint8_t name[] = "Cam.LOCAL", backwards[] = "7.2.0.192.in-addr.ARPA";

	(void)state;
	assert_true(name_ends((struct bytes){name, 9}, ".local"));
	assert_false(name_ends((struct bytes){name, 5}, ".local"));
	assert_false(name_is_reverse((struct bytes){name, 9}));
	assert_true(name_is_reverse((struct bytes){backwards, sizeof backwards - 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compressed_names),
		cmocka_unit_test(test_pointers_that_lie),
		cmocka_unit_test(test_chains_are_short),
		cmocka_unit_test(test_the_longest_name),
		cmocka_unit_test(test_a_message),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_random_bytes_end),
		cmocka_unit_test(test_skipped_names),
		cmocka_unit_test(test_tails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
