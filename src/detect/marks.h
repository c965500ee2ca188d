/* SPDX-License-Identifier: MIT */
/*
 * Marks that raw-socket scanners leave in a SYN. A kernel's connect() leaves none of them but by chance, so detectors
 * of connect() scanners pass such SYNs over.
 */
#pragma once

#include "decode/packet.h"

/* TCP sequence number equal to the destination; see mirai_scan.c. */
static inline bool mark_is_mirai(const struct packet *p)
{
	if (p->seq != addr_low32(&p->dst))
		return false;
	return (p->flags & PACKET_V6) == 0 ? p->seq != 0 : p->seq >= 65536;
}

/* ZMap's IP identification (Durumeric et al., USENIX Security 2013). */
static inline bool mark_is_zmap(const struct packet *p)
{
	return (p->flags & PACKET_V6) == 0 && p->ip_id == 54321;
}

/* masscan's IP identification: destination, port and sequence number folded together, low 16 bits. */
static inline bool mark_is_masscan(const struct packet *p)
{
	return (p->flags & PACKET_V6) == 0 &&
	       p->ip_id == (uint16_t)(addr_low32(&p->dst) ^ p->dport ^ p->seq) &&
	       p->tcp_options <= 4;
}
