/* SPDX-License-Identifier: MIT */
/*
 * Against a log that somebody fills by making this program speak: at most so many lines a minute. libnftables quotes the
 * rules in its errors, and interfaces have names that others choose, so what is no plain character becomes a question mark.
 */
#include "enforce/say.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 30 };

void enforce_say(int level, const char *format, ...)
{
	static int64_t minute;
	static int said;
	char text[400], line[480];
	struct timespec now;
	va_list ap;

	clock_gettime(CLOCK_MONOTONIC, &now);
	said = now.tv_sec / 60 == minute ? said + 1 : 1;
	minute = now.tv_sec / 60;
	if (said > LINES)
		return;
	va_start(ap, format);
	(void)vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	int n = snprintf(line, sizeof line, "<%d>cordon-enforce: %s%s\n", level, text,
			 said == LINES ? " (no more lines this minute)" : "");
	int skip = getenv("JOURNAL_STREAM") == NULL ? 3 : 0; /* NOLINT(concurrency-mt-unsafe) */
	if (write(STDERR_FILENO, line + skip, (size_t)(n - skip)) < 0)
		return; /* nobody listens */
}
