/* SPDX-License-Identifier: MIT */
/*
 * Who is held now, for the portal's pages: from the holder, with what the store knows of each. For portal.c alone.
 */
#pragma once

#include "base/arena.h"
#include "hold/holder.h"
#include "watch/portal_page.h"
#include "watch/service.h"

struct portal_held {
	struct arena arena;
	struct portal_device devices[PORTAL_LISTED];
	struct mac macs[PORTAL_LISTED][HOLDER_MACS];
	struct portal_device own; /* the last reader's, who is not on the list */
	struct portal_view view;
	int64_t read_ns; /* of the loop's clock; 0: never */
};

/* Reads it anew, unless it was read within the last second. */
void portal_held_read(struct portal_held *h, struct service *s);
void portal_held_fini(struct portal_held *h);
/* The device of that MAC; NULL: it is not held, or finds no room on the page. */
const struct portal_device *portal_held_find(const struct portal_held *h, const struct mac *mac);
/* The reader's own: also one that finds no room, and one of which nothing is known yet but that the gate is shut. */
const struct portal_device *portal_held_own(struct portal_held *h, const struct service *s,
					    const struct mac *mac);
