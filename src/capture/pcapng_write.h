/* SPDX-License-Identifier: MIT */
/*
 * Writing pcapng: one section, its interfaces, packets with comments. The caller writes them in this order: the section
 * first, each interface before its packets, numbered as they come, from 0. Times are in nanoseconds, integers little
 * endian on every machine, so that the same packets make the same bytes.
 *
 * The blocks are added to a text, which the caller settles and finishes; its `failed` says that memory ran out.
 */
#pragma once

#include "capture/frame.h"

#include "base/text.h"

enum { PCAPNG_OPTION_MAX = 65535 }; /* bytes of one comment; what is longer is cut */

/* comment, application: UTF-8. */
void pcapng_write_section(struct text *to, const char *comment, const char *application);
void pcapng_write_interface(struct text *to, uint16_t linktype, uint32_t snaplen,
			    const char *description);
/* The frame's bytes, both its lengths and its time as they are; its number is for the comment to tell. */
void pcapng_write_packet(struct text *to, const struct frame *f, uint32_t iface,
			 const char *comment);
