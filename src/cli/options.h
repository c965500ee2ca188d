/* SPDX-License-Identifier: MIT */
/*
 * Options as data: a verb lists its options in a table, options_next() walks the command line by it, and the usage
 * text is made from it, so that the help can't disagree with what is accepted.
 *
 * Understood: -x, -xy, -xVALUE, -x VALUE, --long, --long VALUE, --long=VALUE, operands anywhere, `--` before operands
 * only, and `-` as an operand. Long names are not shortened: a script must not change its meaning when an option
 * is added.
 */
#pragma once

#include "base/text.h"

#include <stdbool.h>

struct option_spec {
	int id;		      /* what options_next() returns; above 0 */
	char letter;	      /* 0: none */
	const char *name;     /* NULL ends the table */
	const char *argument; /* "FILE"; NULL: takes none */
	const char *help;     /* NULL: another spelling, accepted but not listed */
};

enum {
	OPTIONS_END = 0,
	OPTIONS_OPERAND = -1, /* a word that is no option, in `value` */
	OPTIONS_WRONG = -2    /* it was said what is wrong */
};

struct options {
	const char *verb; /* for messages: "inspect" */
	const struct option_spec *specs;
	char **argv;
	int argc;
	int at;		     /* next word */
	const char *letters; /* rest of a word of several letters, or NULL */
	bool operands_only;  /* after -- */
	const char *value;   /* argument of the option, or the operand */
	const char *name;    /* the option's long name, for messages */
};

/* argv[0] is the verb itself. */
void options_init(struct options *o, const char *verb, const struct option_spec *specs, int argc,
		  char **argv);
int options_next(struct options *o);

/* Says what the option wants in place of its value: "inspect: --threads wants a number, not 'x'". Returns the exit status. */
int options_wrong_value(const struct options *o, const char *wanted);

/* "  -o, --output FILE  what it does" for each listed option, in 80 columns. */
void options_usage(const struct option_spec *specs, struct text *to);

/* The word of a NULL-terminated list that was most likely meant, or NULL when none is near. */
const char *options_nearest(const char *wrong, const char *const *words);
