/* SPDX-License-Identifier: MIT */
/*
 * What the kernel is told of held devices: elements of named sets. The same sets stand in the tables `cordon` of the families
 * netdev, bridge and inet (ruleset.h), since a device's frames may come any of these ways; an element goes into all
 * three at once. Rules never change; elements come, go and time out.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far a device is held; a device has one. */
enum hold {
	HOLD_NONE,
	HOLD_GATED, /* no Internet, but the updates and clocks that it may have; the LAN as before */
	HOLD_CONTAINED, /* no Internet; calls nobody in the LAN; answers who looks at it; its recorder */
	HOLD_ISOLATED /* nothing but its lease and its address */
};

extern const char *const hold_words[]; /* "none", "gated", … */

enum contain_set {
	SET_GATED,     /* MAC */
	SET_CONTAINED, /* MAC */
	SET_ISOLATED,  /* MAC */
	SET_OWN,       /* MAC and address: what the device may call itself */
	SET_AWAY,      /* address: nobody outside reaches it */
	SET_VIEWERS, /* MAC and address: who looks at the device; the kernel adds who speaks to it */
	SET_RECORDERS, /* MAC and address: whom the device may call in the LAN */
	SET_ALLOWED,   /* MAC and address: whom a gated device may reach outside */
	SET_CALLED, /* address: of all those; where a packet from outside doesn't have its MAC yet */
	/* Of every held device, MAC, without an end: what the kernel counts in them would go with a time-out, and a hold that
	 * ended leaves nothing but a look-up more. */
	SET_BLOCKED, /* with a counter: what was dropped of it or on the way to it */
	SET_LOUD,    /* with a limit: what it says to many (ARP, ND, DHCP, mDNS) */
	SET_ASKS,    /* with a limit: what it asks the gateway */
	SET_HELD,    /* who is not in here is asked nothing: one look-up for everybody else */
	SET_PASSED, /* MAC: who is through the first-use gate; with the gate on everybody else is gated */
	CONTAIN_SETS
};

enum {
	CONTAIN_DEVICES = 1024,
	CONTAIN_PASSED = 4096,
	CONTAIN_ELEMENTS = 16384,
	CONTAIN_ADDRESSES = 16, /* of a device */
	CONTAIN_VIEWERS =
		8192, /* places of SET_VIEWERS; the kernel fills them, time empties them */
	CONTAIN_VIEWER_SECONDS = 300 /* since it last spoke to the device (RFC 4787, REQ-5) */
};

/* One element. Fields that the set does not have are zero; IPv4 addresses are IPv4-mapped, as struct addr has them. */
struct contain_element {
	enum contain_set set;
	struct mac mac;
	struct addr addr;
	int64_t until_ns; /* of the clock on the wall; 0: no end, but whoever applies it may give it one and renew it */
};

/* Has the set MACs, has it addresses? */
bool contain_set_has_mac(enum contain_set set);
bool contain_set_has_addr(enum contain_set set);
/* May an element of it end by itself? What may not has until_ns 0, and is taken away with its device. */
bool contain_set_has_end(enum contain_set set);
/* Its name in the kernel: "contained"; with addresses "own4" or "own6" (addr tells). NULL: no such set. */
const char *contain_set_name(enum contain_set set, const struct addr *addr);
/* By set, MAC, address; until_ns is not compared. For sorting. */
int contain_element_order(const struct contain_element *a, const struct contain_element *b);
/* Where it is in a sorted list, or where it would be. */
size_t contain_element_place(const struct contain_element *list, size_t n,
			     const struct contain_element *e, bool *there);
