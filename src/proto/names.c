/* SPDX-License-Identifier: MIT */
/*
 * What it resists: pointers that run in circles or forwards (each must lead to before the piece of the name that it
 * stands in, so every jump goes down), chains of pointers (few are allowed), names that grow beyond 255 bytes, headers
 * that promise thousands of records, and records that are longer than the message.
 */
#include "proto/names.h"

#include "base/scan.h"

enum {
	HEADER = 12,
	LABEL_MAX = 63,
	POINTER = 0xc0,
	JUMPS_MAX =
		16 /* writers that compress well need one jump for each name, chains of three are rare */
};

static bool add_label(struct name *out, struct bytes label)
{
	size_t dot = out->len > 0;

	if (out->len + dot + label.len >= NAME_TEXT_MAX)
		return false;
	if (dot > 0)
		out->text[out->len++] = '.';
	if (label.len > 0)
		memcpy(out->text + out->len, label.at, label.len);
	out->len += label.len;
	return true;
}

bool name_read(struct bytes message, struct cursor *c, struct name *out)
{
	size_t floor = (size_t)(c->at - message.at);
	struct cursor piece = *c;
	unsigned jumps = 0;

	out->len = 0;
	for (;;) {
		uint8_t len = cursor_u8(&piece);
		struct bytes label;
		size_t to;

		if (len < POINTER) {
			label = cursor_take(&piece, len <= LABEL_MAX ? len : 0);
			if (jumps == 0)
				*c = piece;
			if (piece.broken || len > LABEL_MAX)
				return false;
			if (len == 0)
				return true;
			if (!add_label(out, label))
				return false;
			continue;
		}
		to = (size_t)(len & ~POINTER) << 8 | cursor_u8(&piece);
		if (jumps == 0)
			*c = piece;
		if (piece.broken || to >= floor || to < HEADER || ++jumps > JUMPS_MAX)
			return false;
		floor = to;
		piece = cursor_over(bytes_from(message, to));
	}
}

bool names_open(struct names *n, struct bytes message)
{
	unsigned all = 0;

	*n = (struct names){.message = message, .at = cursor_over(message)};
	n->id = cursor_be16(&n->at);
	n->flags = cursor_be16(&n->at);
	for (int s = 0; s < SECTIONS; s++) {
		n->count[s] = n->left[s] = cursor_be16(&n->at);
		all += n->count[s];
	}
	return !n->at.broken && all <= NAMES_ENTRIES_MAX;
}

static bool read_entry(struct names *n, struct entry *out)
{
	if (!name_read(n->message, &n->at, &out->name)) {
		n->malformed = !n->at.broken;
		return false;
	}
	out->type = cursor_be16(&n->at);
	out->class = cursor_be16(&n->at);
	out->ttl = 0;
	out->rdata = (struct bytes){.at = NULL, .len = 0};
	if (out->section != SECTION_QUESTION) {
		out->ttl = cursor_be32(&n->at);
		out->rdata = cursor_take(&n->at, cursor_be16(&n->at));
	}
	return !n->at.broken;
}

bool names_next(struct names *n, struct entry *out)
{
	if (n->malformed || n->at.broken)
		return false;
	for (int s = 0; s < SECTIONS; s++) {
		if (n->left[s] == 0)
			continue;
		n->left[s]--;
		out->section = (enum section)s;
		return read_entry(n, out);
	}
	return false;
}

enum names_end names_end(const struct names *n)
{
	struct bytes rest;

	if (n->malformed)
		return NAMES_MALFORMED;
	if (n->at.broken)
		return NAMES_CUT;
	rest = cursor_rest(&n->at);
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.at[i] != 0)
			return NAMES_TRAILING;
	}
	return rest.len > 0 ? NAMES_PADDED : NAMES_EXACT;
}

enum names_end names_walk(struct names *n, unsigned *seen)
{
	struct entry e;
	unsigned count = 0;

	while (names_next(n, &e))
		count++;
	if (seen != NULL)
		*seen = count;
	return names_end(n);
}

struct bytes name_labels(struct bytes wire, uint8_t *text, size_t size)
{
	struct cursor c = cursor_over(wire);
	size_t len = 0;

	while (cursor_left(&c) > 0) {
		struct bytes label = cursor_take(&c, cursor_u8(&c));

		if (c.broken || len + 1 + label.len > size)
			return (struct bytes){.at = NULL, .len = 0};
		if (label.len == 0)
			break;
		if (len > 0)
			text[len++] = '.';
		memcpy(text + len, label.at, label.len);
		len += label.len;
	}
	return (struct bytes){text, len};
}

bool name_ends(struct bytes name, const char *tail)
{
	size_t n = strlen(tail);

	return name.len >= n && bytes_are_nocase(bytes_from(name, name.len - n), tail);
}

bool name_is_reverse(struct bytes name)
{
	return name_ends(name, ".in-addr.arpa") || name_ends(name, ".ip6.arpa");
}
