/* SPDX-License-Identifier: MIT */
/*
 * Forms (WHATWG URL, section 5.1): pairs between '&', a '+' for a blank, "%41" for any byte. Read in place, once; a '%' that is
 * followed by no two digits stands for itself.
 */
#include "form.h"

#include <string.h>

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits) % 16;
}

/* The byte at i, and how many it was written with. */
static char decode(const char *at, size_t left, size_t *used)
{
	int high, low;

	*used = 1;
	if (at[0] == '+')
		return ' ';
	if (at[0] != '%' || left < 3)
		return at[0];
	high = digit(at[1]);
	low = digit(at[2]);
	if (high < 0 || low < 0)
		return at[0];
	*used = 3;
	return (char)(high * 16 + low);
}

static bool value_of(const char *at, size_t n, char *to, size_t size)
{
	size_t used, len = 0;

	for (size_t i = 0; i < n; i += used) {
		char byte = decode(at + i, n - i, &used);

		if (byte == '\0' || len + 1 >= size)
			return false;
		to[len++] = byte;
	}
	to[len] = '\0';
	return true;
}

bool form_field(const char *body, size_t n, const char *name, char *to, size_t size)
{
	size_t name_n = strlen(name), at = 0;

	while (at < n) {
		const char *end = memchr(body + at, '&', n - at);
		size_t len = end == NULL ? n - at : (size_t)(end - body) - at;

		if (len > name_n && memcmp(body + at, name, name_n) == 0 &&
		    body[at + name_n] == '=')
			return value_of(body + at + name_n + 1, len - name_n - 1, to, size);
		at += len + 1;
	}
	return false;
}
