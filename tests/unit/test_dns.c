/* SPDX-License-Identifier: MIT */
/*
 * proto/dns on names that honest resolvers write and on those that they do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"
#include "proto/dns.h"

#include <stdio.h>
#include <stdlib.h>

struct message {
	uint8_t bytes[600];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t n)
{
	assert_true(m->len + n <= sizeof m->bytes);
	memcpy(m->bytes + m->len, bytes, n);
	m->len += n;
}

static struct message header(uint16_t flags, uint8_t questions)
{
	const uint8_t bytes[12] = {0x12, 0x34, (uint8_t)(flags >> 8), (uint8_t)flags, 0, questions};
	struct message m = {.len = 0};

	put(&m, bytes, sizeof bytes);
	return m;
}

static void put_label(struct message *m, const char *text)
{
	uint8_t len = (uint8_t)strlen(text);

	put(m, &len, 1);
	put(m, text, len);
}

static void put_end(struct message *m, uint16_t type, uint16_t class)
{
	const uint8_t bytes[5] = {0, (uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(class >> 8),
				  (uint8_t) class};

	put(m, bytes, sizeof bytes);
}

/* "a.b.c" as a whole question. */
static struct message question(const char *name)
{
	struct message m = header(0x0100, 1);
	char copy[300], *rest = copy, *label;

	strcpy(copy, name);
	while ((label = strsep(&rest, ".")) != NULL)
		put_label(&m, label);
	put_end(&m, 1, 1);
	return m;
}

/* Reads from a heap block of exactly that size, so that a read past the end is seen. */
static bool read_cut(const struct message *m, size_t len, struct dns_question *q)
{
	uint8_t *block = malloc(len + (len == 0));
	bool fine;

	memcpy(block, m->bytes, len);
	fine = dns_read_question((struct bytes){block, len}, q);
	free(block);
	return fine;
}

static bool read_all(const struct message *m, struct dns_question *q)
{
	return read_cut(m, m->len, q);
}

static void test_reads_a_question(void **state)
{
	struct message m = question("WWW.Example.COM");
	struct dns_question q;

	(void)state;
	assert_true(read_all(&m, &q));
	assert_string_equal(q.name, "www.example.com");
	assert_string_equal(dns_zone(&q), "example.com");
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.type, 1);
	assert_int_equal(q.labels, 3);
	assert_int_equal(q.first_len, 3);
	assert_false(q.answer);
}

static void test_answers_are_told(void **state)
{
	struct message m = header(0x8180, 1);
	struct dns_question q;

	(void)state;
	put_label(&m, "localhost");
	put_end(&m, 28, 1);
	assert_true(read_all(&m, &q));
	assert_true(q.answer);
	assert_int_equal(q.type, 28);
	assert_string_equal(dns_zone(&q), "");
}

static void test_the_root(void **state)
{
	struct message m = header(0x0100, 1);
	struct dns_question q;

	(void)state;
	put_end(&m, 2, 1);
	assert_true(read_all(&m, &q));
	assert_string_equal(q.name, "");
	assert_string_equal(dns_zone(&q), "");
	assert_int_equal(q.labels, 0);
	assert_false(dns_first_label_is_random(&q));
}

static void test_every_cut_is_refused(void **state)
{
	struct message m = question("abc.example.org");
	struct dns_question q;

	(void)state;
	for (size_t n = 0; n < m.len; n++)
		assert_false(read_cut(&m, n, &q));
	assert_true(read_all(&m, &q));
}

static void expect_refused(const struct message *m)
{
	struct dns_question q;

	assert_false(read_all(m, &q));
}

static void test_no_well_formed_questions(void **state)
{
	struct message m;

	(void)state;
	m = question("a.b");
	m.bytes[5] = 0; /* no question */
	expect_refused(&m);
	m.bytes[5] = 2;
	expect_refused(&m);
	m.bytes[4] = 1; /* 257 */
	m.bytes[5] = 1;
	expect_refused(&m);
	m = question("a.b");
	m.bytes[2] = 0x28; /* opcode UPDATE */
	expect_refused(&m);
	m = header(0x0100, 1);
	put_label(&m, "a");
	put_end(&m, 1, 0); /* class 0 */
	expect_refused(&m);
}

static void test_pointers_and_reserved_labels(void **state)
{
	static const uint8_t starts[] = {0x40, 0x41, 0x80, 0xbf, 0xc0, 0xff};

	(void)state;
	for (size_t i = 0; i < sizeof starts; i++) {
		struct message m = header(0x0100, 1);
		const uint8_t pointer[2] = {starts[i], 0x0c}; /* to itself: the classic loop */

		put(&m, pointer, sizeof pointer);
		put_end(&m, 1, 1);
		expect_refused(&m);
		m = header(0x0100, 1);
		put_label(&m, "a");
		put(&m, pointer, sizeof pointer);
		put_end(&m, 1, 1);
		expect_refused(&m);
	}
}

/* 63, 63, 63 and n letters: 253 bytes with the dots is the longest name there is. */
static bool read_long(unsigned n, struct dns_question *q)
{
	struct message m = header(0x0100, 1);
	char label[64];

	memset(label, 'x', 63);
	label[63] = '\0';
	for (int i = 0; i < 3; i++)
		put_label(&m, label);
	label[n] = '\0';
	put_label(&m, label);
	put_end(&m, 1, 1);
	return read_all(&m, q);
}

static void test_the_longest_name(void **state)
{
	struct dns_question q;

	(void)state;
	assert_true(read_long(61, &q));
	assert_int_equal(strlen(q.name), 253);
	assert_false(read_long(62, &q));
	assert_false(read_long(63, &q));
}

static void test_many_short_labels(void **state)
{
	(void)state;
	for (int labels = 120; labels < 140; labels++) {
		struct message m = header(0x0100, 1);
		struct dns_question q;

		for (int i = 0; i < labels; i++)
			put_label(&m, "a");
		put_end(&m, 1, 1);
		assert_int_equal(read_all(&m, &q), labels <= 127);
		assert_true(labels > 127 || q.labels == labels);
	}
}

/* A dot inside a label must not make a zone, nor a zero byte end the text. */
static void test_odd_bytes_become_marks(void **state)
{
	struct message m = header(0x0100, 1);
	const uint8_t odd[] = {6, 'a', '.', 0, '\n', 0xff, '"', 3, 'o', 'r', 'g'};
	struct dns_question q;

	(void)state;
	put(&m, odd, sizeof odd);
	put_end(&m, 1, 1);
	assert_true(read_all(&m, &q));
	assert_string_equal(q.name, "a?????.org");
	assert_string_equal(dns_zone(&q), "org");
}

static void test_any_bytes(void **state)
{
	struct draw d = draw_from(1);
	unsigned fine = 0;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct message m = header(0x0100, 1);
		size_t n = draw_below(&d, 300);
		struct dns_question q;

		for (size_t j = 0; j < n; j++) {
			uint8_t byte = (uint8_t)(draw_below(&d, 4) == 0 ? draw_below(&d, 20)
									: draw(&d) & 0x3f);
			put(&m, &byte, 1);
		}
		if (!read_all(&m, &q))
			continue;
		fine++;
		assert_true(strlen(q.name) < DNS_NAME_MAX);
		assert_int_equal(strspn(q.name, "abcdefghijklmnopqrstuvwxyz0123456789-_?."),
				 strlen(q.name));
		assert_true(q.labels < 2 ||
			    (dns_zone(&q) > q.name && dns_zone(&q) < q.name + strlen(q.name)));
		dns_first_label_is_random(&q);
	}
	assert_true(fine > 1000);
}

static bool looks_random(const char *name)
{
	struct message m = question(name);
	struct dns_question q;

	assert_true(read_all(&m, &q));
	return dns_first_label_is_random(&q);
}

static void test_random_labels(void **state)
{
	(void)state;
	assert_true(looks_random("x7k2m9qp4w1z.example.org"));
	assert_true(looks_random("bdfghkqzaa.example.org")); /* consonants */
	assert_true(looks_random("a1bcdefe2i.example.org"));
	assert_true(looks_random("x7k2m9.example.org"));
	assert_true(looks_random("ebdfga.example.org"));  /* four consonants */
	assert_false(looks_random("x7k2m.example.org"));  /* short */
	assert_false(looks_random("ebdfa1.example.org")); /* three */
	assert_false(looks_random("documentation.example.org"));
	assert_false(looks_random("mailserver01.example.org")); /* a number at the end */
	assert_false(looks_random("20161021.example.org"));	/* a date */
	assert_false(looks_random("www.x7k2m9qp4w1z.example.org"));
}

/* What part of the names of so many random letters is taken for random, in percent. */
static unsigned taken_for_random(unsigned letters)
{
	struct draw d = draw_from(letters);
	unsigned taken = 0;

	for (int i = 0; i < 1000; i++) {
		char name[64];

		for (unsigned j = 0; j < letters; j++)
			name[j] = (char)('a' + draw_below(&d, 26));
		strcpy(name + letters, ".example.org");
		taken += looks_random(name);
	}
	return taken / 10;
}

/* Without digits among them: what the share of names that convicts is set by. */
static void test_letters_alone(void **state)
{
	(void)state;
	assert_int_equal(taken_for_random(5), 0);
	assert_in_range(taken_for_random(6), 45, 60);
	assert_in_range(taken_for_random(8), 60, 80);
	assert_in_range(taken_for_random(12), 80, 95);
}

static void test_words_are_not_random(void **state)
{
	static const char *const words[] = {"camera",	 "update",    "images",	   "static",
					    "content",	 "telemetry", "firmware",  "support",
					    "download",	 "connect",   "analytics", "messages",
					    "registry",	 "accounts",  "servers",   "provider",
					    "livecheck", "discovery", "broadcast", "location"};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s.example.org", words[i]);
		assert_false(looks_random(name));
	}
}

/* Appends a record whose name points to the question's. */
static void put_record(struct message *m, uint8_t type, uint8_t class, const void *data, uint8_t n)
{
	const uint8_t head[12] = {0xc0, 12, 0, type, 0, class, 0, 0, 0, 60, 0, n};

	put(m, head, sizeof head);
	put(m, data, n);
}

/* A question answered by an alias, an IPv4 and an IPv6 address, and one address of another class. */
static struct message answered(void)
{
	const uint8_t alias[] = {1, 'a', 0xc0, 12}, four[] = {203, 0, 113, 7},
		      six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};
	struct message m = question("hub.example.com");

	m.bytes[2] = 0x81;
	m.bytes[3] = 0x80;
	m.bytes[7] = 4;
	put_record(&m, 5, 1, alias, sizeof alias);
	put_record(&m, 1, 1, four, sizeof four);
	put_record(&m, 1, 3, four, sizeof four);
	put_record(&m, 28, 1, six, sizeof six);
	return m;
}

static size_t addresses_cut(const struct message *m, size_t len, struct addr *out)
{
	uint8_t *block = malloc(len + (len == 0));
	size_t n;

	memcpy(block, m->bytes, len);
	n = dns_read_addresses((struct bytes){block, len}, out);
	free(block);
	return n;
}

static void test_addresses_of_an_answer(void **state)
{
	struct message m = answered();
	struct addr out[DNS_ADDRESSES_MAX], four = addr_v4(0xcb007107);

	(void)state;
	assert_int_equal(addresses_cut(&m, m.len, out), 2);
	assert_true(addr_equal(&out[0], &four));
	assert_int_equal(out[1].b[0], 0x20);
	assert_int_equal(out[1].b[15], 9);
	for (size_t len = 0; len < m.len; len++)
		assert_int_equal(addresses_cut(&m, len, out), len >= m.len - 28 - 16);
	m.bytes[2] = 0x01; /* a question */
	assert_int_equal(addresses_cut(&m, m.len, out), 0);
}

/* A header that promises 65,535 of each, and more addresses than there is room for. */
static void test_addresses_are_bounded(void **state)
{
	const uint8_t four[] = {203, 0, 113, 7};
	struct message m = question("a.example");
	struct addr out[DNS_ADDRESSES_MAX];

	(void)state;
	m.bytes[2] = 0x80;
	m.bytes[6] = m.bytes[7] = 0xff;
	for (int i = 0; i < DNS_ADDRESSES_MAX + 2; i++)
		put_record(&m, 1, 1, four, sizeof four);
	assert_int_equal(addresses_cut(&m, m.len, out), DNS_ADDRESSES_MAX);
	m.bytes[4] = m.bytes[5] = 0xff;
	assert_true(addresses_cut(&m, m.len, out) <= DNS_ADDRESSES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_question),
		cmocka_unit_test(test_answers_are_told),
		cmocka_unit_test(test_the_root),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_no_well_formed_questions),
		cmocka_unit_test(test_pointers_and_reserved_labels),
		cmocka_unit_test(test_the_longest_name),
		cmocka_unit_test(test_many_short_labels),
		cmocka_unit_test(test_odd_bytes_become_marks),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_random_labels),
		cmocka_unit_test(test_letters_alone),
		cmocka_unit_test(test_words_are_not_random),
		cmocka_unit_test(test_addresses_of_an_answer),
		cmocka_unit_test(test_addresses_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
