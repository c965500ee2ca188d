/* SPDX-License-Identifier: MIT */
/*
 * Packets of the bench's inputs as bytes of a classic pcap file: Ethernet, IPv4, TCP or any payload, right checksums. The
 * caller owns the stream; a stream that failed stays failed, so that only its end need be looked at.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { FRAME_MAX = 512, TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* Who sends to whom: addresses as numbers, MACs by their last four bytes behind 02:00. */
struct way {
	uint32_t source_mac;
	uint32_t target_mac;
	uint32_t source;
	uint32_t target;
};

struct segment {
	struct way way;
	uint32_t source_port;
	uint32_t port;
	uint32_t seq;
	uint32_t ack;
	uint32_t flags;
	uint32_t window;
	uint32_t id;
	const void *data;
	size_t len;
};

/* A piece of an IPv4 packet: offset in bytes, a multiple of eight. */
struct fragment {
	struct way way;
	uint32_t protocol;
	uint32_t id;
	uint32_t offset;
	uint32_t more; /* pieces come behind this one */
	const void *data;
	size_t len;
};

struct output {
	FILE *to;
	uint32_t packets; /* written so far */
	uint32_t wanted;
	uint64_t begin_ns; /* of capture time, when the first packet comes … */
	uint64_t step_ns;  /* … and from one to the next */
	int failed;
};

void output_begin(struct output *out);
/* One packet more, when packets are still wanted. */
void output_segment(struct output *out, const struct segment *s);
void output_fragment(struct output *out, const struct fragment *f);

static inline int output_wants(const struct output *out)
{
	return out->packets < out->wanted && !out->failed;
}
