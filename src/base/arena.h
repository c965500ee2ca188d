/* SPDX-License-Identifier: MIT */
/*
 * Memory for a model that is built once and freed as a whole. A failed allocation leaves the arena failed and gives
 * NULL; who builds may check once at the end. Only what runs after the packets allocates here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *last;
	size_t left;
	size_t bytes; /* in all blocks */
	bool failed;
};

void arena_fini(struct arena *a);
/* Zeroed, aligned for anything. */
void *arena_take(struct arena *a, size_t bytes);
/*
 * What was taken last, `bytes` of it, keeps only its first `used`: it is moved, and what it no longer needs is given back.
 * That is no longer zeroed when it is taken again.
 */
void *arena_shrink(struct arena *a, void *last, size_t bytes, size_t used);
/* A copy of a string. */
char *arena_string(struct arena *a, const char *string);
/* A copy of bytes as a string, as far as their first NUL. */
char *arena_bytes(struct arena *a, const void *at, size_t len);
/* n strings one after the other. */
char *arena_join(struct arena *a, const char *const *parts, size_t n);
/* The same of strings named here: ARENA_JOIN(arena, maker, " ", model). */
#define ARENA_JOIN(a, ...)                                                                         \
	arena_join((a), (const char *const[]){__VA_ARGS__},                                        \
		   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
/* printf into the arena; dear: where a thousand devices have one each, they are joined. "" is never NULL unless memory is out. */
char *arena_print(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
