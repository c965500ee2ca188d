/* SPDX-License-Identifier: MIT */
/*
 * The table of verbs, and the help on it, which is made from the verbs' own tables.
 */
#include "cli/verb.h"

#include "base/exits.h"
#include "base/say.h"
#include "cli/output.h"

#include <string.h>
#include <unistd.h>

enum { HELP_WIDTH = 80, VERBS_MAX = 32 };

static const struct verb *const captures[] = {&verb_inspect, &verb_merge, &verb_join};
static const struct verb *const about_us[] = {&verb_check_knowledge, &verb_protos, &verb_version,
					      &verb_help};

enum {
	CAPTURES = sizeof captures / sizeof captures[0],
	ABOUT_US = sizeof about_us / sizeof about_us[0]
};

const struct verb *verb_at(size_t i)
{
	if (i < CAPTURES)
		return captures[i];
	i -= CAPTURES;
	if (i < verbs_watch_n)
		return verbs_watch[i];
	i -= verbs_watch_n;
	return i < ABOUT_US ? about_us[i] : NULL;
}

const struct verb *verb_find(const char *name)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

int verb_unknown(const char *name)
{
	const char *names[VERBS_MAX + 1] = {NULL};
	const struct verb *verb;
	const char *nearest;

	for (size_t i = 0; (verb = verb_at(i)) != NULL && i < VERBS_MAX; i++)
		names[i] = verb->name;
	nearest = options_nearest(name, names);
	if (nearest != NULL)
		say("unknown command '%s'; did you mean 'cordon %s'?", name, nearest);
	else if (access(name, F_OK) == 0)
		say("unknown command '%s'; to look into that file: cordon inspect %s", name, name);
	else
		say("unknown command '%s'; 'cordon help' lists the commands", name);
	return EXITS_USAGE;
}

static void add_paragraph(struct text *t, const char *words)
{
	text_wrap(t, words, 0, HELP_WIDTH);
	text_puts(t, "\n");
}

int verb_overview(void)
{
	struct text t = {0};
	const struct verb *verb;

	text_puts(&t, "Usage: cordon COMMAND [OPTION]... [ARGUMENT]...\n\n");
	add_paragraph(
		&t,
		"Finds hijacked cameras, recorders and other devices in captures of network traffic.");
	text_puts(&t, "\nCommands:\n");
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		text_printf(&t, "  %-15s %s\n", verb->name, verb->summary);
	text_puts(&t, "\n'cordon help COMMAND' explains one. To begin: cordon inspect CAPTURE\n");
	return output_print(&t);
}

int verb_help_on(const struct verb *verb)
{
	struct text t = {0};

	text_printf(&t, "Usage: cordon %s %s\n\n", verb->name, verb->arguments);
	add_paragraph(&t, verb->summary);
	text_puts(&t, "\nOptions:\n");
	options_usage(verb->options, &t);
	for (const char *line = verb->more; line != NULL && *line != '\0';) {
		size_t len = strcspn(line, "\n");
		struct text paragraph = {0};

		text_add(&paragraph, line, len);
		text_puts(&t, "\n");
		add_paragraph(&t, text_string(&paragraph));
		t.failed |= paragraph.failed;
		text_fini(&paragraph);
		line += len + (line[len] == '\n');
	}
	return output_print(&t);
}
