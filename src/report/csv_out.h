/* SPDX-License-Identifier: MIT */
/*
 * Tables as RFC 4180 has them, cell by cell: quotes where they are needed, CRLF at the end of a row. See csv.h for what
 * becomes of cells that could do harm.
 *
 * `struct csv csv = {.to = to}` begins; csv_fini() ends.
 */
#pragma once

#include "base/text.h"

struct csv {
	struct text *to;
	struct text cell;  /* as it came */
	struct text plain; /* without what could do harm */
	bool begun;	   /* a cell stands on this line */
};

void csv_header(struct csv *csv, const char *const *names, size_t n);
void csv_cell(struct csv *csv, const char *s); /* NULL is an empty one */
/* Adds one of several values to csv->cell; a semicolon in it, which joins them, becomes a comma. */
void csv_join(struct csv *csv, bool first, const char *s);
/* Writes what was put together in csv->cell. */
void csv_end_cell(struct csv *csv);
void csv_end_row(struct csv *csv);
void csv_fini(struct csv *csv);
