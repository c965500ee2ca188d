/* SPDX-License-Identifier: MIT */
/*
 * The packets process: feeds the engine from interfaces or files, judges as often as is worth it, and tells the service
 * what changed. It holds no privilege, and once it reads packets it can open neither a file nor a socket (sandbox.h).
 */
#pragma once

#include "engine.h"
#include "settings/settings.h"
#include "watch/sources.h"

struct packets_options {
	const struct settings *settings;
	struct engine *engine;
	struct sources *sources;
	int service; /* the pair's descriptor */
	int memory;  /* a memfd for summaries, made before the sandbox closed; -1: none are kept */
	size_t max_devices;
};

/* Runs until files end, the service says stop, or something fails. Returns the exit status. */
int packets_run(const struct packets_options *options);
