/* SPDX-License-Identifier: MIT */
/*
 * cordon-guard, the one program of cordon with capabilities. It reads no packet and no file, takes no text but its own
 * command line, and needs only the C library. main.c is the first process, opener.c the guard, check.c says what is a
 * message, become.c gives up what is not needed.
 */
#pragma once

#include "guard/message.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { GUARD_USAGE = 64, GUARD_SOFTWARE = 70, GUARD_OS = 71, GUARD_CONFIG = 78 }; /* sysexits */
enum guard_program {
	GUARD,
	PACKETS,
	ENFORCE,
	SERVICE,
	CHILDREN,
	COMMAND = CHILDREN /* cordon itself */
};

struct guard_interfaces {
	char names[GUARD_INTERFACES][GUARD_NAME]; /* zeros behind */
	size_t n;
	bool xdp; /* AF_XDP was asked for */
};

/* Takes it on the list; false when it can't be an interface's name, or the list is full. */
bool guard_interface(struct guard_interfaces *list, const char *name);
/* Are these bytes what message.h says, of an interface on the list? */
bool guard_check(const struct guard_message *m, size_t len, const struct guard_interfaces *list);
_Noreturn void guard_serve(const struct guard_interfaces *list); /* until one is wrong */

/* To that user (NULL: cordon, or nobody), the capabilities, and no way to more. 0, or an exit status and said why. */
int guard_drop(const char *user, bool bpf);
/* After fork(): signals and descriptors as that child has them, these from 3 on. */
void guard_settle(enum guard_program which, const int *fds, int n);
/* That program of the folder, which becomes argv[0]. Children get the variables meant for them, and no capability; enforce
 * gets CAP_NET_ADMIN, and CAP_BPF if it was kept. */
_Noreturn void guard_become(enum guard_program which, const char *folder, char **argv);

/* One line on standard error, its level in front as sd-daemon(3) has it; so many a minute. Nothing of the network is said. */
void guard_say(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
