/* SPDX-License-Identifier: MIT */
/*
 * Signs that nobody is held for, since somebody at another port could have sent them (hold/moves.h): for each MAC up to when. Kept over a
 * restart, which would otherwise hold who was framed before it. At most DOUBTS; the oldest makes room.
 */
#pragma once

#include "base/addr.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DOUBTS = 64 };

struct doubts {
	struct doubt {
		struct mac mac;
		int64_t sign_ns;
	} list[DOUBTS];
	size_t n;
	bool changed; /* since it was kept */
};

/* Nothing up to this sign counts against that MAC. */
void doubts_note(struct doubts *d, const struct mac *mac, int64_t sign_ns);
bool doubts_has(const struct doubts *d, const struct mac *mac, int64_t sign_ns);
/* As lines, "MAC NANOSECONDS"; what is none is passed over. */
void doubts_write(const struct doubts *d, struct text *to);
void doubts_read(struct doubts *d, const char *text);
