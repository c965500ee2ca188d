/* SPDX-License-Identifier: MIT */
/*
 * `cordon version`: the program's version, the digest of the knowledge built into it and the date of its MAC prefixes.
 */
#include "base/exits.h"
#include "base/knowledge.h"
#include "base/prefixes.h"
#include "base/say.h"
#include "cli/output.h"
#include "cli/verb.h"

static const struct option_spec version_options[] = {
	{.id = 'h', .letter = 'h', .name = "help", .help = "explain this command"},
	{0},
};

static int version_run(int argc, char **argv)
{
	char digest[17];
	struct text t = {0};
	struct options o;
	int id;

	options_init(&o, "version", version_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		if (id == 'h')
			return verb_help_on(&verb_version);
		if (id == OPTIONS_OPERAND)
			say("version: takes no argument, not '%s'", o.value);
		return EXITS_USAGE;
	}
	text_printf(&t, "cordon %s\nknowledge %s\nMAC prefixes %s\n", CORDON_VERSION,
		    knowledge_digest(digest), prefixes_date);
	return output_print(&t);
}

const struct verb verb_version = {
	.name = "version",
	.arguments = "",
	.summary = "Prints the version of the program and of its knowledge.",
	.options = version_options,
	.run = version_run,
};
