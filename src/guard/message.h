/* SPDX-License-Identifier: MIT */
/*
 * What the guard understands: one message of fixed size, no text but the name of an interface. The guard opens capture
 * sockets for interfaces that it was started for and passes them on with SCM_RIGHTS; it answers each message with one.
 * Anything else - another size, an unknown type, a name that is none or not on its list, a number out of bounds - ends the
 * guard's process (it is started again), for then the other side is not what it should be.
 *
 * The programs and what they are handed, as file descriptors with fixed numbers, by the first process (guard.c), which
 * makes both ends of every pair, keeps them, and hands them to each successor of a process that ended:
 *
 *   first process ──forks── guard     GUARD_FD_PACKETS
 *                 ──execs── packets   PACKETS_FD_GUARD, PACKETS_FD_SERVICE
 *                 ──execs── service   SERVICE_FD_PACKETS
 *
 * All pairs are SOCK_SEQPACKET: a message comes whole or not at all, whoever died in the middle.
 */
#pragma once

#include <stdint.h>

enum { GUARD_FD_PACKETS = 3, PACKETS_FD_GUARD = 3, PACKETS_FD_SERVICE = 4, SERVICE_FD_PACKETS = 3 };

enum { GUARD_MAGIC = 0x63644731, GUARD_NAME = 16, GUARD_INTERFACES = 16 };

enum guard_type {
	GUARD_OPEN_RING =
		1, /* an AF_PACKET socket that is bound to nothing yet; answered with it and `number` */
	GUARD_OPEN_XDP, /* an AF_XDP socket and its program, see capture/af_xdp.c */
	GUARD_JOIN_XDP, /* the socket is bound: frames may go to it */
	GUARD_OPENED =
		100, /* the answer: descriptors come along, number is the interface's index */
	GUARD_FAILED /* … or an errno value in number */
};

struct guard_message {
	uint32_t magic;
	uint32_t type;
	uint32_t number;
	uint32_t reserved;	    /* 0 */
	char interface[GUARD_NAME]; /* NUL-terminated, zeros behind */
};

/*
 * How a child ends, beyond sysexits: what the first process does about it. All else is an accident: it is started again,
 * after a pause that doubles from GUARD_PAUSE_MS up to GUARD_PAUSE_MOST_MS while it keeps ending within ten seconds.
 */
enum guard_exit {
	GUARD_EXIT_DONE =
		0, /* service: all was said (files were read, or SIGTERM): everything ends, status 0 */
	GUARD_EXIT_RELOAD =
		100 /* service: the settings changed: everything ends and the command is run anew */
};
enum { GUARD_PAUSE_MS = 50, GUARD_PAUSE_MOST_MS = 10000 };
