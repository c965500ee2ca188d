/* SPDX-License-Identifier: MIT */
/*
 * 10,000 bad files, none of which is accepted or changes anything that starts; and 10,000 good ones, which all get there
 * through power cuts, broken connections and bad files in between. FIRSTUSE_TEST_SHARE=20 makes it one in twenty.
 *
 * A refused file may change of the state: the sequence number, the progress, and the bit of the slot that is not active in
 * `bootable`. All other fields stay. Whatever is written to a slot is looked at: it must be the slot that does not run, and
 * the bytes must be those of an image that one of the device's keys signed for this product, at that very place.
 *
 * update.c is included for checkpoints that small images reach.
 */
#define FIRSTUSE_CHECKPOINT 4096u
#include "../src/update.c"

#include "check.h"
#include "make_update.h"

#include <stdlib.h>

#define SLOT 16384u
#define ROUNDS 10000u
#define LIFE 125u /* bad files for one device */

static uint64_t dice = 5;

static unsigned roll(unsigned below)
{
	return (unsigned)(medium_dice(&dice) >> 20) % below;
}

/* ---- what is written is looked at --------------------------------------------------------------------------- */

struct signed_image {
	const uint8_t *bytes;
	uint32_t size;
};

struct watch {
	struct firstuse_port port; /* the medium's */
	unsigned running;	   /* its slot may not be written */
	struct signed_image images[16];
	unsigned count;
	unsigned long written; /* bytes */
	unsigned long wrong;   /* writes */
};

static int is_of_signed(const struct watch *watch, uint32_t offset, const void *from, uint32_t size)
{
	for (unsigned i = 0; i < watch->count; i++) {
		const struct signed_image *image = &watch->images[i];

		if (offset <= image->size && size <= image->size - offset &&
		    memcmp(image->bytes + offset, from, size) == 0)
			return 1;
	}
	return 0;
}

static int watch_read(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size)
{
	struct watch *watch = user;

	return watch->port.read(watch->port.user, area, offset, to, size);
}

static int watch_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		       uint32_t size)
{
	struct watch *watch = user;

	if (area >= FIRSTUSE_SLOT_A) {
		watch->written += size;
		if ((unsigned)area - FIRSTUSE_SLOT_A == watch->running ||
		    !is_of_signed(watch, offset, from, size))
			watch->wrong++;
	}
	return watch->port.write(watch->port.user, area, offset, from, size);
}

static int watch_flush(void *user, enum firstuse_area area)
{
	struct watch *watch = user;

	return watch->port.flush(watch->port.user, area);
}

static uint64_t watch_now(void *user)
{
	struct watch *watch = user;

	return watch->port.now_ms(watch->port.user);
}

static int watch_random(void *user, void *to, uint32_t size)
{
	struct watch *watch = user;

	return watch->port.random(watch->port.user, to, size);
}

static void watch_over(struct watch *watch, struct update_bench *bench)
{
	memset(watch, 0, sizeof *watch);
	watch->port = medium_port(&bench->medium);
	bench->config.port = (struct firstuse_port){.user = watch,
						    .read = watch_read,
						    .write = watch_write,
						    .flush = watch_flush,
						    .now_ms = watch_now,
						    .random = watch_random};
}

static void allow(struct watch *watch, const struct update_file *file)
{
	watch->images[watch->count].bytes = file->image;
	watch->images[watch->count++].size = file->image_size;
}

/* ---- bad files ---------------------------------------------------------------------------------------------- */

#define GOOD 6u /* newer than what runs, by either key */
#define OLD 3u	/* as old, or older */
#define POOL (GOOD + OLD + 2u)
#define FOREIGN (GOOD + OLD)
#define STRANGER (GOOD + OLD + 1u)
#define RUNS 5u /* counter of what runs */

static void make_pool(struct update_file *pool)
{
	for (unsigned i = 0; i < POOL; i++) {
		uint32_t counter = i < GOOD	 ? RUNS + 1 + i / 2
				   : i < FOREIGN ? RUNS - (i - GOOD)
						 : 99;

		update_make(&pool[i], i == STRANGER ? 2 : i % 2, counter, 1 + roll(SLOT - 1),
			    &dice);
		if (i == FOREIGN) {
			pool[i].bytes[16 + 3] ^= 1;
			update_sign(&pool[i], 0);
		}
	}
}

static void cut(struct update_file *file)
{
	file->size = roll((unsigned)file->size);
}

static void flip_bits(struct update_file *file)
{
	/* Half of them where the manifest is. */
	unsigned range = roll(2) ? FIRSTUSE_MANIFEST : (unsigned)file->size;

	for (unsigned n = 1 + roll(3); n > 0; n--)
		file->bytes[roll(range)] ^= (uint8_t)(1u << roll(8));
}

static void swap_chunks(struct update_file *file)
{
	unsigned chunks = (file->image_size + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;
	uint8_t *a = file->bytes + FIRSTUSE_MANIFEST + (size_t)roll(chunks) * UPDATE_CHUNK;
	uint8_t *b = file->bytes + FIRSTUSE_MANIFEST + (size_t)roll(chunks) * UPDATE_CHUNK;

	for (size_t i = 0; i < UPDATE_CHUNK && a + i < file->bytes + file->size &&
			   b + i < file->bytes + file->size;
	     i++) {
		uint8_t byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void overwrite(struct update_file *file, const struct update_file *other)
{
	size_t from = roll((unsigned)file->size);
	size_t n = 1 + roll(2000);

	for (size_t i = from; i < from + n && i < file->size; i++)
		file->bytes[i] =
			other && i < other->size ? other->bytes[i] : (uint8_t)medium_dice(&dice);
}

static void insert_or_drop(struct update_file *file)
{
	size_t at = roll((unsigned)file->size);
	size_t n = 1 + roll(1100);

	if (roll(2) && at + n < file->size) {
		memmove(file->bytes + at, file->bytes + at + n, file->size - at - n);
		file->size -= n;
		return;
	}
	file->bytes = realloc(file->bytes, file->size + n);
	if (!file->bytes)
		abort();
	memmove(file->bytes + at + n, file->bytes + at, file->size - at);
	file->size += n;
}

static void append(struct update_file *file)
{
	size_t n = 1 + roll(2000);

	file->bytes = realloc(file->bytes, file->size + n);
	if (!file->bytes)
		abort();
	for (size_t i = 0; i < n; i++)
		file->bytes[file->size++] = (uint8_t)medium_dice(&dice);
}

/* A bad file out of good ones, in one of many ways; more than one now and then. */
static void make_bad(struct update_file *bad, const struct update_file *pool)
{
	unsigned way = roll(14);
	unsigned base = way < 9	    ? roll(GOOD)
			: way < 12  ? GOOD + roll(OLD)
			: way == 12 ? FOREIGN
				    : STRANGER;
	const struct update_file *other = &pool[roll(GOOD)];

	update_copy(bad, &pool[base]);
	switch (way) {
	case 0:
		cut(bad);
		break;
	case 1:
	case 2:
		flip_bits(bad);
		break;
	case 3:
		swap_chunks(bad);
		break;
	case 4:
		memcpy(bad->bytes, other->bytes, FIRSTUSE_MANIFEST);
		break;
	case 5:
		append(bad);
		break;
	case 6:
		insert_or_drop(bad);
		break;
	case 7:
		overwrite(bad, NULL);
		break;
	case 8:
		overwrite(bad, other);
		break;
	default: /* old, foreign, a stranger's; as it is, or with the manifest of one that would be taken */
		if (roll(8) == 0)
			memcpy(bad->bytes, other->bytes, FIRSTUSE_MANIFEST);
		break;
	}
	if (bad->size > 0 && roll(4) == 0)
		flip_bits(bad);
}

/*
 * What was fed of it is all of a good one: two bits flipped back, a chunk swapped with itself; or the bad bytes are behind
 * the manifest and before `from`, where nobody fed them since the device had these places already.
 */
static int is_good(const struct update_file *file, const struct update_file *pool, size_t from)
{
	for (unsigned i = 0; i < GOOD; i++)
		if (file->size == pool[i].size &&
		    memcmp(file->bytes, pool[i].bytes, FIRSTUSE_MANIFEST) == 0 &&
		    memcmp(file->bytes + from, pool[i].bytes + from, file->size - from) == 0)
			return 1;
	return 0;
}

/* Feeds it as a device would be fed, asking where to go on or not. `*from`: from where behind the manifest. */
static enum firstuse_status feed_any(struct firstuse *device, const struct update_file *file,
				     size_t piece, size_t *from)
{
	struct firstuse_update update;
	enum firstuse_status status = firstuse_update_begin(&update, device);
	size_t head = file->size < FIRSTUSE_MANIFEST ? file->size : FIRSTUSE_MANIFEST;

	*from = head;
	if (status == FIRSTUSE_OK)
		status = update_feed_part(&update, file, 0, head, piece, &dice);
	if (status == FIRSTUSE_OK && roll(2))
		*from = firstuse_update_resume_at(&update);
	if (status == FIRSTUSE_OK && *from < file->size)
		status = update_feed_part(&update, file, *from, file->size, piece, &dice);
	return status == FIRSTUSE_OK ? firstuse_update_end(&update) : status;
}

/* Returns 0 when the file was a good one after all and was taken. */
static int one_bad(struct update_bench *bench, struct watch *watch, const struct update_file *pool,
		   unsigned long *seen)
{
	const struct firstuse_state before = bench->device.state;
	enum firstuse_status status;
	struct update_file bad;
	uint8_t slot = 9;
	size_t from;
	int good;

	make_bad(&bad, pool);
	status = feed_any(&bench->device, &bad, roll(3) ? 1u << 20 : 0, &from);
	good = status == FIRSTUSE_OK && is_good(&bad, pool, from);
	update_free(&bad);
	if (good)
		return 0;
	if (!CHECK(status != FIRSTUSE_OK && status != FIRSTUSE_BAD_CALL &&
		   status != FIRSTUSE_STORAGE))
		printf("     status %d\n", (int)status);
	seen[status]++;
	CHECK(update_same_start(&before, &bench->device.state));
	if (roll(4) == 0)
		update_bench_open(bench);
	CHECK(update_same_start(&before, &bench->device.state));
	CHECK(firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK && slot == watch->running);
	return 1;
}

/* A device whose slot 1 runs version RUNS, and some files for it that are refused. Returns how many were. */
static unsigned one_life(unsigned seed, unsigned long *seen, unsigned long *written)
{
	struct update_bench bench;
	struct watch watch;
	struct update_file pool[POOL], first;
	struct medium_area *area = &bench.medium.area[FIRSTUSE_SLOT_B];
	unsigned refused = 0;
	size_t from;

	update_bench_init(&bench, (enum medium_kind)(seed % 2), SLOT, seed);
	make_pool(pool);
	update_make(&first, 0, RUNS, SLOT, &dice);
	CHECK(update_whole(&bench.device, &first) == FIRSTUSE_OK);
	CHECK(update_bench_settle(&bench));
	watch_over(&watch, &bench);
	watch.running = 1;
	for (unsigned i = 0; i < GOOD; i++)
		allow(&watch, &pool[i]);
	area->writes = area->erases = 0;
	while (refused < LIFE && one_bad(&bench, &watch, pool, seen))
		refused++;
	/* After all of them a good one is taken. */
	if (refused == LIFE) {
		CHECK(feed_any(&bench.device, &pool[GOOD - 1], 0, &from) == FIRSTUSE_OK);
		CHECK(update_slot_holds(&bench.medium, 0, pool[GOOD - 1].image,
					pool[GOOD - 1].image_size));
	}
	CHECK(area->writes == 0 && area->erases == 0);
	CHECK(update_slot_holds(&bench.medium, 1, first.image, first.image_size));
	CHECK(watch.wrong == 0 && bench.medium.wrong == 0);
	*written += watch.written;
	for (unsigned i = 0; i < POOL; i++)
		update_free(&pool[i]);
	update_free(&first);
	update_bench_fini(&bench);
	return refused;
}

static void test_bad(void)
{
	unsigned long seen[64] = {0};
	unsigned long written = 0;
	unsigned rounds = update_rounds(ROUNDS);

	for (unsigned refused = 0, seed = 0; refused < rounds; seed++)
		refused += one_life(seed, seen, &written);
	/* The refusals were of all kinds, and not all before the first chunk. */
	if (rounds < ROUNDS)
		return;
	CHECK(seen[FIRSTUSE_NO_MANIFEST] > 20 && seen[FIRSTUSE_BAD_SIGNATURE] > 500);
	CHECK(seen[FIRSTUSE_FOREIGN] > 100 && seen[FIRSTUSE_NOT_NEWER] > 500);
	CHECK(seen[FIRSTUSE_ALTERED] > 500 && seen[FIRSTUSE_INCOMPLETE] > 100);
	CHECK(written > ROUNDS * 1000ul);
}

/* ---- good files --------------------------------------------------------------------------------------------- */

/* The connection breaks, or the power does, or a bad file comes. Afterwards the device is open again. */
static enum firstuse_status try_once(struct update_bench *bench, const struct update_file *file,
				     int disturbed)
{
	struct update_file part = *file;
	enum firstuse_status status;
	size_t from;

	if (disturbed && roll(3) == 0)
		part.size = roll((unsigned)file->size);
	else if (disturbed && roll(3) > 0)
		medium_cut(&bench->medium, roll(file->image_size + file->image_size / 4 + 1200),
			   (enum medium_way)roll(MEDIUM_WAYS));
	else if (disturbed)
		file->bytes[FIRSTUSE_MANIFEST + roll((unsigned)file->size - FIRSTUSE_MANIFEST)] ^=
			4;
	status = feed_any(&bench->device, &part, roll(8) ? 0 : 1 + roll(40), &from);
	if (disturbed || bench->medium.off) {
		medium_power_on(&bench->medium);
		if (update_bench_open(bench) != FIRSTUSE_NOT_SET_UP)
			return FIRSTUSE_DAMAGED;
	}
	return status;
}

static void one_good(struct update_bench *bench, struct watch *watch, uint32_t counter,
		     unsigned long *cuts)
{
	struct update_file file, whole;
	unsigned disturbed = roll(5);
	int accepted = 0;
	uint8_t slot = 9;

	update_make(&file, roll(2), counter, 1 + roll(SLOT), &dice);
	update_copy(&whole, &file);
	watch->count = 0;
	allow(watch, &file);
	watch->running = bench->device.state.active_slot;
	for (unsigned n = 0; n <= disturbed && !accepted; n++) {
		memcpy(file.bytes, whole.bytes, whole.size);
		accepted = try_once(bench, &file, n < disturbed) == FIRSTUSE_OK;
		/* The power may have failed behind the last record. */
		accepted |= bench->device.state.trial_slot != 0xFF;
		*cuts += n < disturbed;
	}
	CHECK(accepted);
	CHECK(update_slot_holds(&bench->medium, watch->running ^ 1u, file.image, file.image_size));
	CHECK(firstuse_boot(&bench->device, &slot) == FIRSTUSE_OK);
	CHECK(slot == (watch->running ^ 1u) &&
	      firstuse_confirm(&bench->device, slot) == FIRSTUSE_OK);
	CHECK(firstuse_counter(&bench->device) == counter);
	update_free(&file);
	update_free(&whole);
}

static void test_good(void)
{
	unsigned rounds = update_rounds(ROUNDS);
	unsigned long disturbed = 0;

	for (unsigned kind = 0; kind < 2; kind++) {
		struct update_bench bench;
		struct watch watch;

		update_bench_init(&bench, (enum medium_kind)kind, SLOT, 77 + kind);
		watch_over(&watch, &bench);
		for (uint32_t n = 0; n < rounds / 2 && check_failed == 0; n++)
			one_good(&bench, &watch, n + 1, &disturbed);
		CHECK(watch.wrong == 0 && bench.medium.wrong == 0);
		update_bench_fini(&bench);
	}
	CHECK(disturbed > rounds);
}

int main(void)
{
	test_bad();
	test_good();
	return check_end();
}
