/* SPDX-License-Identifier: MIT */
/*
 * The same packet seen on several interfaces (`-i any`: port, bridge, uplink) counts once (design rule 2). A copy
 * comes within milliseconds, on another link or from another MAC with a smaller TTL, with the same content; behind a NAT it also has another source
 * address, a public one where the first was private. Forwarding changes MACs, TTL and checksums, so these are left
 * out of the comparison.
 *
 * Memory is fixed: a direct-mapped table where a newer packet overwrites an older one. A copy that comes after its
 * original was overwritten is judged as a packet of its own.
 */
#pragma once

#include "base/knowledge.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

enum { COPIES_CELLS = 1024 };

struct copy_cell {
	uint64_t source;
	int64_t time_ns;
	uint32_t link_key;
	struct mac src_mac;
	uint8_t ttl;
	bool private_source;
};

struct copies {
	uint64_t *
		contents; /* COPIES_CELLS, zeroed: apart, because nearly every packet looks no further */
	struct copy_cell *cells; /* COPIES_CELLS */
	int64_t window_ns;
	uint64_t seen; /* copies left out */
};

void copies_init(struct copies *c, uint64_t *contents, struct copy_cell *cells,
		 const struct limits *limits);

/*
 * True when p is a copy of a packet that was seen on another link just before. Remembers p otherwise. The hashes are
 * the published ones of its addresses, which the caller has at hand.
 */
bool copies_seen(struct copies *c, const struct packet *p, uint64_t src_hash, uint64_t dst_hash);
