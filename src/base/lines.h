/* SPDX-License-Identifier: MIT */
/*
 * The one form of all files of knowledge: a record a line, fields between tabs; empty lines and lines that begin with
 * `#` are comments. Lines end in LF or CRLF. Nothing is copied: fields are views into the file's text.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

enum { LINE_FIELDS_MAX = 12 };

struct line {
	struct bytes text; /* all of it, without its end */
	struct bytes field[LINE_FIELDS_MAX];
	size_t n; /* of fields; LINE_FIELDS_MAX + 1 when there are more */
};

struct lines {
	struct bytes rest;
	unsigned number; /* of the line read last, from 1 */
};

static inline struct lines lines_of(const char *text, size_t len)
{
	return (struct lines){.rest = {(const uint8_t *)text, len}, .number = 0};
}

/* The next line that says something, in fields; false at the end. An empty field is a field, at the end too. */
bool lines_next(struct lines *l, struct line *out);
