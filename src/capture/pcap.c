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
	RECORD_BYTES_MODIFIED = 24 /* plus interface index, protocol and packet type */
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
static inline struct record load_record(const uint8_t *at, const struct reader *r)
{
	struct record rec = {
		.seconds = load_u32(at, r->swapped),
		.ticks = load_u32(at + 4, r->swapped),
		.captured = load_u32(at + 8, r->swapped),
		.wire = load_u32(at + 12, r->swapped),
	};
	/* Version 2.3 changed the order of the lengths, and not every writer followed at once. */
	if (r->pcap.minor < 3 || (r->pcap.minor == 3 && rec.captured > rec.wire)) {
		uint32_t captured = rec.wire;
		rec.wire = rec.captured;
		rec.captured = captured;
	}
	return rec;
}

static uint32_t pcap_take(struct reader *r, struct bytes *in, struct frame *to, uint32_t max)
{
	const uint8_t *at = in->at;
	const uint8_t *end = at + in->len;
	const struct pcap pcap = r->pcap;
	uint32_t n = 0;
	while (n < max && r->skip == 0 && (size_t)(end - at) >= pcap.header_len) {
		struct record rec = load_record(at, r);
		if (rec.captured > pcap.longest) {
			r->why = "a packet's length can't be";
			break;
		}
		uint32_t held = rec.captured < FRAME_BYTES_MAX ? rec.captured : FRAME_BYTES_MAX;
		if ((size_t)(end - at) - pcap.header_len < held)
			break;
		struct frame *f = &to[n++];
		frame_set_bytes(f, at + pcap.header_len, held, rec.wire);
		/* At most 2^32 s and as many µs: far inside 63 bits. A fraction over a second carries. */
		f->time_ns = (int64_t)rec.seconds * 1000000000 + (int64_t)rec.ticks * pcap.tick_ns;
		f->number = ++r->number;
		f->input = r->input;
		f->iface = 0;
		f->linktype = pcap.linktype;
		f->swapped = r->swapped;
		f->snaplen = pcap.snaplen;
		at += pcap.header_len + held;
		r->skip = rec.captured - held;
		r->held = pcap.header_len + held;
	}
	*in = (struct bytes){.at = at, .len = (size_t)(end - at)};
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
