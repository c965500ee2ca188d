/* SPDX-License-Identifier: MIT */
/*
 * What cordon knows, as text in knowledge/ and embedded at build: thresholds, port classes, amplifiers here, makers and
 * devices in catalogue.h. The loader turns it into plain tables once at start and names file, line and expected token when a line is wrong. Nothing
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
extern const char knowledge_files_digest[]; /* of their names and texts */

/* What a file holds, by its name: "limits.tsv", or what begins with "makers", "products", … and ends in ".tsv". */
enum knowledge_kind {
	KNOWLEDGE_UNKNOWN,
	KNOWLEDGE_LIMITS,
	KNOWLEDGE_PORTS,
	KNOWLEDGE_AMPLIFIERS,
	KNOWLEDGE_MAKERS, /* from here on the catalogue's */
	KNOWLEDGE_PRODUCTS,
	KNOWLEDGE_FINGERPRINTS,
	KNOWLEDGE_CREDENTIALS,
	KNOWLEDGE_RECALLS,
	KNOWLEDGE_MALWARE,
	KNOWLEDGE_KINDS
};

/* Of a file's name or path. */
enum knowledge_kind knowledge_kind(const char *path);

struct limits {
#define LIMIT(name) int64_t name;
#include "base/limits.def"
#undef LIMIT
};

enum port_class {
	PORT_OTHER,
	PORT_TELNET, /* nothing honest calls many strangers there */
	PORT_WORM,   /* worms do, and people sometimes too */
	PORT_USUAL,  /* things and programs that nobody hijacked keep calling one server there */
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

/* Who wants to hear of every wrong line. */
struct knowledge_report {
	void (*wrong)(struct knowledge_report *report, const struct knowledge_error *error);
	void *context;
	size_t errors; /* so far; counted by the loaders */
};

/* A `wrong` that keeps the first error in the struct knowledge_error at `context`. */
void knowledge_keep_first(struct knowledge_report *report, const struct knowledge_error *error);

#define KNOWLEDGE_FILES_EXPECTED                                                                   \
	"a file that the loader knows: limits.tsv, ports.tsv, amplifiers.tsv, makers*.tsv, products*.tsv, fingerprints*.tsv, credentials*.tsv, recalls*.tsv, malware*.tsv"

/* Reads the embedded files. Returns 0, or -EINVAL with *error filled in (a build with bad knowledge). */
int knowledge_load(struct knowledge *out, struct knowledge_error *error);

/* The same from given files: tests and fuzzing. The catalogue's files are passed over. */
int knowledge_load_from(const struct knowledge_file *files, size_t n, struct knowledge *out,
			struct knowledge_error *error);

/* The same, telling every error. */
void knowledge_check(const struct knowledge_file *files, size_t n, struct knowledge *out,
		     struct knowledge_report *report);

/* 16 hex digits over names and texts of all embedded files and the MAC prefixes' date, printed with every report. Returns buf. */
const char *knowledge_digest(char buf[17]);
