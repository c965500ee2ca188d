/* SPDX-License-Identifier: MIT */
/*
 * Where cordon's other programs lie: beside this one, as in a build, or in ../libexec/cordon, as installed. No variable says where,
 * for what is started there may hold privileges.
 */
#include "cli/programs.h"

#include "base/exits.h"
#include "base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int programs_find(const char *verb, char folder[PATH_MAX])
{
	static const char *const places[] = {"", "/../libexec/cordon"};
	char own[PATH_MAX], path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	if (n < 0) {
		say("%s: /proc/self/exe: %s; is /proc mounted?", verb, say_error(errno));
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
	say("%s: cordon-guard lies neither in %s nor in %s/../libexec/cordon; 'make install' puts it there",
	    verb, own, own);
	return EXITS_OS;
}
