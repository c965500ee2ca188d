/* SPDX-License-Identifier: MIT */
/*
 * What cordon-enforce put into the kernel, or found there when it started: its own copy of all elements, sorted
 * (contain_element_order), ends by the monotonic clock. From it everything is put back when somebody takes the tables away.
 * Full - CONTAIN_ELEMENTS, of them CONTAIN_DEVICES in each set of MACs, CONTAIN_PASSED in that
 * of who passed the gate - means that the new one is refused.
 */
#pragma once

#include "contain/element.h"

struct held {
	struct contain_element list[CONTAIN_ELEMENTS];
	bool wanted[CONTAIN_ELEMENTS]; /* said since BEGIN */
	size_t n;
	size_t of_set[CONTAIN_SETS];
};

/* The element that is there, or NULL. */
struct contain_element *held_find(struct held *h, const struct contain_element *e);
/* Takes it in, or gives the one that is there its end. False: full. */
bool held_put(struct held *h, const struct contain_element *e, bool wanted);
void held_take(struct held *h, const struct contain_element *e);
/* From now on everything is unwanted until it is said again. */
void held_begin(struct held *h);
/* Takes out those whose time is over. */
void held_expire(struct held *h, int64_t now_ns);
void held_clear(struct held *h);
