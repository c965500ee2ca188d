/* SPDX-License-Identifier: MIT */
/*
 * Which bindings are the MAC's own, which belong to hosts behind it, and which are no device's at all.
 */
#pragma once

#include "flow/world.h"

#include <stdbool.h>
#include <stdint.h>

enum placed {
	PLACED_NOWHERE,	  /* invented, forged, or from the Internet side */
	PLACED_BY_MAC,	  /* the MAC is the device */
	PLACED_BY_ADDRESS /* the MAC is a relay, or unknown: the address is the device */
};

struct relays {
	uint8_t *place; /* enum placed, by binding */
};

/* False when memory is out. The caller calls relays_fini in either case. */
bool relays_find(struct relays *r, const struct world *w);
void relays_fini(struct relays *r);
