/* SPDX-License-Identifier: MIT */
/* Programs (ELF) that a device fetched or gave away, as the facts tell it; and the lines of malware.tsv that facts number. */
#pragma once

#include "detect/story.h"

enum fetch_how {
	FETCH_NAMED,   /* from a server with a name: updates look like that */
	FETCH_BARE,    /* from an address */
	FETCH_DROPPER, /* asked for by an agent that only droppers have */
	FETCH_RAW      /* over TCP without HTTP, or TFTP */
};

struct fetch {
	enum fetch_how how;
	struct bytes from; /* host and path, or "tcp 8080", "tftp NAME" */
	const struct trait *
		file; /* what malware.tsv says of the path or name; NULL: nothing, or of no one family */
	bool abroad; /* the other end is a public address */
};

/* Of facts elf_fetched, elf_served and elf_raw. */
struct fetch fetch_of(const struct story *story, const struct told *told);

/* The first program that the device fetched after that packet other than by a server's name; NULL when none. */
const struct told *fetch_after(const struct story *story, uint64_t key);

/* What malware.tsv says of a file's path or name; NULL when nothing, or nothing of one family. */
const struct trait *fetch_file(const struct story *story, struct bytes path);

/* The request that a fact's value numbers; NULL when it is none. */
const struct trait *trait_numbered(const struct catalogue *c, struct bytes number);

/* A path for people: what a stranger chose, with everything but letters, digits and the marks of paths as '?'. */
void fetch_print(struct bytes from, char *out, size_t size);
