/* SPDX-License-Identifier: MIT */
/*
 * Private to src/capture: the frames of one block of a TPACKET_V3 ring (packet(7), linux/if_packet.h). Pure, so that blocks
 * can be made by hand: it reads the block that it is given and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel says of a frame; all of it lies in the block. */
struct ring_frame {
	const uint8_t *at;
	uint32_t len;
	uint32_t wire_len; /* at least len */
	uint32_t network;  /* where the network header begins; at most len */
	int64_t time_ns;
	uint16_t tpid; /* of a VLAN tag that was taken out; 0: none */
	uint16_t tci;
	bool unfinished; /* TP_STATUS_CSUMNOTREADY */
	bool outgoing;	 /* sent by this host */
};

struct ring_walk {
	const uint8_t *block;
	size_t size;
	size_t at;     /* of the next frame's header */
	uint32_t left; /* frames that follow, as the block says */
};

void ring_begin(struct ring_walk *w, const uint8_t *block, size_t size);
/* False at the end, and when a number leads out of the block: then w->left says how many frames are lost. */
bool ring_next(struct ring_walk *w, struct ring_frame *out);
