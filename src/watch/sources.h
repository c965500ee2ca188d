/* SPDX-License-Identifier: MIT */
/*
 * Where the packets process gets its packets from: interfaces, whose sockets the guard opens, or capture files (-r), which
 * are read as fast as they can be. Both give batches; everything after that is the same.
 *
 * What earlier lives read of the same interface goes on counting: packets are numbered behind the last one, so that the
 * numbers that findings cite stay unique.
 */
#pragma once

#include "capture/frame.h"
#include "summary/summary.h"
#include "verdict/judged.h"
#include "settings/settings.h"
#include "watch/wire.h"

struct sources;

/*
 * Opens all of them. 0; else the exit status, after a line that says what is wrong. A capture file that can't be used is
 * said and left out as long as there is another one.
 */
int sources_open(const struct settings *settings, int guard, struct sources **out);
void sources_close(struct sources *s);

/* True of files: they end, and their time is that of their packets. */
bool sources_are_files(const struct sources *s);

/* True when an interface was made anew that only another life can open: by AF_XDP. Found by sources_counts(). */
bool sources_are_stale(const struct sources *s);

/* Goes on where the inputs of a summary ended; before the first fill, by interfaces alone. 0 or -ENOMEM. */
int sources_resume(struct sources *s, const struct summary_input *list, uint32_t n);

/* The next batch; waits at most wait_ms for interfaces, and until wake_fd is readable. 0: nothing came, or *ended. */
uint32_t sources_fill(struct sources *s, struct batch *b, int wait_ms, int wake_fd, bool *ended);

/* What was read so far, with earlier lives: for judging, and for a summary (as many, in the same order). */
const struct input *sources_inputs(const struct sources *s, size_t *n);
/* The same as of this life alone, with what was lost; at most WIRE_INTERFACES. */
uint32_t sources_counts(struct sources *s, struct wire_interface list[WIRE_INTERFACES]);
