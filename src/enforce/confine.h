/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* Gives up every capability but CAP_NET_ADMIN, and CAP_BPF if that is said, and with no_new_privs the way to others. 0 or
 * -errno. */
int confine_capabilities(bool bpf);
/* From now on: no file, no other socket, no program, no process. 0 or -errno. */
int confine_calls(void);
