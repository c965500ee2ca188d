/* SPDX-License-Identifier: MIT */
/*
 * The table of senders. Nobody is taken out to make room for another: what was evidence once stays evidence, and a stranger
 * who wants room has to come early, or wait until others are forgotten (detect/lane_age.c).
 */
#include "flow/hosts.h"

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(struct host) == 64, "one host, one cache line");

struct host *hosts_get(struct hosts *t, const struct addr *addr, uint16_t mac, uint64_t hash,
		       bool ours)
{
	struct probe probe = slots_probe(&t->slots, hash);
	unsigned macs = 0;
	uint32_t at;

	while (slots_next(&t->slots, &probe, &at)) {
		struct host *host = hosts_at(t, at);

		if (!addr_equal(&host->addr, addr))
			continue;
		if (host->mac == mac)
			return host;
		macs++;
	}
	if (t->n >= (ours ? t->cap : t->cap - t->cap / 8) || macs >= HOST_MACS_MAX) {
		t->refused++;
		return NULL;
	}
	*hosts_at(t, t->n) =
		(struct host){.addr = *addr, .mac = mac, .flags = ours ? HOST_OURS : 0};
	slots_put(&t->slots, &probe, t->n);
	return hosts_at(t, t->n++);
}

struct host *hosts_find(const struct hosts *t, const struct addr *addr, uint16_t mac, uint64_t hash)
{
	struct probe probe = slots_probe(&t->slots, hash);
	struct host *first = NULL;
	uint32_t at;

	while (slots_next(&t->slots, &probe, &at)) {
		struct host *host = hosts_at(t, at);

		if (!addr_equal(&host->addr, addr))
			continue;
		if (host->mac == mac)
			return host;
		if (first == NULL)
			first = host;
	}
	return first;
}
