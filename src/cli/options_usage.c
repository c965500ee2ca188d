/* SPDX-License-Identifier: MIT */
/*
 * What a verb adds to the walk over its options: errors go to standard error, and --help lists the table.
 */
#include "cli/options.h"

#include "base/exits.h"
#include "base/say.h"

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

static void say_line(void *context, const char *line)
{
	(void)context;
	say("%s", line);
}

void options_init(struct options *o, const char *verb, const struct option_spec *specs, int argc,
		  char **argv)
{
	options_begin(o, verb, specs, argc, argv);
	o->tell = say_line;
}

int options_wrong_value(const struct options *o, const char *wanted)
{
	say("%s: --%s wants %s, not '%s'", o->verb, o->name, wanted, o->value);
	return EXITS_USAGE;
}

void options_usage(const struct option_spec *specs, struct text *to)
{
	for (const struct option_spec *s = specs; s->name != NULL; s++) {
		unsigned column;

		if (s->help == NULL)
			continue;
		if (s->letter != '\0')
			text_printf(to, "  -%c, --%s", s->letter, s->name);
		else
			text_printf(to, "      --%s", s->name);
		if (s->argument != NULL)
			text_printf(to, " %s", s->argument);
		column = text_column(to);
		if (column + 2 > HELP_COLUMN) {
			text_puts(to, "\n");
			column = 0;
		}
		text_repeat(to, ' ', HELP_COLUMN - column);
		text_wrap(to, s->help, HELP_COLUMN, HELP_WIDTH);
		text_puts(to, "\n");
	}
}
