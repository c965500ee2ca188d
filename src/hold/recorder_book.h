/* SPDX-License-Identifier: MIT */
/*
 * Whom each device may call in the LAN while it is contained, as the packets process said while nothing was held against it (hold/recorders.h).
 * The service keeps it, and the store as lines of text, since packets may begin anew and know nothing then. Of a device the last
 * CONTAIN_ADDRESSES; of devices BOOK_DEVICES, and who was told of longest ago makes room.
 */
#pragma once

#include "base/text.h"
#include "contain/element.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOK_DEVICES = 256, BOOK_ID = 64 };

struct book_entry {
	char id[BOOK_ID];
	struct addr recorders[CONTAIN_ADDRESSES]; /* told of last: first */
	size_t n;
	uint64_t told; /* a number that grows */
};

struct recorder_book {
	struct book_entry *list; /* BOOK_DEVICES */
	size_t n;
	uint64_t told;
	bool changed; /* since it was stored */
};

int book_init(struct recorder_book *b);
void book_fini(struct recorder_book *b);
void book_add(struct recorder_book *b, const char *id, const struct addr *recorder);
/* NULL: none. */
const struct book_entry *book_of(const struct recorder_book *b, const char *id);

/* "mac:02:… 192.0.2.40 2001:db8::40", a device a line; what is no such line is passed over. */
void book_write(const struct recorder_book *b, struct text *to);
void book_read(struct recorder_book *b, const char *text);
