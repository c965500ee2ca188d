/* SPDX-License-Identifier: MIT */
/*
 * `cordon help [COMMAND]`.
 */
#include "base/exits.h"
#include "base/say.h"
#include "cli/verb.h"

static const struct option_spec help_options[] = {
	{.id = 'h', .letter = 'h', .name = "help", .help = "explain this command"},
	{0},
};

static int help_run(int argc, char **argv)
{
	const struct verb *verb = NULL;
	struct options o;
	int id;

	options_init(&o, "help", help_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		if (id == OPTIONS_WRONG)
			return EXITS_USAGE;
		if (id == 'h')
			return verb_help_on(&verb_help);
		if (verb != NULL) {
			say("help: one command at a time");
			return EXITS_USAGE;
		}
		verb = verb_find(o.value);
		if (verb == NULL)
			return verb_unknown(o.value);
	}
	return verb != NULL ? verb_help_on(verb) : verb_overview();
}

const struct verb verb_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "Lists the commands, or explains one.",
	.options = help_options,
	.run = help_run,
};
