/* SPDX-License-Identifier: MIT */
/*
 * The XDP program that drops frames of held devices before the kernel makes packets of them (bpf/contain.bpf.c): loaded when
 * cordon-enforce starts, its maps filled from the same copy of elements as the sets, and attached to the ports (xdp_links.h).
 * It outlives this process, and holds by what its maps say for XDP_LIFE_MS after it was tended last; then it passes everything
 * and the firewall holds alone. The next process loads a program of its own and puts it in the place of this one, at once
 * and with full maps: no map has to be found again (docs/decisions/0045-xdp-loading.md).
 */
#pragma once

#include "contain/ruleset.h"
#include "enforce/held.h"

enum { XDP_LIFE_MS = 60000, XDP_IDS = 16, XDP_PORT_SAID = 3 };

enum xdp_map {
	XDP_MAP_HELD,
	XDP_MAP_PASSED,
	XDP_MAP_PAIRS,
	XDP_MAP_BLOCKED,
	XDP_MAP_SETTINGS,
	XDP_MAP_COUNTS,
	XDP_MAPS
};

struct xdp {
	bool loaded;
	int program; /* descriptors are kept until the process ends */
	int maps[XDP_MAPS];
	unsigned cpus;
	uint32_t flags;	 /* of struct xdp_settings */
	uint64_t marked; /* SYNs that were dropped for their mark, when it was said last */
	int64_t marked_ns;
	/* Programs of ours that may be attached: this one is the first, if there is one; the others are of processes before. */
	uint32_t ids[XDP_IDS];
	size_t ids_n;
	unsigned char said[RULESET_PORTS]; /* what was said of a port already … */
	int said_of[RULESET_PORTS];	   /* … and which interface that is */
};

/* Loads it; wants CAP_BPF and CAP_NET_ADMIN. 0 or -errno. */
int xdp_load(struct xdp *x, const struct ruleset_place *place);
/* Can its maps still be written without CAP_BPF (Linux 5.19)? 0 or -errno, and it is unloaded. */
int xdp_check(struct xdp *x, int64_t now_ns);
/* It is tended: from now on it goes on for XDP_LIFE_MS. */
void xdp_tend(struct xdp *x, int64_t now_ns);
/* Makes the entry of this element what the copy says of it. */
void xdp_follow(const struct xdp *x, struct held *h, const struct contain_element *e);
/* Makes all of them so: those of the copy, and what is in the maps and not in the copy goes. */
void xdp_fill(const struct xdp *x, struct held *h);
/* Adds packets and bytes that it dropped of a device. */
void xdp_blocked(const struct xdp *x, const struct mac *mac, uint64_t sum[2]);
