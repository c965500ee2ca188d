/* SPDX-License-Identifier: MIT */
/*
 * pcap (draft-ietf-opsawg-pcap): micro- and nanoseconds, both byte orders, the longer records of Kuznetzov's modified
 * libpcap (magic a1b2cd34), and the swapped lengths of versions before 2.4. The format has no marks to find a record
 * again after a damaged one, so the first that can't be ends the input.
 */
#include "capture/reader.h"

#include <stddef.h>

enum {
	HEADER_BYTES = 24,
	RECORD_BYTES = 16,
	RECORD_BYTES_MODIFIED = 24, /* plus interface index, protocol and packet type */
	VERSION_IN_ORDER = 4	    /* 2.4: the lengths stand in the order that all know */
};

static const struct {
	uint32_t magic;
	uint32_t header_len;
	uint32_t tick_ns;
} variants[] = {
	{0xa1b2c3d4, RECORD_BYTES, 1000},
	{0xa1b23c4d, RECORD_BYTES, 1},
	{0xa1b2cd34, RECORD_BYTES_MODIFIED, 1000},
};

static bool find_variant(struct reader *r, uint32_t magic)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		r->swapped = magic == __builtin_bswap32(variants[i].magic);
		if (!r->swapped && magic != variants[i].magic)
			continue;
		r->pcap = (struct pcap){.header_len = variants[i].header_len,
					.tick_ns = variants[i].tick_ns};
		return true;
	}
	return false;
}

static enum reader_open pcap_open(struct reader *r, struct bytes *in, const char **why)
{
	struct cursor c = cursor_over(*in);
	if (!find_variant(r, cursor_u32(&c, false)))
		return READER_NOT_MINE;
	uint16_t major = cursor_u16(&c, r->swapped);
	r->pcap.minor = cursor_u16(&c, r->swapped);
	cursor_skip(&c, 8); /* time zone and accuracy, which nobody ever set */
	r->pcap.snaplen = cursor_u32(&c, r->swapped);
	r->pcap.longest = reader_longest(r->pcap.snaplen);
	/* Above the link type: length of the frame check sequence and reserved bits. */
	r->pcap.linktype = (uint16_t)cursor_u32(&c, r->swapped);
	if (c.broken)
		return READER_NEED_MORE;
	if (major != 2) {
		*why = "not a capture we can read: a version of pcap that does not exist; "
		       "is the file damaged?";
		return READER_BAD;
	}
	*in = cursor_rest(&c);
	return READER_OPEN;
}

static void pcap_close(struct reader *r)
{
	(void)r;
}

struct record {
	uint32_t seconds;
	uint32_t ticks;
	uint32_t captured;
	uint32_t wire;
};

/* Unchecked: a record header is there. */
static inline struct record load_record(const uint8_t *at, bool swapped)
{
	return (struct record){
		.seconds = load_u32(at, swapped),
		.ticks = load_u32(at + 4, swapped),
		.captured = load_u32(at + 8, swapped),
		.wire = load_u32(at + 12, swapped),
	};
}

/* Version 2.3 changed the order of the lengths, and not every writer followed at once. */
static void put_in_order(struct record *rec, uint16_t minor)
{
	if (minor < 3 || (minor == 3 && rec->captured > rec->wire)) {
		uint32_t captured = rec->wire;
		rec->wire = rec->captured;
		rec->captured = captured;
	}
}

/* What one record says; `held` bytes of its packet are at `data`. */
static inline void fill_frame(struct frame *f, const struct record *rec, const uint8_t *data,
			      uint32_t held, const struct reader *r)
{
	frame_set_bytes(f, data, held, rec->wire);
	/* At most 2^32 s and as many µs: far inside 63 bits. A fraction over a second carries. */
	f->time_ns = (int64_t)rec->seconds * 1000000000 + (int64_t)rec->ticks * r->pcap.tick_ns;
	f->input = r->input;
	f->iface = 0;
	f->snaplen = r->pcap.snaplen;
	f->linktype = r->pcap.linktype;
	f->swapped = r->swapped;
}

/*
 * Any record: one that is old, can't be, or is too long to hold. False when it isn't whole yet or (r->why) is
 * damaged.
 */
static bool take_record(struct reader *r, struct bytes *in, struct frame *f)
{
	const size_t header = r->pcap.header_len;
	if (in->len < header)
		return false;
	struct record rec = load_record(in->at, r->swapped);
	put_in_order(&rec, r->pcap.minor);
	if (rec.captured > r->pcap.longest) {
		r->why = "a packet's length can't be";
		return false;
	}
	uint32_t held = rec.captured < FRAME_BYTES_MAX ? rec.captured : FRAME_BYTES_MAX;
	if (in->len - header < held)
		return false;
	fill_frame(f, &rec, in->at + header, held, r);
	f->number = ++r->number;
	r->skip = rec.captured - held;
	r->held = header + held;
	*in = (struct bytes){.at = in->at + r->held, .len = in->len - r->held};
	return true;
}

/*
 * The records that nearly all are: whole, and short enough that no limit needs a thought. Stops in front of any other.
 * Called with `swapped` as a constant, and from a copy of the reader, which stores into frames can't change.
 */
static inline uint32_t take_plain(struct reader *r, struct bytes *in, struct frame *to,
				  uint32_t max, bool swapped)
{
	const struct reader known = *r;
	const size_t header = known.pcap.header_len;
	const uint8_t *at = in->at;
	size_t left = in->len;
	uint64_t number = known.number;
	struct frame *f = to;
	for (; f < to + max && left >= header; f++) {
		struct record rec = load_record(at, swapped);
		if (rec.captured > FRAME_BYTES_MAX || rec.captured > left - header)
			break;
		fill_frame(f, &rec, at + header, rec.captured, &known);
		f->number = ++number;
		at += header + rec.captured;
		left -= header + rec.captured;
	}
	r->number = number;
	*in = (struct bytes){.at = at, .len = left};
	return (uint32_t)(f - to);
}

static uint32_t pcap_take(struct reader *r, struct bytes *in, struct frame *to, uint32_t max)
{
	uint32_t n = 0;
	do {
		if (r->pcap.minor >= VERSION_IN_ORDER)
			n += r->swapped ? take_plain(r, in, to + n, max - n, true)
					: take_plain(r, in, to + n, max - n, false);
	} while (n < max && take_record(r, in, &to[n]) && ++n < max && r->skip == 0);
	return n;
}

static const char *pcap_cut(const struct reader *r, struct bytes in)
{
	(void)r;
	(void)in;
	return "cut off in the middle of a packet";
}

const struct format format_pcap = {
	.id = CAPTURE_PCAP,
	.open = pcap_open,
	.close = pcap_close,
	.take = pcap_take,
	.cut = pcap_cut,
};
