/* SPDX-License-Identifier: MIT */
/* Stands in for af_xdp.c where it was left out: AF_PACKET is used, and whoever asked for AF_XDP is told. */
#include "capture/tap.h"

#include <errno.h>

static int none_open(const struct live_options *options, struct tap **out, const char **why)
{
	(void)options;
	(void)out;
	*why = "this cordon was built without AF_XDP";
	return -ENOTSUP;
}

const struct tap_method tap_xdp = {.open = none_open};
