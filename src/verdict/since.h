/* SPDX-License-Identifier: MIT */
/*
 * What speaks for a device being clean again: most bots live in memory, so that a restart ends them, and a changed password
 * keeps the next one out. It is said beside the verdict and changes nothing about it.
 */
#pragma once

#include "base/arena.h"
#include "base/knowledge.h"
#include "detect/finding.h"
#include "verdict/exposures.h"

struct since_in {
	const struct finding *const *findings; /* about the device */
	size_t findings_n;
	const struct profile *profile;
	const struct exposed *exposed;
	int64_t last_ns; /* when the device was seen last */
	const struct limits *limits;
};

/* "no sign of infection for 40 min since …", in the arena; NULL when there is nothing to say. */
const char *since_text(const struct since_in *in, struct arena *arena);
