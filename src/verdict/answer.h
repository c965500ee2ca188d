/* SPDX-License-Identifier: MIT */
/*
 * The answer to an inquiry: whose were the connections that had the port at that moment? Connections come from the
 * reader's thread, devices from the judged model; here they are joined by address, and by MAC where an address had
 * several owners. Best first.
 */
#pragma once

#include "flow/inquiry.h"
#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>

/* One connection, with the end that the port belongs to. */
struct candidate {
	const struct inquiry_talk *talk;    /* inside a NAT where that was seen */
	int near;			    /* which of its ends is the device's */
	const struct inquiry_talk *outside; /* the same on the other side of a NAT, or NULL */
	int outside_near;
	const struct device *device; /* NULL: none that the report lists */
	int64_t off_ns;	     /* from the moment: 0 open then, below before it, above after it */
	enum confidence fit; /* that this is what the notice is about */
};

struct answer {
	const struct inquiry *inquiry;
	struct candidate *list; /* owned */
	size_t n;
	uint64_t far_only; /* connections that had the port at the stranger's end */
};

/* 0 or -ENOMEM. */
int answer_find(struct answer *a, const struct inquiry *q, const struct judged *judged);
void answer_fini(struct answer *a);
