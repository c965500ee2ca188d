/* SPDX-License-Identifier: MIT */
/*
 * What the XDP program that holds devices (contain.bpf.c) and who loads it (src/enforce/xdp.c) agree on. Numbers in keys and
 * values are in host order unless they come from a frame; times are of CLOCK_MONOTONIC, in nanoseconds. The maps say what the
 * sets of contain/element.h say, and no more than them.
 */
#pragma once

#include <linux/types.h>

enum {
	XDP_DEVICES = 4096, /* more than all sets of MACs of the held can have */
	XDP_PASSED = 8192,
	XDP_PAIRS = 16384,
	XDP_PREFIXES = 256,
	XDP_GATEWAYS = 256,
	XDP_MARKERS = 1024, /* senders of marked SYNs; the one not seen for longest makes room */
	/* Marked SYNs of one sender that pass in a minute: by three of them the engine knows a bot, so they must be seen. */
	XDP_MARKS_SHOWN = 8
};

/* An end that never comes, and one that has come. */
#define XDP_ALWAYS (~0ULL)
#define XDP_NEVER 0ULL

/* Map `held`: a device's MAC, with zeros behind. */
struct xdp_device {
	__u8 mac[6];
	__u8 zero[2];
};
enum {
	XDP_HELD,
	XDP_GATED,
	XDP_CONTAINED,
	XDP_ISOLATED,
	XDP_HOLDS
}; /* sets; as enum hold but for the first */
struct xdp_held {
	__u64 until_ns[XDP_HOLDS]; /* it is in the set until then */
};

/* Map `passed`: a device to the end of its being in that set. */

/* Map `pairs`: the device and an address; what the address is to it, and until when. */
struct xdp_pair {
	struct xdp_device device;
	__u8 addr[16]; /* IPv4 as IPv4-mapped */
};
enum { XDP_OWN, XDP_RECORDER, XDP_ALLOWED, XDP_RELATIONS };
struct xdp_relation {
	__u64 until_ns[XDP_RELATIONS];
};

/* Map `lan`: longest prefix of what is here, groups and links included, IPv4 as IPv4-mapped. */
struct xdp_prefix {
	__u32 bits;
	__u8 addr[16];
};

/* Map `gateways`: an address of 16 bytes to one byte. Map `blocked`: a device to what was dropped of it, for each CPU. */
struct xdp_count {
	__u64 packets;
	__u64 bytes;
};

/* Map `marks`: a sender of marked SYNs. */
struct xdp_marker {
	__u64 since_ns;
	__u64 seen;
};

/* Map `settings`, its one entry. */
enum { XDP_WITH_GATE = 1, XDP_WITH_PORTAL = 2, XDP_DROP_MARKED = 4 };
struct xdp_settings {
	__u64 until_ns; /* who tends the maps lived just before; from then on everything passes, and the firewall holds alone */
	__u32 flags;
	__u32 zero;
};

/* Map `counts`: for all devices together. */
enum { XDP_COUNT_HELD, XDP_COUNT_MARKED, XDP_COUNTS };
