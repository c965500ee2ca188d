/* SPDX-License-Identifier: MIT */
/*
 * DER after X.690, sections 8.1.2, 8.1.3 and 10.1. Lengths are what strangers lie about: one of more than three bytes is
 * refused, an indefinite one too, and one that points beyond the bytes gives a value that is marked as cut. Nesting is
 * walked by the caller, a level for each line of its code, so nothing here recurses.
 */
#include "proto/der.h"

static bool read_length(struct cursor *c, size_t *len)
{
	uint8_t first = cursor_u8(c);
	unsigned more = first & 0x7f;

	*len = first;
	if (first < 0x80)
		return !c->broken;
	if (more == 0 || more > 3)
		return false;
	*len = 0;
	for (unsigned i = 0; i < more; i++)
		*len = *len << 8 | cursor_u8(c);
	return !c->broken;
}

bool der_next(struct cursor *c, struct der *out)
{
	size_t len;

	out->tag = cursor_u8(c);
	if (c->broken || (out->tag & 0x1f) == 0x1f || !read_length(c, &len))
		return false;
	out->cut = len > cursor_left(c);
	out->content = cursor_take(c, out->cut ? cursor_left(c) : len);
	return true;
}

bool der_take(struct cursor *c, uint8_t tag, struct bytes *content)
{
	struct cursor ahead = *c;
	struct der value;

	if (!der_next(&ahead, &value) || value.tag != tag || value.cut)
		return false;
	*c = ahead;
	*content = value.content;
	return true;
}

bool der_enter(struct cursor *c, uint8_t tag, struct cursor *inside)
{
	struct der value;

	if (!der_next(c, &value) || value.tag != tag)
		return false;
	*inside = cursor_over(value.content);
	return true;
}
