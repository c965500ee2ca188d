/* SPDX-License-Identifier: MIT */
/*
 * Values to and from a file, by one description of each record for both directions, so that reading and writing can't
 * disagree: archive_u32(a, &v) writes v, or fills it in. Integers are little-endian and of fixed size, whatever the machine.
 *
 * What is read comes from a stranger. An archive that runs out, or finds a value that can't be, becomes `broken`, gives
 * zeros from then on and stays broken; `why` and the place say what was wrong. Numbers of MACs and order keys are those of
 * the file: they are checked against what it has, and translated into ours while they are read.
 */
#pragma once

#include "base/addr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { ARCHIVE_BUFFER = 4096 };

struct archive {
	bool reading;
	bool broken;
	const char *why; /* static text: what is wrong with it */
	/* Reading: ours, by the file's number; writing: the file's, by ours. NULL: they are the same. */
	const uint16_t *macs;

	/* Reading. */
	struct cursor from;
	uint32_t inputs;      /* the file's captures: order keys number them … */
	uint32_t inputs_from; /* … and become ours from this one on */
	uint32_t macs_n;

	/* Writing. Without a sink the bytes are only counted. */
	void (*sink)(void *context, const uint8_t *at, size_t len);
	void *sink_context;
	uint64_t written;
	size_t held;
	uint8_t buffer[ARCHIVE_BUFFER];
};

/* Gives up reading, with the first reason that was found. */
void archive_break(struct archive *a, const char *why);
/* Breaks it when what was read can't be; writing is never in doubt. */
void archive_require(struct archive *a, bool holds, const char *why);
/* Hands what is held to the sink. */
void archive_flush(struct archive *a);

void archive_bytes(struct archive *a, void *at, size_t n);
void archive_u8(struct archive *a, uint8_t *v);
void archive_u16(struct archive *a, uint16_t *v);
void archive_u32(struct archive *a, uint32_t *v);
void archive_u64(struct archive *a, uint64_t *v);
void archive_i32(struct archive *a, int32_t *v);
void archive_i64(struct archive *a, int64_t *v);
void archive_bool(struct archive *a, bool *v);
void archive_addr(struct archive *a, struct addr *v);
/* At most so many bytes with their number before them. Returns them: when reading, a view into the file. */
struct bytes archive_text(struct archive *a, struct bytes text, uint16_t most);
/* Words of bits or counts, one after the other. */
void archive_words(struct archive *a, uint64_t *words, size_t n);
void archive_ports(struct archive *a, uint16_t *ports, uint8_t *n, uint8_t most);

/* A number from least to most. */
void archive_u8_within(struct archive *a, uint8_t *v, uint8_t least, uint8_t most);
/* How many records follow, each of at least so many bytes: never more than the file can hold. */
void archive_count(struct archive *a, uint32_t *n, size_t least_bytes);

/* The number of a MAC, or NO_MAC (0xffff). */
void archive_mac(struct archive *a, uint16_t *mac);
/* An order key of the file's captures. */
void archive_key(struct archive *a, uint64_t *key);
/* Such keys, at least one, or at least none. */
void archive_keys(struct archive *a, uint64_t *keys, uint8_t *n, uint8_t least, uint8_t most);
