/* SPDX-License-Identifier: MIT */
/* What update.c and boot.c know alike about the two slots for images. */
#pragma once

#include "firstuse.h"

#define FU_NO_SLOT 0xFFu /* trial_slot: nothing is on trial */

/* FIRSTUSE_OK when the device was opened and its state is known, else FIRSTUSE_DAMAGED or FIRSTUSE_BAD_CALL. */
enum firstuse_status fu_slots_known(const struct firstuse *device);
