/* SPDX-License-Identifier: MIT */
/* What `cordon contain` and `cordon release` share: the order to the service, and its answer in words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct order_request {
	const char *verb;    /* "contain" or "release" */
	const char *device;  /* as the owner named it; "*": all that are held */
	const char *control; /* path of the socket, or NULL */
	int64_t seconds;     /* 0: no end */
	bool isolate;
	bool dry_run; /* nothing is done; what would be is printed as nft text */
	bool json;    /* the answer as it came */
};

enum { ORDER_REFUSED = 1 };

/* Asks, and prints what came of it. Returns the exit status: 0 done, ORDER_REFUSED, others as control_ask(). */
int order_give(const struct order_request *request);
