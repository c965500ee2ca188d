/* SPDX-License-Identifier: MIT */
/*
 * Threads for the lanes (design rule 1). The reader fills slots in turn; every worker takes every slot, in order, and
 * runs its own lanes over it; a slot is filled again when all workers are done with it. One lock per slot of about a
 * thousand packets, none per packet. With one thread there are no workers: the reader runs the lanes itself.
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

/* A slot that nobody reads any more. Waits for the slowest worker. */
struct slot *workers_slot(struct workers *w);
/* Hands the slot got last to the lanes. */
void workers_run(struct workers *w, const struct slot *slot);
/* Waits until all lanes have seen everything, ends the threads, frees all. */
void workers_stop(struct workers *w);
