/* SPDX-License-Identifier: MIT */
/*
 * The callbacks of struct firstuse_port for Linux: four files in a folder, `state-a`, `state-b`, `slot-a` and `slot-b`, made when
 * they are first written; the clock that goes on in sleep; the kernel's random bytes. The folder is on a file system that
 * keeps its promise of fdatasync(), and belongs to the firmware alone: the files are made with mode 0600.
 *
 * A device with real slots (partitions) takes the folder for its state and brings read and write of its own for the slots.
 */
#pragma once

#include "firstuse.h"

#ifdef __cplusplus
extern "C" {
#endif

struct linux_files {
	int folder;
	int file[4]; /* by enum firstuse_area; -1: not there yet */
};

/*
 * Opens the folder, which must be there: no mount point, but a folder inside of what is mounted, since a mount point whose file system
 * is missing holds no files, as a device that was never used. `read_only` is for a boot loader that only looks: write and flush are NULL then. 0, or
 * the errno of what failed. `files` must stay as long as the port is used.
 */
int linux_files_open(struct linux_files *files, const char *folder, int read_only,
		     struct firstuse_port *port);

void linux_files_close(struct linux_files *files);

#ifdef __cplusplus
}
#endif
