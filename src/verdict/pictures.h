/* SPDX-License-Identifier: MIT */
/*
 * What reports draw: how many packets a device sent and an attack had, by time, and which networks were scanned.
 */
#pragma once

#include "base/arena.h"
#include "base/rates.h"
#include "detect/lane.h"
#include "flow/world.h"
#include "identify/devices.h"
#include "verdict/judged.h"

/* The rates of the bindings that make up each device; by device, NULL where nothing was counted. In the arena. */
const struct rates **pictures_of_devices(const struct devices *d, const struct world *w,
					 struct arena *arena);

/* As a series for a report; NULL or empty rates give an empty one. */
struct series pictures_series(const struct rates *rates, struct arena *arena);

/* All lanes' maps joined; empty when no device of ours scans. */
struct scan_map pictures_scan(const struct lanes *lanes, const struct judged *judged,
			      struct arena *arena);
