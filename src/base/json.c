/* SPDX-License-Identifier: MIT */
/*
 * JSON (RFC 8259) as cameras write it: one value by its path, in one pass over the bytes and without a tree. It is no
 * judge of JSON: what stands behind the value is not looked at, control bytes in strings and blanks at the end of keys
 * pass. A message cut by a fragment or a capture length still gives what stands whole before the cut; a number whose end
 * is not seen is a cut one. Of keys that come twice the first counts. Deep nesting can't exhaust the stack: there is no
 * recursion, and the kinds of the open brackets are the bits of one word.
 */
#include "base/json.h"

#include "base/scan.h"

#include <endian.h>
#include <stdint.h>

static void skip_blanks(struct cursor *c)
{
	while (cursor_left(c) > 0 &&
	       (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

/* Takes this byte, blanks before it included. */
static bool take_mark(struct cursor *c, uint8_t mark)
{
	skip_blanks(c);
	if (cursor_left(c) == 0 || *c->at != mark)
		return false;
	c->at++;
	return true;
}

/* Sets the highest bit of the lowest byte of the word that is `byte`, and of no byte below that. */
static uint64_t mark_bytes(uint64_t word, uint8_t byte)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = word ^ ones * byte;

	return (x - ones) & ~x & ones << 7;
}

/* The next quote or backslash; end when there is none. Strings are most of JSON: eight bytes are looked at together. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end)
{
	uint64_t word, marks;

	for (; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
		memcpy(&word, at, sizeof word);
		word = le64toh(word);
		marks = mark_bytes(word, '"') | mark_bytes(word, '\\');
		if (marks != 0)
			return at + __builtin_ctzll(marks) / 8;
	}
	while (at < end && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* Behind the opening quote: where the closing one stands; NULL when it is not there. */
static const uint8_t *string_end(const uint8_t *at, const uint8_t *end)
{
	while ((at = plain_end(at, end)) < end) {
		if (*at == '"')
			return at;
		at += end - at > 1 ? 2 : 1;
	}
	return NULL;
}

/* Behind the opening quote: up to the closing one, which is taken. */
static bool take_string(struct cursor *c, struct bytes *text)
{
	const uint8_t *from = c->at, *quote = string_end(from, c->end);

	c->at = quote == NULL ? c->end : quote + 1;
	*text = (struct bytes){from, quote == NULL ? 0 : (size_t)(quote - from)};
	return quote != NULL;
}

/* An object or array with all that is in it: brackets must pair, strings must end. */
static bool skip_nest(struct cursor *c)
{
	const uint8_t *at = c->at, *end = c->end;
	unsigned depth = 0;
	uint32_t arrays = 0; /* the innermost is bit 0 */

	do {
		uint8_t byte = *at++;

		if (byte == '"') {
			const uint8_t *quote = string_end(at, end);

			if (quote == NULL)
				return false;
			at = quote + 1;
		} else if (byte == '{' || byte == '[') {
			if (depth++ == JSON_DEPTH)
				return false;
			arrays = arrays << 1 | (byte == '[');
		} else if (byte == '}' || byte == ']') {
			if ((arrays & 1) != (byte == ']'))
				return false;
			depth--;
			arrays >>= 1;
		}
	} while (depth > 0 && at < end);
	c->at = at;
	return depth == 0;
}

static bool in_word(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') ||
	       (ascii_lower(byte) >= 'a' && ascii_lower(byte) <= 'z') || byte == '-' ||
	       byte == '+' || byte == '.';
}

/* A number, true, false or null; whole only when something stands behind it. */
static bool take_word(struct cursor *c, struct bytes *word)
{
	const uint8_t *from = c->at;

	while (cursor_left(c) > 0 && in_word(*c->at))
		c->at++;
	*word = (struct bytes){from, (size_t)(c->at - from)};
	return word->len > 0 && cursor_left(c) > 0;
}

/* *value is empty, with at == NULL, for null. */
static bool take_value(struct cursor *c, struct bytes *value)
{
	const uint8_t *from;

	if (take_mark(c, '"'))
		return take_string(c, value);
	if (cursor_left(c) == 0)
		return false;
	if (*c->at == '{' || *c->at == '[') {
		from = c->at;
		if (!skip_nest(c))
			return false;
		*value = (struct bytes){from, (size_t)(c->at - from)};
		return true;
	}
	if (!take_word(c, value))
		return false;
	if (bytes_are(*value, "null"))
		*value = (struct bytes){.at = NULL, .len = 0};
	return true;
}

static bool is_key(struct bytes key, struct bytes wanted)
{
	while (key.len > wanted.len && key.at[key.len - 1] == ' ')
		key.len--;
	return key.len == wanted.len && bytes_start_with(key, wanted.at, wanted.len);
}

/* Into an object, up to the value of that key. */
static bool enter(struct cursor *c, struct bytes wanted)
{
	struct bytes key, value;

	if (!take_mark(c, '{'))
		return false;
	do {
		if (!take_mark(c, '"') || !take_string(c, &key) || !take_mark(c, ':'))
			return false;
		if (is_key(key, wanted))
			return true;
		if (!take_value(c, &value))
			return false;
	} while (take_mark(c, ','));
	return false;
}

bool json_find(struct bytes json, const char *path, struct bytes *value)
{
	struct bytes rest = bytes_of(path), found;
	struct cursor c = cursor_over(json);

	while (rest.len > 0) {
		if (!enter(&c, bytes_cut(&rest, '.')))
			return false;
	}
	if (!take_value(&c, &found) || found.at == NULL)
		return false;
	*value = found;
	return true;
}

/* Letters alike in their last five bits share a bit. */
static uint32_t letter_bit(uint8_t c)
{
	return UINT32_C(1) << (c & 31);
}

static void keep_field(struct bytes key, struct bytes value, const char *const *keys, size_t n,
		       struct bytes *values)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i].at == NULL && key.at[0] == (uint8_t)keys[i][0] &&
		    is_key(key, bytes_of(keys[i])))
			values[i] = value;
	}
}

bool json_fields(struct bytes json, const char *path, const char *const *keys, size_t n,
		 struct bytes *values)
{
	struct bytes rest = bytes_of(path), key, value;
	struct cursor c = cursor_over(json);
	uint32_t first = 0;

	memset(values, 0, n * sizeof *values);
	while (rest.len > 0) {
		if (!enter(&c, bytes_cut(&rest, '.')))
			return false;
	}
	if (!take_mark(&c, '{'))
		return false;
	if (take_mark(&c, '}'))
		return true;
	for (size_t i = 0; i < n; i++)
		first |= letter_bit((uint8_t)keys[i][0]);
	do {
		if (!take_mark(&c, '"') || !take_string(&c, &key) || !take_mark(&c, ':') ||
		    !take_value(&c, &value))
			return false;
		if (key.len > 0 && (first & letter_bit(key.at[0])) != 0)
			keep_field(key, value, keys, n, values);
	} while (take_mark(&c, ','));
	return take_mark(&c, '}');
}

bool json_item(struct bytes array, size_t i, struct bytes *value)
{
	struct cursor c = cursor_over(array);
	struct bytes found;

	if (!take_mark(&c, '['))
		return false;
	do {
		if (!take_value(&c, &found))
			return false;
		if (i-- == 0) {
			*value = found;
			return true;
		}
	} while (take_mark(&c, ','));
	return false;
}
