/* SPDX-License-Identifier: MIT */
/*
 * `cordon watch`: says at once what can be known to be wrong - a setting, an interface, a filter, a folder that can't be
 * written - while somebody is there to read it, and then becomes cordon-guard, which starts the rest (guard/message.h).
 */
#include "base/exits.h"
#include "base/say.h"
#include "settings/checks.h"
#include "hold/hold_place.h"
#include "settings/settings.h"
#include "cli/programs.h"
#include "cli/verb.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENFORCE_WORDS = 8 + 2 * (RULESET_PORTS + 2 * RULESET_PREFIXES + SETTINGS_HOSTS) };
enum { GUARD_WORDS = 10 /* program, --user U, --method M, --bpf B, --programs DIR, -- */ };

/* ---- becoming the guard ---------------------------------------------------------------------------------------- */

/* What cordon-enforce is told of where this host stands; the mark before it is the first process's to write. */
static size_t add_enforce(const struct settings *s, const char **words,
			  char (*kept)[PREFIX_TEXT_MAX])
{
	static struct ruleset_place place;
	struct hold_words w = {.place = &place, .settings = s};
	const char *name, *value;
	size_t n = 0, k = 0;

	(void)hold_place_read(s, &place);
	words[n++] = "--enforce";
	words[n++] = "cordon-enforce";
	while (n + 2 <= ENFORCE_WORDS && hold_words_next(&w, &name, &value)) {
		(void)snprintf(kept[k], PREFIX_TEXT_MAX, "%s", value);
		words[n++] = name;
		words[n++] = kept[k++];
	}
	return n;
}

/* Returns only when it failed. */
static int become_guard(const struct settings *s, const char *user, int argc, char **argv)
{
	char folder[PATH_MAX], path[PATH_MAX + 32];
	const char *words[GUARD_WORDS + 2 * SETTINGS_INTERFACES + ENFORCE_WORDS];
	static char kept[ENFORCE_WORDS][PREFIX_TEXT_MAX];
	char **list;
	size_t n = 0;
	int status = programs_find("watch", folder);

	if (status != EXITS_OK)
		return status;
	(void)snprintf(path, sizeof path, "%s/cordon-guard", folder);
	words[n++] = path;
	if (user != NULL) {
		words[n++] = "--user";
		words[n++] = user;
	}
	if (s->method == METHOD_AF_XDP) {
		words[n++] = "--method";
		words[n++] = "af_xdp";
	}
	if (settings_hold(s) && s->contain_xdp) {
		words[n++] = "--bpf";
		words[n++] = "enforce";
	}
	words[n++] = "--programs";
	words[n++] = folder;
	for (size_t i = 0; i < s->interfaces_n; i++) {
		words[n++] = "-i";
		words[n++] = s->interfaces[i];
	}
	if (settings_hold(s))
		n += add_enforce(s, words + n, kept);
	words[n++] = "--";
	list = calloc(n + (size_t)argc, sizeof *list);
	if (list == NULL) {
		say("watch: out of memory");
		return EXITS_OS;
	}
	memcpy(list, words, n * sizeof *words);
	/* The verb itself is none of the arguments; the NULL behind the last is. */
	memcpy(list + n, argv + 1, (size_t)argc * sizeof *argv);
	(void)execv(path, list);
	say("watch: %s: %s", path, say_error(errno));
	free(list);
	return EXITS_OS;
}

/* ---- the verb -------------------------------------------------------------------------------------------------- */

static int start(const struct settings *s, int argc, char **argv)
{
	struct text said = {0};
	const char *user;
	int status = checks_all(s, &user, &said);

	if (status != EXITS_OK || !s->quiet)
		say_lines("watch: ", text_string(&said));
	text_fini(&said);
	return status == EXITS_OK ? become_guard(s, user, argc, argv) : status;
}

static int watch_run(int argc, char **argv)
{
	struct settings s;
	struct text said = {0};
	int status = settings_load(&s, argc, argv, &said);

	if (status != EXITS_OK || !s.quiet)
		say_lines("", text_string(&said));
	text_fini(&said);
	if (status == EXITS_OK)
		status = s.help ? verb_help_on(&verb_watch) : start(&s, argc, argv);
	settings_fini(&s);
	return status;
}

const struct verb verb_watch = {
	.name = "watch",
	.arguments = "-i IF... [OPTION]...",
	.summary = "Judges the devices of a network as their packets come, for months.",
	.options = settings_options,
	.more = "Settings come from /etc/cordon/cordon.conf and conf.d beside it, over them variables such as "
		"CORDON_ENGINE_MEMORY, over these the options. 'cordon check-config' says what would be used.\n"
		"SIGHUP reads the settings anew, all or nothing; SIGTERM and SIGINT end it with nothing lost.",
	.run = watch_run,
};
