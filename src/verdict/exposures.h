/* SPDX-License-Identifier: MIT */
/*
 * How a device could be taken: from its facts, from logins at it, and from what is known of its maker, model and firmware.
 * Three states everywhere: seen, inferred (from model and firmware), and unknown, which is what everything else is. Not a
 * word of a password that is not in the lists leaves this file.
 */
#pragma once

#include "base/arena.h"
#include "identify/profiles.h"
#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXPOSURES_FIRST = 4, EXPOSURES_MAX = 40, STEPS_MAX = 6 };

/* What was found of one device. */
struct exposed {
	struct exposure *list; /* sorted by kind, then by packet */
	size_t n;
	bool thing; /* does one job: a camera, a plug, a router; not a computer or a phone */
	const struct recall **undecided; /* recalls of its model whose rule could not be decided */
	size_t undecided_n;
	const struct recall **named; /* recalls that name it */
	size_t named_n;
	const char *steps[STEPS_MAX]; /* what its owner should do about that very model */
	size_t steps_n;
	bool changed; /* a known password that it accepted was refused later … */
	int64_t changed_ns;
	const struct access *accesses; /* of local devices, sorted by service (accesses.h) */
	size_t accesses_n;
	struct accesses *found; /* … while they are looked for */
	bool unfixable;		/* a recall without a fix names it */
	bool known;		/* what it is was told by itself */
	bool made_thing;	/* … by its maker alone, who makes no computers */
};

struct exposures_in {
	const struct listeners *listeners;
	const struct profiles *profiles;
	struct devices *devices;
	const struct world *world;
	const struct catalogue *catalogue;
	struct arena *arena;
	int64_t since_ns;  /* what was last seen before counts no more */
	bool show_secrets; /* entries of the known lists in full; an owner's own password never */
};

/* For every device, by its place in the list; NULL when memory is out. */
struct exposed *exposures_find(const struct exposures_in *in);

/* A password with all but its ends hidden: "x…1"; of one or two letters nothing is left. In the arena. */
const char *secret_mask(struct arena *arena, const char *password);
