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
	bool failed;
};

void arena_fini(struct arena *a);
/* Zeroed, aligned for anything. */
void *arena_take(struct arena *a, size_t bytes);
/* A copy of a string. */
char *arena_string(struct arena *a, const char *string);
/* printf into the arena; "" is never NULL unless memory is out. */
char *arena_print(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
