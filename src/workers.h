/* SPDX-License-Identifier: MIT */
/*
 * Threads for the lanes (design rule 1). The reader fills slots in turn. What lanes do with a slot is cut into steps, two
 * for each thread beside the reader (lane.h); a step takes every slot, in order, and any free thread takes the step that
 * is farthest behind, the reader too while no slot is free: so nobody waits while there is something to do, and which
 * thread runs a step changes nothing. A slot is filled again when all steps are done with it. One lock for each step and
 * slot of some hundreds of packets, none for a packet. With one thread the reader runs the lanes itself.
 */
#pragma once

#include "capture/frame.h"
#include "detect/lane.h"
#include "flow/stamp.h"

#include <stdbool.h>

struct slot {
	struct batch *batch;
	struct work *work;
};

struct workers;

/* threads counts the reader too. 0 or -errno. */
int workers_start(struct workers **out, struct lanes *lanes, unsigned threads);

/* A slot that nobody reads any more. Works, or waits, until there is one. */
struct slot *workers_slot(struct workers *w);
/* Hands the slot got last to the lanes. */
void workers_run(struct workers *w, const struct slot *slot);
/* Works and waits until all lanes have seen what was handed over. */
void workers_settle(struct workers *w);
/* Works and waits until all lanes have seen everything, ends the threads, frees all. */
void workers_stop(struct workers *w);
