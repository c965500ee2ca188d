/* SPDX-License-Identifier: MIT */
/* Makers that do not contradict each other: one builds what the other sells (makers.tsv, "built by"). */
#pragma once

#include "base/catalogue.h"

#include <stdbool.h>

/* Does the maker of this name build what the brand sells? A brand of NULL is nobody's. */
bool partners_built_by(const struct maker *brand, const char *builder);

/* One builds what the other sells, whichever of the two it is. */
bool partners_are(const struct catalogue *c, const char *a, const char *b);
