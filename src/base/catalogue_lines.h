/* SPDX-License-Identifier: MIT */
/*
 * One line of the catalogue's files: checked field by field, then stored. Only catalogue.c calls this.
 */
#pragma once

#include "base/catalogue.h"
#include "base/lines.h"

/*
 * Stores the line as a record of its kind, in the array's next place, and returns NULL; else says what should have stood
 * there. The fields are closed by NUL and stay where they are as long as the catalogue does. All makers come first.
 */
const char *catalogue_line(struct catalogue *c, enum knowledge_kind kind, const struct line *line);

/* How many of the first fields make a record what it is: two lines may not be equal in all of them. */
size_t catalogue_key_fields(enum knowledge_kind kind);

/* Puts the traits in order and makes the lists that catalogue_request() looks in. False when memory is out. */
bool catalogue_order_traits(struct catalogue *c);

/* Are they all makers' names, separated by '|'? NULL is none. */
bool catalogue_are_makers(const struct catalogue *c, const char *names);
