/* SPDX-License-Identifier: MIT */
/*
 * Private to src/capture: what a file format is to capture.c. A reader is given the unpacked bytes that are at hand
 * and takes whole records from their front; it does no I/O, keeps no bytes, and says how it stopped.
 */
#pragma once

#include "capture/capture.h"
#include "capture/frame.h"

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* More bytes of one record or block than this are never asked for; the rest of a longer one is skipped. */
	READER_HOLD_MAX = FRAME_BYTES_MAX + 2048,
	/* A snap length over this is no statement about packets but "no limit"; Wireshark draws the same line. */
	READER_SNAPLEN_SANE = 128 << 20
};

_Static_assert((int)READER_HOLD_MAX <= (int)BATCH_BYTES, "a held record must fit into a batch");

struct format;
struct pcapng_iface;

struct pcap {
	uint32_t header_len; /* of a record */
	uint32_t longest;    /* bytes a packet may have in this file */
	uint32_t snaplen;    /* as the file says */
	uint32_t tick_ns;
	uint16_t linktype;
	uint16_t minor; /* version 2.minor: old writers swapped the two lengths */
};

struct pcapng {
	struct pcapng_iface *ifaces; /* of this section; owned */
	uint32_t ifaces_n;
	uint32_t ifaces_before; /* in the sections before this one */
	int64_t last_ns;	/* time of the last packet that had one */
};

/* Where a reader stands. A plain value: a copy is a bookmark to come back to, as long as the reader is open. */
struct reader {
	const struct format *format;
	uint64_t number;    /* of the last packet handed out */
	uint64_t skip;	    /* bytes behind those taken that belong to a record too long to hold */
	uint64_t skip_from; /* where that record begins; kept by capture.c */
	size_t held;	    /* how much of it was taken */
	const char *why;    /* set: the bytes at the front are damaged; static text */
	uint32_t input;
	bool swapped; /* written in the other byte order than ours */
	union {
		struct pcap pcap;
		struct pcapng pcapng;
	};
};

enum reader_open {
	READER_OPEN, /* it is mine, the header has been read */
	READER_NOT_MINE,
	READER_NEED_MORE, /* it is mine, the header is not whole yet */
	READER_BAD,	  /* it is mine and can't be read: *why */
	READER_NO_MEMORY
};

struct format {
	enum capture_format id;
	/* Given at least four bytes; on READER_OPEN `in` begins behind what was read and close() is due. */
	enum reader_open (*open)(struct reader *r, struct bytes *in, const char **why);
	void (*close)(struct reader *r);
	/*
	 * Takes up to `max` packets from the front of `in`, which begins behind them afterwards. Stops earlier where
	 * a record is not whole, where r->skip has been set, and at damage (r->why).
	 */
	uint32_t (*take)(struct reader *r, struct bytes *in, struct frame *to, uint32_t max);
	/* What to call it when the input ends in front of the last byte of the record that `in` begins with. */
	const char *(*cut)(const struct reader *r, struct bytes in);
};

extern const struct format format_pcap;
extern const struct format format_pcapng;

/* Unchecked: the caller has seen that the bytes are there. */
static inline uint32_t load_u32(const uint8_t *at, bool swapped)
{
	uint32_t v;
	memcpy(&v, at, sizeof(v));
	return swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t cursor_u16(struct cursor *c, bool swapped)
{
	uint16_t v;
	cursor_copy(c, &v, sizeof(v));
	return swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t cursor_u32(struct cursor *c, bool swapped)
{
	return cursor_need(c, 4) ? load_u32((c->at += 4) - 4, swapped) : 0;
}

static inline uint64_t cursor_u64(struct cursor *c, bool swapped)
{
	uint64_t v;
	cursor_copy(c, &v, sizeof(v));
	return swapped ? __builtin_bswap64(v) : v;
}

/* The longest packet to believe in, given what a file says of its snap length. */
static inline uint32_t reader_longest(uint32_t snaplen)
{
	return snaplen > FRAME_BYTES_MAX && snaplen <= READER_SNAPLEN_SANE ? snaplen
									   : FRAME_BYTES_MAX;
}

/*
 * A packet can't be captured longer than it was: the shorter length counts. A writer that leaves the length on the
 * wire 0 did not know it.
 */
static inline void frame_set_bytes(struct frame *f, const uint8_t *data, uint32_t captured,
				   uint32_t wire)
{
	if (wire == 0)
		wire = captured;
	f->data = data;
	f->len = captured < wire ? captured : wire;
	f->wire_len = wire;
}
