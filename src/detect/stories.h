/* SPDX-License-Identifier: MIT */
/*
 * Reduce, after profiles: each device's story is put together and shown to the detectors that read stories. What they
 * find is added to the findings, with the device that it is about.
 */
#pragma once

#include "base/arena.h"
#include "detect/story.h"
#include "identify/devices.h"
#include "proto/listen.h"

struct stories_in {
	const struct listeners *listeners;
	const struct profiles *profiles;
	const struct devices *devices;
	const struct world *world;
	const struct catalogue *catalogue;
	const struct limits *limits;
	struct arena *arena;
};

/* False when memory is out. */
bool stories_judge(const struct stories_in *in, struct findings *out);
