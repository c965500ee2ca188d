/* SPDX-License-Identifier: MIT */
/*
 * Start lines and header fields of HTTP/1 and its relatives (RFC 9112 sections 2 to 5, RFC 2326, RFC 3261 section 7.3).
 * Fields are read as servers of the field read them rather than as the texts demand: LF alone ends a line, a line
 * without a colon is passed over, folded lines belong to the value before them. What a start line is, is strict:
 * another protocol's bytes must not be taken for one.
 */
#include "proto/message.h"

#include "base/scan.h"

enum { START_LINE_MAX = 6000, LENGTH_DIGITS = 18, STATUS_DIGITS = 3 };

static bool begins_with_any(struct bytes b, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (bytes_begin(b, *words))
			return true;
	}
	return false;
}

/* Could b become one of these with more bytes? */
static bool begins_any(struct bytes b, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (b.len <= strlen(*words) && (b.len == 0 || memcmp(b.at, *words, b.len) == 0))
			return true;
	}
	return false;
}

static bool is_method(struct bytes b, const struct message_kind *kind)
{
	for (const char *const *m = kind->methods; *m != NULL && b.len > 0; m++) {
		if (b.at[0] == (uint8_t) * *m && bytes_are(b, *m))
			return true;
	}
	return false;
}

/* Is one of the word's bytes below a blank, or DEL? */
static bool word_has_control(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t del = word ^ ones * 0x7f;

	return (((word - ones * ' ') & ~word) | ((del - ones) & ~del)) & ones << 7;
}

/* Eight bytes at a time: start lines are all text. */
static bool has_control(struct bytes b)
{
	size_t i = 0;
	uint64_t word;

	for (; b.len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, b.at + i, sizeof word);
		if (word_has_control(word))
			return true;
	}
	for (; i < b.len; i++) {
		if (b.at[i] < ' ' || b.at[i] == 0x7f)
			return true;
	}
	return false;
}

bool message_request(struct bytes line, const struct message_kind *kind, struct bytes *method,
		     struct bytes *target)
{
	struct bytes rest = bytes_trim(line), version;
	const uint8_t *blank;

	if (rest.len == 0 || rest.at != line.at || has_control(rest))
		return false;
	*method = bytes_cut(&rest, ' ');
	blank = rest.len == 0 ? NULL : memrchr(rest.at, ' ', rest.len);
	if (blank == NULL || !is_method(*method, kind))
		return false;
	*target = bytes_trim(bytes_upto(rest, (size_t)(blank - rest.at)));
	version = bytes_trim(bytes_from(rest, (size_t)(blank - rest.at)));
	if (!bytes_begin(version, kind->version) || version.len != strlen(kind->version) + 1 ||
	    !ascii_is_digit(version.at[version.len - 1]))
		return false;
	return begins_with_any(*target, kind->targets) ||
	       (bytes_are(*method, "CONNECT") && target->len > 0);
}

unsigned message_status(struct bytes line, const struct message_kind *kind)
{
	struct bytes rest = bytes_from(line, strlen(kind->version)), version;
	struct bytes code;

	if (!bytes_begin(line, kind->version))
		return 0;
	version = bytes_cut(&rest, ' ');
	code = bytes_upto(rest, STATUS_DIGITS);
	if (version.len != 1 || !ascii_is_digit(version.at[0]) || code.len < STATUS_DIGITS ||
	    (rest.len > STATUS_DIGITS && rest.at[STATUS_DIGITS] > ' '))
		return 0;
	for (size_t i = 0; i < code.len; i++) {
		if (!ascii_is_digit(code.at[i]))
			return 0;
	}
	return bytes_number(code) < 100 ? 0 : (unsigned)bytes_number(code);
}

/* The first bytes of a status line, before its number is there. */
static enum match status_begins(struct bytes data, const struct message_kind *kind)
{
	size_t n = strlen(kind->version);
	struct bytes rest = bytes_from(data, n);

	if (data.len < n)
		return memcmp(data.at, kind->version, data.len) == 0 ? MATCH_MAYBE : MATCH_NO;
	if (!bytes_begin(data, kind->version))
		return MATCH_NO;
	if (rest.len <= 1 + 1 + STATUS_DIGITS) /* "1 200" and what stands behind it */
		return has_control(rest) ? MATCH_NO : MATCH_MAYBE;
	return message_status(bytes_upto(data, n + 1 + 1 + STATUS_DIGITS + 1), kind) != 0
		       ? MATCH_YES
		       : MATCH_NO;
}

/* A request line whose end is not here yet. */
static enum match request_begins(struct bytes data, const struct message_kind *kind)
{
	struct bytes rest = data, method = bytes_cut(&rest, ' ');

	if (method.len == data.len)
		return begins_any(data, kind->methods) ? MATCH_MAYBE : MATCH_NO;
	if (!is_method(method, kind) || data.len > START_LINE_MAX)
		return MATCH_NO;
	if (!begins_with_any(rest, kind->targets) && !begins_any(rest, kind->targets) &&
	    !bytes_are(method, "CONNECT"))
		return MATCH_NO;
	return has_control(bytes_trim(data)) ? MATCH_NO : MATCH_MAYBE;
}

enum match message_begins(struct bytes data, const struct message_kind *kind)
{
	struct bytes rest, line, method, target;
	enum match match;

	/* Servers pass over line ends before a request (RFC 9112, section 2.2). */
	while (data.len > 0 && (data.at[0] == '\r' || data.at[0] == '\n'))
		data = bytes_from(data, 1);
	if (data.len == 0)
		return MATCH_MAYBE;
	if (ascii_lower(data.at[0]) < 'a' || ascii_lower(data.at[0]) > 'z')
		return MATCH_NO; /* most of what is not text ends here */
	rest = data;
	match = status_begins(data, kind);
	if (match != MATCH_NO)
		return match;
	if (!bytes_line(&rest, &line))
		return request_begins(data, kind);
	return message_request(line, kind, &method, &target) ? MATCH_YES : MATCH_NO;
}

size_t message_head(struct bytes data, size_t *seen)
{
	struct bytes rest = bytes_from(data, *seen);

	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		struct bytes next;

		if (end == NULL) {
			*seen = data.len;
			return 0;
		}
		rest = bytes_from(rest, (size_t)(end - rest.at));
		next = bytes_from(rest, 1);
		if (bytes_begin(next, "\n"))
			return data.len - next.len + 1;
		if (bytes_begin(next, "\r\n"))
			return data.len - next.len + 2;
		*seen = data.len - rest.len;
		if (next.len == 0 || bytes_are(next, "\r"))
			return 0;
		rest = next;
	}
	return 0;
}

bool message_field(struct bytes *rest, struct field *field)
{
	struct bytes line, more;

	while (bytes_line(rest, &line) && line.len > 0) {
		struct bytes value = line;
		bool is_field;

		field->name = bytes_cut(&value, ':');
		is_field = field->name.len < line.len;
		field->name = bytes_trim(field->name);
		while (bytes_begin(*rest, " ") || bytes_begin(*rest, "\t")) {
			if (!bytes_line(rest, &more))
				return false;
			value.len = (size_t)(more.at + more.len - value.at);
		}
		field->value = bytes_trim(value);
		if (is_field && field->name.len > 0)
			return true;
	}
	return false;
}

bool message_find(struct bytes fields, const char *name, const char *letter, struct bytes *value)
{
	struct field f;

	while (message_field(&fields, &f)) {
		if (!bytes_are_nocase(f.name, name) &&
		    (letter == NULL || !bytes_are_nocase(f.name, letter)))
			continue;
		*value = f.value;
		return true;
	}
	return false;
}

bool message_length(struct bytes value, uint64_t *length)
{
	*length = 0;
	if (value.len == 0 || value.len > LENGTH_DIGITS)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (!ascii_is_digit(value.at[i]))
			return false;
		*length = *length * 10 + (uint64_t)(value.at[i] - '0');
	}
	return true;
}
