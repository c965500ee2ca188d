/* SPDX-License-Identifier: MIT */
/* Recalls and advisories: which of them name a device, by its maker, model, firmware and build date. */
#pragma once

#include "verdict/exposures.h"

/* Adds the recalls that name the device to what was found of it, and notes those that can't be decided. */
void recalls_match(const struct exposures_in *in, struct exposed *e, const struct profile *p);

/* For exposures.c and recalls.c: "telnet/23", in the arena. */
const char *service_text(struct arena *arena, uint8_t proto, uint16_t port);
/* NULL when there is no room. */
struct exposure *exposure_add(const struct exposures_in *in, struct exposed *e,
			      enum exposure_kind kind, uint64_t key);

/* The list of recalls over all devices that are reported, sorted by maker and advisory. */
struct recall_device {
	const char *id;
	const struct exposed *exposed;
};
const struct recall_entry *recalls_list(const struct recall_device *devices, size_t devices_n,
					struct arena *arena, size_t *n);
