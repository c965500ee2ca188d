/* SPDX-License-Identifier: MIT */
/*
 * Private to judge: whom the report is about, before anything is written of anybody. Local devices are never left out;
 * strangers are, when there are more than the report may name: first those who are only suspect, then those who sent
 * fewer packets, then by their ids.
 */
#pragma once

#include "base/arena.h"
#include "identify/devices.h"
#include "verdict/judged.h"

/*
 * verdicts: of each device; that of a stranger who is to be left out becomes VERDICT_CLEAR. most: of devices in all. *left_out counts them. False when memory is out.
 */
bool choose_devices(const struct devices *devices, uint8_t *verdicts, size_t most,
		    struct arena *arena, uint64_t *left_out);
