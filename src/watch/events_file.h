/* SPDX-License-Identifier: MIT */
/*
 * The file of events: lines are added to its end, whole or not at all. Used by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct events_file {
	const char *path;
	int fd; /* -1: not open */
	dev_t device;
	ino_t inode;
	bool regular;
	bool torn; /* what stands last has no end, and could not be taken off */
};

void events_file_init(struct events_file *f, const char *path);
void events_file_close(struct events_file *f);
/*
 * Opens it where it is not open, and anew where another file, or none, stands at the path now. 0 or -errno. A line that was
 * begun and never ended, as when the machine stopped in the middle, is taken off; or ended, where that is not possible.
 */
int events_file_ready(struct events_file *f);
/*
 * Adds lines, each with its end; *written is how many bytes of them, in whole lines, stand in the file now. 0 or -errno.
 */
int events_file_add(struct events_file *f, const char *lines, size_t len, size_t *written);
/* Up to `most` last bytes of the file, to be freed; NULL when there is none. */
char *events_file_tail(const char *path, size_t most, size_t *len);
