/* SPDX-License-Identifier: MIT */
/*
 * Programs that are sent without any protocol around them: a connection of which one side begins with ELF's magic (System V
 * ABI, chapter 4). So do the loaders of bots hand them over, and so does FTP on its data connections: who weighs it
 * must look at what stands around. Nothing behind the magic is read.
 */
#include "proto/proto.h"

static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};

static enum match elf_mine(const struct glance *g)
{
	size_t n = g->data.len < sizeof magic ? g->data.len : sizeof magic;

	if (n > 0 && memcmp(g->data.at, magic, n) != 0)
		return MATCH_NO;
	return n == sizeof magic ? MATCH_YES : MATCH_MAYBE;
}

static size_t elf_stream(struct talk *t, struct telling *to)
{
	uint16_t port = t->from_client ? t->packet->dport : t->packet->sport;

	if (t->data.len < sizeof magic && !t->closed)
		return 0;
	if (!bytes_start_with(t->data, magic, sizeof magic))
		return STREAM_DONE;
	if (port != 0)
		tell_printf(to, t, SIGNAL_elf_raw, RECEIVER, "tcp %u", port);
	else /* told at the end of the capture, where no packet is at hand */
		tell_text(to, t, SIGNAL_elf_raw, RECEIVER, "tcp");
	return STREAM_DONE;
}

const struct proto proto_elf = {.name = "elf",
				.summary = "programs sent without a protocol around them",
				.carriers = OVER_TCP,
				.mine = elf_mine,
				.stream = elf_stream};
