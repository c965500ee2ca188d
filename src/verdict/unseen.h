/* SPDX-License-Identifier: MIT */
/*
 * What could not be judged: nothing is dropped silently. The keys are those of the report's "unseen", always all of
 * them but for that of the report's own bound, sorted.
 */
#pragma once

#include "base/arena.h"
#include "decode/decode.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "verdict/judged.h"

/* The counts, in the arena; left_out: strangers for whom the report has no room, told when there are any. NULL when memory is out. */
const struct count *unseen_counts(const struct lanes *lanes, const struct world *w,
				  const struct decode_stats *d, const uint64_t *cut_flows,
				  uint64_t left_out, struct arena *arena, size_t *n);
