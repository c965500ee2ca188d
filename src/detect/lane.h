/* SPDX-License-Identifier: MIT */
/*
 * Lanes (design rule 1): 64 of them, each with its own share of every table, each taking its packets in input order.
 * Which thread runs a lane changes nothing.
 */
#pragma once

#include "detect/detect.h"
#include "flow/ledger.h"
#include "proto/listen.h"
#include "proto/lookups.h"

enum {
	KINDS = 6 /* bits of enum stamp_kind */
};

/* The detectors by what they want, so that a packet meets only those that want it. Sets have a bit for each slot. */
struct roster {
	uint8_t sent[KINDS];	 /* who wants a sender's packets of that kind … */
	uint8_t answered[KINDS]; /* … and those addressed to it */
	uint8_t by_hint[HINTS];	 /* who looks at a packet that shows these hints */
	const struct detector *slots[HOST_STATES];
	const struct detector *passing; /* the one that sees all packets */
};

struct lanes {
	struct listeners *listeners; /* hear each packet before the detectors do; NULL: nobody */
	struct ledger *ledger;	     /* counts conversations; NULL: nobody wants to know */
	struct lookups *lookups;     /* names looked up; likewise */
	struct roster roster;
	struct lane lane[LANES];
};

/* All findings of all lanes and of the world, by (address, MAC, detector). end_* as in struct lane. */
void lanes_conclude(struct lanes *lanes, const struct world *w, struct findings *out);

/*
 * Takes all lanes' tables from the budget, share bytes of it. The knowledge must outlive the lanes. 0 or -ENOMEM.
 */
int lanes_init(struct lanes *lanes, struct budget *budget, size_t share,
	       const struct knowledge *knowledge, uint64_t seed);

struct ages;
/* Forgets senders with what detectors made of them, and floods. Those that stay name their MACs. */
void lanes_age(struct lanes *lanes, const struct world *w, struct ages *a);
/* How full their tables are. surveyed: so much is known of the world as after world_survey(). */
void lanes_press(const struct lanes *lanes, const struct world *w, struct ages *a, bool surveyed);

/* Takes the work through the lanes that are `part` modulo `parts`: listeners and detectors. */
void lanes_run(struct lanes *lanes, const struct work *work, unsigned part, unsigned parts);

/*
 * The same in steps, LANE_STEPS for each part: listeners (with ledger and lookups) and detectors know nothing of each other. Each step takes every
 * work once, in order; different steps may run at the same time.
 */
enum { LANE_STEPS = 2 };
void lanes_step(struct lanes *lanes, const struct work *work, unsigned step, unsigned parts);
