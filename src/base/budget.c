/* SPDX-License-Identifier: MIT */
/*
 * One anonymous mapping without reservation of swap: the kernel gives a page when it is first written, so a large
 * budget costs nothing until traffic needs it.
 */
#include "base/budget.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int budget_init(struct budget *b, size_t size)
{
	void *region = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (region == MAP_FAILED)
		return -ENOMEM;
	*b = (struct budget){.region = region, .size = size};
	return 0;
}

void budget_large_pages(struct budget *b)
{
	(void)madvise(b->region, b->taken, MADV_HUGEPAGE);
}

void budget_fini(struct budget *b)
{
	if (b->region != NULL)
		munmap(b->region, b->size);
	b->region = NULL;
}

static struct budget_share *share_of(struct budget *b, const char *name)
{
	for (size_t i = 0; i < b->shares_n; i++) {
		if (strcmp(b->shares[i].name, name) == 0)
			return &b->shares[i];
	}
	assert(b->shares_n < BUDGET_SHARES);
	b->shares[b->shares_n].name = name;
	return &b->shares[b->shares_n++];
}

void *budget_take(struct budget *b, const char *name, uint64_t entries, size_t entry_bytes)
{
	size_t bytes = ((size_t)entries * entry_bytes + 63) & ~(size_t)63;
	struct budget_share *share;
	void *at;

	if (bytes > b->size - b->taken)
		return NULL;
	share = share_of(b, name);
	share->bytes += bytes;
	share->entries += entries;
	at = b->region + b->taken;
	b->taken += bytes;
	return at;
}

void budget_used(struct budget *b, const char *name, uint64_t used)
{
	struct budget_share *share = share_of(b, name);

	share->used += used;
	share->counted = true;
}

void budget_print(const struct budget *b, FILE *to)
{
	for (size_t i = 0; i < b->shares_n; i++) {
		const struct budget_share *s = &b->shares[i];

		fprintf(to, "  %-16s %8.1f MB  %8llu entries", s->name,
			(double)s->bytes / (1 << 20), (unsigned long long)s->entries);
		if (s->counted)
			fprintf(to, ", %llu used", (unsigned long long)s->used);
		fputc('\n', to);
	}
	fprintf(to, "  %-16s %8.1f MB of %.1f MB\n", "together", (double)b->taken / (1 << 20),
		(double)b->size / (1 << 20));
}
