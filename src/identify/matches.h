/* SPDX-License-Identifier: MIT */
/*
 * What the catalogue says to a value. A house tells the same values again and again, and a thousand recorders tell the same
 * versions: what was looked up last is kept, in a memo whose size and collisions change no answer, only its cost.
 */
#pragma once

#include "base/catalogue.h"

#include <stdint.h>

enum { MATCHES_MAX = 8, MATCHES_MEMO = 1024 };

struct matched {
	struct bytes value;
	uint8_t signal;
	uint8_t n;
	uint32_t records[MATCHES_MAX]; /* positions in catalogue.fingerprints, in their order */
};

struct named {
	const char *name;
	const struct maker *maker;
};

struct matches {
	const struct catalogue *catalogue;
	struct matched values[MATCHES_MEMO];
	struct named names[MATCHES_MEMO];
	struct named organisations[MATCHES_MEMO];
};

/* The records of the signal that match the value, the first MATCHES_MAX of them. Valid until the next call. */
const struct matched *matches_of(struct matches *m, enum signal signal, struct bytes value);
/* The maker called so, or registered so; NULL when the catalogue has none. name must live as long as *m. */
const struct maker *matches_maker(struct matches *m, const char *name);
/* The maker that has registered prefixes under this name, or NULL. */
const struct maker *matches_organisation(struct matches *m, const char *organisation);
