/* SPDX-License-Identifier: MIT */
/* Private to profiles: from a device's facts to what is said of it. */
#pragma once

#include "identify/matches.h"
#include "identify/profiles.h"

/* told and told_n are set; mac is the device's own, or NULL. */
void profile_weigh(struct profile *p, const struct world_mac *mac, struct matches *m,
		   struct arena *arena);
