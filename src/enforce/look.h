/* SPDX-License-Identifier: MIT */
/*
 * What this host is, as rtnetlink(7) tells: the MACs and addresses of its interfaces, and which are ports of ours.
 */
#pragma once

#include "enforce/here.h"
#include "enforce/netlink.h"

/* Fills *h anew. 0 or -errno, and then *h is as it was. */
int look_here(struct netlink *route, const struct enforce_place *place, struct here *h);
