/* SPDX-License-Identifier: MIT */
/* What update.c and boot.c know alike about the two slots for images. */
#pragma once

#include "firstuse.h"

#define FU_NO_SLOT 0xFFu /* trial_slot: nothing is on trial */

/* FIRSTUSE_OK when the device was opened and its state is known, else FIRSTUSE_DAMAGED or FIRSTUSE_BAD_CALL. */
enum firstuse_status fu_slots_known(const struct firstuse *device);

/* The image on trial was started: until it is confirmed or given up, it may be what runs. */
int fu_trial_runs(const struct firstuse_state *state);

/* Ends the trial in `state`, which the caller stores. `failed`: the counter is kept, to tell which image it was. */
void fu_trial_drop(struct firstuse_state *state, int failed);
