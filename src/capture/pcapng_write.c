/* SPDX-License-Identifier: MIT */
/*
 * The three blocks of pcapng that a file of chosen packets needs (draft-ietf-opsawg-pcapng, sections 4.1 to 4.3 and 3.5
 * for options): section header, interface description, enhanced packet. It knows the form and nothing of why a packet
 * was chosen. A block's length stands before its content, so lengths are reckoned first and nothing is patched.
 */
#include "capture/pcapng_write.h"

#include <assert.h>
#include <string.h>

enum {
	BLOCK_SHB = 0x0a0d0d0a,
	BLOCK_IDB = 0x00000001,
	BLOCK_EPB = 0x00000006,
	BLOCK_FRAME = 12, /* type, and the length before and behind */
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	SHB_FIXED = 16,
	IDB_FIXED = 8,
	EPB_FIXED = 20,

	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_IF_DESCRIPTION = 3,
	OPTION_SHB_USERAPPL = 4,
	OPTION_IF_TSRESOL = 9,
	OPTION_HEADER = 4,
	NANOSECONDS = 9 /* 10^-9 s */
};

static void put_u16(struct text *to, uint16_t v)
{
	const char b[2] = {(char)(v & 0xff), (char)(v >> 8)};

	text_add(to, b, sizeof b);
}

static void put_u32(struct text *to, uint32_t v)
{
	put_u16(to, (uint16_t)(v & 0xffff));
	put_u16(to, (uint16_t)(v >> 16));
}

/* Everything in a block begins at a multiple of four bytes. */
static size_t padded(size_t n)
{
	return (n + 3) / 4 * 4;
}

static void put_padded(struct text *to, const void *at, size_t len)
{
	text_add(to, at, len);
	text_add(to, "\0\0\0", padded(len) - len);
}

/* Not in the middle of a character: what is cut is UTF-8. */
static size_t option_len(const char *value)
{
	size_t n = strlen(value);

	if (n <= PCAPNG_OPTION_MAX)
		return n;
	n = PCAPNG_OPTION_MAX;
	while (n > PCAPNG_OPTION_MAX - 3 && ((unsigned char)value[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static size_t option_size(const char *value)
{
	return OPTION_HEADER + padded(option_len(value));
}

static void put_option(struct text *to, uint16_t code, const void *value, size_t len)
{
	assert(len <= PCAPNG_OPTION_MAX);
	put_u16(to, code);
	put_u16(to, (uint16_t)len);
	put_padded(to, value, len);
}

static void put_string(struct text *to, uint16_t code, const char *value)
{
	put_option(to, code, value, option_len(value));
}

static void put_end_of_options(struct text *to)
{
	put_u16(to, OPTION_END);
	put_u16(to, 0);
}

void pcapng_write_section(struct text *to, const char *comment, const char *application)
{
	uint32_t size = (uint32_t)(BLOCK_FRAME + SHB_FIXED + option_size(comment) +
				   option_size(application) + OPTION_HEADER);

	put_u32(to, BLOCK_SHB);
	put_u32(to, size);
	put_u32(to, BYTE_ORDER_MAGIC);
	put_u16(to, 1); /* version 1.0 */
	put_u16(to, 0);
	put_u32(to, UINT32_MAX); /* the section's length is not known yet */
	put_u32(to, UINT32_MAX);
	put_string(to, OPTION_COMMENT, comment);
	put_string(to, OPTION_SHB_USERAPPL, application);
	put_end_of_options(to);
	put_u32(to, size);
}

void pcapng_write_interface(struct text *to, uint16_t linktype, uint32_t snaplen,
			    const char *description)
{
	static const uint8_t resolution = NANOSECONDS;
	uint32_t size = (uint32_t)(BLOCK_FRAME + IDB_FIXED + option_size(description) +
				   OPTION_HEADER + padded(sizeof resolution) + OPTION_HEADER);

	put_u32(to, BLOCK_IDB);
	put_u32(to, size);
	put_u16(to, linktype);
	put_u16(to, 0);
	put_u32(to, snaplen);
	put_string(to, OPTION_IF_DESCRIPTION, description);
	put_option(to, OPTION_IF_TSRESOL, &resolution, sizeof resolution);
	put_end_of_options(to);
	put_u32(to, size);
}

void pcapng_write_packet(struct text *to, const struct frame *f, uint32_t iface,
			 const char *comment)
{
	uint32_t size = (uint32_t)(BLOCK_FRAME + EPB_FIXED + padded(f->len) + option_size(comment) +
				   OPTION_HEADER);
	/* The format knows no time before 1970, which only a forged file has. */
	uint64_t ns = f->time_ns < 0 ? 0 : (uint64_t)f->time_ns;

	put_u32(to, BLOCK_EPB);
	put_u32(to, size);
	put_u32(to, iface);
	put_u32(to, (uint32_t)(ns >> 32));
	put_u32(to, (uint32_t)(ns & UINT32_MAX));
	put_u32(to, f->len);
	put_u32(to, f->wire_len);
	put_padded(to, f->data, f->len);
	put_string(to, OPTION_COMMENT, comment);
	put_end_of_options(to);
	put_u32(to, size);
}
