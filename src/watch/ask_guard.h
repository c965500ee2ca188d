/* SPDX-License-Identifier: MIT */
/* The packets process's side of guard/message.h. */
#pragma once

/*
 * Asks for a capture socket on an interface. 0, *fd (the caller's) and *index; else -errno, what the guard met or
 * -ETIMEDOUT. A guard that ended in the middle is started again: it is asked again, for ten seconds in all.
 */
int ask_guard(int guard, const char *name, int *fd, unsigned *index);
