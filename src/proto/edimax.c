/* SPDX-License-Identifier: MIT */
/*
 * Edimax's discovery (UDP 20560): an app asks by broadcast, a plug answers with its model, its firmware, the name its owner
 * gave it and its addresses, in fields of fixed length. No document of the maker is public; the layout is that of
 * recorded answers. Told are model and firmware of an answer that is whole; a question tells nothing.
 */
#include "base/scan.h"
#include "proto/proto.h"

enum { PORT = 20560, MAC_LEN = 6, MODEL_LEN = 14, VERSION_LEN = 8, ANSWER_MIN = 44 };

static const uint8_t maker[12] = "EDIMAX";
static const uint8_t answer[4] = {0x01, 0xa1, 0xfe, 0x5e};

/* Text of a fixed length, filled up with zeros; empty when it holds anything but printable bytes. */
static struct bytes take_text(struct cursor *c, size_t len)
{
	struct bytes field = cursor_take(c, len);
	struct bytes text = bytes_cut(&field, '\0');

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < ' ' || text.at[i] > '~')
			return (struct bytes){.at = NULL, .len = 0};
	}
	return text;
}

static bool take_head(struct cursor *c)
{
	cursor_skip(c, MAC_LEN);
	return bytes_start_with(cursor_take(c, sizeof maker), maker, sizeof maker) &&
	       bytes_start_with(cursor_take(c, sizeof answer), answer, sizeof answer);
}

static enum match edimax_mine(const struct glance *g)
{
	struct cursor c = cursor_over(g->data);

	return g->sport == PORT && g->data.len >= ANSWER_MIN && take_head(&c) ? MATCH_YES
									      : MATCH_NO;
}

static bool edimax_datagram(const struct talk *t, struct telling *to)
{
	struct cursor c = cursor_over(t->data);
	struct bytes model, version;

	if (!take_head(&c))
		return false;
	model = take_text(&c, MODEL_LEN);
	version = take_text(&c, VERSION_LEN);
	if (c.broken)
		return false;
	tell_service(to, t, SENDER, &proto_edimax);
	tell(to, t, SIGNAL_edimax_model, SENDER, model);
	tell(to, t, SIGNAL_edimax_firmware, SENDER, version);
	return true;
}

const struct proto proto_edimax = {.name = "edimax",
				   .summary = "Edimax's discovery: models and firmware",
				   .carriers = OVER_UDP,
				   .ports = {PORT},
				   .mine = edimax_mine,
				   .datagram = edimax_datagram};
