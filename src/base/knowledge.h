/* SPDX-License-Identifier: MIT */
/*
 * What cordon knows, as text in knowledge/ and embedded at build: thresholds, port classes, amplifiers. The loader
 * turns it into plain tables once at start and names file, line and expected token when a line is wrong. Nothing
 * changes after loading, so every thread may read.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Made at build by scripts/embed-knowledge. */
struct knowledge_file {
	const char *name; /* "limits.tsv" */
	const char *text;
	size_t len;
};
extern const struct knowledge_file knowledge_files[];
extern const size_t knowledge_files_n;

struct limits {
#define LIMIT(name) int64_t name;
#include "base/limits.def"
#undef LIMIT
};

enum port_class {
	PORT_OTHER,
	PORT_TELNET, /* nothing honest calls many strangers there */
	PORT_WORM,   /* worms do, and people sometimes too */
	PORT_CLASSES
};

enum { AMPLIFIERS_MAX = 32, AMPLIFIER_PREFIX_MAX = 16 };

struct amplifier {
	char name[16];
	uint16_t port;	    /* UDP source port of its answers */
	uint16_t min_bytes; /* shorter payloads are not called amplified */
	uint8_t prefix_len;
	uint8_t prefix[AMPLIFIER_PREFIX_MAX]; /* first bytes of an answer; none: any */
};

struct knowledge {
	struct limits limits;
	uint8_t ports[65536]; /* enum port_class by TCP port */
	struct amplifier amplifiers[AMPLIFIERS_MAX];
	size_t amplifiers_n;
	uint8_t ports_amplified[8192]; /* a bit a UDP port that some amplifier answers from */
};

struct knowledge_error {
	const char *file;
	unsigned line;	    /* from 1; 0: the file as a whole */
	const char *expect; /* static text: what should have stood there */
};

/* Reads the embedded files. Returns 0, or -EINVAL with *error filled in (a build with bad knowledge). */
int knowledge_load(struct knowledge *out, struct knowledge_error *error);

/* The same from given files: tests and fuzzing. */
int knowledge_load_from(const struct knowledge_file *files, size_t n, struct knowledge *out,
			struct knowledge_error *error);

/* 16 hex digits over names and texts of all embedded files, printed with every report. Returns buf. */
const char *knowledge_digest(char buf[17]);
