/* SPDX-License-Identifier: MIT */
/* Updates, one question at a time: what is taken, what is refused and with which word, and what a refused one leaves. */
#include "check.h"
#include "crypto.h"
#include "make_update.h"

#include <stdlib.h>
#include <string.h>

#define SLOT 24576u /* bytes; six erase blocks */

static uint64_t dice = 42;

static void test_sizes(void)
{
	static const uint32_t sizes[] = {1,    31,   32,   33,	  1023, 1024,	  1025,
					 2048, 2049, 4096, 10000, SLOT, SLOT - 1, SLOT - 1023};
	static const size_t pieces[] = {1, 7, 1056, 0, 1u << 20};

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct update_file file;

		update_make(&file, 0, 1, sizes[i], &dice);
		for (unsigned p = 0; p < sizeof pieces / sizeof *pieces; p++) {
			if (p != i % 5 && update_rounds(2) < 2)
				continue;
			struct update_bench bench;
			struct firstuse_update update;
			uint8_t slot = 9;

			update_bench_init(&bench, p % 2 ? MEDIUM_FILE : MEDIUM_FLASH, SLOT, i + 1);
			CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
			CHECK(update_feed_part(&update, &file, 0, file.size, pieces[p], &dice) ==
			      FIRSTUSE_OK);
			CHECK(firstuse_update_resume_at(&update) == file.size);
			CHECK(firstuse_update_end(&update) == FIRSTUSE_OK);
			CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
			CHECK(update_slot_holds(&bench.medium, 1, file.image, file.image_size));
			CHECK(bench.medium.area[FIRSTUSE_SLOT_A].bytes == 0);
			CHECK(bench.medium.area[FIRSTUSE_SLOT_B].bytes == file.image_size);
			CHECK(bench.medium.wrong == 0);
			update_bench_fini(&bench);
		}
		update_free(&file);
	}
}

/* ---- manifests that are refused ----------------------------------------------------------------------------- */

enum signer { AS_IT_IS, BY_OURS, BY_SECOND, BY_STRANGER };

struct bad_manifest {
	const char *name;
	uint32_t at; /* this many bytes of `bytes` go there, in a good manifest */
	uint8_t bytes[33];
	uint8_t count;
	enum signer signer; /* signs afterwards */
	enum firstuse_status status;
};

#define FF4 0xFF, 0xFF, 0xFF, 0xFF
#define A16 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'

static const struct bad_manifest bad_manifests[] = {
	{"another format", 3, "2", 1, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"no such algorithm", 4, {7}, 1, BY_OURS, FIRSTUSE_BAD_SIGNATURE},
	{"algorithm 0", 4, {0}, 1, BY_OURS, FIRSTUSE_BAD_SIGNATURE},
	{"the other backend's algorithm",
	 4,
	 {3},
	 1,
	 BY_OURS,
	 FIRSTUSE_BAD_SIGNATURE}, /* set below */
	{"padding 5", 5, {1}, 1, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"padding 7", 7, {1}, 1, BY_SECOND, FIRSTUSE_NO_MANIFEST},
	{"a strange key", 0, "F", 1, BY_STRANGER, FIRSTUSE_BAD_SIGNATURE},
	{"not signed again", 8, {9}, 1, AS_IT_IS, FIRSTUSE_BAD_SIGNATURE},
	{"signature of zeros", 144, {0}, 33, AS_IT_IS, FIRSTUSE_BAD_SIGNATURE},
	{"signature altered", 207, {0x55}, 1, AS_IT_IS, FIRSTUSE_BAD_SIGNATURE},
	{"as old as what runs", 8, {5}, 4, BY_OURS, FIRSTUSE_NOT_NEWER},
	{"older", 8, {4}, 4, BY_OURS, FIRSTUSE_NOT_NEWER},
	{"counter 0", 8, {0}, 4, BY_OURS, FIRSTUSE_NOT_NEWER},
	{"no image", 12, {0}, 4, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"a byte more than the slot",
	 12,
	 {1, SLOT >> 8 & 0xFF, SLOT >> 16},
	 4,
	 BY_OURS,
	 FIRSTUSE_TOO_LARGE},
	{"size of all ones", 12, {FF4}, 4, BY_OURS, FIRSTUSE_TOO_LARGE},
	{"another product", 16, "example/cam-3", 14, BY_OURS, FIRSTUSE_FOREIGN},
	{"a longer product", 16, "example/cam-22", 15, BY_OURS, FIRSTUSE_FOREIGN},
	{"a shorter product", 16, "example/cam-\0", 14, BY_OURS, FIRSTUSE_FOREIGN},
	{"no product", 16, {0}, 32, BY_OURS, FIRSTUSE_FOREIGN},
	{"product without an end", 16, {A16, A16}, 32, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"something behind the product", 47, "x", 1, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"version without an end", 48, {A16, A16}, 32, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"something behind the version", 79, "x", 1, BY_OURS, FIRSTUSE_NO_MANIFEST},
	{"hash of the first chunk", 112, {0}, 32, BY_OURS, FIRSTUSE_ALTERED},
};

static void test_bad_manifests(void)
{
	struct update_bench bench;
	struct update_file old, good;
	struct firstuse_state before;

	update_bench_init(&bench, MEDIUM_FLASH, SLOT, 3);
	update_make(&old, 0, 5, 3000, &dice);
	update_make(&good, 0, 6, 3000, &dice);
	CHECK(update_whole(&bench.device, &old) == FIRSTUSE_OK && update_bench_settle(&bench));
	before = bench.device.state;
	for (unsigned i = 0; i < sizeof bad_manifests / sizeof *bad_manifests; i++) {
		const struct bad_manifest *bad = &bad_manifests[i];
		struct update_file file;
		enum firstuse_status status;

		update_copy(&file, &good);
		memcpy(file.bytes + bad->at, bad->bytes, bad->count);
		if (bad->at == 4 && bad->bytes[0] == 3)
			file.bytes[4] = (uint8_t)(3 - fu_algorithm());
		if (bad->signer != AS_IT_IS)
			update_sign(&file, (unsigned)bad->signer - BY_OURS);
		status = update_whole(&bench.device, &file);
		if (!CHECK(status == bad->status))
			printf("     %s: %d\n", bad->name, (int)status);
		CHECK(memcmp(&before, &bench.device.state, sizeof before) == 0);
		update_free(&file);
	}
	CHECK(bench.medium.area[FIRSTUSE_SLOT_A].bytes == 0);
	CHECK(update_whole(&bench.device, &good) == FIRSTUSE_OK);
	CHECK(firstuse_failed_counter(&bench.device) == 0);
	update_free(&old);
	update_free(&good);
	update_bench_fini(&bench);
}

/* No key, then either of two: a maker changes keys by shipping both for a while. */
static void test_keys(void)
{
	struct update_bench bench;
	struct update_file file;

	for (unsigned key = 0; key < 3; key++) {
		update_make(&file, key, key + 1, 100, &dice);
		update_bench_init(&bench, MEDIUM_FILE, SLOT, 4);
		CHECK(update_whole(&bench.device, &file) ==
		      (key < 2 ? FIRSTUSE_OK : FIRSTUSE_BAD_SIGNATURE));
		update_bench_fini(&bench);
		update_bench_init(&bench, MEDIUM_FILE, SLOT, 4);
		bench.config.update_keys[0] = NULL;
		CHECK(update_whole(&bench.device, &file) ==
		      (key == 1 ? FIRSTUSE_OK : FIRSTUSE_BAD_SIGNATURE));
		bench.config.update_keys[1] = NULL;
		update_bench_fini(&bench);
		update_bench_init(&bench, MEDIUM_FILE, SLOT, 4);
		bench.config.update_keys[0] = bench.config.update_keys[1] = NULL;
		CHECK(update_whole(&bench.device, &file) == FIRSTUSE_BAD_SIGNATURE);
		update_bench_fini(&bench);
		update_free(&file);
	}
}

/* ---- calls in other orders ---------------------------------------------------------------------------------- */

static void test_order_of_calls(void)
{
	struct update_bench bench;
	struct firstuse_update update, other;
	struct update_file file;

	update_bench_init(&bench, MEDIUM_FLASH, SLOT, 5);
	update_make(&file, 0, 1, 5000, &dice);
	CHECK(firstuse_update_begin(NULL, &bench.device) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_begin(&update, NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_feed(&update, file.bytes, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_feed(NULL, file.bytes, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_end(NULL) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_resume_at(&update) == 0 && firstuse_update_resume_at(NULL) == 0);

	/* Nothing, then a bit, then the end too early; afterwards nothing more. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, NULL, 0) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 100) == FIRSTUSE_OK);
	CHECK(firstuse_update_resume_at(&update) == 100);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_INCOMPLETE);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_feed(&update, file.bytes + 100, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, NULL, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_feed(&update, file.bytes, 1) == FIRSTUSE_BAD_CALL);

	/* After an error. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 2000) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 2000) == FIRSTUSE_ALTERED);
	CHECK(firstuse_update_feed(&update, file.bytes + 2000, 10) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_BAD_CALL);
	CHECK(bench.device.state.trial_slot == 0xFF);

	/* More than the file. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, file.size) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, NULL, 0) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, "", 1) == FIRSTUSE_ALTERED);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_BAD_CALL);
	CHECK(bench.device.state.trial_slot == 0xFF && bench.device.state.bootable == 1);

	/* Of two the later one may go on. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 3000) == FIRSTUSE_OK);
	CHECK(firstuse_update_begin(&other, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes + 3000, 1) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_resume_at(&update) == 0);
	CHECK(firstuse_update_feed(&other, file.bytes, file.size) == FIRSTUSE_OK);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_end(&other) == FIRSTUSE_OK);
	CHECK(firstuse_update_end(&other) == FIRSTUSE_BAD_CALL);

	/* The slot was given to somebody else in between. */
	CHECK(update_bench_settle(&bench));
	update_free(&file);
	update_make(&file, 0, 2, 5000, &dice);
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 3000) == FIRSTUSE_OK);
	bench.device.state.progress.manifest[0] ^= 1;
	bench.medium.area[FIRSTUSE_SLOT_A].writes = 0;
	CHECK(firstuse_update_feed(&update, file.bytes + 3000, 2000) == FIRSTUSE_BAD_CALL);
	CHECK(bench.medium.area[FIRSTUSE_SLOT_A].writes == 0);

	/* Opened anew in between. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(update_bench_open(&bench) == FIRSTUSE_NOT_SET_UP);
	CHECK(firstuse_update_feed(&update, file.bytes, 1) == FIRSTUSE_BAD_CALL);
	CHECK(bench.medium.wrong == 0);
	update_free(&file);
	update_bench_fini(&bench);
}

static void test_devices_that_take_none(void)
{
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file;
	uint8_t slot = 9;

	update_make(&file, 0, 1, 5000, &dice);
	update_bench_init(&bench, MEDIUM_FLASH, SLOT, 6);
	bench.config.slot_bytes = 0;
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_BAD_CALL);
	bench.config.slot_bytes = SLOT;
	bench.config.port.write = NULL;
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_STORAGE);
	CHECK(bench.medium.area[FIRSTUSE_SLOT_B].writes == 0);

	/* Both areas of state are noise: nobody knows which slot is which. */
	for (unsigned i = 0; i < 2; i++)
		for (unsigned n = 0; n < 4096; n++)
			bench.medium.area[i].now[n] = (uint8_t)medium_dice(&dice);
	bench.config.port = medium_port(&bench.medium);
	CHECK(update_bench_open(&bench) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_DAMAGED && slot == 0);
	CHECK(firstuse_confirm(&bench.device, 0) == FIRSTUSE_DAMAGED);
	CHECK(firstuse_counter(&bench.device) == 0);
	CHECK(firstuse_failed_counter(&bench.device) == 0);
	update_bench_fini(&bench);

	/* Never opened. */
	memset(&bench.device, 0, sizeof bench.device);
	slot = 9;
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_BAD_CALL && slot == 0);
	CHECK(firstuse_boot(NULL, &slot) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_confirm(NULL, 0) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_counter(NULL) == 0);
	update_free(&file);
}

/* ---- going on ----------------------------------------------------------------------------------------------- */

#define LARGE (3u * FIRSTUSE_CHECKPOINT + 5000u)

/* Gets to where the download breaks off, and returns from where it goes on. */
static uint32_t break_off(struct update_bench *bench, const struct update_file *file, size_t at)
{
	struct firstuse_update update;

	CHECK(firstuse_update_begin(&update, &bench->device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file->bytes, at) == FIRSTUSE_OK);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_INCOMPLETE);
	update_bench_open(bench);
	CHECK(firstuse_update_begin(&update, &bench->device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file->bytes, FIRSTUSE_MANIFEST) == FIRSTUSE_OK);
	return firstuse_update_resume_at(&update);
}

static void test_resume(void)
{
	const uint32_t step = FIRSTUSE_CHECKPOINT / FIRSTUSE_CHUNK * UPDATE_CHUNK;
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file, next;
	uint32_t at;

	update_bench_init(&bench, MEDIUM_FLASH, LARGE, 7);
	update_make(&file, 0, 1, LARGE, &dice);
	update_make(&next, 1, 2, LARGE - 1, &dice);
	CHECK(break_off(&bench, &file, 100) == FIRSTUSE_MANIFEST);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST + step - 1) == FIRSTUSE_MANIFEST);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST + step) == FIRSTUSE_MANIFEST + step);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST + 2 * step + 17) ==
	      FIRSTUSE_MANIFEST + 2 * step);
	/* Another file has nothing there, and then the first one has nothing either. */
	CHECK(break_off(&bench, &next, FIRSTUSE_MANIFEST) == FIRSTUSE_MANIFEST);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST) == FIRSTUSE_MANIFEST + 2 * step);
	CHECK(break_off(&bench, &next, FIRSTUSE_MANIFEST + step) == FIRSTUSE_MANIFEST + step);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST) == FIRSTUSE_MANIFEST);
	CHECK(break_off(&bench, &file, FIRSTUSE_MANIFEST + step) == FIRSTUSE_MANIFEST + step);

	/* Who asks goes there; bytes of elsewhere are none of that place. */
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, FIRSTUSE_MANIFEST) == FIRSTUSE_OK);
	at = firstuse_update_resume_at(&update);
	CHECK(update_feed_part(&update, &file, FIRSTUSE_MANIFEST, file.size, 1000, &dice) ==
	      FIRSTUSE_ALTERED);
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, FIRSTUSE_MANIFEST) == FIRSTUSE_OK);
	CHECK(firstuse_update_resume_at(&update) == at);
	CHECK(update_feed_part(&update, &file, at, at + 70000, 0, &dice) == FIRSTUSE_OK);
	CHECK(firstuse_update_resume_at(&update) == at + 70000);
	CHECK(update_feed_part(&update, &file, at + 70000, file.size, 0, &dice) == FIRSTUSE_OK);
	CHECK(firstuse_update_end(&update) == FIRSTUSE_OK);
	CHECK(update_slot_holds(&bench.medium, 1, file.image, file.image_size));
	CHECK(update_bench_settle(&bench) && firstuse_counter(&bench.device) == 1);

	/* Who never asks feeds all of it; what is there already is not written twice. The other slot by now. */
	CHECK(break_off(&bench, &next, FIRSTUSE_MANIFEST + step + 5000) ==
	      FIRSTUSE_MANIFEST + step);
	bench.medium.area[FIRSTUSE_SLOT_A].bytes = 0;
	at = bench.device.state.sequence;
	CHECK(update_whole(&bench.device, &next) == FIRSTUSE_OK);
	CHECK(bench.device.state.sequence == at + 3); /* two checkpoints more, and the trial */
	CHECK(bench.medium.area[FIRSTUSE_SLOT_A].bytes == LARGE - 1 - FIRSTUSE_CHECKPOINT);
	CHECK(update_slot_holds(&bench.medium, 0, next.image, next.image_size));
	CHECK(update_slot_holds(&bench.medium, 1, file.image, file.image_size));
	CHECK(bench.medium.wrong == 0);
	update_free(&file);
	update_free(&next);
	update_bench_fini(&bench);
}

/* Progress that is no place from which a slot can be written on is no progress: as if never begun. */
static void test_odd_progress(void)
{
	static const uint32_t offsets[] = {1, 1024, FIRSTUSE_CHECKPOINT - 1,
					   4 * FIRSTUSE_CHECKPOINT, 0xFFFF0000u};
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file;
	uint32_t at;

	update_bench_init(&bench, MEDIUM_FLASH, LARGE, 8);
	update_make(&file, 0, 1, LARGE, &dice);
	for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		CHECK(break_off(&bench, &file, 100000) > FIRSTUSE_MANIFEST);
		bench.device.state.progress.offset = offsets[i];
		CHECK(break_off(&bench, &file, 3000) == FIRSTUSE_MANIFEST);
	}
	/* Its next hash was altered: what follows is refused, and nothing was changed by it; from the beginning it goes. */
	CHECK(break_off(&bench, &file, 100000) > FIRSTUSE_MANIFEST);
	bench.device.state.progress.next[3] ^= 1;
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, file.bytes, 5000) == FIRSTUSE_OK);
	at = firstuse_update_resume_at(&update);
	CHECK(at > 60000 && firstuse_update_resume_at(&update) == at);
	CHECK(firstuse_update_feed(&update, file.bytes + at, file.size - at) == FIRSTUSE_ALTERED);
	CHECK(bench.device.state.trial_slot == 0xFF && bench.device.state.bootable == 1);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);
	update_free(&file);
	update_bench_fini(&bench);
}

/* A medium that keeps something else than it was given is found out at the end, and the next download begins anew. */
static void test_read_back(void)
{
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file;

	update_make(&file, 0, 1, LARGE, &dice);
	for (unsigned i = 0; i < 2 + update_rounds(18); i++) {
		uint32_t bad = i == 0	? 0
			       : i == 1 ? LARGE - 1
					: (uint32_t)medium_dice(&dice) % LARGE;

		update_bench_init(&bench, MEDIUM_FILE, LARGE, 9 + i);
		CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
		CHECK(firstuse_update_feed(&update, file.bytes, file.size) == FIRSTUSE_OK);
		bench.medium.area[FIRSTUSE_SLOT_B].now[bad] ^= 0x10;
		CHECK(firstuse_update_end(&update) == FIRSTUSE_ALTERED);
		CHECK(bench.device.state.trial_slot == 0xFF && bench.device.state.bootable == 1);
		CHECK(break_off(&bench, &file, 1000) == FIRSTUSE_MANIFEST);
		CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);
		update_bench_fini(&bench);
	}
	update_free(&file);
}

/* Each callback fails once, at every place where it is called; the download is done again and comes through. */
static void test_failing_storage(void)
{
	struct update_file file;
	const uint32_t step = 200 / update_rounds(200);
	unsigned failed = 0;

	update_make(&file, 0, 1, FIRSTUSE_CHECKPOINT + 3000, &dice);
	for (unsigned which = 0; which < 3; which++)
		for (uint32_t n = 1; n < 200; n += step) {
			struct update_bench bench;
			enum firstuse_status status;

			update_bench_init(&bench, MEDIUM_FLASH, LARGE, n);
			if (which == 0)
				bench.medium.fail_read = n;
			else if (which == 1)
				bench.medium.fail_write = n;
			else
				bench.medium.fail_flush = n;
			status = update_whole(&bench.device, &file);
			CHECK(status == FIRSTUSE_STORAGE || status == FIRSTUSE_OK);
			failed += status != FIRSTUSE_OK;
			if (status != FIRSTUSE_OK) {
				CHECK(bench.device.state.trial_slot == 0xFF);
				CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);
			}
			CHECK(update_slot_holds(&bench.medium, 1, file.image, file.image_size));
			CHECK(bench.medium.wrong == 0);
			update_bench_fini(&bench);
		}
	CHECK(step > 1 ||
	      failed > 130); /* 67 chunks are written and read back, and records with them */
	update_free(&file);
}

/* ---- trials ------------------------------------------------------------------------------------------------- */

static void test_trial(void)
{
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file, next;
	uint8_t slot = 9;

	update_bench_init(&bench, MEDIUM_FLASH, SLOT, 10);
	update_make(&file, 0, 0xFFFFFFFE, 5000, &dice);
	update_make(&next, 0, 0xFFFFFFFF, 6000, &dice);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 0);
	CHECK(firstuse_confirm(&bench.device, 0) == FIRSTUSE_NO_UPDATE);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);

	/* Waits for its start: what runs can't confirm it, in whose name ever, and nothing else may come. */
	CHECK(firstuse_confirm(&bench.device, 0) == FIRSTUSE_NO_UPDATE);
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_NO_UPDATE);
	CHECK(firstuse_confirm(&bench.device, 2) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_ON_TRIAL);
	CHECK(firstuse_failed_counter(&bench.device) == 0);

	for (unsigned i = 0; i < FIRSTUSE_STARTS; i++) {
		update_bench_open(&bench);
		CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
		CHECK(firstuse_counter(&bench.device) == 0);
		CHECK(firstuse_confirm(&bench.device, 0) == FIRSTUSE_NO_UPDATE);
		CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_ON_TRIAL);
	}
	update_bench_open(&bench);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 0);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 0);
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_NO_UPDATE);
	CHECK(firstuse_failed_counter(&bench.device) == 0xFFFFFFFE);
	CHECK(bench.device.state.bootable == 1);
	update_bench_open(&bench);
	CHECK(firstuse_failed_counter(&bench.device) == 0xFFFFFFFE);

	/* What failed may be tried again, and stays when it is confirmed at its last start. */
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);
	for (unsigned i = 0; i < FIRSTUSE_STARTS; i++)
		CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_OK);
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_NO_UPDATE);
	update_bench_open(&bench);
	CHECK(firstuse_counter(&bench.device) == 0xFFFFFFFE);
	CHECK(firstuse_failed_counter(&bench.device) == 0);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_NOT_NEWER);

	/* The last counter of all is one like any other, and nothing comes after it. */
	CHECK(update_whole(&bench.device, &next) == FIRSTUSE_OK && update_bench_settle(&bench));
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 0);
	CHECK(update_slot_holds(&bench.medium, 0, next.image, next.image_size));
	CHECK(update_whole(&bench.device, &next) == FIRSTUSE_NOT_NEWER);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_NOT_NEWER);
	CHECK(bench.medium.wrong == 0);
	update_free(&file);
	update_free(&next);
	update_bench_fini(&bench);
}

/* A start that can't be counted is none: the old image starts, and can't confirm the other. */
static void test_boot_without_storage(void)
{
	struct update_bench bench;
	struct update_file file;
	uint8_t slot = 9;

	update_bench_init(&bench, MEDIUM_FLASH, SLOT, 11);
	update_make(&file, 0, 1, 5000, &dice);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
	bench.config.port.write = NULL;
	bench.config.port.flush = NULL;
	update_bench_open(&bench);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_STORAGE && slot == 0);
	bench.config.port = medium_port(&bench.medium);
	CHECK(firstuse_confirm(&bench.device, slot) == FIRSTUSE_NO_UPDATE);
	bench.medium.fail_write = 1;
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_STORAGE && slot == 0);
	bench.medium.fail_flush = 1;
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_STORAGE && slot == 0);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
	bench.medium.fail_write = 1;
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_STORAGE);
	CHECK(firstuse_counter(&bench.device) == 0);
	CHECK(firstuse_confirm(&bench.device, 1) == FIRSTUSE_OK);
	CHECK(firstuse_counter(&bench.device) == 1);
	CHECK(firstuse_boot(&bench.device, NULL) == FIRSTUSE_BAD_CALL);
	update_free(&file);
	update_bench_fini(&bench);
}

/* A reset keeps the version, its counter and a trial; a download that it overtakes comes to a clear end. */
static void test_reset(void)
{
	struct update_bench bench;
	struct firstuse_update update;
	struct update_file file, next;
	enum firstuse_status status;
	uint8_t slot = 9;

	update_bench_init(&bench, MEDIUM_FLASH, LARGE, 12);
	update_make(&file, 0, 7, 5000, &dice);
	update_make(&next, 0, 8, 90000, &dice);
	CHECK(update_whole(&bench.device, &file) == FIRSTUSE_OK && update_bench_settle(&bench));
	CHECK(firstuse_update_begin(&update, &bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_update_feed(&update, next.bytes, 80000) == FIRSTUSE_OK);
	CHECK(firstuse_reset(&bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_counter(&bench.device) == 7);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 1);
	status = firstuse_update_feed(&update, next.bytes + 80000, next.size - 80000);
	CHECK(status == FIRSTUSE_OK || status == FIRSTUSE_BAD_CALL);
	CHECK(update_whole(&bench.device, &next) == FIRSTUSE_OK);
	CHECK(firstuse_reset(&bench.device) == FIRSTUSE_OK);
	CHECK(firstuse_boot(&bench.device, &slot) == FIRSTUSE_OK && slot == 0);
	CHECK(update_slot_holds(&bench.medium, 0, next.image, next.image_size));
	CHECK(firstuse_confirm(&bench.device, 0) == FIRSTUSE_OK);
	CHECK(firstuse_counter(&bench.device) == 8);
	update_free(&file);
	update_free(&next);
	update_bench_fini(&bench);
}

int main(void)
{
	test_sizes();
	test_bad_manifests();
	test_keys();
	test_order_of_calls();
	test_devices_that_take_none();
	test_resume();
	test_odd_progress();
	test_read_back();
	test_failing_storage();
	test_trial();
	test_boot_without_storage();
	test_reset();
	return check_end();
}
