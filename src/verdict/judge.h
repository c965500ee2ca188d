/* SPDX-License-Identifier: MIT */
/*
 * Reduce, second half: lanes are joined, devices get their findings and verdicts, and the model that reports are
 * written from is put together. Runs once at the end; all memory comes from the arena.
 */
#pragma once

#include "base/arena.h"
#include "decode/decode.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "proto/listen.h"
#include "verdict/judged.h"

struct judge_in {
	struct lanes *lanes;
	const struct world *world;
	const struct knowledge *knowledge;
	const struct listeners
		*listeners; /* NULL: nobody listened, and nothing is said of makers */
	const struct catalogue *catalogue;
	bool show_secrets; /* factory passwords in full */
	size_t max_devices; /* in the report; local ones are never left out. 0: as many as there are */
	const struct decode_stats *decode;
	const struct input *inputs;
	size_t inputs_n;
	/* Findings, attacks and exposures last seen before count no more; INT64_MIN: all do. */
	int64_t since_ns;
	const uint64_t
		*cut_flows; /* of joined summaries: conversations cut; NULL: nothing was joined */
};

/* 0, or -ENOMEM. *out and all it points to live in the arena (and in *in). */
int judge(const struct judge_in *in, struct arena *arena, struct judged *out);
