/* SPDX-License-Identifier: MIT */
/*
 * What the XDP program that holds devices (contain.bpf.c) and who loads it agree on. Numbers in keys and values are in host
 * order unless they come from a frame; times are of CLOCK_BOOTTIME, in nanoseconds.
 */
#pragma once

#include <linux/types.h>

enum { XDP_DEVICES = 1024, XDP_PAIRS = 16384, XDP_PREFIXES = 256, XDP_GATEWAYS = 256 };

enum { XDP_HOLD_GATED = 1, XDP_HOLD_CONTAINED, XDP_HOLD_ISOLATED }; /* as enum hold */

/* Map `held`: a device's MAC, with zeros behind. */
struct xdp_device {
	__u8 mac[6];
	__u8 zero[2];
};
struct xdp_held {
	__u64 until_ns; /* 0: no end */
	__u32 hold;
	__u32 zero;
};

/* Map `pairs`: the device and an address; what the address is to it. */
struct xdp_pair {
	struct xdp_device device;
	__u8 addr[16]; /* IPv4 as IPv4-mapped */
};
enum { XDP_OWN = 1, XDP_VIEWER = 2 /* in the program alone */, XDP_RECORDER = 4, XDP_ALLOWED = 8 };
struct xdp_relation {
	__u64 viewer_until_ns; /* it is a viewer until then; the program writes this, and nothing else of it */
	__u32 flags; /* XDP_OWN, XDP_RECORDER, XDP_ALLOWED */
	__u32 zero;
};

/* Map `lan`: longest prefix of local networks, IPv4 as IPv4-mapped. */
struct xdp_prefix {
	__u32 bits;
	__u8 addr[16];
};

/* Map `gateways`: an address of 16 bytes to one byte. Map `blocked`: a device to what was dropped of it, for each CPU. */
struct xdp_count {
	__u64 packets;
	__u64 bytes;
};

/* Map `settings`, its one entry. */
struct xdp_settings {
	__u64 viewer_ns;   /* who spoke to a device is its viewer so long */
	__u32 drop_marked; /* SYNs with the Mirai mark are dropped, whoever sends them */
	__u32 zero;
};

/* Map `counts`: for all devices together. */
enum { XDP_COUNT_HELD, XDP_COUNT_MARKED, XDP_COUNT_INWARD, XDP_COUNTS };
