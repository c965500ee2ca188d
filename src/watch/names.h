/* SPDX-License-Identifier: MIT */
/*
 * Which names each device looked up itself, and the addresses that it was told: what rules by name are made of (the gate's
 * `allow`, MUD). A name that the device never asked for has no address here, so it opens nothing; one whose time ran out
 * neither.
 *
 * Addresses of our own networks and private ones are kept, with a mark, and never given for a name: a name that was bound
 * anew to reach into the house must not open a way there. Nor are those that came from a neighbour who is no resolver of this
 * network, once it is known who is (names_resolvers): one device could answer another and open any address to it.
 *
 * Bounded: NAMES_DEVICES with WIRE_NAMES_MOST names each. A new device takes the place of one whose names have all run out;
 * when there is none it is refused and counted: forged devices that ask for names push nobody's out.
 */
#pragma once

#include "watch/wire.h"

enum { NAMES_DEVICES = 512, NAMES_RESOLVERS = 16 };

struct names_device; /* what one device asked for */

struct names {
	struct names_device *list[NAMES_DEVICES]; /* the first n */
	size_t n;
	struct addr resolvers[NAMES_RESOLVERS];
	size_t resolvers_n;
	uint64_t refused;
};

void names_fini(struct names *names);

/* Lays what was told over what is known; false when there is no room. */
bool names_put(struct names *names, const struct wire_names *told, int64_t now_ns);

/* Whom in the house the network's devices may ask: its gateways. None: that is not known, and all count. */
void names_resolvers(struct names *names, const struct addr *list, size_t n);

/*
 * The addresses that hold for the device under a name, or under a pattern of base/pattern.h ("*.example.net", ".example.net"),
 * each once; at most `room`. now_ns: stage time, as the wall has it.
 */
size_t names_of(const struct names *names, const char *device_id, const char *name_or_pattern,
		struct addr *out, size_t room, int64_t now_ns);

/* Each name of a device that has not run out whole, with all its addresses and marks. */
void names_each(const struct names *names, const char *device_id, int64_t now_ns,
		void (*each)(void *context, const struct wire_name *name), void *context);
