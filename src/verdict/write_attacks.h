/* SPDX-License-Identifier: MIT */
/* Private to judge: attacks, and what their part of the model has in common with that of devices. */
#pragma once

#include "base/knowledge.h"
#include "verdict/attacks.h"
#include "verdict/judged.h"

struct attacks_out {
	const struct attacks *attacks;
	const struct world *world;
	const struct knowledge *knowledge;
	struct devices *devices;
	struct arena *arena;
};

/* All but those that another tells better, sorted by target, vector and direction. */
void write_attacks(const struct attacks_out *w, struct judged *out);

/* Of a file whose clock went back, the earlier of both ends is the first. */
void order_times(int64_t *first_ns, int64_t *last_ns);
/* Order keys as inputs and packets, in the arena; NULL when memory is out. */
const struct where *where_list(struct arena *arena, const uint64_t *keys, size_t n);
