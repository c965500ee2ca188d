/* SPDX-License-Identifier: MIT */
/*
 * What cordon-enforce understands: messages of one fixed size over a SOCK_SEQPACKET pair, nothing textual. It alone changes
 * the firewall, with CAP_NET_ADMIN and nothing else; who talks to it, the service, has no privilege. Anything that is not
 * one of these - another size, an unknown type or set, an address where there may be none, a MAC that is a group's, an end
 * where the set has none - ends the process; it is started again, says HELLO, and is told everything anew. A MAC or an address
 * of this host, of the gateway or of --never is answered with FAILED and EPERM: it may be this host's since a moment ago.
 *
 * The rules (contain/ruleset.h) come from its command line, which the first process took from `cordon watch`. They are
 * loaded at its start; what other tables hold is never read. Elements in the kernel outlive it.
 *
 *   enforce to service                          service to enforce
 *   HELLO                                       BEGIN, all elements as ADD, END: what else is in the kernel goes at END
 *   DONE or FAILED, for each message            ADD, REMOVE (also between BEGIN and END)
 *   RELOADED: somebody took the tables away,    COUNT: asks what was blocked of a MAC
 *   they are back with all elements             FORGET: deletes the connections that conntrack has of an address
 *
 * Each side may be started again alone and finds messages of the one before: a service begins with BEGIN, again at each HELLO,
 * and passes over answers whose cookie is not its own. After REMOVE_ALL the tables come back with the next BEGIN or ADD.
 *
 * FAILED, number: ENOSPC, no room, and nothing changed; EAGAIN, the tables are away, and it comes with them (ADD), or has to be
 * said again (END); EPERM, see above; ENOENT, COUNT of a MAC that is not in SET_BLOCKED; others as the kernel gave them.
 * RELOADED: how often so far in packets, and in number 0, or why it could not be done; then it is tried again. The first time
 * it is done at once; bytes is 1 when a port of ours came or went, and nobody did anything; who takes them away again and again is answered ever later, up to a minute.
 * DONE after COUNT: packets and bytes, by the rules and by XDP; less than before when cordon-enforce began anew. DONE after FORGET:
 * connections in packets.
 */
#pragma once

#include <stdint.h>

enum { ENFORCE_FD_SERVICE = 3, SERVICE_FD_ENFORCE = 4 };
enum { ENFORCE_MAGIC = 0x63644531, ENFORCE_SECONDS_MOST = 400 * 86400 };

enum enforce_type {
	ENFORCE_BEGIN = 1,
	ENFORCE_ADD,	/* or gives an element that is there another end */
	ENFORCE_REMOVE, /* it need not be there */
	ENFORCE_END,
	ENFORCE_COUNT,
	ENFORCE_FORGET,
	ENFORCE_REMOVE_ALL, /* tables and all: the service ends and lifts what it did */
	/* answers; `cookie` is the question's */
	ENFORCE_HELLO = 100,
	ENFORCE_DONE,
	ENFORCE_FAILED, /* number: an errno value */
	ENFORCE_RELOADED
};

struct enforce_message {
	uint32_t magic;
	uint32_t type;
	uint64_t cookie;
	uint32_t set;	  /* enum contain_set; ADD and REMOVE, else 0 */
	uint32_t seconds; /* until the element ends; 0: it does not; ADD, else 0 */
	uint8_t mac[6];	  /* zero where the set has none */
	uint8_t zero[2];
	uint8_t addr[16]; /* IPv4 as IPv4-mapped; zero where the set has none */
	uint32_t number;  /* answers */
	uint32_t zero2;
	uint64_t packets;
	uint64_t bytes;
};
