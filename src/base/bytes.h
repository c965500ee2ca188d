/* SPDX-License-Identifier: MIT */
/*
 * A view of bytes that somebody else owns, and the cursor that reads them.
 *
 * Every byte that cordon reads comes from a stranger, so nothing indexes a buffer by hand: a reader takes a
 * cursor and reads straight down. A cursor that runs out becomes `broken`, gives zeros from then on and stays
 * broken, so that one check at the end is enough.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

struct cursor {
	const uint8_t *at;  /* next byte to read */
	const uint8_t *end; /* one past the last */
	bool broken;	    /* somebody asked for more than there was */
};

static inline struct cursor cursor_over(struct bytes b)
{
	return (struct cursor){
		.at = b.at, .end = b.at == NULL ? NULL : b.at + b.len, .broken = false};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* True when n more bytes are there; breaks the cursor otherwise. */
static inline bool cursor_need(struct cursor *c, size_t n)
{
	if (!c->broken && cursor_left(c) >= n)
		return true;
	c->broken = true;
	c->at = c->end;
	return false;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return cursor_need(c, 1) ? *c->at++ : 0;
}

/* Big-endian, as networks write them. */
static inline uint16_t cursor_be16(struct cursor *c)
{
	if (!cursor_need(c, 2))
		return 0;
	c->at += 2;
	return (uint16_t)(c->at[-2] << 8 | c->at[-1]);
}

static inline uint32_t cursor_be32(struct cursor *c)
{
	if (!cursor_need(c, 4))
		return 0;
	c->at += 4;
	return (uint32_t)c->at[-4] << 24 | (uint32_t)c->at[-3] << 16 | (uint32_t)c->at[-2] << 8 |
	       c->at[-1];
}

/* Eight bytes as a number; such numbers stand in the order of memcmp(). */
static inline uint64_t bytes_be64(const uint8_t *b)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | b[i];
	return value;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	if (cursor_need(c, n))
		c->at += n;
}

/* The next n bytes as a view, or an empty view from a broken cursor. */
static inline struct bytes cursor_take(struct cursor *c, size_t n)
{
	if (!cursor_need(c, n))
		return (struct bytes){.at = NULL, .len = 0};
	c->at += n;
	return (struct bytes){.at = c->at - n, .len = n};
}

/* Copies n bytes out, or zeros from a broken cursor. */
static inline void cursor_copy(struct cursor *c, void *to, size_t n)
{
	if (!cursor_need(c, n)) {
		memset(to, 0, n);
		return;
	}
	memcpy(to, c->at, n);
	c->at += n;
}

/* What is left, as a view; the cursor does not move. */
static inline struct bytes cursor_rest(const struct cursor *c)
{
	return (struct bytes){.at = c->at, .len = cursor_left(c)};
}

static inline bool bytes_start_with(struct bytes b, const void *prefix, size_t n)
{
	return b.len >= n && memcmp(b.at, prefix, n) == 0;
}
