/* SPDX-License-Identifier: MIT */
/*
 * `cordon watch`: says at once what can be known to be wrong - a setting, an interface, a filter, a folder that can't be
 * written - while somebody is there to read it, and then becomes cordon-guard, which starts the rest (guard/message.h).
 *
 * cordon-guard lies beside this program, as in a build, or in ../libexec/cordon, as installed; no variable says where, for
 * what is started here may hold the right to open sockets.
 */
#include "base/exits.h"
#include "base/say.h"
#include "watch/checks.h"
#include "watch/settings.h"
#include "cli/verb.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GUARD_WORDS = 8 /* program, --user U, --method M, --programs DIR, -- */ };

/* ---- becoming the guard ---------------------------------------------------------------------------------------- */

/* The folder of this program, then ../libexec/cordon from there. */
static int find_programs(char folder[PATH_MAX])
{
	static const char *const places[] = {"", "/../libexec/cordon"};
	char own[PATH_MAX], path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	if (n < 0) {
		say("watch: /proc/self/exe: %s; is /proc mounted?", say_error(errno));
		return EXITS_OS;
	}
	own[n] = '\0';
	slash = strrchr(own, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		(void)snprintf(path, sizeof path, "%s%s", own, places[i]);
		if (realpath(path, folder) == NULL)
			continue;
		(void)snprintf(path, sizeof path, "%s/cordon-guard", folder);
		if (access(path, X_OK) == 0)
			return EXITS_OK;
	}
	say("watch: cordon-guard lies neither in %s nor in %s/../libexec/cordon; 'make install' puts it there",
	    own, own);
	return EXITS_OS;
}

/* Returns only when it failed. */
static int become_guard(const struct settings *s, const char *user, int argc, char **argv)
{
	char folder[PATH_MAX], path[PATH_MAX + 32];
	const char *words[GUARD_WORDS + 2 * SETTINGS_INTERFACES];
	char **list;
	size_t n = 0;
	int status = find_programs(folder);

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
	words[n++] = "--programs";
	words[n++] = folder;
	for (size_t i = 0; i < s->interfaces_n; i++) {
		words[n++] = "-i";
		words[n++] = s->interfaces[i];
	}
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
