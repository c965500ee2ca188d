/* SPDX-License-Identifier: MIT */
/* Stands in for filter.c where libpcap is not there: cordon then takes every frame, and a filter is refused. */
#include "capture/live.h"

#include <errno.h>
#include <stdio.h>

int live_filter(const char *words, uint32_t snaplen, void **code, unsigned *n,
		char why[LIVE_FILTER_WHY])
{
	(void)words;
	(void)snaplen;
	*code = NULL;
	*n = 0;
	snprintf(why, LIVE_FILTER_WHY, "this cordon was built without libpcap, which filters need");
	return -ENOTSUP;
}
