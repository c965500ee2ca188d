/* SPDX-License-Identifier: MIT */
/*
 * Live capture: frames of one or more interfaces, in the order of their time, by batches as from a file. Sockets come from
 * outside (the guard opens them); nothing here needs a privilege or opens a file once live_add() was called.
 *
 * Bytes are copied out of the kernel's ring into the batch, so that the ring's blocks go back at once, whatever the lanes
 * do. VLAN tags that the kernel took out are put back in front of the ethertype. Frames whose checksums a virtual link left
 * unfinished are marked (frame.unfinished); segments that a link joined (GSO) come as the one long frame that they are.
 */
#pragma once

#include "capture/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live;

enum { LIVE_INTERFACES = 16 };

struct live_options {
	const char *name; /* of the interface, for messages; lives as long as the capture */
	int fd;		  /* socket, owned by the capture from now on */
	unsigned index;	  /* of the interface */
	uint32_t input;	  /* frames get this as input and iface … */
	uint64_t number;  /* … and are numbered from this + 1 on */
	uint64_t ring_bytes;
	uint32_t snaplen; /* bytes of a frame kept at most */
	bool promiscuous;
	const void *filter; /* struct sock_filter[filter_n], or NULL */
	unsigned filter_n;
};

/* What AF_XDP wants beside the packet socket. The first two are owned by the capture once it was added. */
struct live_xdp {
	int fd;	  /* socket, not bound yet */
	int link; /* of the program that gives it its frames */
	int map;  /* where the program looks for the socket */
};

/* What one interface did since it was added. */
struct live_count {
	uint64_t frames;
	uint64_t bytes;	  /* on the wire */
	uint64_t dropped; /* by the kernel, for want of room in the ring */
	uint64_t gone;	  /* times that the interface was down or away */
	bool away;	  /* it is now */
	bool stale;	  /* it was made anew, and has to be added anew for that: by AF_XDP alone */
	int64_t first_ns; /* of the frames; 0 while there are none */
	int64_t last_ns;
};

/* 0 or -ENOMEM. */
int live_new(struct live **out);
void live_free(struct live *l);

/* 0 or -errno, and *why in plain words (static text). The socket is closed when it fails. */
int live_add(struct live *l, const struct live_options *options, const char **why);

/*
 * The same by AF_XDP: frames that come in, which the host's own stack then doesn't get. No filter, no snap length, Ethernet
 * alone. When it fails nothing is closed, so that live_add() can follow.
 */
int live_add_xdp(struct live *l, const struct live_options *options, const struct live_xdp *sockets,
		 const char **why);

/*
 * Fills the batch with what has come, waiting at most wait_ms for the first frame (interrupted by signals and by
 * wake_fd becoming readable; -1: none). Returns the number of frames, 0 when nothing came.
 */
uint32_t live_fill(struct live *l, struct batch *b, int wait_ms, int wake_fd);

/* Asks the kernel for drops; cheap, to be called every second or so. */
void live_count(struct live *l, size_t interface, struct live_count *out);

/*
 * Compiles a filter in tcpdump's words for Ethernet (libpcap). 0 and *code (to be freed) of *n struct sock_filter; else
 * -EINVAL and what is wrong in why; -ENOTSUP in a build without libpcap.
 */
enum { LIVE_FILTER_WHY = 256 };
int live_filter(const char *words, uint32_t snaplen, void **code, unsigned *n,
		char why[LIVE_FILTER_WHY]);
