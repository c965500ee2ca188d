/* SPDX-License-Identifier: MIT */
/* Update files for tests, by the words of firstuse_update.h and with the signing of the maker's tool. */
#include "make_update.h"

#include "crypto.h"
#include "sign.h"

#include <stdlib.h>
#include <string.h>

#define SIGNED 144u

void update_put_32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* ---- keys --------------------------------------------------------------------------------------------------- */

/* The same keys in every run; an ECDSA signature's secret number needs no more of a test. */
static uint64_t key_dice = 20161021;

static int test_random(void *to, size_t size)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(medium_dice(&key_dice) >> 32);
	return 0;
}

struct pair {
	uint8_t private_key[SIGN_PRIVATE];
	uint8_t public_key[SIGN_PUBLIC_MAX];
	int made;
};

static const struct pair *pair(unsigned key)
{
	static struct pair pairs[UPDATE_KEYS];
	struct pair *one = &pairs[key];

	if (!one->made && (fu_crypto_init() != 0 || sign_make_key(test_random, one->private_key) ||
			   sign_public_key(test_random, one->private_key, one->public_key)))
		abort();
	one->made = 1;
	return one;
}

const uint8_t *update_public_key(unsigned key)
{
	return pair(key)->public_key;
}

/* ---- files -------------------------------------------------------------------------------------------------- */

static void hash_of(const uint8_t *bytes, size_t size, uint8_t hash[32])
{
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, bytes, size);
	fu_sha256_end(&sha, hash);
}

void update_lay(struct update_file *file)
{
	const uint32_t chunks = (file->image_size + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;

	hash_of(file->image, file->image_size, file->bytes + 80);
	for (uint32_t n = chunks; n-- > 0;) {
		uint8_t *at = file->bytes + FIRSTUSE_MANIFEST + (size_t)n * UPDATE_CHUNK;
		uint32_t left = file->image_size - n * FIRSTUSE_CHUNK;
		uint32_t image = left < FIRSTUSE_CHUNK ? left : FIRSTUSE_CHUNK;

		memcpy(at, file->image + (size_t)n * FIRSTUSE_CHUNK, image);
		hash_of(at, image + (n + 1 < chunks ? UPDATE_HASH : 0),
			n == 0 ? file->bytes + 112 : at - UPDATE_HASH);
	}
}

void update_sign(struct update_file *file, unsigned key)
{
	if (sign_bytes(test_random, pair(key)->private_key, file->bytes, SIGNED,
		       file->bytes + SIGNED) != 0)
		abort();
}

void update_make(struct update_file *file, unsigned key, uint32_t counter, uint32_t size,
		 uint64_t *dice)
{
	uint32_t chunks = (size + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;

	file->image_size = size;
	file->image = malloc(size + 1);
	file->size = FIRSTUSE_MANIFEST + size + (chunks > 0 ? chunks - 1 : 0) * UPDATE_HASH;
	file->bytes = calloc(1, file->size);
	if (!file->image || !file->bytes)
		abort();
	for (uint32_t i = 0; i < size; i++)
		file->image[i] = (uint8_t)(medium_dice(dice) >> 32);
	memcpy(file->bytes, "FUM1", 4);
	file->bytes[4] = fu_algorithm();
	update_put_32(file->bytes + 8, counter);
	update_put_32(file->bytes + 12, size);
	memcpy(file->bytes + 16, UPDATE_PRODUCT, sizeof UPDATE_PRODUCT);
	memcpy(file->bytes + 48, "2.0", sizeof "2.0");
	update_lay(file);
	update_sign(file, key);
}

void update_free(struct update_file *file)
{
	free(file->bytes);
	free(file->image);
	memset(file, 0, sizeof *file);
}

void update_copy(struct update_file *to, const struct update_file *from)
{
	*to = *from;
	to->bytes = malloc(from->size);
	to->image = malloc(from->image_size + 1);
	if (!to->bytes || !to->image)
		abort();
	memcpy(to->bytes, from->bytes, from->size);
	memcpy(to->image, from->image, from->image_size);
}

unsigned update_rounds(unsigned all)
{
	const char *share = getenv("FIRSTUSE_TEST_SHARE");
	long n = share ? strtol(share, NULL, 10) : 1;

	return n > 1 ? all / (unsigned)n + 1 : all;
}

/* ---- a device ----------------------------------------------------------------------------------------------- */

static void fill_slot_0(struct medium *medium)
{
	struct medium_area *area = &medium->area[FIRSTUSE_SLOT_A];

	for (uint32_t i = 0; i < UPDATE_RUNNING; i++)
		area->now[i] = area->safe[i] = (uint8_t)(i * 7 + 1);
	if (medium->kind == MEDIUM_FILE)
		area->length = area->safe_length = UPDATE_RUNNING;
}

enum firstuse_status update_bench_open(struct update_bench *bench)
{
	return firstuse_open(&bench->device, &bench->config);
}

void update_bench_init(struct update_bench *bench, enum medium_kind kind, uint32_t slot_bytes,
		       uint64_t seed)
{
	memset(bench, 0, sizeof *bench);
	medium_init(&bench->medium, kind, 4096, slot_bytes, seed);
	fill_slot_0(&bench->medium);
	bench->config.port = medium_port(&bench->medium);
	bench->config.state_bytes = 4096;
	bench->config.slot_bytes = slot_bytes;
	bench->config.product = UPDATE_PRODUCT;
	bench->config.update_keys[0] = update_public_key(0);
	bench->config.update_keys[1] = update_public_key(1);
	if (update_bench_open(bench) != FIRSTUSE_NOT_SET_UP)
		abort();
}

void update_bench_fini(struct update_bench *bench)
{
	medium_fini(&bench->medium);
}

enum firstuse_status update_feed_part(struct firstuse_update *update,
				      const struct update_file *file, size_t from, size_t to,
				      size_t piece, uint64_t *dice)
{
	enum firstuse_status status = FIRSTUSE_OK;

	while (from < to && status == FIRSTUSE_OK) {
		size_t n = piece;

		if (n == 0) /* mostly small, now and then more than a chunk */
			n = medium_dice(dice) % (medium_dice(dice) % 4 ? 100 : 3000);
		if (n > to - from)
			n = to - from;
		status = firstuse_update_feed(update, file->bytes + from, n);
		from += n;
	}
	return status;
}

enum firstuse_status update_whole(struct firstuse *device, const struct update_file *file)
{
	struct firstuse_update update;
	enum firstuse_status status = firstuse_update_begin(&update, device);

	if (status == FIRSTUSE_OK)
		status = firstuse_update_feed(&update, file->bytes, file->size);
	return status == FIRSTUSE_OK ? firstuse_update_end(&update) : status;
}

int update_bench_settle(struct update_bench *bench)
{
	uint8_t slot;

	return firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK &&
	       firstuse_confirm(&bench->device, slot) == FIRSTUSE_OK;
}

int update_same_start(const struct firstuse_state *a, const struct firstuse_state *b)
{
	const uint8_t active = (uint8_t)(1u << a->active_slot);

	return a->has_owner == b->has_owner && a->password.method == b->password.method &&
	       a->password.cost.memory_kib == b->password.cost.memory_kib &&
	       a->password.cost.passes == b->password.cost.passes &&
	       memcmp(a->password.salt, b->password.salt, sizeof a->password.salt) == 0 &&
	       memcmp(a->password.hash, b->password.hash, sizeof a->password.hash) == 0 &&
	       memcmp(a->stream_key, b->stream_key, sizeof a->stream_key) == 0 &&
	       memcmp(a->id_key, b->id_key, sizeof a->id_key) == 0 &&
	       memcmp(a->known, b->known, sizeof a->known) == 0 &&
	       memcmp(&a->budget, &b->budget, sizeof a->budget) == 0 &&
	       a->failed_tries == b->failed_tries && a->active_slot == b->active_slot &&
	       (a->bootable & active) == (b->bootable & active) && a->trial_slot == b->trial_slot &&
	       a->trial_starts == b->trial_starts && a->counter == b->counter &&
	       a->trial_counter == b->trial_counter;
}

int update_slot_holds(const struct medium *medium, unsigned slot, const uint8_t *bytes,
		      uint32_t size)
{
	const struct medium_area *area = &medium->area[FIRSTUSE_SLOT_A + slot];

	return size <= area->size && memcmp(area->now, bytes, size) == 0;
}
