/* SPDX-License-Identifier: MIT */
/*
 * cordon's front door: finds the verb in the table and calls it.
 */
#include "base/exits.h"
#include "base/say.h"
#include "cli/verb.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/*
 * A closed standard stream must not become the number of the next file opened, or a report would go into a capture.
 * It is filled with a file that fails: standard input that can't be read, output that can't be written.
 */
static void fill_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	const struct verb *verb;

	fill_standard_streams();
	/* A reader that went away ends us quietly, whatever our parent did with that signal. */
	(void)signal(SIGPIPE, SIG_DFL);
	/* A file size limit is an error in writing, not a reason to die and leave half a file. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		say("no command given; to look into a capture: cordon inspect CAPTURE ('cordon help' lists the rest)");
		return EXITS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return verb_overview();
	verb = strcmp(argv[1], "--version") == 0 ? &verb_version : verb_find(argv[1]);
	return verb != NULL ? verb->run(argc - 1, argv + 1) : verb_unknown(argv[1]);
}
