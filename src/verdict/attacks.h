/* SPDX-License-Identifier: MIT */
/*
 * Reduce, for floods: which records of the lanes are attacks, which way they go, and who of ours takes part. A local
 * sender of an outgoing or internal attack gets a finding; strangers never do, since their addresses may be forged.
 */
#pragma once

#include "detect/finding.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "identify/devices.h"
#include "verdict/judged.h"

#include <stddef.h>

/* Somebody taking part: the key that a finding has. */
struct participant {
	struct addr addr;
	uint16_t mac;
};

struct attack_case {
	const struct flood_record *record;
	const struct flood_lane *lane;
	struct addr target;
	uint64_t packets;
	uint64_t bytes;
	enum vector vector;
	enum direction direction;
	bool spoofed;
	bool suppressed; /* another case tells the same packets better, or it is too long ago */
	struct participant *participants;
	size_t participants_n;
};

struct attacks {
	struct attack_case *list;
	size_t n;
	size_t cap;
	bool failed;
};

/* Arrays live in the arena; findings of participants are appended to out. */
void attacks_find(struct attacks *a, const struct lanes *lanes, const struct devices *devices,
		  const struct world *w, const struct knowledge *k, struct arena *arena,
		  struct findings *out);
/* Those whose last packet was seen before are told no more. */
void attacks_drop(struct attacks *a, int64_t since_ns);
void attacks_fini(struct attacks *a);
