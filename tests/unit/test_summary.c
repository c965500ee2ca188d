/* SPDX-License-Identifier: MIT */
/*
 * Summaries from inside: values survive both directions, what can't be is refused, and joining what was counted apart gives what
 * counting together gives. Whole captures are joined by tests/merge.
 */
#include "base/archive.h"
#include "detect/detect.h"
#include "detect/flood_sources.h"
#include "flow/world_join.h"
#include "base/hash.h"

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FILE_MOST = 1 << 16 };

struct file {
	uint8_t bytes[FILE_MOST];
	size_t len;
};

static void keep(void *context, const uint8_t *at, size_t len)
{
	struct file *file = context;

	assert_true(file->len + len <= FILE_MOST);
	memcpy(file->bytes + file->len, at, len);
	file->len += len;
}

static struct archive reading(const struct file *file, uint32_t inputs, uint32_t from)
{
	return (struct archive){
		.reading = true,
		.inputs = inputs,
		.inputs_from = from,
		.from = cursor_over((struct bytes){.at = file->bytes, .len = file->len})};
}

static void test_both_directions(void **state)
{
	static struct file file;
	struct archive out = {.sink = keep, .sink_context = &file}, in;
	uint8_t u8 = 0xfe;
	uint16_t u16 = 0xfedc;
	uint32_t u32 = 0xfedcba98;
	uint64_t u64 = 0xfedcba9876543210, key = (UINT64_C(3) << 40) + 77;
	int32_t i32 = -5;
	int64_t i64 = INT64_MIN;
	bool yes = true;

	(void)state;
	file.len = 0;
	archive_u8(&out, &u8);
	archive_u16(&out, &u16);
	archive_u32(&out, &u32);
	archive_u64(&out, &u64);
	archive_i32(&out, &i32);
	archive_i64(&out, &i64);
	archive_bool(&out, &yes);
	archive_key(&out, &key);
	(void)archive_text(&out, (struct bytes){(const uint8_t *)"abc", 3}, 10);
	archive_flush(&out);
	assert_int_equal(file.len, out.written);
	assert_int_equal(file.bytes[1], 0xdc); /* little-endian on every machine */
	u8 = 0, u16 = 0, u32 = 0, u64 = 0, key = 0, i32 = 0, i64 = 0, yes = false;
	in = reading(&file, 4, 10);
	archive_u8(&in, &u8);
	archive_u16(&in, &u16);
	archive_u32(&in, &u32);
	archive_u64(&in, &u64);
	archive_i32(&in, &i32);
	archive_i64(&in, &i64);
	archive_bool(&in, &yes);
	archive_key(&in, &key);
	assert_true(u8 == 0xfe && u16 == 0xfedc && u32 == 0xfedcba98 && u64 == 0xfedcba9876543210);
	assert_true(i32 == -5 && i64 == INT64_MIN && yes);
	assert_true(key == (UINT64_C(13) << 40) +
				   77); /* the third capture of the file is our thirteenth */
	assert_int_equal(archive_text(&in, (struct bytes){NULL, 0}, 10).len, 3);
	assert_false(in.broken);
	archive_u8(&in, &u8);
	assert_true(in.broken && u8 == 0);
}

static void test_what_cannot_be(void **state)
{
	static struct file file;
	struct archive in;
	uint64_t keys[4] = {0};
	uint16_t mac;
	uint32_t n;
	uint8_t u8;

	(void)state;
	file.len = 64;
	memset(file.bytes, 0xee, file.len);
	in = reading(&file, 1, 0);
	archive_count(&in, &n, 4);
	assert_true(in.broken && n == 0 && in.why != NULL);
	in = reading(&file, 1, 0);
	in.macs_n = 5;
	archive_mac(&in, &mac);
	assert_true(in.broken && mac == 0xffff);
	in = reading(&file, 1, 0);
	archive_key(&in, &keys[0]);
	assert_true(in.broken);
	in = reading(&file, 1, 0);
	u8 = 0;
	archive_keys(&in, keys, &u8, 1, 4);
	assert_true(in.broken && u8 == 1);
}

/* Sources counted in two parts are counted as in one, whatever form each part has. */
static void test_sources(void **state)
{
	static uint64_t blocks[3][2 * SOURCES_CELLS];
	static const size_t sizes[] = {3, 500, 5000};
	struct draw dice = draw_from(11);

	(void)state;
	for (size_t a = 0; a < 3; a++) {
		for (size_t b = 0; b < 3; b++) {
			struct flood_sources one = {.n = 0}, two = {.n = 0}, all = {.n = 0};
			struct sources_pool pools[3];

			memset(blocks, 0, sizeof blocks);
			for (int i = 0; i < 3; i++)
				pools[i] = (struct sources_pool){.blocks = blocks[i], .cap = 2};
			for (size_t i = 0; i < sizes[a] + sizes[b]; i++) {
				uint64_t source = hash_mix(draw_below(&dice, 8000) + 1);

				sources_add(i < sizes[a] ? &one : &two,
					    &pools[i < sizes[a] ? 0 : 1], source);
				sources_add(&all, &pools[2], source);
			}
			if (two.sketched) {
				sources_add_registers(&one, &pools[0],
						      sources_registers(&two, &pools[1]));
			} else {
				uint64_t list[SOURCES_EXACT];
				uint32_t n = sources_list(&two, &pools[1], list);

				for (uint32_t i = 0; i < n; i++)
					sources_add(&one, &pools[0], list[i]);
			}
			if (one.sketched == all.sketched)
				assert_int_equal(sources_count(&one, &pools[0]),
						 sources_count(&all, &pools[2]));
		}
	}
}

/* Misra and Gries: an end that was at more than a seventeenth of all packets is still among them, and none counts too much. */
static void test_ends(void **state)
{
	static struct world w;
	struct end_count had[COMMON_ENDS] = {{.count = 0}}, more[COMMON_ENDS] = {{.count = 0}};
	uint64_t before = 0;

	(void)state;
	memset(&w, 0, sizeof w);
	for (uint32_t i = 0; i < COMMON_ENDS; i++) {
		had[i] = (struct end_count){.addr = addr_v4(i + 1), .count = 10 + i, .sent = true};
		more[i] = (struct end_count){
			.addr = addr_v4(i + 9), .count = 20 + i, .received = true};
		before += 30 + 2 * i;
	}
	common_ends_set(&w.ends, had);
	world_join_ends(&w, more);
	common_ends_settle(&w.ends);
	for (int i = 0; i < COMMON_ENDS; i++) {
		const struct end_count *e = &w.ends.list[i];

		before -= e->count;
		if (addr_low32(&e->addr) == 16)
			assert_true(e->count <= 25 + 27 && e->sent && e->received);
	}
	assert_true(before > 0 && before < UINT64_MAX / 2);
}

/* Whoever keeps states of hosts can save and join them, or a summary would lose what it found. */
static void test_every_detector(void **state)
{
	(void)state;
	for (int d = 0; d < DETECTORS; d++) {
		bool has = detectors[d]->settle != NULL && detectors[d]->fields != NULL &&
			   detectors[d]->join != NULL;

		assert_true(detectors[d]->slot < 0 || has);
		assert_true(detectors[d]->state_size <= 4096);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_directions), cmocka_unit_test(test_what_cannot_be),
		cmocka_unit_test(test_sources),		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_every_detector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
