/* SPDX-License-Identifier: MIT */
/*
 * Our tables: the text of contain/ruleset.h is loaded by libnftables(3), which is GPL-2 and linked by this program alone. It
 * is needed at the start and when somebody took the tables away; never for an element.
 */
#pragma once

#include "enforce/here.h"

#include <stdbool.h>

enum { TABLES_WHY = 300 };

/* What is known of a load when it is over. */
struct tables {
	uint32_t portid;      /* by which the kernel says that it was ours */
	char why[TABLES_WHY]; /* what the library said when it failed; may be empty */
};

/* Appends what would be loaded. */
void tables_write(const struct enforce_place *place, const struct here *here, struct text *to);
/* Loads the rules for those ports that are there, and writes down which XDP programs are ours (sets_programs()); when the
 * kernel won't have them beside what stands there, ours are taken away first. 0 or -errno. */
int tables_load(const struct enforce_place *place, const struct here *here,
		const uint32_t *programs, size_t programs_n, struct tables *t);
/* Takes all of ours away. */
int tables_remove(struct tables *t);
