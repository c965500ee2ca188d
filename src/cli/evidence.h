/* SPDX-License-Identifier: MIT */
/*
 * `cordon inspect --evidence FILE`: a pcapng of exactly the packets that the report cites, each once, with a comment that
 * says why. The captures are read a second time, so they must be files.
 */
#pragma once

#include "cli/inspect.h"
#include "cli/output.h"

/* Before anything is read: can all inputs be read again? Returns an exit status, having said what is wrong. */
int evidence_check(const struct inspect *in);
/* Once the report is made. Returns an exit status, having said what is wrong; `out` is prepared. */
int evidence_write(const struct judged *judged, struct output *out);
