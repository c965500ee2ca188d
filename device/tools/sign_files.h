/* SPDX-License-Identifier: MIT */
/* Files of firstuse-sign, and how it says what is wrong with them. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of BSD's sysexits(3). */
enum sign_exit {
	SIGN_USAGE = 64,
	SIGN_DATA = 65,
	SIGN_NO_INPUT = 66,
	SIGN_SOFTWARE = 70,
	SIGN_OS = 71,
	SIGN_CREATE = 73,
	SIGN_IO = 74,
	SIGN_PERMISSION = 77
};

struct sign_buffer {
	uint8_t *bytes;
	size_t size;
};

/* One line on standard error; returns `status`. */
int sign_say(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* These return 0, or an exit status when what is wrong was said. */

/* All of a file or a pipe, which the caller frees, whatever came of it. Longer than `limit` is wrong. */
int sign_read_file(const char *path, size_t limit, struct sign_buffer *to);

/* Writes beside `path` and renames, so that nobody sees half of it. */
int sign_replace_file(const char *path, const struct sign_buffer *from);

/* A new file, where nothing is yet. */
int sign_create_file(const char *path, const struct sign_buffer *from, mode_t mode);
