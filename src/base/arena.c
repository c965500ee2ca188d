/* SPDX-License-Identifier: MIT */
/* Blocks from the heap, each at least 64 KiB, linked so that they can be given back. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct arena_block {
	struct arena_block *before;
	max_align_t bytes[];
};

void arena_fini(struct arena *a)
{
	while (a->last != NULL) {
		struct arena_block *before = a->last->before;

		free(a->last);
		a->last = before;
	}
	*a = (struct arena){0};
}

static bool add_block(struct arena *a, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct arena_block *block = calloc(1, sizeof *block + size);

	if (block == NULL) {
		a->failed = true;
		return false;
	}
	block->before = a->last;
	a->last = block;
	a->left = size;
	a->bytes += size;
	return true;
}

static size_t rounded(size_t bytes)
{
	size_t unit = sizeof(max_align_t);

	return bytes == 0 ? unit : (bytes + unit - 1) / unit * unit;
}

void *arena_take(struct arena *a, size_t bytes)
{
	size_t size = rounded(bytes);

	if (size > a->left && !add_block(a, size))
		return NULL;
	/* Taken from the end, so that `left` alone says where. */
	a->left -= size;
	return (char *)a->last->bytes + a->left;
}

void *arena_shrink(struct arena *a, void *last, size_t bytes, size_t used)
{
	size_t back = rounded(bytes) - rounded(used);

	assert(used <= bytes && (char *)last == (char *)a->last->bytes + a->left);
	if (back == 0)
		return last;
	a->left += back;
	return memmove((char *)last + back, last, used);
}

char *arena_string(struct arena *a, const char *string)
{
	size_t bytes = strlen(string) + 1;
	char *copy = arena_take(a, bytes);

	return copy == NULL ? NULL : memcpy(copy, string, bytes);
}

char *arena_bytes(struct arena *a, const void *at, size_t len)
{
	size_t n = len == 0 ? 0 : strnlen(at, len);
	char *copy = arena_take(a, n + 1);

	if (copy != NULL && n > 0)
		memcpy(copy, at, n);
	return copy;
}

char *arena_join(struct arena *a, const char *const *parts, size_t n)
{
	size_t bytes = 1;
	char *text, *at;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(parts[i]);
	text = at = arena_take(a, bytes);
	for (size_t i = 0; text != NULL && i < n; i++) {
		size_t len = strlen(parts[i]);

		memcpy(at, parts[i], len);
		at += len;
	}
	return text;
}

char *arena_print(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_take(a, (size_t)n + 1);
	if (text == NULL)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return text;
}
