/* SPDX-License-Identifier: MIT */
/*
 * pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces of any mix of link types, snap lengths
 * and time resolutions, and all three kinds of packet block. Blocks that say nothing about packets are skipped by
 * their length. A block whose two lengths differ is damage, and so is a packet of an interface nobody described.
 *
 * A block may be 4 GiB long; of more than READER_HOLD_MAX only that much is looked at, and its second length is not.
 */
#include "capture/reader.h"

#include <stdlib.h>

#include "capture/tick.h"

enum {
	BLOCK_IDB = 0x00000001,
	BLOCK_PB = 0x00000002,	/* obsolete packet block */
	BLOCK_SPB = 0x00000003, /* simple packet block: no time, no interface */
	BLOCK_EPB = 0x00000006,
	BLOCK_JOURNAL = 0x00000009,
	BLOCK_CUSTOM = 0x00000bad,
	BLOCK_SYSDIG = 0x00000204,
	BLOCK_SYSDIG_V2 = 0x00000216,
	BLOCK_SYSDIG_V2_LARGE = 0x00000221,
	BLOCK_SHB = 0x0a0d0d0a, /* reads the same in both byte orders */

	BYTE_ORDER_MAGIC = 0x1a2b3c4d,

	BLOCK_HEADER = 8,
	BLOCK_LEAST = 12,
	PACKET_HEADER = 20, /* of an EPB or PB, before the packet's bytes */

	OPTION_END = 0,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,

	IFACES_MAX =
		16384 /* in a section: hundreds are known from merged files, and strangers write files too */
};

#define BLOCK_CUSTOM_NO_COPY 0x40000badu

struct pcapng_iface {
	int64_t offset_s;
	uint32_t longest;
	uint32_t snaplen; /* 0: none */
	uint16_t linktype;
	uint8_t resolution;
};

/* A block, or as much of it as is ever held. */
struct block {
	uint32_t type;
	uint64_t size;	    /* bytes it has in the file */
	size_t held;	    /* bytes at hand, from its first */
	struct cursor body; /* behind the header; ends before the second length */
	bool swapped;
};

/* Sets b->swapped; false when the bytes aren't there or (r->why) make no sense. */
static bool section_order(struct reader *r, struct bytes in, struct block *b)
{
	struct cursor c = cursor_over(in);
	cursor_skip(&c, BLOCK_HEADER);
	uint32_t magic = cursor_u32(&c, false);
	if (c.broken)
		return false;
	b->swapped = magic == __builtin_bswap32(BYTE_ORDER_MAGIC);
	if (!b->swapped && magic != BYTE_ORDER_MAGIC) {
		r->why = "a section begins in an unknown byte order";
		return false;
	}
	return true;
}

/* The block at the front, as far as it is held; false when it isn't whole yet or (r->why) can't be. */
static bool block_at(struct reader *r, struct bytes in, struct block *b)
{
	struct cursor c = cursor_over(in);
	b->type = cursor_u32(&c, r->swapped);
	b->swapped = r->swapped;
	if (c.broken || (b->type == BLOCK_SHB && !section_order(r, in, b)))
		return false;
	uint32_t total = cursor_u32(&c, b->swapped);
	if (c.broken)
		return false;
	if (total < BLOCK_LEAST) {
		r->why = "a block's length can't be";
		return false;
	}
	/* Some writers pad a block and leave the padding out of its length. */
	b->size = ((uint64_t)total + 3) / 4 * 4;
	bool whole = b->size <= READER_HOLD_MAX;
	b->held = whole ? (size_t)b->size : READER_HOLD_MAX;
	if (in.len < b->held)
		return false;
	if (whole && load_u32(in.at + b->held - 4, b->swapped) != total) {
		r->why = "a block's two lengths differ";
		return false;
	}
	c.end = in.at + b->held - (whole ? 4 : 0);
	b->body = c;
	return true;
}

static bool damaged(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static bool take_section(struct reader *r, struct block *b)
{
	cursor_skip(&b->body, 4);
	uint16_t major = cursor_u16(&b->body, b->swapped);
	cursor_skip(&b->body,
		    2 + 8); /* minor version; section length, which many writers leave unknown */
	if (b->body.broken)
		return damaged(r, "a section header is too short");
	if (major != 1)
		return damaged(r, "a section of an unknown version");
	r->swapped = b->swapped;
	r->pcapng.ifaces_before += r->pcapng.ifaces_n;
	r->pcapng.ifaces_n = 0;
	return true;
}

/* Options that run over the block's end are left out: what stands before them still holds. */
static void read_iface_options(struct pcapng_iface *iface, struct cursor *c, bool swapped)
{
	while (cursor_left(c) >= 4) {
		uint16_t code = cursor_u16(c, swapped);
		uint16_t len = cursor_u16(c, swapped);
		struct cursor value = cursor_over(cursor_take(c, len));
		cursor_skip(c, -(unsigned)len % 4);
		if (code == OPTION_END)
			return;
		if (code == OPTION_TSRESOL && len == 1 && cursor_need(&value, 1))
			iface->resolution = cursor_u8(&value);
		if (code == OPTION_TSOFFSET && len == 8 && cursor_need(&value, 8))
			iface->offset_s = (int64_t)cursor_u64(&value, swapped);
	}
}

static bool take_iface(struct reader *r, struct block *b)
{
	if (r->pcapng.ifaces_n == IFACES_MAX)
		return damaged(r, "more interfaces in a section than can be");
	struct pcapng_iface iface = {.resolution = TICK_MICROSECONDS};
	iface.linktype = cursor_u16(&b->body, b->swapped);
	cursor_skip(&b->body, 2);
	iface.snaplen = cursor_u32(&b->body, b->swapped);
	if (b->body.broken)
		return damaged(r, "an interface's description is too short");
	iface.longest = reader_longest(iface.snaplen);
	read_iface_options(&iface, &b->body, b->swapped);
	r->pcapng.ifaces[r->pcapng.ifaces_n++] = iface;
	return true;
}

static int64_t packet_time(const struct pcapng_iface *iface, uint64_t ticks)
{
	/* What nearly all files have, without the divisions. */
	if (iface->offset_s == 0 && iface->resolution == 6 && ticks <= INT64_MAX / 1000)
		return (int64_t)ticks * 1000;
	if (iface->offset_s == 0 && iface->resolution == 9 && ticks <= INT64_MAX)
		return (int64_t)ticks;
	return tick_ns(ticks, iface->resolution, iface->offset_s);
}

/* The packet's bytes and what its interface and the input say of it. */
static bool fill_frame(struct reader *r, struct block *b, struct frame *f, uint32_t iface_id,
		       uint32_t captured, uint32_t wire)
{
	const struct pcapng_iface *iface = &r->pcapng.ifaces[iface_id];
	if (captured > iface->longest)
		return damaged(r, "a packet's length can't be");
	uint32_t held = captured < FRAME_BYTES_MAX ? captured : FRAME_BYTES_MAX;
	struct bytes data = cursor_take(&b->body, held);
	if (b->body.broken)
		return damaged(r, "a packet is longer than its block");
	frame_set_bytes(f, data.at, held, wire);
	f->number = ++r->number;
	f->input = r->input;
	f->iface = r->pcapng.ifaces_before + iface_id;
	f->linktype = iface->linktype;
	f->swapped = b->swapped;
	f->snaplen = iface->snaplen;
	return true;
}

/* Enhanced and obsolete packet blocks differ in how the interface is written. */
static bool take_packet(struct reader *r, struct block *b, struct frame *f)
{
	uint32_t iface_id;
	if (b->type == BLOCK_EPB) {
		iface_id = cursor_u32(&b->body, b->swapped);
	} else {
		iface_id = cursor_u16(&b->body, b->swapped);
		cursor_skip(&b->body, 2); /* drops */
	}
	uint64_t ticks = (uint64_t)cursor_u32(&b->body, b->swapped) << 32;
	ticks |= cursor_u32(&b->body, b->swapped);
	uint32_t captured = cursor_u32(&b->body, b->swapped);
	uint32_t wire = cursor_u32(&b->body, b->swapped);
	if (b->body.broken)
		return damaged(r, "a packet block is too short");
	if (captured > b->size - BLOCK_LEAST - PACKET_HEADER)
		return damaged(r, "a packet is longer than its block");
	if (iface_id >= r->pcapng.ifaces_n)
		return damaged(r, "a packet of an interface that is not described");
	r->pcapng.last_ns = packet_time(&r->pcapng.ifaces[iface_id], ticks);
	f->time_ns = r->pcapng.last_ns;
	return fill_frame(r, b, f, iface_id, captured, wire);
}

/* Without a time of its own a packet gets that of the one before it, which keeps the input's order. */
static bool take_simple_packet(struct reader *r, struct block *b, struct frame *f)
{
	uint32_t wire = cursor_u32(&b->body, b->swapped);
	if (b->body.broken)
		return damaged(r, "a packet block is too short");
	if (r->pcapng.ifaces_n == 0)
		return damaged(r, "a packet of an interface that is not described");
	uint32_t captured = wire;
	uint32_t snaplen = r->pcapng.ifaces[0].snaplen;
	if (snaplen != 0 && captured > snaplen)
		captured = snaplen;
	if (captured > b->size - BLOCK_LEAST - 4)
		return damaged(r, "a packet is longer than its block");
	f->time_ns = r->pcapng.last_ns;
	return fill_frame(r, b, f, 0, captured, wire);
}

static bool take_block(struct reader *r, struct block *b, struct frame *to, uint32_t *n)
{
	switch (b->type) {
	case BLOCK_EPB:
	case BLOCK_PB:
		if (!take_packet(r, b, to))
			return false;
		++*n;
		return true;
	case BLOCK_SPB:
		if (!take_simple_packet(r, b, to))
			return false;
		++*n;
		return true;
	case BLOCK_IDB:
		return take_iface(r, b);
	case BLOCK_SHB:
		return take_section(r, b);
	case BLOCK_JOURNAL:
	case BLOCK_CUSTOM:
	case BLOCK_CUSTOM_NO_COPY:
	case BLOCK_SYSDIG:
	case BLOCK_SYSDIG_V2:
	case BLOCK_SYSDIG_V2_LARGE:
		r->number++; /* no packet, but Wireshark counts it, and our numbers must lead to its lines */
		return true;
	default:
		return true;
	}
}

static uint32_t pcapng_take(struct reader *r, struct bytes *in, struct frame *to, uint32_t max)
{
	uint32_t n = 0;
	struct block b;
	while (n < max && r->skip == 0 && block_at(r, *in, &b) && take_block(r, &b, &to[n], &n)) {
		*in = (struct bytes){.at = in->at + b.held, .len = in->len - b.held};
		r->skip = b.size - b.held;
		r->held = b.held;
	}
	return n;
}

static enum reader_open pcapng_open(struct reader *r, struct bytes *in, const char **why)
{
	struct cursor c = cursor_over(*in);
	if (cursor_u32(&c, false) != BLOCK_SHB)
		return READER_NOT_MINE;
	struct block b;
	r->swapped = false;
	r->pcapng = (struct pcapng){.ifaces = NULL};
	bool good = block_at(r, *in, &b) && take_section(r, &b);
	if (!good && r->why == NULL)
		return READER_NEED_MORE;
	if (!good) {
		*why = "not a capture we can read: its first pcapng block is damaged";
		return READER_BAD;
	}
	r->pcapng.ifaces = malloc(IFACES_MAX * sizeof(*r->pcapng.ifaces));
	if (r->pcapng.ifaces == NULL)
		return READER_NO_MEMORY;
	*in = (struct bytes){.at = in->at + b.held, .len = in->len - b.held};
	r->skip = b.size - b.held;
	r->held = b.held;
	return READER_OPEN;
}

static void pcapng_close(struct reader *r)
{
	free(r->pcapng.ifaces);
	r->pcapng.ifaces = NULL;
}

static const char *pcapng_cut(const struct reader *r, struct bytes in)
{
	struct cursor c = cursor_over(in);
	uint32_t type = cursor_u32(&c, r->swapped);
	if (type == BLOCK_EPB || type == BLOCK_PB || type == BLOCK_SPB)
		return "cut off in the middle of a packet";
	return "cut off in the middle of a block";
}

const struct format format_pcapng = {
	.id = CAPTURE_PCAPNG,
	.open = pcapng_open,
	.close = pcapng_close,
	.take = pcapng_take,
	.cut = pcapng_cut,
};
