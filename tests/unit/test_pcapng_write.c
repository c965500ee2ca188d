/* SPDX-License-Identifier: MIT */
/*
 * capture/pcapng_write.c, read back by our own reader and by its bytes: what goes in comes out, whatever the lengths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/pcapng_write.h"
#include "capture/source.h"

#include <stdlib.h>
#include <string.h>

static struct frame frame_of(const uint8_t *data, uint32_t len, uint32_t wire, int64_t time_ns)
{
	return (struct frame){.data = data, .len = len, .wire_len = wire, .time_ns = time_ns};
}

static struct capture *open_text(const struct text *t)
{
	struct bytes whole = {.at = (const uint8_t *)text_string(t), .len = t->len};
	struct capture *c = NULL;
	const char *why = "";

	assert_false(t->failed);
	if (capture_open_bytes(whole, 0, 0, &c, &why) != 0)
		fail_msg("can't be read back: %s", why);
	assert_int_equal(capture_format(c), CAPTURE_PCAPNG);
	return c;
}

static struct batch *new_batch(void)
{
	struct batch *b = calloc(1, sizeof *b);

	assert_non_null(b);
	b->bytes = malloc(BATCH_BYTES);
	assert_non_null(b->bytes);
	return b;
}

static void free_batch(struct batch *b)
{
	free(b->bytes);
	free(b);
}

/* Lengths that need no padding and each kind of it, of packets and of texts. */
static void test_read_back(void **state)
{
	static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const char *const comments[] = {"", "a", "ab", "abc", "abcd", "two\nlines"};
	struct batch *b = new_batch();
	struct text t = {0};
	struct capture *c;

	(void)state;
	pcapng_write_section(&t, "what it is", "cordon 0");
	pcapng_write_interface(&t, LINK_ETHERNET, 96, "interface 0 of x");
	pcapng_write_interface(&t, LINK_SLL2, 0, "");
	for (uint32_t i = 0; i <= 9; i++) {
		struct frame f = frame_of(data, i, 1000 + i, INT64_C(1477047871123456789) + i);

		pcapng_write_packet(&t, &f, i % 2, comments[i % 6]);
	}
	assert_int_equal(t.len % 4, 0);
	c = open_text(&t);
	assert_int_equal(capture_fill(c, b), 10);
	for (uint32_t i = 0; i <= 9; i++) {
		const struct frame *f = &b->frames[i];

		assert_int_equal(f->len, i);
		assert_memory_equal(f->data, data, i);
		assert_int_equal(f->wire_len, 1000 + i);
		assert_int_equal(f->time_ns, INT64_C(1477047871123456789) + i);
		assert_int_equal(f->iface, i % 2);
		assert_int_equal(f->linktype, i % 2 == 0 ? LINK_ETHERNET : LINK_SLL2);
		assert_int_equal(f->snaplen, i % 2 == 0 ? 96 : 0);
	}
	assert_int_equal(capture_fill(c, b), 0);
	assert_false(capture_damage(c)->there);
	capture_close(c);
	free_batch(b);
	text_fini(&t);
}

/* The bytes of an interface's description, as the draft draws them: little endian on any machine. */
static void test_bytes(void **state)
{
	static const uint8_t wanted[] = {1, 0, 0, 0, 40, 0, 0,	 0,   1,  0, 0, 0, 0, 0,
					 4, 0, 3, 0, 2,	 0, 'l', 'o', 0,  0, 9, 0, 1, 0,
					 9, 0, 0, 0, 0,	 0, 0,	 0,   40, 0, 0, 0};
	struct text t = {0};

	(void)state;
	pcapng_write_interface(&t, LINK_ETHERNET, 262144, "lo");
	assert_int_equal(t.len, sizeof wanted);
	assert_memory_equal(t.at, wanted, sizeof wanted);
	text_fini(&t);
}

/* A comment over what an option can hold is cut between two characters, and the file stays whole. */
static void test_long_comment(void **state)
{
	static char comment[70002];
	struct batch *b = new_batch();
	struct text t = {0};
	struct frame f = frame_of((const uint8_t *)"x", 1, 1, 0);
	struct capture *c;

	(void)state;
	memset(comment, 'a', PCAPNG_OPTION_MAX - 2);
	for (size_t i = PCAPNG_OPTION_MAX - 2; i + 3 < sizeof comment; i += 3)
		memcpy(comment + i, "\xe2\x86\x92", 3);
	pcapng_write_section(&t, "", "");
	pcapng_write_interface(&t, LINK_RAW, 0, "");
	pcapng_write_packet(&t, &f, 0, comment);
	pcapng_write_packet(&t, &f, 0, "");
	/* One arrow would end one byte behind the limit. */
	assert_null(memmem(t.at, t.len, "\xe2\x86\x92", 3));
	assert_non_null(memmem(t.at, t.len, "aaa\0", 4));
	c = open_text(&t);
	assert_int_equal(capture_fill(c, b), 2);
	assert_false(capture_damage(c)->there);
	capture_close(c);
	free_batch(b);
	text_fini(&t);
}

static void test_before_1970(void **state)
{
	struct batch *b = new_batch();
	struct text t = {0};
	struct frame f = frame_of((const uint8_t *)"x", 1, 1, -5);
	struct capture *c;

	(void)state;
	pcapng_write_section(&t, "", "");
	pcapng_write_interface(&t, LINK_RAW, 0, "");
	pcapng_write_packet(&t, &f, 0, "");
	c = open_text(&t);
	assert_int_equal(capture_fill(c, b), 1);
	assert_int_equal(b->frames[0].time_ns, 0);
	capture_close(c);
	free_batch(b);
	text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_long_comment),
		cmocka_unit_test(test_before_1970),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
