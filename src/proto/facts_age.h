/* SPDX-License-Identifier: MIT */
/* What the store of facts forgets: see facts_age.c for what goes when. */
#pragma once

#include "flow/ages.h"
#include "proto/facts.h"

/* Takes out what is old and closes up; what stays names its MACs. */
void facts_age(struct facts *f, const struct world *w, struct ages *a);

/* How full its tables are. surveyed: so much is known of the world as after world_survey(). */
void facts_press(struct facts *f, const struct world *w, struct ages *a, bool surveyed);
