/* SPDX-License-Identifier: MIT */
/*
 * Where a capture's bytes come from: a file, a pipe, standard input or memory; plain, gzip or zstd, told apart by
 * their first bytes and never by name. One read call for all of them.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct source;
struct capture;

/*
 * Opens `path` ("-" is standard input, which stays open afterwards). Returns 0 and *out, else -errno and *why
 * (static text, plain words). Waits until a pipe has given its first bytes.
 */
int source_open(const char *path, struct source **out, const char **why);

/* The same over memory that the caller keeps; a read gives at most `chunk` bytes (0: no such limit). */
int source_open_bytes(struct bytes whole, size_t chunk, struct source **out, const char **why);

void source_close(struct source *s);

/* At least one and at most n bytes, 0 at the end, or -errno: -EBADMSG when compressed data are damaged. */
ssize_t source_read(struct source *s, uint8_t *to, size_t n);

/* Why the last read failed: static text, plain words. */
const char *source_why(const struct source *s);

/* Reading never waits for somebody else to write: a regular file or memory. */
bool source_is_ready(const struct source *s);

/* The same bytes come again when the path is opened again: a regular file by its name. */
bool source_is_rereadable(const struct source *s);

/* Bytes taken so far of what the file has, still packed where it is packed. */
uint64_t source_taken(const struct source *s);

/* Which file it is: tells whether a path still leads to the same one when it is opened again. */
struct source_identity {
	uint64_t device;
	uint64_t inode;
	uint64_t size; /* of a regular file when it was opened; else 0 */
};
struct source_identity source_identity(const struct source *s);

/* A capture over memory, for unit tests and fuzzing: as capture_open() in everything but the bytes' origin. */
int capture_open_bytes(struct bytes whole, size_t chunk, uint32_t input, struct capture **out,
		       const char **why);
