/* SPDX-License-Identifier: MIT */
/*
 * Attacks that go on: whoever was told that one began hears when it is over. How many packets an attack has is told once a
 * minute, so that it is over when a little more than two minutes of stage time brought none. Of attacks that find no room no
 * end is told, and they are counted.
 */
#pragma once

#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ATTACKS_OPEN = 256 };

struct attack_open {
	struct attack attack;
	void *block; /* what its list of devices and its detail lie in */
};

struct attacks_open {
	struct attack_open list[ATTACKS_OPEN];
	size_t n;
	uint64_t refused;
};

void attacks_open_fini(struct attacks_open *o);
/* New, or going on: one that was silent for long already is neither. */
void attacks_open_put(struct attacks_open *o, const struct attack *a, int64_t now_ns);
/* The next one that is over by now; NULL: no more. *cursor begins at 0. */
const struct attack *attacks_open_over(const struct attacks_open *o, int64_t now_ns,
				       size_t *cursor);
/* Takes out those that are over by now. */
void attacks_open_close(struct attacks_open *o, int64_t now_ns);
