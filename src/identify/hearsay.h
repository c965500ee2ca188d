/* SPDX-License-Identifier: MIT */
/* Private to profiles: evidence that tells of somebody else than the device it was seen of. */
#pragma once

#include "identify/profiles.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Is this name that was asked for a maker's site, shop or store, which people visit? A line of the catalogue that stands
 * for all names of a domain does not mean it.
 */
bool hearsay_is_site(const struct told *told);

/* What is hearsay on this device is marked as speaking against the conclusion, whatever that will be. */
void hearsay_mark(struct evidence_for *list, size_t n, const struct profile *p,
		  const struct catalogue *c);
