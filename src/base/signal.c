/* SPDX-License-Identifier: MIT */
#include "base/signal.h"
#include "base/scan.h"

const struct signal_info signals[SIGNALS] = {
#define SIGNAL(name, weight) {#name, WEIGHT_##weight},
#include "base/signals.def"
#undef SIGNAL
};

/* C wants `_` where people write `-`. */
bool signal_is(enum signal signal, struct bytes name)
{
	const char *own = signals[signal].name;

	if (name.len != strlen(own))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] != (own[i] == '_' ? '-' : (uint8_t)own[i]))
			return false;
	}
	return true;
}

enum signal signal_find(struct bytes name)
{
	for (int i = 0; i < SIGNALS; i++) {
		if (signal_is((enum signal)i, name))
			return (enum signal)i;
	}
	return SIGNALS;
}
