/* SPDX-License-Identifier: MIT */
/*
 * Decode on any bytes. The first two choose the link type (big-endian; a number that is none picks one by its
 * remainder), the rest is the frame. Each frame is read whole, as if the capture had cut it, and as if a virtual link
 * had left its checksums unfinished, and must keep
 * what decode promises: payloads inside the frame, flags that fit each other, counters that rise by one.
 */
#include "decode/decode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t linktypes[] = {
	LINK_NULL, LINK_ETHERNET, LINK_PPP,   LINK_PPP_HDLC,	   LINK_PPPOE,	     LINK_RAW_BSD,
	LINK_RAW,  LINK_LOOP,	  LINK_80211, LINK_RAW_OPENBSD,	   LINK_PPP_DIR,     LINK_SLL,
	LINK_IPV4, LINK_IPV6,	  LINK_SLL2,  LINK_80211_RADIOTAP, LINK_80211_PRISM,
};

enum { LINKTYPES = sizeof linktypes / sizeof linktypes[0] };

static uint16_t choose_link(const uint8_t *data)
{
	unsigned wanted = (unsigned)data[0] << 8 | data[1];

	for (size_t i = 0; i < LINKTYPES; i++)
		if (linktypes[i] == wanted)
			return linktypes[i];
	return linktypes[wanted % LINKTYPES];
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_packet(const struct frame *f, const struct packet *p)
{
	bool v6 = (p->flags & PACKET_V6) != 0;
	bool arp = p->proto == PROTO_ARP;

	require(v6 != (addr_is_v4(&p->src) && addr_is_v4(&p->dst)));
	require(p->payload == NULL || (p->payload >= f->data && p->payload <= f->data + f->len));
	require(p->payload == NULL || p->payload_len <= (size_t)(f->data + f->len - p->payload));
	require(p->payload_len <= p->payload_wire && p->payload_wire <= p->ip_len);
	require(p->payload_len == p->payload_wire || (p->flags & PACKET_TRUNCATED) != 0);
	require(arp == (p->ip_len == 0) && (!arp || p->arp_op != 0));
	require((p->flags & PACKET_LATER_FRAGMENT) == 0 || (p->flags & PACKET_FRAGMENT) != 0);
	require((p->flags & PACKET_LATER_FRAGMENT) == 0 || (p->flags & PACKET_L4) == 0);
	require((p->flags & PACKET_L4) != 0 || (p->sport | p->dport | p->seq | p->tcp_flags) == 0);
	require((p->flags & PACKET_HAS_MAC) == 0 ||
		(!mac_is_zero(&p->src_mac) && !mac_is_group(&p->src_mac)));
	require((p->flags & PACKET_SESSION) != 0 || p->session == 0);
}

static void decode(const struct frame *f)
{
	struct packet out[DECODE_PACKETS], batch[DECODE_PACKETS];
	struct decode_stats s = {0}, batch_stats = {0};
	unsigned n = decode_frame(f, out, &s);

	/* The same by the short way, where the frame can go it. */
	memset(batch, 0xaa, sizeof batch);
	require(decode_batch(f, 1, batch, &batch_stats) == n);
	require(memcmp(&batch_stats, &s, sizeof s) == 0);
	for (unsigned i = 0; i < n; i++)
		require(memcmp(&batch[i], &out[i], offsetof(struct packet, ttl) + 1) == 0);
	require(n <= DECODE_PACKETS && s.frames == 1);
	require(s.non_ip <= 1 && s.malformed <= 1 && s.truncated <= 1 && s.bad_checksum <= 1);
	require(s.unknown_link == 0 && s.encrypted <= 1 && s.fragments <= 1 && s.too_deep <= 1);
	require(n == 0 || s.non_ip == 0);
	for (unsigned i = 0; i < n; i++) {
		check_packet(f, &out[i]);
		require(((out[i].flags & PACKET_INNER) != 0) == (i > 0));
		require(((out[i].flags & PACKET_OUTER) != 0) == (i + 1 < n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame f = {.number = 1};

	if (size < 2)
		return 0;
	f.linktype = choose_link(data);
	f.data = data + 2;
	f.len = (uint32_t)(size - 2);
	f.wire_len = f.len;
	decode(&f);
	f.wire_len = f.len + 4;
	decode(&f);
	f.unfinished = true;
	decode(&f);
	return 0;
}
