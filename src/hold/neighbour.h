/* SPDX-License-Identifier: MIT */
/*
 * Which MAC an address on a link has, as the kernel's neighbour table knows it (rtnetlink(7), RTM_GETNEIGH). Nothing is sent
 * to the address: who has just opened a connection to this host is in the table.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* Asks for one entry. False: it is not there, or has no MAC. */
bool neighbour_mac(int interface, const struct addr *addr, struct mac *out);

/* The part of it, for tests: an answer of the kernel's, about that address on that interface. */
bool neighbour_read(const void *answer, size_t len, int interface, const struct addr *addr,
		    struct mac *out);
