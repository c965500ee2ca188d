/* SPDX-License-Identifier: MIT */
/*
 * proto/tuya and base/aes: announcements in clear and hidden, in both frames, and commands over TCP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/aes.h"
#include "made.h"

#define TEXT(version)                                                                              \
	"{\"ip\":\"192.0.2.7\",\"gwId\":\"EXAMPLE0000000000001\",\"active\":2,\"ablilty\":0,"      \
	"\"encrypt\":true,\"productKey\":\"keyexample000001\",\"version\":\"" version "\"}"
#define TOLD(version)                                                                              \
	"beacon sender tuya\ntuya-version sender " version                                         \
	"\ntuya-product sender keyexample000001\n"

/* TEXT("3.3") under the published key. */
static const uint8_t hidden[] = {
	0x46, 0xaa, 0x8a, 0x35, 0xa8, 0xc9, 0x73, 0x9c, 0x5f, 0xf8, 0xeb, 0x55, 0x92, 0xf4, 0xa2,
	0x78, 0x53, 0xc7, 0xf7, 0xc1, 0x58, 0xb1, 0xaf, 0x35, 0x4d, 0x40, 0xc7, 0x2b, 0xfe, 0x78,
	0x89, 0xd3, 0x49, 0x49, 0x37, 0xe2, 0xcd, 0x9a, 0xfd, 0x70, 0x66, 0xd1, 0x88, 0x12, 0x3c,
	0x33, 0x0c, 0xa7, 0x40, 0xb7, 0x00, 0xb6, 0xd3, 0x81, 0x43, 0x7f, 0x26, 0x94, 0x4c, 0x8d,
	0xac, 0x70, 0x78, 0x35, 0xd3, 0x47, 0x7d, 0xf4, 0xfd, 0xa0, 0xed, 0x99, 0xc7, 0xf6, 0xda,
	0xf0, 0xfc, 0xbd, 0x2e, 0xaa, 0x5d, 0xd6, 0xa5, 0xe0, 0x13, 0xf4, 0xcf, 0xc4, 0x8f, 0xec,
	0x86, 0xa8, 0x83, 0xad, 0xaa, 0x45, 0x66, 0x46, 0x6c, 0x56, 0xbf, 0xed, 0xfa, 0x3c, 0x1a,
	0x84, 0x4b, 0x4a, 0xe7, 0xfa, 0x25, 0x99, 0xdd, 0xf3, 0x04, 0xa0, 0xa3, 0x2a, 0x2a, 0x54,
	0x12, 0x4f, 0x16, 0x59, 0x3f, 0xed, 0x18, 0x06, 0x91, 0x55, 0xc3, 0x57, 0xd4, 0xcb, 0x58,
	0xd4, 0xfd, 0x5e, 0x20, 0x35, 0xb3, 0xa9, 0x99, 0xf9};

static struct made frame(uint32_t command, const void *payload, size_t n)
{
	struct made w = {.len = 0};

	made_put(&w, "\x00\x00\x55\xaa\x00\x00\x00\x00", 8);
	made_be(&w, command, 4);
	made_be(&w, (uint32_t)n + 8, 4);
	made_put(&w, payload, n);
	made_put(&w, "\x12\x34\x56\x78\x00\x00\xaa\x55", 8);
	return w;
}

static struct made announcement(void)
{
	struct made payload = {.len = 0};

	made_be(&payload, 0, 4);
	made_put(&payload, hidden, sizeof hidden);
	return frame(0x13, payload.at, payload.len);
}

/* FIPS 197, appendix B and C.1. */
static void published_blocks(void **unused)
{
	static const struct {
		const char *key, *clear, *hidden;
	} cases[] = {
		{"\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c",
		 "\x32\x43\xf6\xa8\x88\x5a\x30\x8d\x31\x31\x98\xa2\xe0\x37\x07\x34",
		 "\x39\x25\x84\x1d\x02\xdc\x09\xfb\xdc\x11\x85\x97\x19\x6a\x0b\x32"},
		{"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
		 "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
		 "\x69\xc4\xe0\xd8\x6a\x7b\x04\x30\xd8\xcd\xb7\x80\x70\xb4\xc5\x5a"},
	};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		uint8_t block[AES_BLOCK];
		struct aes128 aes;

		aes128_init(&aes, (const uint8_t *)cases[i].key);
		memcpy(block, cases[i].hidden, AES_BLOCK);
		aes128_decrypt(&aes, block, block);
		assert_memory_equal(block, cases[i].clear, AES_BLOCK);
	}
}

static void hidden_announcements(void **unused)
{
	struct made w = announcement();

	(void)unused;
	assert_int_equal(mine_of(&proto_tuya, 49154, 6667, w.at, w.len), MATCH_YES);
	assert_int_equal(mine_of(&proto_tuya, 6667, 49154, w.at, w.len), MATCH_NO);
	expect_datagram(&proto_tuya, 49154, 6667, &w, true, TOLD("3.3"));
	cut_datagram(&proto_tuya, 49154, 6667, &w, TOLD("3.3"));
	spoil_datagram(&proto_tuya, 49154, 6667, &w);
	expect_datagram(&proto_tuya, 49154, 7000, &w, false, "");
	w = frame(0x13, hidden, sizeof hidden);
	expect_datagram(&proto_tuya, 49154, 6667, &w, true, TOLD("3.3"));
}

static void clear_announcements(void **unused)
{
	struct made w = frame(0x0a, "\0\0\0\0" TEXT("3.1"), sizeof TEXT("3.1") + 3);

	(void)unused;
	expect_datagram(&proto_tuya, 6666, 6666, &w, true, TOLD("3.1"));
	cut_datagram(&proto_tuya, 6666, 6666, &w, TOLD("3.1"));
	w = frame(0x0a, TEXT("3.1"), sizeof TEXT("3.1") - 1);
	expect_datagram(&proto_tuya, 6666, 6666, &w, true, TOLD("3.1"));
	w = frame(0x0a, "{\"gwId\":\"EXAMPLE\"}", 18);
	expect_datagram(&proto_tuya, 6666, 6666, &w, true, "beacon sender tuya\n");
}

/* Frames around something else: under another key, of no whole block, empty, longer than is decrypted. */
static void frames_of_something_else(void **unused)
{
	struct made w = announcement(), filler = {.len = 0};

	(void)unused;
	w.at[20] ^= 1;
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
	w = frame(0x13, hidden, 17);
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
	w = frame(0x13, "", 0);
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
	made_fill(&filler, 0x5a, 1024);
	w = frame(0x13, filler.at, filler.len);
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
	w = frame(0x77, hidden, sizeof hidden);
	assert_int_equal(mine_of(&proto_tuya, 49154, 6667, w.at, w.len), MATCH_NO);
	w = announcement();
	w.at[w.len - 1] = 0;
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
	w = announcement();
	w.at[13] = 1; /* longer than any frame */
	expect_datagram(&proto_tuya, 49154, 6667, &w, false, "");
}

static void the_newer_frame(void **unused)
{
	struct made w = {.len = 0};

	(void)unused;
	made_put(&w, "\x00\x00\x66\x99\x00\x00\x00\x00\x00\x01\x00\x00\x00\x13", 14);
	made_be(&w, 60, 4);
	made_fill(&w, 0x77, 60);
	made_put(&w, "\x00\x00\x99\x66", 4);
	assert_int_equal(mine_of(&proto_tuya, 49154, 6667, w.at, w.len), MATCH_YES);
	expect_datagram(&proto_tuya, 49154, 6667, &w, true, "beacon sender tuya\n");
	cut_datagram(&proto_tuya, 49154, 6667, &w, "beacon sender tuya\n");
}

#define SERVED "beacon server tuya\nservice server tuya\n"

static void commands(void **unused)
{
	static struct parsing p;
	struct made ask = frame(9, "", 0), answer = frame(9, "\0\0\0\0", 4);

	(void)unused;
	assert_int_equal(mine_of(&proto_tuya, 41000, 6668, ask.at, ask.len), MATCH_YES);
	assert_int_equal(mine_of(&proto_tuya, 41000, 80, ask.at, ask.len), MATCH_NO);
	for (size_t n = 0; n < 18; n++)
		assert_int_equal(mine_of(&proto_tuya, 41000, 6668, ask.at, n), MATCH_MAYBE);
	assert_int_equal(mine_of(&proto_tuya, 41000, 6668, "GET / HTTP/1.1\r\n\r\n", 18), MATCH_NO);
	assert_int_equal(
		mine_of(&proto_tuya, 41000, 6668,
			"\x00\x00\x55\xaa\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
			18),
		MATCH_NO);
	parsing_init(&p, &proto_tuya, 41000, 6668);
	parsing_stream(&p, true, ask.at, ask.len, false, false);
	expect_told(&p, "");
	for (size_t i = 0; i < answer.len; i++)
		parsing_stream(&p, false, answer.at + i, 1, false, false);
	expect_told(&p, SERVED);
	assert_true(p.done);
	parsing_fini(&p);
	parsing_init(&p, &proto_tuya, 41000, 6668);
	parsing_stream(&p, false, answer.at, answer.len, true, false);
	expect_told(&p, ""); /* after a gap nobody knows where a frame begins */
	parsing_fini(&p);
	parsing_init(&p, &proto_tuya, 41000, 6668);
	parsing_stream(&p, false, answer.at, 10, false, true);
	expect_told(&p, "");
	parsing_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_blocks),    cmocka_unit_test(hidden_announcements),
		cmocka_unit_test(clear_announcements), cmocka_unit_test(frames_of_something_else),
		cmocka_unit_test(the_newer_frame),     cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
