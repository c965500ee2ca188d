/* SPDX-License-Identifier: MIT */
/*
 * Options as data: a program lists its options in a table and options_next() walks the command line by it. What is wrong is
 * handed to whoever set `tell`, as one line.
 *
 * Understood: -x, -xy, -xVALUE, -x VALUE, --long, --long VALUE, --long=VALUE, operands anywhere, `--` before operands
 * only, and `-` as an operand. Long names are not shortened: a script must not change its meaning when an option
 * is added.
 */
#pragma once

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
	void (*tell)(void *context, const char *line); /* or NULL */
	void *context;
};

/* argv[0] is the verb itself. Nobody is told of errors until `tell` is set. */
void options_begin(struct options *o, const char *verb, const struct option_spec *specs, int argc,
		   char **argv);
int options_next(struct options *o);

/* The word of a NULL-terminated list that was most likely meant, or NULL when none is near. */
const char *options_nearest(const char *wrong, const char *const *words);
