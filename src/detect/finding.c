/* SPDX-License-Identifier: MIT */
/*
 * The list that reduce collects findings in. It grows on the heap after the packets are done, bounded by the tables that
 * the findings come from: at most one for each entry of a detector's states, and a few dozen for each device of which
 * somebody told something. A sentence is written with room for the longest, and keeps what it needs.
 */
#include "detect/finding.h"

#include <stdlib.h>
#include <string.h>

static struct finding *take(struct findings *f)
{
	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 64 : f->cap + f->cap / 2;
		struct finding *list = realloc(f->list, cap * sizeof *list);

		if (list == NULL)
			return NULL;
		f->list = list;
		f->cap = cap;
	}
	return &f->list[f->n];
}

/* The text written last gives back what it did not need. */
static void shrink_last(struct findings *f)
{
	struct finding *last = f->n == 0 ? NULL : &f->list[f->n - 1];

	if (last != NULL && last->text == f->open) /* else it was taken back */
		last->text =
			arena_shrink(&f->texts, last->text, FINDING_TEXT, strlen(last->text) + 1);
}

struct finding *findings_add(struct findings *f)
{
	struct finding *added;
	char *text;

	shrink_last(f);
	added = take(f);
	text = arena_take(&f->texts, FINDING_TEXT);
	if (added == NULL || text == NULL) {
		f->failed = true;
		return NULL;
	}
	*added = (struct finding){.text = text};
	f->open = text;
	*text = '\0'; /* what was given back may have been written before */
	f->n++;
	return added;
}

void findings_fini(struct findings *f)
{
	free(f->list);
	arena_fini(&f->texts);
	*f = (struct findings){.n = 0};
}
