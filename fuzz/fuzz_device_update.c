/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an update file, in any pieces, broken off or cut short by loss of power, and begun again. Hashes and signature
 * are put right here where the first byte says so, by a backend whose signatures anybody can make: so what comes behind
 * them is reached. A file must be taken when a plain reading of firstuse_update.h takes it, and else not; nothing but the
 * image of such a file may come into the slot that does not run, and a refused one may change nothing that starts.
 *
 *	byte 0    what is put right: bits below
 *	     1    sizes of pieces     2, 3   where it is broken off, or the power fails     4   what happens first
 *	     5    counter of what runs
 *	     6 .. the file
 *
 * update.c is included for checkpoints that small images reach.
 */
#define FIRSTUSE_CHECKPOINT 1024u
#include "../device/src/update.c"

#include "medium.h"

#include <stdlib.h>

#define HEAD 6u
#define SLOT 8192u
#define FILE_MAX 12000u

enum right {
	RIGHT_FIELDS = 1,
	RIGHT_SIZE = 2,
	RIGHT_CHAIN = 4,
	RIGHT_SIGNED = 8,
	RIGHT_KEY_2 = 16
};
enum first { BREAKS_OFF = 1, POWER_FAILS = 2, ASKS = 4, IS_REPEATED = 8, OTHER_FILE = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t keys[2][32] = {{1}, {2}};
static const char product[] = "example/cam-2";

struct input {
	uint8_t file[FILE_MAX];
	size_t size;
	size_t cut;
	uint8_t pieces, first, runs;
};

struct bench {
	struct medium medium;
	struct firstuse_config config;
	struct firstuse device;
};

static void require(int holds)
{
	if (!holds)
		abort();
}

/* ---- a file is put right ------------------------------------------------------------------------------------ */

static void put_number(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void sign(uint8_t *manifest, const uint8_t *key)
{
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, key, 32);
	fu_sha256_add(&sha, manifest, SIGNED);
	fu_sha256_end(&sha, manifest + SIGNED);
	memcpy(manifest + SIGNED + 32, manifest + SIGNED, 32);
}

/* Bytes of a chunk in the file: `left` are behind it and in it. */
static size_t chunk_size(uint32_t left)
{
	return left > FIRSTUSE_CHUNK ? FIRSTUSE_CHUNK + HASH : left;
}

/* The size of the image in a file of this length. */
static uint32_t image_in(size_t file)
{
	size_t body = file - FIRSTUSE_MANIFEST;

	return (uint32_t)(body - (body > 0 ? (body - 1) / (FIRSTUSE_CHUNK + HASH) : 0) * HASH);
}

static void lay_chain(uint8_t *file, uint32_t image)
{
	uint32_t chunks = (image + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;
	struct fu_sha256 sha;

	for (uint32_t n = chunks; n-- > 0;) {
		uint8_t *at = file + FIRSTUSE_MANIFEST + (size_t)n * (FIRSTUSE_CHUNK + HASH);

		hash_of(at, chunk_size(image - n * FIRSTUSE_CHUNK),
			n == 0 ? file + AT_FIRST_HASH : at - HASH);
	}
	fu_sha256_begin(&sha);
	for (uint32_t n = 0; n < chunks; n++) {
		uint32_t left = image - n * FIRSTUSE_CHUNK;

		fu_sha256_add(&sha, file + FIRSTUSE_MANIFEST + (size_t)n * (FIRSTUSE_CHUNK + HASH),
			      left < FIRSTUSE_CHUNK ? left : FIRSTUSE_CHUNK);
	}
	fu_sha256_end(&sha, file + AT_IMAGE_HASH);
}

/* Does the file have all chunks of an image of that size? */
static int has_room(size_t file, uint32_t image)
{
	uint64_t chunks = ((uint64_t)image + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;

	return image > 0 && file >= FIRSTUSE_MANIFEST + (uint64_t)image + (chunks - 1) * HASH;
}

static void put_right(struct input *input, uint8_t right)
{
	uint8_t *file = input->file;

	if (input->size < FIRSTUSE_MANIFEST)
		return;
	if (right & RIGHT_FIELDS) {
		memcpy(file, "FUM1", 4);
		file[AT_ALGORITHM] = fu_algorithm();
		memset(file + AT_ZERO, 0, 3);
		memset(file + AT_PRODUCT, 0, TEXT);
		memcpy(file + AT_PRODUCT, product, sizeof product);
		memset(file + AT_VERSION + 3, 0, TEXT - 3);
	}
	if (right & RIGHT_SIZE)
		put_number(file + AT_SIZE, image_in(input->size));
	if (right & RIGHT_CHAIN && has_room(input->size, number(file + AT_SIZE)))
		lay_chain(file, number(file + AT_SIZE));
	if (right & RIGHT_SIGNED)
		sign(file, keys[right & RIGHT_KEY_2 ? 1 : 0]);
}

/* ---- a plain reading of the format -------------------------------------------------------------------------- */

static int is_padded(const uint8_t *field)
{
	int ended = 0;

	for (unsigned i = 0; i < 32; i++) {
		if (field[i] != 0 && ended)
			return 0;
		ended |= field[i] == 0;
	}
	return ended;
}

static int manifest_is_good(const uint8_t *file, uint32_t runs)
{
	uint8_t again[FIRSTUSE_MANIFEST];
	int by_key[2];

	for (unsigned i = 0; i < 2; i++) {
		memcpy(again, file, sizeof again);
		sign(again, keys[i]);
		by_key[i] = memcmp(again, file, sizeof again) == 0;
	}
	return (by_key[0] || by_key[1]) && memcmp(file, "FUM1\1\0\0\0", 8) == 0 &&
	       number(file + 8) > runs && number(file + 12) > 0 && number(file + 12) <= SLOT &&
	       is_padded(file + 16) && is_padded(file + 48) &&
	       strcmp((const char *)file + 16, product) == 0;
}

static int file_is_good(const struct input *input, uint8_t *image)
{
	uint8_t again[FILE_MAX];
	uint32_t size, at = 0;

	if (input->size < FIRSTUSE_MANIFEST || !manifest_is_good(input->file, input->runs))
		return 0;
	size = number(input->file + 12);
	if (image_in(input->size) != size || !has_room(input->size, size))
		return 0;
	memcpy(again, input->file, input->size);
	lay_chain(again, size);
	if (memcmp(again, input->file, input->size) != 0)
		return 0;
	for (size_t from = FIRSTUSE_MANIFEST; at < size; from += FIRSTUSE_CHUNK + HASH) {
		uint32_t n = size - at < FIRSTUSE_CHUNK ? size - at : FIRSTUSE_CHUNK;

		memcpy(image + at, input->file + from, n);
		at += n;
	}
	return 1;
}

/* ---- a device ----------------------------------------------------------------------------------------------- */

static void begin(struct bench *bench, const struct input *input)
{
	struct medium_area *running = &bench->medium.area[FIRSTUSE_SLOT_A];
	struct firstuse_state state;

	memset(bench, 0, sizeof *bench);
	medium_init(&bench->medium, MEDIUM_FILE, 1024, SLOT, 1);
	memset(running->now, 0x77, SLOT);
	memset(running->safe, 0x77, SLOT);
	running->length = running->safe_length = SLOT;
	bench->config.port = medium_port(&bench->medium);
	bench->config.state_bytes = 1024;
	bench->config.slot_bytes = SLOT;
	bench->config.product = product;
	bench->config.update_keys[0] = keys[0];
	bench->config.update_keys[1] = keys[1];
	require(firstuse_open(&bench->device, &bench->config) == FIRSTUSE_NOT_SET_UP);
	state = bench->device.state;
	state.counter = input->runs;
	require(fu_journal_store(&bench->device, &state) == FIRSTUSE_OK);
}

static enum firstuse_status feed(struct bench *bench, const struct input *input, size_t end,
				 unsigned how)
{
	struct firstuse_update update;
	enum firstuse_status status = firstuse_update_begin(&update, &bench->device);
	size_t at = 0, step = input->pieces;

	while (status == FIRSTUSE_OK && at < end) {
		size_t n = step % 4 == 0 ? 1 + step / 4 * 100 : 1 + step / 4;

		if (at < FIRSTUSE_MANIFEST && n > FIRSTUSE_MANIFEST - at && how & ASKS)
			n = FIRSTUSE_MANIFEST - at;
		n = n < end - at ? n : end - at;
		status = firstuse_update_feed(&update, input->file + at, n);
		at += n;
		if (status == FIRSTUSE_OK && how & ASKS && at == FIRSTUSE_MANIFEST)
			at = firstuse_update_resume_at(&update);
		step = (step * 5 + 1) % 256;
	}
	return status == FIRSTUSE_OK && !(how & BREAKS_OFF) ? firstuse_update_end(&update) : status;
}

/* Nothing that starts is another than it was. */
static void check_untouched(const struct bench *bench, const struct input *input)
{
	const struct firstuse_state *state = &bench->device.state;
	const struct medium_area *running = &bench->medium.area[FIRSTUSE_SLOT_A];

	require(state->active_slot == 0 && state->trial_slot == 0xFF && state->bootable == 1);
	require(state->counter == input->runs && !state->has_owner);
	require(running->writes == 0 && bench->medium.wrong == 0);
}

/* What was there before: part of the file or of another one, and loss of power. */
static void disturb(struct bench *bench, const struct input *input)
{
	size_t end = input->cut < input->size ? input->cut : input->size;

	if (input->first & OTHER_FILE) {
		struct input other = *input;

		if (other.size > FIRSTUSE_MANIFEST) {
			other.file[FIRSTUSE_MANIFEST] ^= 1;
			put_right(&other, RIGHT_CHAIN | RIGHT_SIGNED);
		}
		(void)feed(bench, &other, end, BREAKS_OFF);
		check_untouched(bench, input);
	}
	if (input->first & BREAKS_OFF) {
		(void)feed(bench, input, end, BREAKS_OFF);
		check_untouched(bench, input);
	}
	if (input->first & POWER_FAILS) {
		medium_cut(&bench->medium, input->cut, (enum medium_way)(input->cut % MEDIUM_WAYS));
		(void)feed(bench, input, input->size, 0);
		medium_power_on(&bench->medium);
		require(firstuse_open(&bench->device, &bench->config) == FIRSTUSE_NOT_SET_UP);
	}
}

static void check_taken(struct bench *bench, const struct input *input, const uint8_t *image)
{
	uint32_t size = number(input->file + AT_SIZE);
	uint8_t slot = 9;

	require(memcmp(bench->medium.area[FIRSTUSE_SLOT_B].now, image, size) == 0);
	require(firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK && slot == 1);
	require(firstuse_confirm(&bench->device, slot) == FIRSTUSE_OK);
	require(firstuse_counter(&bench->device) == number(input->file + AT_COUNTER));
	require(feed(bench, input, input->size, 0) == FIRSTUSE_NOT_NEWER);
	require(bench->medium.area[FIRSTUSE_SLOT_A].writes == 0 && bench->medium.wrong == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input input;
	static struct bench bench;
	uint8_t image[SLOT];
	int good;

	if (size < HEAD || size - HEAD > FILE_MAX)
		return 0;
	input.pieces = data[1];
	input.cut = data[2] | (size_t)data[3] << 8;
	input.first = data[4];
	input.runs = data[5];
	input.size = size - HEAD;
	memcpy(input.file, data + HEAD, input.size);
	put_right(&input, data[0]);
	good = file_is_good(&input, image);
	begin(&bench, &input);
	disturb(&bench, &input);
	if (bench.device.state.trial_slot == 0xFF) {
		enum firstuse_status status = feed(&bench, &input, input.size, input.first & ASKS);

		require((status == FIRSTUSE_OK) == good);
	}
	if (good)
		check_taken(&bench, &input, image);
	else
		check_untouched(&bench, &input);
	medium_fini(&bench.medium);
	return 0;
}
