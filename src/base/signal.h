/* SPDX-License-Identifier: MIT */
/*
 * The words that parsers and knowledge share: what can be told about a device, and how much a claim drawn from it counts.
 */
#pragma once

#include "base/bytes.h"

#include <stdint.h>

enum signal {
#define SIGNAL(name, weight) SIGNAL_##name,
#include "base/signals.def"
#undef SIGNAL
	SIGNALS
};

enum signal_weight { /* best first; what each means stands in signals.def */
		     WEIGHT_SAYS,
		     WEIGHT_ACTS,
		     WEIGHT_BANNER,
		     WEIGHT_LEASE,
		     WEIGHT_CLOUD,
		     WEIGHT_PREFIX,
		     WEIGHT_FACT,
		     WEIGHT_DEED
};

struct signal_info {
	const char *name; /* "dhcp-host-name" */
	uint8_t weight;	  /* enum signal_weight */
};
extern const struct signal_info signals[SIGNALS];

bool signal_is(enum signal signal, struct bytes name);
/* The signal of that name, or SIGNALS. */
enum signal signal_find(struct bytes name);
