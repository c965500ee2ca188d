/* SPDX-License-Identifier: MIT */
/* Where a capture was taken, as far as it shows. */
#pragma once

#include "detect/lane.h"
#include "identify/devices.h"
#include "verdict/attacks.h"
#include "verdict/judged.h"

/* *note is static text or NULL. */
enum place vantage_find(const struct world *w, const struct lanes *lanes, const struct devices *d,
			const struct attacks *a, const char **note);
