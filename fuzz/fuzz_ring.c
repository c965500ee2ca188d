/* SPDX-License-Identifier: MIT */
/*
 * The walk through a block of a capture ring on any bytes: it ends, each frame lies in the block with what is said of it,
 * and no frame comes twice.
 */
#include "capture/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ring_walk w;
	struct ring_frame f;
	size_t frames = 0, last = 0;
	uint32_t before;

	ring_begin(&w, data, size);
	before = w.left;
	while (ring_next(&w, &f)) {
		volatile uint8_t seen;

		require(f.at >= data && f.at <= data + size);
		require(f.len <= (size_t)(data + size - f.at));
		require(f.wire_len >= f.len && f.network <= f.len);
		require(w.at > last && w.left == --before);
		last = w.at;
		for (uint32_t i = 0; i<f.len; i += f.len> 64 ? f.len / 64 : 1)
			seen = f.at[i];
		(void)seen;
		frames++;
	}
	require(frames <= size / 32);
	require(!ring_next(&w, &f));
	return 0;
}
