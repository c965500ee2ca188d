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

/* Where a name is read: `end` is that of the piece, which a pointer leaves for the rest of the message. */
struct reader {
	const uint8_t *at;
	const uint8_t *end;
	size_t floor; /* a pointer leads to before this place */
	unsigned jumps;
};

/* Copies a label and the dot before it. Most are short: those are copied at once, with what stands behind them. */
static void put_label(struct name *out, size_t len, struct bytes label, size_t readable)
{
	enum { AT_ONCE = 16 };

	if (len > 0)
		out->text[len++] = '.';
	if (label.len <= AT_ONCE && readable >= AT_ONCE && len + AT_ONCE <= NAME_TEXT_MAX)
		memcpy(out->text + len, label.at, AT_ONCE);
	else
		memcpy(out->text + len, label.at, label.len);
}

/* Follows a pointer, whose first byte is taken; false when it may not lead there. */
static bool jump(struct bytes message, struct reader *r, uint8_t first)
{
	size_t to = (size_t)(first & ~POINTER) << 8 | *r->at++;

	if (to >= r->floor || to < HEADER || ++r->jumps > JUMPS_MAX)
		return false;
	*r = (struct reader){message.at + to, message.at + message.len, to, r->jumps};
	return true;
}

/* The bytes ended: of the piece at the cursor, or of one that a pointer led to. */
static bool cut(struct cursor *c, const struct reader *r)
{
	if (r->jumps == 0)
		cursor_need(c, SIZE_MAX);
	return false;
}

static bool read_name(struct bytes message, struct cursor *c, struct name *out)
{
	struct reader r = {c->at, c->end, (size_t)(c->at - message.at), 0};
	size_t len = 0;

	for (;;) {
		size_t left = (size_t)(r.end - r.at), dot = len > 0;
		uint8_t n;

		if (left == 0)
			return cut(c, &r);
		n = *r.at++;
		if (n == 0)
			break;
		if (n >= POINTER) {
			if (left < 2)
				return cut(c, &r);
			if (r.jumps == 0)
				c->at = r.at + 1;
			if (!jump(message, &r, n))
				return false;
			continue;
		}
		if (n <= LABEL_MAX && left <= n)
			return cut(c, &r);
		if (n > LABEL_MAX || len + dot + n >= NAME_TEXT_MAX)
			return false;
		put_label(out, len, (struct bytes){r.at, n}, left - 1);
		len += dot + n;
		r.at += n;
	}
	if (r.jumps == 0)
		c->at = r.at;
	out->len = len;
	return true;
}

/* Goes over labels, up to an end, a pointer or what is neither. *wire grows by their bytes; false: one is cut. */
static bool pass_labels(struct reader *r, size_t *wire)
{
	const uint8_t *at = r->at, *end = r->end;
	size_t before = *wire;

	while (at < end && *at - 1U < LABEL_MAX && *at < end - at &&
	       before + (size_t)(at - r->at) <= NAME_TEXT_MAX)
		at += *at + 1U;
	*wire = before + (size_t)(at - r->at);
	r->at = at;
	return at < end && (*at - 1U >= LABEL_MAX || *at < end - at);
}

/*
 * The same as read_name(), of the length alone. What a first pointer leads to is kept in `tails`: that is sound, and needs
 * no second walk.
 */
static bool check_name(struct bytes message, struct cursor *c, struct tail *tails, size_t *len)
{
	struct reader r = {c->at, c->end, (size_t)(c->at - message.at), 0};
	size_t wire = 0, before = 0, tail = 0; /* a byte more than the text, unless that is empty */

	for (;;) {
		bool whole = pass_labels(&r, &wire);

		if (wire > NAME_TEXT_MAX)
			return false;
		if (!whole)
			return cut(c, &r);
		if (*r.at == 0)
			break;
		if (*r.at < POINTER)
			return false;
		if (r.end - r.at < 2)
			return cut(c, &r);
		if (r.jumps == 0)
			c->at = r.at + 2;
		r.at++;
		if (!jump(message, &r, r.at[-1]))
			return false;
		if (r.jumps > 1)
			continue;
		tail = r.floor;
		before = wire;
		if (tails[tail % NAMES_TAILS].at == tail) {
			wire += tails[tail % NAMES_TAILS].wire;
			break;
		}
	}
	if (wire > NAME_TEXT_MAX)
		return false;
	if (tail > 0)
		tails[tail % NAMES_TAILS] =
			(struct tail){(uint16_t)tail, (uint16_t)(wire - before)};
	if (r.jumps == 0)
		c->at = r.at + 1;
	*len = wire - (wire > 0);
	return true;
}

bool name_read(struct bytes message, struct cursor *c, struct name *out)
{
	out->len = 0;
	return read_name(message, c, out);
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

static bool read_entry(struct names *n, struct entry *out, bool named)
{
	out->at = n->at.at;
	out->name.len = 0;
	if (!(named ? read_name(n->message, &n->at, &out->name)
		    : check_name(n->message, &n->at, n->tails, &out->name.len))) {
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

static bool next_entry(struct names *n, struct entry *out, bool named)
{
	if (n->malformed || n->at.broken)
		return false;
	for (int s = 0; s < SECTIONS; s++) {
		if (n->left[s] == 0)
			continue;
		n->left[s]--;
		out->section = (enum section)s;
		return read_entry(n, out, named);
	}
	return false;
}

bool names_next(struct names *n, struct entry *out)
{
	return next_entry(n, out, true);
}

bool names_skip(struct names *n, struct entry *out)
{
	return next_entry(n, out, false);
}

struct bytes names_text(const struct names *n, struct entry *e)
{
	struct cursor c = {e->at, n->message.at + n->message.len, false};

	(void)name_read(n->message, &c, &e->name);
	return name_view(&e->name);
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

	while (names_skip(n, &e))
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
