/* SPDX-License-Identifier: MIT */
/* Update files for tests, good ones and such as were changed afterwards; and a device to feed them to. */
#pragma once

#include "firstuse_update.h"
#include "medium.h"

#define UPDATE_KEYS 3u /* the device of these tests knows the first two */
#define UPDATE_PRODUCT "example/cam-2"
#define UPDATE_RUNNING 700u /* bytes of the image that is in slot 0 from the factory */

/* Bytes of a file: chunks hold FIRSTUSE_CHUNK bytes of image and HASH of hash. */
#define UPDATE_HASH 32u
#define UPDATE_CHUNK (FIRSTUSE_CHUNK + UPDATE_HASH)

struct update_file {
	uint8_t *bytes;
	size_t size;
	uint8_t *image;
	uint32_t image_size;
};

/* A good file: an image of `size` random bytes, signed by key `key`. update_free() it. */
void update_make(struct update_file *file, unsigned key, uint32_t counter, uint32_t size,
		 uint64_t *dice);
void update_free(struct update_file *file);
void update_copy(struct update_file *to, const struct update_file *from);

/* Lays the image into the file anew, after `image` was changed; and signs what its manifest says by now. */
void update_lay(struct update_file *file);
void update_sign(struct update_file *file, unsigned key);

void update_put_32(uint8_t *at, uint32_t value);

const uint8_t *update_public_key(unsigned key);

/* Of so many rounds, those that this machine has the time for: FIRSTUSE_TEST_SHARE=20 makes one of twenty. */
unsigned update_rounds(unsigned all);

struct update_bench {
	struct medium medium;
	struct firstuse_config config;
	struct firstuse device;
};

/* A new device of the factory, its image in slot 0, opened. */
void update_bench_init(struct update_bench *bench, enum medium_kind kind, uint32_t slot_bytes,
		       uint64_t seed);
void update_bench_fini(struct update_bench *bench);
enum firstuse_status update_bench_open(struct update_bench *bench);

/* Begins and feeds all of the file, and ends. The first status that is not FIRSTUSE_OK. */
enum firstuse_status update_whole(struct firstuse *device, const struct update_file *file);

/* Feeds bytes `from` to `to` of the file, in pieces of `piece` bytes; 0: in random ones. */
enum firstuse_status update_feed_part(struct firstuse_update *update,
				      const struct update_file *file, size_t from, size_t to,
				      size_t piece, uint64_t *dice);

/* Boots and confirms: the image of the last update is active. */
int update_bench_settle(struct update_bench *bench);

/* What starts, and all that is not the business of a download: every field but sequence, progress, and the bit of the
 * slot that is not active in bootable. */
int update_same_start(const struct firstuse_state *a, const struct firstuse_state *b);

/* Does slot `slot` begin with these bytes? */
int update_slot_holds(const struct medium *medium, unsigned slot, const uint8_t *bytes,
		      uint32_t size);
