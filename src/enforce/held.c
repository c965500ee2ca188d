/* SPDX-License-Identifier: MIT */
/*
 * A sorted array: reconciling walks it beside what the kernel has, and to move 16,384 elements by one takes less than to tell
 * the kernel of one. Nothing announces an element that timed out in the kernel, so the copy has a clock of its own.
 */
#include "enforce/held.h"

#include <string.h>

static size_t most_of(enum contain_set set)
{
	if (set == SET_PASSED)
		return CONTAIN_PASSED;
	return contain_set_has_addr(set) ? CONTAIN_ELEMENTS : CONTAIN_DEVICES;
}

struct contain_element *held_find(struct held *h, const struct contain_element *e)
{
	bool there;
	size_t at = contain_element_place(h->list, h->n, e, &there);

	return there ? &h->list[at] : NULL;
}

bool held_put(struct held *h, const struct contain_element *e, bool wanted)
{
	bool there;
	size_t at = contain_element_place(h->list, h->n, e, &there);

	if (!there) {
		if (h->n == CONTAIN_ELEMENTS || h->of_set[e->set] == most_of(e->set))
			return false;
		memmove(&h->list[at + 1], &h->list[at], (h->n - at) * sizeof *h->list);
		memmove(&h->wanted[at + 1], &h->wanted[at], (h->n - at) * sizeof *h->wanted);
		h->wanted[at] = false;
		h->n++;
		h->of_set[e->set]++;
	}
	h->list[at] = *e;
	h->wanted[at] = h->wanted[at] || wanted;
	return true;
}

void held_take(struct held *h, const struct contain_element *e)
{
	bool there;
	size_t at = contain_element_place(h->list, h->n, e, &there);

	if (!there)
		return;
	h->n--;
	h->of_set[e->set]--;
	memmove(&h->list[at], &h->list[at + 1], (h->n - at) * sizeof *h->list);
	memmove(&h->wanted[at], &h->wanted[at + 1], (h->n - at) * sizeof *h->wanted);
}

void held_begin(struct held *h)
{
	memset(h->wanted, 0, sizeof h->wanted);
}

void held_expire(struct held *h, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (h->list[i].until_ns != 0 && h->list[i].until_ns <= now_ns) {
			h->of_set[h->list[i].set]--;
			continue;
		}
		h->list[kept] = h->list[i];
		h->wanted[kept++] = h->wanted[i];
	}
	h->n = kept;
}

void held_clear(struct held *h)
{
	h->n = 0;
	memset(h->of_set, 0, sizeof h->of_set);
}
