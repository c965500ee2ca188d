/* SPDX-License-Identifier: MIT */
/* Private to judge: a device's profile and exposures, as they stand in the model. */
#pragma once

#include "verdict/exposures.h"
#include "verdict/recalls.h"

void write_profile(struct device *out, const struct profile *p, const struct exposed *exposed,
		   struct arena *arena);

/* What it calls itself, and how it asks for its lease: write_names.c. */
void write_told_names(struct device *out, const struct profile *p, struct arena *arena);

/* The devices reported of each maker, and how they stand; sorted by maker. */
const struct maker_count *makers_count(const struct judged *judged, struct arena *arena, size_t *n);
