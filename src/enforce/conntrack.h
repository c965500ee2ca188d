/* SPDX-License-Identifier: MIT */
/*
 * Connections that conntrack has of an address: deleted, so that what a flow table or a rule `ct state established` lets
 * pass does not outlive containment.
 */
#pragma once

#include "base/addr.h"
#include "enforce/netlink.h"

/* Deletes all in which it has any part, whoever began. 0 or -errno; a kernel without conntrack has none. */
int conntrack_forget(struct netlink *n, const struct addr *addr, uint32_t *deleted);
