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

/* Behind the opening quote: up to the closing one, which is taken. */
static bool take_string(struct cursor *c, struct bytes *text)
{
	const uint8_t *from = c->at;
	const uint8_t *quote = cursor_left(c) == 0 ? NULL : memchr(from, '"', cursor_left(c));

	if (quote == NULL || memchr(from, '\\', (size_t)(quote - from)) == NULL) {
		c->at = quote == NULL ? c->end : quote + 1;
		*text = (struct bytes){from, (size_t)(c->at - from) - (quote != NULL)};
		return quote != NULL;
	}
	while (cursor_left(c) > 0) {
		uint8_t byte = cursor_u8(c);

		if (byte == '"') {
			*text = (struct bytes){from, (size_t)(c->at - from) - 1};
			return true;
		}
		if (byte == '\\')
			cursor_u8(c);
	}
	return false;
}

/* An object or array with all that is in it: brackets must pair, strings must end. */
static bool skip_nest(struct cursor *c)
{
	unsigned depth = 0;
	uint32_t arrays = 0; /* the innermost is bit 0 */
	struct bytes text;

	do {
		uint8_t byte = cursor_u8(c);

		if (byte == '"' && !take_string(c, &text))
			return false;
		if (byte == '{' || byte == '[') {
			if (depth++ == JSON_DEPTH)
				return false;
			arrays = arrays << 1 | (byte == '[');
		} else if (byte == '}' || byte == ']') {
			if ((arrays & 1) != (byte == ']'))
				return false;
			depth--;
			arrays >>= 1;
		}
	} while (depth > 0 && cursor_left(c) > 0);
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

bool json_fields(struct bytes json, const char *path, const char *const *keys, size_t n,
		 struct bytes *values)
{
	struct bytes rest = bytes_of(path), key, value;
	struct cursor c = cursor_over(json);

	memset(values, 0, n * sizeof *values);
	while (rest.len > 0) {
		if (!enter(&c, bytes_cut(&rest, '.')))
			return false;
	}
	if (!take_mark(&c, '{'))
		return false;
	if (take_mark(&c, '}'))
		return true;
	do {
		if (!take_mark(&c, '"') || !take_string(&c, &key) || !take_mark(&c, ':') ||
		    !take_value(&c, &value))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (values[i].at == NULL && key.len > 0 &&
			    key.at[0] == (uint8_t)keys[i][0] && is_key(key, bytes_of(keys[i])))
				values[i] = value;
		}
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
