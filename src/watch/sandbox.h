/* SPDX-License-Identifier: MIT */
/*
 * What the packets process shuts behind itself before it reads the first stranger's byte: from then on it can open neither a
 * file nor a socket, start no program and no process, and speak only where it was told to. It reads what it holds, computes,
 * and writes to the descriptors named here and to standard error.
 *
 * Three layers, each of which would do for most of it: seccomp (what it may ask of the kernel), Landlock (files, TCP, and
 * signals and sockets of others), limits (no process, no core). A kernel that lacks one is said, and the others stand.
 *
 * Descriptors are told apart when it is shut:
 *   named in may_send, and standard error   write, send; can't be closed, so that no other takes their number
 *   packet sockets                          bind again where an interface was away, ask for its state; never send
 *   files in memory (memfd)                 written, cut
 *   all                                     read
 */
#pragma once

#include <stddef.h>

enum { SANDBOX_WHY = 256 };

/*
 * Files and addresses first, before threads are started, which get it too; what was opened stays open, and descriptors may
 * still be received. Not needed: sandbox_enter() does it as well, but then for its own thread alone.
 */
void sandbox_begin(char why[SANDBOX_WHY]);

/*
 * Shuts it, for all threads there are; none can be started after it. 0, and why says in plain words what this kernel lacks
 * ("" when nothing); or -errno and why says what failed.
 */
int sandbox_enter(const int *may_send, size_t n, char why[SANDBOX_WHY]);
