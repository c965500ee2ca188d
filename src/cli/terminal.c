/* SPDX-License-Identifier: MIT */
/*
 * What the place a report goes to can show. See terminal.h. setlocale() is not asked: a locale that is named but not
 * installed, as on most routers, still says what the terminal understands.
 */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* NULL for unset and empty alike, as POSIX wants it for the locale and no-color.org for NO_COLOR. */
static const char *environment(const char *name)
{
	const char *value =
		getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody sets the environment */

	return value != NULL && *value != '\0' ? value : NULL;
}

bool terminal_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = environment(names[i]);

		if (value != NULL)
			return strcasestr(value, "UTF-8") != NULL ||
			       strcasestr(value, "UTF8") != NULL;
	}
	return false;
}

bool terminal_has_colour(int fd)
{
	const char *term = environment("TERM");

	return isatty(fd) && environment("NO_COLOR") == NULL && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

bool terminal_can_rewrite(int fd)
{
	const char *term = environment("TERM");

	return isatty(fd) && term != NULL && strcmp(term, "dumb") != 0;
}

unsigned terminal_width(int fd, unsigned otherwise)
{
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return otherwise;
	return size.ws_col;
}
