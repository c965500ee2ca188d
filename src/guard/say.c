/* SPDX-License-Identifier: MIT */
/*
 * A line on standard error, in one write, with the level in front as sd-daemon(3) has it when the journal reads. A child that
 * ends over and over must not fill a disk: so many lines a minute. Nothing that came from the network is ever said here.
 */
#include "guard/guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 30 };

void guard_say(int level, const char *format, ...)
{
	static time_t minute;
	static int said;
	struct timespec now;
	char text[320], line[400], prefix[8] = "";
	va_list ap;

	clock_gettime(CLOCK_MONOTONIC, &now);
	said = now.tv_sec / 60 == minute ? said + 1 : 1;
	minute = now.tv_sec / 60;
	if (getenv("JOURNAL_STREAM") != NULL) /* NOLINT(concurrency-mt-unsafe): one thread */
		snprintf(prefix, sizeof prefix, "<%d>", level);
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	int n = snprintf(line, sizeof line, "%scordon-guard: %s%s\n", prefix, text,
			 said == LINES ? " (no more lines this minute)" : "");
	if (said <= LINES && write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody listens */
}
