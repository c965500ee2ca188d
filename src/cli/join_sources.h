/* SPDX-License-Identifier: MIT */
/*
 * Which of the hosts of one side sent packets to a target, counted in a capture of the other: for attacks with more
 * sources than a report keeps.
 */
#pragma once

#include "cli/join_side.h"

/*
 * Sets seen[i] when hosts->hosts[i] sent to the target. `seen` has hosts->hosts_n places. 0, or -errno when the capture
 * can't be read again.
 */
int sources_seen(const char *path, const struct addr *target, const struct side *hosts, bool *seen);
