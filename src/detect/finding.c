/* SPDX-License-Identifier: MIT */
/* The list that reduce collects findings in. It grows on the heap after the packets are done, bounded by the tables
 * that the findings come from. */
#include "detect/finding.h"

#include <stdlib.h>

struct finding *findings_add(struct findings *f)
{
	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 64 : f->cap * 2;
		struct finding *list = realloc(f->list, cap * sizeof *list);

		if (list == NULL) {
			f->failed = true;
			return NULL;
		}
		f->list = list;
		f->cap = cap;
	}
	f->list[f->n] = (struct finding){0};
	return &f->list[f->n++];
}
