/* SPDX-License-Identifier: MIT */
/*
 * The memory budget: one region, mapped at start and not touched, from which every table takes its share by name.
 * After start nothing is taken any more, so memory can't grow with what a stranger sends (design rule 12). Pages
 * come zeroed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { BUDGET_SHARES = 40 };

struct budget_share {
	const char *name; /* static text */
	size_t bytes;
	uint64_t entries; /* capacity, all lanes together */
	uint64_t used;	  /* entries in use, as far as somebody said so */
	bool counted;
};

struct budget {
	uint8_t *region;
	size_t size;
	size_t taken;
	struct budget_share shares[BUDGET_SHARES];
	size_t shares_n;
};

/* Maps size bytes. Returns 0 or -ENOMEM. */
int budget_init(struct budget *b, size_t size);
void budget_fini(struct budget *b);
/*
 * Large pages for what was taken so far, where the system has them: look-ups are spread over megabytes, and all of it gets
 * used. Not for tables of which little is: a large page that was not used lately can cost a virtual machine a millisecond,
 * as much as hundreds of small ones. A refusal costs only speed.
 */
void budget_large_pages(struct budget *b);

/*
 * Takes entries * entry_bytes, 64-byte aligned, under a name; shares of one name are added up. NULL when the region
 * is used up, which is an error of the one who planned the shares.
 */
void *budget_take(struct budget *b, const char *name, uint64_t entries, size_t entry_bytes);

/* Adds to the entries of a share that are in use. */
void budget_used(struct budget *b, const char *name, uint64_t used);

/* `-v`: a line a share. */
void budget_print(const struct budget *b, FILE *to);
