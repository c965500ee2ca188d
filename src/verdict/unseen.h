/* SPDX-License-Identifier: MIT */
/*
 * What could not be judged: nothing is dropped silently. The keys are those of the report's "unseen", always all of
 * them, sorted.
 */
#pragma once

#include "base/arena.h"
#include "decode/decode.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "verdict/judged.h"

/* The counts, in the arena; NULL when memory is out. */
const struct count *unseen_counts(const struct lanes *lanes, const struct world *w,
				  const struct decode_stats *d, const uint64_t *cut_flows,
				  struct arena *arena, size_t *n);
