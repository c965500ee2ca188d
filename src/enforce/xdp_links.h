/* SPDX-License-Identifier: MIT */
/*
 * Where the program is attached: by rtnetlink(7), IFLA_XDP, so that it outlives this process. An interface has one program;
 * ours is known by its number, which stands in the set `programs` of our table in the family inet and goes where that goes. A
 * program that is not ours is left where it is.
 */
#pragma once

#include "enforce/here.h"
#include "enforce/netlink.h"
#include "enforce/xdp.h"

/* Puts it on each port that is there: in its driver, else by the kernel (generic), in the place of one of ours where there is
 * one; and takes those of ours off from everywhere else. Said in a line, once for a port. */
void xdp_links_attach(struct xdp *x, struct netlink *route, const struct here *here);
/* Takes all of ours off. */
void xdp_links_detach(const struct xdp *x, struct netlink *route);
