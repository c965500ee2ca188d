/* SPDX-License-Identifier: MIT */
/*
 * Elements of our sets in the kernel, written and read without a word of text: NFT_MSG_NEWSETELEM and its kin by libmnl. An
 * action goes into the tables of all three families in one transaction: it is in all of them or in none.
 */
#pragma once

#include "contain/plan.h"
#include "enforce/netlink.h"

enum { SETS_FAMILIES = 3 };
extern const uint8_t sets_families[SETS_FAMILIES]; /* NFPROTO_NETDEV, … */
#define SETS_TABLE "cordon"

/* Of one family, or of all: */
enum { SETS_ALL = SETS_FAMILIES };

/* Does them in order. What is to be removed need not be there. 0, or -errno: -ENOENT says that a table or a set is missing. */
int sets_apply(struct netlink *n, size_t family, const struct contain_action *actions, size_t count,
	       int64_t now_ns);

/* What stands in the sets of a family but SET_VIEWERS, to which the kernel adds; sorted. At most `room`; *more says that there
 * is more. 0 or -errno; a table that is not there has nothing. */
int sets_read(struct netlink *n, size_t family, int64_t now_ns, struct contain_element *out,
	      size_t room, size_t *count, bool *more);

/* What stands in SET_VIEWERS of a family, likewise; not sorted. */
int sets_viewers(struct netlink *n, size_t family, int64_t now_ns, struct contain_element *out,
		 size_t room, size_t *count);

/* The numbers of our XDP programs, as the set `programs` of the family inet has them; as many as there is room for. Returns how
 * many. */
size_t sets_programs(struct netlink *n, uint32_t *out, size_t room);

/* Packets and bytes that SET_BLOCKED counted of a device, in all families. 0 or -errno. */
int sets_blocked(struct netlink *n, const struct mac *mac, uint64_t sum[2]);
