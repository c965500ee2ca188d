/* SPDX-License-Identifier: MIT */
/*
 * Matching without recursion. A pattern is walked beside the value; at a star its place is saved, and on a mismatch the
 * star saved last takes one byte more. Earlier stars never need to be tried again: each took as little as lets what
 * stands behind it match, and whatever a later match would leave over, the next star takes as well. So the first match
 * found is the one in which every star, from the left, takes as little as possible, and each star is tried at each place
 * of the value once, over its own stretch of the pattern: value × pattern steps at most, for any pattern and any value.
 *
 * A group's ends are written down whenever the walk passes them. Behind a star that takes more they are passed again,
 * before it they stay right.
 *
 * Nearly every match is tried in vain. So the ends are compared first, and a star goes at once to the next place where the
 * byte behind it fits.
 */
#include "base/pattern.h"
#include "base/scan.h"

const char *pattern_check(struct bytes pattern)
{
	size_t group = 0; /* where the group's inside begins; 0: no group yet */
	bool open = false;

	if (pattern.len == 0)
		return "a pattern, not nothing";
	if (pattern.len > PATTERN_MAX)
		return "a pattern of at most 160 bytes";
	if (bytes_are(pattern, "."))
		return "a name behind the pattern's dot";
	for (size_t i = 0; i < pattern.len; i++) {
		uint8_t c = pattern.at[i];
		bool plain = c == '\\';

		if (plain && ++i == pattern.len)
			return "a byte behind the pattern's last \\";
		if (pattern.at[i] < ' ' || pattern.at[i] == 0x7f)
			return "a pattern without control bytes";
		if (plain || (c != '(' && c != ')'))
			continue;
		if (c == '(' && group > 0)
			return "a pattern with one group at most; a plain parenthesis is \\( or \\)";
		if (c == ')' && !open)
			return "a ( before each ) of a pattern; a plain parenthesis is \\( or \\)";
		if (c == ')' && i == group)
			return "something between ( and )";
		open = c == '(';
		if (open)
			group = i + 1;
	}
	return open ? "a ) at the end of the pattern's group" : NULL;
}

/* Where the walk stands: in the pattern, in the value, and where the group lies. */
struct walk {
	size_t p, v;
	size_t from, to; /* of the group, in the value; set by its parentheses */
	bool grouped;
};

/* Does the pattern's byte at w->p fit that of the value? Then both are passed. */
static bool step(struct walk *w, struct bytes pattern, uint8_t byte)
{
	uint8_t c = pattern.at[w->p];
	size_t used = 1;
	bool fits;

	if (c == '\\' && w->p + 1 < pattern.len) {
		used = 2;
		fits = ascii_lower(pattern.at[w->p + 1]) == ascii_lower(byte);
	} else if (c == '?') {
		fits = true;
	} else if (c == '#') {
		fits = byte >= '0' && byte <= '9';
	} else {
		fits = ascii_lower(c) == ascii_lower(byte);
	}
	if (fits) {
		w->p += used;
		w->v++;
	}
	return fits;
}

/* Does the byte stand for itself wherever it stands in a pattern? */
static bool is_literal(uint8_t c)
{
	return c != '*' && c != '?' && c != '#' && c != '(' && c != ')' && c != '\\';
}

/* Could the ends fit? Compares the literal bytes at the pattern's end, and the one at its beginning. */
static bool ends_fit(struct bytes pattern, struct bytes value, bool any_head)
{
	size_t p = pattern.len, v = value.len;

	if (!any_head && p > 0 && is_literal(pattern.at[0]) &&
	    (v == 0 || ascii_lower(pattern.at[0]) != ascii_lower(value.at[0])))
		return false;
	while (p > 0 && is_literal(pattern.at[p - 1])) {
		if (v == 0 || ascii_lower(pattern.at[--p]) != ascii_lower(value.at[--v]))
			return false;
	}
	return true;
}

/* Passes parentheses, which take nothing of the value. */
static void pass_group(struct walk *w, struct bytes pattern)
{
	for (; w->p < pattern.len; w->p++) {
		if (pattern.at[w->p] == '(')
			w->from = w->to = w->v;
		else if (pattern.at[w->p] == ')')
			w->to = w->v;
		else
			return;
		w->grouped = true;
	}
}

/* The first place at or behind `v` where the pattern from `p` on, which stands behind a star, may fit. */
static size_t next_fit(struct bytes pattern, size_t p, struct bytes value, size_t v)
{
	const uint8_t *hit;
	uint8_t c;

	while (p < pattern.len && (pattern.at[p] == '(' || pattern.at[p] == ')'))
		p++;
	if (p == pattern.len)
		return value.len;
	c = ascii_lower(pattern.at[p]);
	if (!is_literal(c))
		return v;
	if (ascii_is_letter(c)) {
		while (v < value.len && (value.at[v] | ('a' - 'A')) != c)
			v++;
		return v;
	}
	hit = v == value.len ? NULL : memchr(value.at + v, c, value.len - v);
	return hit == NULL ? value.len : (size_t)(hit - value.at);
}

/* The whole pattern against the whole value; any_head: as if a star stood before the pattern. */
static bool walk(struct bytes pattern, struct bytes value, bool any_head, struct bytes *capture)
{
	struct walk w = {0}, star = {0};
	bool starred = any_head;

	if (!ends_fit(pattern, value, any_head))
		return false;
	for (;;) {
		pass_group(&w, pattern);
		if (w.p < pattern.len && pattern.at[w.p] == '*') {
			w.p++;
			w.v = next_fit(pattern, w.p, value, w.v);
			star = w;
			starred = true;
			continue;
		}
		if (w.p == pattern.len && w.v == value.len)
			break;
		if (w.p < pattern.len && w.v < value.len && step(&w, pattern, value.at[w.v]))
			continue;
		/* A value used up can't be had by a star that takes more of it. */
		if (!starred || w.v == value.len)
			return false;
		star.v = next_fit(pattern, star.p, value, star.v + 1);
		w = star;
	}
	if (w.grouped)
		*capture = (struct bytes){value.at + w.from, w.to - w.from};
	return true;
}

bool pattern_match(struct bytes pattern, struct bytes value, struct bytes *capture)
{
	*capture = (struct bytes){.at = NULL, .len = 0};
	if (pattern.len == 0)
		return false;
	/* An empty value may come without an address. */
	if (value.at == NULL)
		value = bytes_of("");
	if (pattern.at[0] != '.')
		return walk(pattern, value, false, capture);
	/* A domain: the name itself, or anything that ends in a dot and the name. */
	return walk(bytes_from(pattern, 1), value, false, capture) ||
	       walk(pattern, value, true, capture);
}
