/* SPDX-License-Identifier: MIT */
/*
 * The options of a verb (base/options.h) with what a person at the keyboard needs: errors are said, and the usage text is
 * made from the table, so that the help can't disagree with what is accepted.
 */
#pragma once

#include "base/options.h"
#include "base/text.h"

/* argv[0] is the verb itself. */
void options_init(struct options *o, const char *verb, const struct option_spec *specs, int argc,
		  char **argv);

/* Says what the option wants in place of its value: "inspect: --threads wants a number, not 'x'". Returns the exit status. */
int options_wrong_value(const struct options *o, const char *wanted);

/* "  -o, --output FILE  what it does" for each listed option, in 80 columns. */
void options_usage(const struct option_spec *specs, struct text *to);
