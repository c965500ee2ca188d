/* SPDX-License-Identifier: MIT */
/*
 * In place of xdp.c where clang, bpftool or libbpf were missing when cordon was built: the firewall holds alone.
 */
#include "enforce/xdp.h"

#include <errno.h>

int xdp_load(struct xdp *x, const struct ruleset_place *place)
{
	(void)x, (void)place;
	return -EOPNOTSUPP;
}

int xdp_check(struct xdp *x, int64_t now_ns)
{
	(void)x, (void)now_ns;
	return 0;
}

void xdp_tend(struct xdp *x, int64_t now_ns)
{
	(void)x, (void)now_ns;
}

void xdp_follow(const struct xdp *x, struct held *h, const struct contain_element *e)
{
	(void)x, (void)h, (void)e;
}

void xdp_fill(const struct xdp *x, struct held *h)
{
	(void)x, (void)h;
}

void xdp_blocked(const struct xdp *x, const struct mac *mac, uint64_t sum[2])
{
	(void)x, (void)mac, (void)sum;
}
