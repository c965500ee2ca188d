/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a capture. The input is read twice: as fast as it comes, and in small reads with a peek before. Both
 * ways must give the same frames and the same damage, every frame must lie in its batch, and numbers must grow.
 * Damaged zstd is left out of the comparison: how much libzstd unpacks before it notices depends on the reads.
 */
#include "capture/capture.h"
#include "capture/source.h"

#include <stdlib.h>

struct outcome {
	int err;
	uint64_t frames;
	uint64_t sum; /* FNV-1a over what the frames say */
	struct capture_damage damage;
};

static void require(bool truth)
{
	if (!truth)
		abort();
}

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * UINT64_C(1099511628211);
}

static uint64_t mix_frame(uint64_t sum, const struct frame *f)
{
	sum = mix(sum, f->len);
	sum = mix(sum, f->wire_len);
	sum = mix(sum, (uint64_t)f->time_ns);
	sum = mix(sum, f->number);
	sum = mix(sum, f->iface);
	sum = mix(sum, (uint64_t)f->linktype << 1 | f->swapped);
	for (uint32_t i = 0; i < f->len; i++)
		sum = mix(sum, f->data[i]);
	return sum;
}

static void check_batch(const struct batch *b, uint64_t *number)
{
	require(b->n <= BATCH_FRAMES);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct frame *f = &b->frames[i];
		require(f->data >= b->bytes && f->len <= FRAME_BYTES_MAX);
		require((size_t)(f->data - b->bytes) + f->len <= BATCH_BYTES);
		require(f->wire_len >= f->len && f->number > *number);
		*number = f->number;
	}
}

static struct outcome read_all(struct bytes bytes, size_t chunk, struct batch *b, bool peek)
{
	struct outcome o = {.sum = UINT64_C(14695981039346656037)};
	struct capture *c = NULL;
	const char *why = NULL;
	o.err = capture_open_bytes(bytes, chunk, 0, &c, &why);
	if (o.err != 0) {
		require(why != NULL && c == NULL);
		return o;
	}
	int64_t first_ns = 0;
	bool first = peek && capture_first_time(c, &first_ns);
	uint64_t number = 0;
	while (capture_fill(c, b) > 0) {
		check_batch(b, &number);
		require(!peek || o.frames > 0 || (first && b->frames[0].time_ns == first_ns));
		for (uint32_t i = 0; i < b->n; i++)
			o.sum = mix_frame(o.sum, &b->frames[i]);
		o.frames += b->n;
	}
	require(!peek || first == (o.frames > 0));
	require(capture_fill(c, b) == 0);
	o.damage = *capture_damage(c);
	require(o.damage.there == (o.damage.reason != NULL));
	capture_close(c);
	return o;
}

static bool may_be_zstd(struct bytes bytes)
{
	return bytes_start_with(bytes, "\x28\xb5\x2f\xfd", 4) ||
	       (bytes.len > 4 && memcmp(bytes.at + 1, "\x2a\x4d\x18", 3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct batch *b = malloc(sizeof(*b));
	require(b != NULL);
	b->bytes = malloc(BATCH_BYTES);
	require(b->bytes != NULL);
	struct bytes bytes = {.at = data, .len = size};
	struct outcome at_once = read_all(bytes, 0, b, false);
	struct outcome by_bits = read_all(bytes, 1 + size % 61, b, true);
	if (!may_be_zstd(bytes)) {
		require(at_once.err == by_bits.err && at_once.frames == by_bits.frames);
		require(at_once.sum == by_bits.sum &&
			at_once.damage.offset == by_bits.damage.offset);
		require(at_once.damage.reason == by_bits.damage.reason);
	}
	free(b->bytes);
	free(b);
	return 0;
}
