/* SPDX-License-Identifier: MIT */
/* The way of a summary, in place of that of a packet: files in, joined in the order of their packets, tables out. */
#pragma once

#include "base/arena.h"
#include "pipeline.h"
#include "summary/summary.h"

enum { PART_MOST = 1 << 30 /* bytes of a summary: more than the largest tables in use make */ };

struct parts {
	const char *const *paths;
	size_t paths_n;
	const struct summary_stamp *stamp;
	const struct catalogue *catalogue;
	struct arena *arena;	       /* what is said of the files and by them lives here */
	struct pipeline_error *errors; /* room for one a path */
	size_t errors_n;
};

/* Joins all that can be used; the others become errors. 0 or -ENOMEM. */
int parts_join(struct parts *parts, struct summary_tables *to);
