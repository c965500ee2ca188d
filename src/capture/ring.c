/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a TPACKET_V3 ring: a header with the number of frames and the place of the first, and in front of each frame a
 * header with its lengths, its place and that of the next. Source: Documentation/networking/packet_mmap.rst and
 * linux/if_packet.h.
 *
 * The kernel writes these numbers and is trusted, but memory that is shared is checked all the same: each offset must lead
 * forward and end inside the block, so a block ends after finitely many frames whatever it holds.
 */
#include "capture/ring.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>

void ring_begin(struct ring_walk *w, const uint8_t *block, size_t size)
{
	struct tpacket_block_desc head;

	*w = (struct ring_walk){.block = block, .size = size};
	if (size < sizeof head)
		return;
	memcpy(&head, block, sizeof head);
	w->left = head.hdr.bh1.num_pkts;
	w->at = head.hdr.bh1.offset_to_first_pkt;
}

static uint16_t tag_of(const struct tpacket3_hdr *h)
{
	if ((h->tp_status & TP_STATUS_VLAN_VALID) == 0)
		return 0;
	if ((h->tp_status & TP_STATUS_VLAN_TPID_VALID) == 0 || h->hv1.tp_vlan_tpid == 0)
		return ETH_P_8021Q;
	return h->hv1.tp_vlan_tpid;
}

static int64_t time_of(const struct tpacket3_hdr *h)
{
	return h->tp_sec * INT64_C(1000000000) + (h->tp_nsec < 1000000000 ? h->tp_nsec : 0);
}

/* Is it inside? `room` are the bytes from the frame's header to the end of the block. */
static bool is_sound(const struct tpacket3_hdr *h, size_t room)
{
	return h->tp_mac >= sizeof *h && h->tp_mac <= room && h->tp_snaplen <= room - h->tp_mac &&
	       (h->tp_next_offset == 0 ||
		(h->tp_next_offset >= sizeof *h && h->tp_next_offset <= room));
}

bool ring_next(struct ring_walk *w, struct ring_frame *out)
{
	const size_t place = TPACKET_ALIGN(sizeof(struct tpacket3_hdr));
	struct tpacket3_hdr h;
	struct sockaddr_ll from;
	size_t room;

	if (w->left == 0 || w->at < sizeof(struct tpacket_block_desc) || w->at > w->size)
		return false;
	room = w->size - w->at;
	if (room < place + sizeof from)
		return false;
	memcpy(&h, w->block + w->at, sizeof h);
	memcpy(&from, w->block + w->at + place, sizeof from);
	if (!is_sound(&h, room))
		return false;
	*out = (struct ring_frame){.at = w->block + w->at + h.tp_mac,
				   .len = h.tp_snaplen,
				   .wire_len = h.tp_len > h.tp_snaplen ? h.tp_len : h.tp_snaplen,
				   .time_ns = time_of(&h),
				   .tpid = tag_of(&h),
				   .tci = (uint16_t)h.hv1.tp_vlan_tci,
				   .unfinished = (h.tp_status & TP_STATUS_CSUMNOTREADY) != 0,
				   .outgoing = from.sll_pkttype == PACKET_OUTGOING};
	if (h.tp_net > h.tp_mac)
		out->network = (uint32_t)(h.tp_net - h.tp_mac);
	if (out->network > out->len)
		out->network = out->len;
	w->left--;
	/* The last one leads nowhere. */
	w->at = h.tp_next_offset == 0 ? w->size + 1 : w->at + h.tp_next_offset;
	return true;
}
