/* SPDX-License-Identifier: MIT */
/*
 * Private to source.c and the codecs: the bytes as the file has them, and a way of unpacking them. A new way of
 * packing is one file and one line in source.c; where its library is missing, a file that only says so is built
 * in its place (codec_*_none.c).
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RAW_HEAD = 8,		/* bytes looked at to tell the ways of packing apart */
	CODEC_INPUT = 64 * 1024 /* packed bytes a codec reads at once: a pipe's usual capacity */
};

struct raw {
	int fd;			/* -1: memory */
	struct bytes memory;	/* what is left of it */
	size_t chunk;		/* a read from memory gives no more than this */
	uint8_t head[RAW_HEAD]; /* read ahead to see the magic number, given out first */
	size_t head_at;
	size_t head_n;
	uint64_t taken; /* bytes read of the file or memory */
};

/* At least one and at most n bytes, 0 at the end, or -errno. */
ssize_t raw_read(struct raw *raw, void *to, size_t n);

struct codec {
	/* True when packed data begin like this; `head` may be shorter than the magic number. */
	bool (*is_mine)(struct bytes head);
	/* 0 and *state, or -errno; -EBADMSG and *why where this build can't unpack it. */
	int (*open)(void **state, const char **why);
	void (*close)(void *state);
	/* As source_read(); sets *why when the packed data are the cause (-EBADMSG). */
	ssize_t (*read)(void *state, struct raw *raw, uint8_t *to, size_t n, const char **why);
};

extern const struct codec codec_gzip;
extern const struct codec codec_zstd;
