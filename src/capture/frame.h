/* SPDX-License-Identifier: MIT */
/*
 * A frame: one packet record of a capture, before anybody has looked inside. Frames travel in batches; a batch owns
 * the bytes its frames point into, until it is filled again.
 */
#pragma once

#include "base/bytes.h"

#include <stdint.h>

enum {
	BATCH_FRAMES = 1024, /* frames in one batch at most */
	BATCH_READ =
		64 * 1024, /* bytes that one fill tries to have: larger reads measured no faster */
	FRAME_BYTES_MAX = 256 * 1024 + 64, /* longest record taken; libpcap's own limit is 262144 */
	BATCH_BYTES = BATCH_READ + FRAME_BYTES_MAX + 4096
};

/* LINKTYPE_ values of the pcap file format that decode understands (draft-ietf-opsawg-pcaplinktype). */
enum linktype {
	LINK_NULL = 0, /* BSD loopback, family in host order of the writer */
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_PPP_HDLC = 50, /* PPP in HDLC-like framing */
	LINK_PPPOE = 51,
	LINK_RAW_BSD = 12, /* DLT_RAW of some systems */
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108, /* OpenBSD loopback, family in network order */
	LINK_80211 = 105,
	LINK_SLL = 113,
	LINK_80211_PRISM = 119,
	LINK_80211_RADIOTAP = 127,
	LINK_PPP_DIR = 204, /* PPP with a direction byte in front */
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276
};

struct frame {
	const uint8_t *data; /* in the batch's bytes */
	int64_t time_ns;     /* since 1970, UTC */
	uint64_t number;     /* from 1, as Wireshark counts in this input */
	uint32_t len;	     /* bytes captured */
	uint32_t wire_len;   /* bytes on the wire, at least len */
	uint32_t input;	     /* from 0, in the order judged */
	uint32_t iface;	  /* interface of the capture file, from 0, counted over all its sections */
	uint32_t snaplen; /* of the interface, as the file says; 0: no limit */
	uint16_t linktype;
	bool swapped; /* the file was written on a machine of the other byte order */
	bool unfinished; /* checksums of TCP and UDP were left to hardware that there is none of: not looked at */
};

/* One buffer of bytes and the frames found in it. `bytes` has room for BATCH_BYTES. */
struct batch {
	uint8_t *bytes;
	uint32_t n;
	struct frame frames[BATCH_FRAMES];
};
