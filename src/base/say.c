/* SPDX-License-Identifier: MIT */
/*
 * Lines on standard error. See say.h.
 */
#include "base/say.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SAY_MAX = 8192 /* a path may be 4096 bytes */
};

void say(const char *format, ...)
{
	char message[SAY_MAX];
	struct text line = {0};
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	text_puts(&line, "cordon: ");
	text_plain(&line, message, true);
	text_puts(&line, "\n");
	/* Where standard error itself fails there is nobody left to tell. */
	if (!line.failed && write(STDERR_FILENO, line.at, line.len) < 0)
		line.failed = true;
	text_fini(&line);
}

void say_lines(const char *before, const char *lines)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");

		say("%s%.*s", before, (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

const char *say_error(int err)
{
	switch (err) {
	case ENOENT:
		return "no such file";
	case EISDIR:
		return "is a directory";
	case EACCES:
	case EPERM:
		return "no permission";
	case ENOSPC:
		return "the disk is full";
	case EDQUOT:
		return "the disk quota is used up";
	case ENOTDIR:
		return "a part of the path is no directory";
	case EROFS:
		return "the file system is read-only";
	case EBADF:
		return "it is closed";
	case ENOMEM:
		return "out of memory";
	default:
		/* The main thread alone says anything. NOLINTNEXTLINE(concurrency-mt-unsafe) */
		return strerror(err);
	}
}
