/* SPDX-License-Identifier: MIT */
/*
 * One line on standard error while captures are read, for whoever waits at a terminal: how far, how fast, how long still.
 * Never in a pipe, with -q or on a terminal that can't take a line back (TERM=dumb).
 */
#pragma once

#include "pipeline.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	int64_t begun_ns;
	int64_t next_ns; /* when the line is due */
	bool wanted;
	bool shown; /* there is a line to take away */
};

/* False when nobody wants to see it. Always pair with progress_end(). */
bool progress_begin(struct progress *p, bool quiet);
/* A pipeline_options.progress. */
void progress_tell(void *progress, const struct pipeline_progress *now);
void progress_end(struct progress *p);
