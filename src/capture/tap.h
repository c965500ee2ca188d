/* SPDX-License-Identifier: MIT */
/*
 * Private to src/capture: what a way of taking frames from an interface is to live.c. A tap holds its socket and the
 * memory that it shares with the kernel; live.c puts the frames of several in order and copies them out.
 */
#pragma once

#include "capture/live.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame where the kernel left it. */
struct tap_frame {
	const uint8_t *at;
	uint32_t len;
	uint32_t wire_len; /* at least len */
	int64_t time_ns;
	int64_t ripe_ns; /* monotonic time from which on no other tap can still bring an older one */
	uint16_t tpid;	 /* of a VLAN tag that the kernel took out; 0: none */
	uint16_t tci;
	bool unfinished; /* its checksum was left to hardware */
};

struct tap {
	const struct tap_method *method;
	int fd; /* readable when there are frames; owned */
	uint16_t linktype;
	bool away; /* the interface is down or not there */
	bool silent; /* its socket says nothing when that changes: it is looked at every now and then */
	bool stale; /* the interface was made anew, and this tap can't follow */
};

struct tap_method {
	/* 0 and *out; else -errno and *why (static text). The socket stays the caller's when it fails. */
	int (*open)(const struct live_options *options, struct tap **out, const char **why);
	void (*close)(struct tap *t);
	/* The oldest frame at hand, which stays until it is taken; false when there is none. */
	bool (*peek)(struct tap *t, struct tap_frame *out);
	void (*take)(struct tap *t);
	/* The socket has an error, or the interface was away a moment ago: looks whether it is, and sets `away`. */
	void (*look)(struct tap *t);
	/* Frames that were lost, of all since the tap was opened. */
	uint64_t (*dropped)(struct tap *t);
};

extern const struct tap_method tap_ring; /* af_packet.c */
extern const struct tap_method tap_xdp;	 /* af_xdp.c; opened by tap_xdp_open() alone */

/* As open() of a tap; the sockets, the one in the options too, stay the caller's when it fails. */
int tap_xdp_open(const struct live_options *options, const struct live_xdp *sockets,
		 struct tap **out, const char **why);

int64_t tap_now_ns(void); /* of the monotonic clock; live.c */
