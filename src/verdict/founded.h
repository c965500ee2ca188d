/* SPDX-License-Identifier: MIT */
/* Findings that mean something only after another one. */
#pragma once

#include "base/arena.h"
#include "detect/finding.h"

/*
 * Drops the findings marked `after_load` whose device was not proven to have loaded a program before; the order of the
 * others stays. Findings have their devices, of which there are devices_n. When memory is out the arena says so, and all
 * that is marked goes.
 */
void findings_founded(struct findings *f, size_t devices_n, struct arena *arena);

/* Drops those whose last sign was seen before; the order of the others stays. */
void findings_drop(struct findings *f, int64_t since_ns);
