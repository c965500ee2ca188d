/* SPDX-License-Identifier: MIT */
#pragma once

/* Gives up every capability but CAP_NET_ADMIN, and with no_new_privs the way to others. 0 or -errno. */
int confine_capabilities(void);
/* From now on: no file, no other socket, no program, no process. 0 or -errno. */
int confine_calls(void);
