/* SPDX-License-Identifier: MIT */
/*
 * Text protocols, read as views: lines, header fields, words. Nothing is copied and nothing is changed; a view that
 * finds nothing is empty with at == NULL.
 */
#pragma once

#include "base/bytes.h"

static inline uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static inline bool ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(uint8_t c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool ascii_is_alnum(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_letter(c);
}

static inline bool ascii_is_hex(uint8_t c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline bool bytes_are(struct bytes b, const char *text)
{
	return b.len == strlen(text) && (b.len == 0 || memcmp(b.at, text, b.len) == 0);
}

static inline bool bytes_begin(struct bytes b, const char *text)
{
	return bytes_start_with(b, text, strlen(text));
}

/* ASCII letters alike in both cases. */
static inline bool bytes_begin_nocase(struct bytes b, const char *text)
{
	size_t n = strlen(text);

	if (b.len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (ascii_lower(b.at[i]) != ascii_lower((uint8_t)text[i]))
			return false;
	}
	return true;
}

static inline bool bytes_are_nocase(struct bytes b, const char *text)
{
	return b.len == strlen(text) && bytes_begin_nocase(b, text);
}

/* From position `from` on to the end; empty when there is no such position. */
static inline struct bytes bytes_from(struct bytes b, size_t from)
{
	if (b.at == NULL || from > b.len)
		return (struct bytes){.at = NULL, .len = 0};
	return (struct bytes){b.at + from, b.len - from};
}

/* The first n bytes, or fewer. */
static inline struct bytes bytes_upto(struct bytes b, size_t n)
{
	if (b.len > n)
		b.len = n;
	return b;
}

/* For bytes_find(): where the n bytes of text begin in b, which has no fewer. */
size_t bytes_seek(struct bytes b, const char *text, size_t n);

/* Where text begins in b; b.len when nowhere. */
static inline size_t bytes_find(struct bytes b, const char *text)
{
	size_t n = strlen(text);

	return b.len < n || b.len == 0 ? b.len : bytes_seek(b, text, n);
}

static inline bool bytes_hold(struct bytes b, const char *text)
{
	return bytes_find(b, text) < b.len;
}

/* Blanks, tabs and line ends cut off at either end. */
static inline struct bytes bytes_trim(struct bytes b)
{
	while (b.len > 0 && b.at[0] <= ' ') {
		b.at++;
		b.len--;
	}
	while (b.len > 0 && b.at[b.len - 1] <= ' ')
		b.len--;
	return b;
}

/* Takes what stands before the first `mark`, and the mark with it; all of *rest when there is none. */
static inline struct bytes bytes_cut(struct bytes *rest, uint8_t mark)
{
	const uint8_t *hit = rest->len == 0 ? NULL : memchr(rest->at, mark, rest->len);
	size_t n = hit == NULL ? rest->len : (size_t)(hit - rest->at);
	struct bytes head = {rest->at, n};
	size_t used = hit == NULL ? n : n + 1;

	if (rest->at != NULL)
		rest->at += used;
	rest->len -= used;
	return head;
}

/*
 * Takes the next line of *rest with its end (LF or CRLF) into *line, which gets none. False when no line is complete:
 * nothing is taken then.
 */
static inline bool bytes_line(struct bytes *rest, struct bytes *line)
{
	const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);

	if (end == NULL)
		return false;
	*line = (struct bytes){rest->at, (size_t)(end - rest->at)};
	*rest = (struct bytes){end + 1, rest->len - line->len - 1};
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* "Name: value" with that name in any case; *value is trimmed. */
static inline bool bytes_field(struct bytes line, const char *name, struct bytes *value)
{
	size_t n = strlen(name);

	if (!bytes_begin_nocase(line, name) || line.len <= n || line.at[n] != ':')
		return false;
	*value = bytes_trim(bytes_from(line, n + 1));
	return true;
}

/* A decimal number of at most nine digits, or -1; stops at the first other byte. */
static inline int64_t bytes_number(struct bytes b)
{
	int64_t value = 0;
	size_t i = 0;

	for (; i < b.len && b.at[i] >= '0' && b.at[i] <= '9'; i++) {
		if (i == 9)
			return -1;
		value = value * 10 + (b.at[i] - '0');
	}
	return i == 0 ? -1 : value;
}
