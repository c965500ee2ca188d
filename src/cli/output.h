/* SPDX-License-Identifier: MIT */
/*
 * Where a report goes: standard output, a pipe or device named with -o, or a file. A file is written beside its name
 * and renamed when it is complete and on disk, so that there is never half a report, and on failure the old one
 * stays.
 *
 * Call output_prepare() before the long work, for it finds out whether the file can be made at all; then
 * output_begin(), output_sink() as a text's sink, and output_end(), which tells whether everything arrived. Each says
 * what went wrong and returns an exit status.
 */
#pragma once

#include "base/text.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct output {
	const char *path; /* as the user wrote it; NULL for standard output */
	char *target;	  /* the file to replace, links followed; NULL when written directly */
	char *temporary;  /* the file beside it while it is written */
	mode_t mode;	  /* of the file to replace; 0: there is none */
	int fd;		  /* -1 while not open */
	int err;	  /* the first error in writing */
	bool borrowed;	  /* fd is a standard stream, not ours to close */
	sigset_t before;  /* signal mask to go back to */
};

/* path: what -o names, or NULL. Always pair with output_fini(). */
int output_prepare(struct output *o, const char *path);
/* Would both write the same file or stream? After both were prepared. */
bool output_is_same(const struct output *a, const struct output *b);
int output_begin(struct output *o);
/* A signal that ends us waits until the file is whole or taken away: a long writing asks, and gives up. */
bool output_is_interrupted(const struct output *o);
void output_sink(void *output, const char *at, size_t len);
/* complete: the report was written whole; otherwise the file is taken away again. */
int output_end(struct output *o, bool complete);
void output_fini(struct output *o);

/* Prints a short text on standard output and frees it. Returns the exit status. */
int output_print(struct text *t);
