/* SPDX-License-Identifier: MIT */
/*
 * Frame to packets. Pure: no allocation, no state but the counters given, no trust in any byte.
 */
#pragma once

#include "capture/frame.h"
#include "decode/packet.h"

enum {
	DECODE_PACKETS =
		4 /* an outermost packet and at most three inside it; deeper ones are counted as too deep */
};

/* What could not be read, or was read and is odd. Sums; all frames counted once a kind. */
struct decode_stats {
	uint64_t frames;
	uint64_t non_ip;       /* neither IP nor ARP: LLDP, spanning tree, EAPOL, … */
	uint64_t unknown_link; /* link types we can't read */
	uint64_t malformed;    /* lengths or versions that can't be, IPv6 under an IPv4 ethertype */
	uint64_t truncated;    /* cut by the snap length */
	uint64_t bad_checksum; /* kept and judged */
	uint64_t encrypted;    /* 802.11 protected frames */
	uint64_t fragments;
	uint64_t too_deep; /* tunnels inside tunnels beyond DECODE_PACKETS */
};

/*
 * Reads one frame into up to DECODE_PACKETS packets; returns how many (0: nothing IP or ARP in it). Packets point
 * into the frame's bytes. `now_ns` is set to the frame's own time; flow stamps it over.
 */
unsigned decode_frame(const struct frame *f, struct packet out[DECODE_PACKETS],
		      struct decode_stats *stats);

/*
 * Reads n frames, one after the other, into the packets from `out` on, which has room for DECODE_PACKETS of each;
 * returns how many they are. The same as decode_frame() on each, and several times faster on ordinary ones.
 */
uint32_t decode_batch(const struct frame *frames, uint32_t n, struct packet *out,
		      struct decode_stats *stats);
