/* SPDX-License-Identifier: MIT */
/*
 * TFTP (RFC 1350, section 5; options of RFC 2347): which file is asked for, and whether the first block of one is a program.
 * Answers come from a port of their own, so both are known by their bytes on any port: a request must close exactly with a
 * mode of the standard, a block is looked at only when it is the first and begins with ELF's magic.
 */
#include "base/scan.h"
#include "proto/proto.h"
#include "proto/target.h"

enum { PORT = 69, OP_READ = 1, OP_DATA = 3, NAME_MAX_LEN = 255, OPTIONS_MAX = 8 };

static const uint8_t program[8] = {0, OP_DATA, 0, 1, 0x7f, 'E', 'L', 'F'};
static const uint8_t question[2] = {0, OP_READ};

/* Takes text that ends in a zero byte; empty when there is none. */
static struct bytes take_text(struct bytes *rest)
{
	struct bytes none = {.at = NULL, .len = 0}, text;

	if (rest->len == 0 || memchr(rest->at, 0, rest->len) == NULL)
		return none;
	text = bytes_cut(rest, 0);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < ' ' || text.at[i] > '~')
			return none;
	}
	return text;
}

static bool is_mode(struct bytes mode)
{
	return bytes_are_nocase(mode, "octet") || bytes_are_nocase(mode, "netascii") ||
	       bytes_are_nocase(mode, "mail");
}

static bool read_question(struct bytes data, struct bytes *name)
{
	struct bytes rest = bytes_from(data, sizeof question);

	if (!bytes_start_with(data, question, sizeof question))
		return false;
	*name = take_text(&rest);
	if (name->len == 0 || name->len > NAME_MAX_LEN || !is_mode(take_text(&rest)))
		return false;
	for (int i = 0; i < OPTIONS_MAX && rest.len > 0; i++) { /* each a name and a value */
		size_t option = take_text(&rest).len, value = take_text(&rest).len;

		if (option == 0 || value == 0)
			return false;
	}
	return rest.len == 0;
}

static enum match tftp_mine(const struct glance *g)
{
	struct bytes name;

	if (g->data.len < sizeof program || g->data.at[0] != 0)
		return MATCH_NO;
	return bytes_start_with(g->data, program, sizeof program) || read_question(g->data, &name)
		       ? MATCH_YES
		       : MATCH_NO;
}

static bool tftp_datagram(const struct talk *t, struct telling *to)
{
	char path[TARGET_MAX];
	struct bytes name;

	if (bytes_start_with(t->data, program, sizeof program)) {
		tell_text(to, t, SIGNAL_elf_raw, RECEIVER, "tftp");
		return true;
	}
	if (!read_question(t->data, &name))
		return false;
	tell(to, t, SIGNAL_file_asked, SENDER, target_path(name, path, sizeof path));
	return true;
}

const struct proto proto_tftp = {.name = "tftp",
				 .summary = "files asked for, programs sent (RFC 1350)",
				 .carriers = OVER_UDP,
				 .ports = {PORT},
				 .mine = tftp_mine,
				 .datagram = tftp_datagram};
