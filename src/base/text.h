/* SPDX-License-Identifier: MIT */
/*
 * Text being written: a buffer on the heap that grows, and what every report needs to fill one. Nothing here prints.
 *
 * `struct text t = {0}` is an empty text; text_fini() frees it. When memory runs out `failed` is set and stays set,
 * what is added after that is lost, and the writer checks once at the end. A text with a sink hands its content over
 * from time to time (text_settle), so that a report of any length needs little memory.
 *
 * Numbers, durations and sizes are written with no-break spaces inside (U+00A0), which text_wrap() turns into plain
 * ones: "4 118 220" is never torn apart by a line's end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_SETTLE_AT = 64 * 1024 /* a write of this size costs nothing beside filling it */ };

struct text {
	char *at;   /* NULL while empty, else closed by a NUL */
	size_t len; /* without that NUL */
	size_t room;
	bool failed; /* memory ran out: something is missing */
	void (*sink)(void *context, const char *at, size_t len); /* or NULL */
	void *sink_context;
};

void text_fini(struct text *t);
void text_clear(struct text *t); /* empties it, keeps the memory */
/* The text as a string: "" while empty; borrowed until the next change. */
const char *text_string(const struct text *t);

void text_add(struct text *t, const char *at, size_t len);
/* Makes room for n bytes and the closing NUL; false when memory is out. */
bool text_grow(struct text *t, size_t n);
/* Where n more bytes may be written by hand, or NULL when memory is out; text_took() says where they ended. */
static inline char *text_room(struct text *t, size_t n)
{
	return n < t->room - t->len || text_grow(t, n) ? t->at + t->len : NULL;
}

static inline void text_took(struct text *t, char *end)
{
	*end = '\0';
	t->len = (size_t)(end - t->at);
}

/* Inline, so that the length of a literal is no work. */
static inline void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_repeat(struct text *t, char c, size_t n);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands all of it to the sink, if there is one. */
void text_finish(struct text *t);
/* Hands a text longer than a few pages to the sink, if there is one. To be called at the end of a line. */
static inline void text_settle(struct text *t)
{
	if (t->len >= TEXT_SETTLE_AT)
		text_finish(t);
}

/* A number in decimal. */
void text_number(struct text *t, uint64_t value);
/* A string for JSON, quotes included (RFC 8259): bytes that are no UTF-8 become U+FFFD, controls \uXXXX. */
void text_json(struct text *t, const char *s);
/*
 * A string from outside, fit for a terminal: controls, bytes that are no UTF-8 and characters that reorder or hide
 * others become \x1b, \xff, \u202e; a backslash is doubled. Without utf8 everything beyond ASCII is spelt so, but for
 * the signs our own reports use, which get an ASCII likeness.
 */
void text_plain(struct text *t, const char *s, bool utf8);
/*
 * A string for HTML, in an element or between quotes: < > & " ' become references, and what text_plain() spells out is
 * spelt out. A backslash stays single, so that what text_plain() wrote can be handed on.
 */
void text_html(struct text *t, const char *s);

/* Times are nanoseconds since 1970, UTC. */
void text_time(struct text *t, int64_t ns); /* 2016-10-21T11:04:31.123456789Z (RFC 3339) */
/* The same with 0 to 9 digits of the second, and the zone as somebody else's format spells UTC. */
void text_time_as(struct text *t, int64_t ns, unsigned digits, const char *zone);
void text_time_human(struct text *t, int64_t ns); /* 2016-10-21 11:04:31 */
void text_time_clock(struct text *t, int64_t ns); /* 11:04:31 */
/* The day a time falls on, counted from 1970-01-01. */
int64_t text_time_day(int64_t ns);

void text_count(struct text *t, uint64_t n);	 /* 4 118 220 */
void text_duration(struct text *t, uint64_t ns); /* 1 h 05 m, 24 s, 0.8 s, 40 ms */
void text_size(struct text *t, uint64_t bytes);	 /* 812 bytes, 3.1 MB (powers of ten) */

/* Columns that a string takes on a terminal; colour sequences take none. */
unsigned text_width(const char *s);
/* Columns since the last line began. */
unsigned text_column(const struct text *t);
/*
 * Adds s at the current column. Where a word would pass `width`, a new line begins after `indent` spaces; a word too
 * long for any line is cut. s has no line ends; its no-break spaces come out plain.
 */
void text_wrap(struct text *t, const char *s, unsigned indent, unsigned width);
