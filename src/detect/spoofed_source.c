/* SPDX-License-Identifier: MIT */
/*
 * A MAC on our side, no router by TTL, by router advertisement or by traffic that returns through it, that sends from
 * many addresses which are not ours, or from more local addresses than anything proves. The MAC is the culprit; its
 * invented addresses never become devices (RFC 2827 is what its provider should do about it).
 *
 * What looks the same: a VPN that leaks, a roaming phone with an old address (two or three foreign sources: below the
 * floor), a router (its foreign packets' TTLs are counted down, and packets for elsewhere go to it). Alone it is a
 * sign; with a flood it is proof, which reduce puts together.
 */
#include "detect/detect.h"

#include <stdio.h>

static void accuse(const struct world_mac *m, uint16_t index, struct findings *out)
{
	struct finding *f = findings_add(out);

	if (f == NULL)
		return;
	f->detector = detector_spoofed_source.name;
	f->code = detector_spoofed_source.code;
	f->mac = index;
	f->weight = WEIGHT_SIGN;
	f->first_ns = m->first_ns;
	f->last_ns = m->last_ns;
	f->count = m->foreign + m->invented;
	f->keys_n = (uint8_t)m->first_n;
	memcpy(f->keys, m->first, sizeof f->keys);
	snprintf(
		f->text, FINDING_TEXT,
		"sends from about %u addresses that are not its own: %llu packets with forged senders",
		world_sources(m), (unsigned long long)f->count);
}

static void spoofed_conclude_world(const struct world *w, struct findings *out)
{
	for (uint32_t i = 0; i < w->macs_n; i++) {
		if (world_is_spoofer(&w->macs[i], w->limits))
			accuse(&w->macs[i], (uint16_t)i, out);
	}
}

const struct detector detector_spoofed_source = {
	.name = "spoofed-source",
	.code = "C-0005",
	.summary = "a MAC that sends from addresses which are not its own",
	.slot = -1,
	.conclude_world = spoofed_conclude_world,
};
