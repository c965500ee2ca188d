/* SPDX-License-Identifier: MIT */
/*
 * Base64 after RFC 4648 section 4. Decoding refuses what is no base64 instead of skipping it: what comes out is compared
 * with known passwords, and a value that was read in two ways proves nothing.
 */
#include "base/base64.h"

enum { PADDING = 64 }; /* its place behind the alphabet */

static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* The letters without padding; false when there is more of it than a whole group allows. */
static bool cut_padding(struct bytes *text)
{
	size_t padding = 0, whole = text->len;

	while (text->len > 0 && padding < 2 && text->at[text->len - 1] == '=') {
		text->len--;
		padding++;
	}
	if (padding > 0 && whole % 4 != 0)
		return false;
	return text->len % 4 != 1;
}

bool base64_decode(struct bytes text, uint8_t *out, size_t room, size_t *n)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t used = 0;

	*n = 0;
	if (!cut_padding(&text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.at[i]);

		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		if (used == room)
			return false;
		held -= 8;
		out[used++] = (uint8_t)(bits >> held);
	}
	*n = used;
	return true;
}

size_t base64_encode(struct bytes data, char *out, size_t room)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t size = base64_size(data.len), used = 0;

	if (room <= size)
		return 0;
	for (size_t i = 0; i < data.len; i += 3) {
		size_t left = data.len - i;
		uint32_t group = (uint32_t)data.at[i] << 16;

		if (left > 1)
			group |= (uint32_t)data.at[i + 1] << 8;
		if (left > 2)
			group |= data.at[i + 2];
		out[used++] = letters[group >> 18];
		out[used++] = letters[group >> 12 & 63];
		out[used++] = letters[left > 1 ? group >> 6 & 63 : PADDING];
		out[used++] = letters[left > 2 ? group & 63 : PADDING];
	}
	out[used] = '\0';
	return used;
}
