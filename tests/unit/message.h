/* SPDX-License-Identifier: MIT */
/*
 * Messages built byte by byte for tests of parsers, big-endian.
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire {
	size_t len;
	uint8_t bytes[4096];
};

static inline void put(struct wire *w, const void *bytes, size_t n)
{
	assert(w->len + n <= sizeof w->bytes);
	memcpy(w->bytes + w->len, bytes, n);
	w->len += n;
}

static inline void put_zeros(struct wire *w, size_t n)
{
	assert(w->len + n <= sizeof w->bytes);
	memset(w->bytes + w->len, 0, n);
	w->len += n;
}

static inline void put_u8(struct wire *w, unsigned value)
{
	uint8_t b = (uint8_t)value;

	put(w, &b, 1);
}

static inline void put_be16(struct wire *w, unsigned value)
{
	put_u8(w, value >> 8);
	put_u8(w, value);
}

static inline void put_be32(struct wire *w, uint32_t value)
{
	put_be16(w, value >> 16);
	put_be16(w, value);
}

static inline void put_text(struct wire *w, const char *text)
{
	put(w, text, strlen(text));
}

/* A byte of length, then the text. */
static inline void put_short(struct wire *w, const char *text)
{
	put_u8(w, (unsigned)strlen(text));
	put_text(w, text);
}

/* The labels of "a.b.c", without the empty one at the end. */
static inline void put_labels(struct wire *w, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		put_u8(w, (unsigned)n);
		put(w, name, n);
		name += n + (name[n] == '.');
	}
}

static inline void put_name(struct wire *w, const char *name)
{
	put_labels(w, name);
	put_u8(w, 0);
}

/* A compression pointer to a place in the message. */
static inline void put_pointer(struct wire *w, size_t at)
{
	put_be16(w, 0xc000U | (unsigned)at);
}

/* DNS: the header with its four counts. */
static inline void put_dns_header(struct wire *w, unsigned flags, unsigned questions,
				  unsigned answers, unsigned authority, unsigned additional)
{
	put_be16(w, 0x1234);
	put_be16(w, flags);
	put_be16(w, questions);
	put_be16(w, answers);
	put_be16(w, authority);
	put_be16(w, additional);
}

static inline void put_question(struct wire *w, const char *name, unsigned type, unsigned class)
{
	put_name(w, name);
	put_be16(w, type);
	put_be16(w, class);
}

/* What follows a record's name, up to its data; close_record() fills the length in. Returns where that stands. */
static inline size_t open_record(struct wire *w, unsigned type, unsigned class, uint32_t ttl)
{
	put_be16(w, type);
	put_be16(w, class);
	put_be32(w, ttl);
	put_be16(w, 0);
	return w->len - 2;
}

static inline void close_record(struct wire *w, size_t at)
{
	size_t n = w->len - at - 2;

	w->bytes[at] = (uint8_t)(n >> 8);
	w->bytes[at + 1] = (uint8_t)n;
}
