/* SPDX-License-Identifier: MIT */
/*
 * What the guard understands: one message of fixed size, no text but the name of an interface. The guard opens capture
 * sockets for interfaces that it was started for and passes them on with SCM_RIGHTS; it answers each message with one.
 * Anything else - another size, an unknown type, a name that is none or not on its list, a number out of bounds - ends the
 * guard's process (it is started again), for then the other side is not what it should be.
 *
 * Descriptors have fixed numbers. The first process (main.c) makes both ends of every pair, keeps them, and hands them to
 * each successor of a process that ended. All pairs are SOCK_SEQPACKET: a message comes whole or not at all.
 */
#pragma once

#include <stdint.h>

enum { GUARD_FD_PACKETS = 3, PACKETS_FD_GUARD = 3, PACKETS_FD_SERVICE = 4, SERVICE_FD_PACKETS = 3 };
/* With --enforce only, the pair of enforce/message.h: the service has it as 4, cordon-enforce as 3. */
enum { GUARD_MAGIC = 0x63644731, GUARD_NAME = 16, GUARD_INTERFACES = 16 };

enum guard_type {
	GUARD_OPEN_RING = 1, /* an AF_PACKET socket that is bound to nothing yet */
	GUARD_OPEN_XDP, /* an AF_XDP socket that is bound to nothing yet, its program's link and map */
	GUARD_OPENED = 100, /* the answer: descriptors, and the interface's index in number */
	GUARD_FAILED	    /* … or an errno value in number */
};

struct guard_message {
	uint32_t magic, type;
	uint32_t number;
	uint32_t reserved;	    /* 0 */
	char interface[GUARD_NAME]; /* NUL-terminated, zeros behind */
};

/*
 * A child that ended is started again, after a pause that doubles up to GUARD_PAUSE_MOST_MS while it ends within
 * GUARD_STEADY_MS, but for this:
 * - The service ends by itself with one of these, or by SIGTERM, for which it has GUARD_END_MS; all ends with it.
 * - Packets ends with 0: it is done, and started again only after an accident of the service.
 * - Packets or the service ends its very first life unsteadily with one of sysexits (64 to 78): that won't mend, and all ends so.
 * What cordon-enforce ends with is an accident always: without it nothing is held, but everything is seen. It ends with the
 * service, so that the next one hears its HELLO.
 */
enum guard_exit {
	GUARD_EXIT_DONE = 0,	/* files were read, or it was told to end: status 0 */
	GUARD_EXIT_RELOAD = 100 /* the settings changed: the command is run anew */
};
enum { GUARD_PAUSE_MS = 50, GUARD_PAUSE_MOST_MS = 10000 };
enum { GUARD_STEADY_MS = 10000, GUARD_END_MS = 10000 };
