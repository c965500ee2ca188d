/* SPDX-License-Identifier: MIT */
/*
 * 802.11 data frames, bare or behind a radiotap, Prism or AVS header. Sources: IEEE 802.11-2020, 9.2 and 9.3.2
 * (data frames, A-MSDU), the radiotap.org field list, the Prism and AVS header pages of the pcap format.
 *
 * Management and control frames carry no IP. Protected frames are counted and given up: keys are not our business.
 * Of an A-MSDU only the first sub-frame is read, of a fragmented frame only the first fragment. Mesh headers are not
 * read. A frame that the radio received with a wrong check sequence is counted as malformed: its bits are not those
 * that were sent.
 */
#include "decode/walk.h"

enum {
	FC_TO_DS = 0x01,
	FC_FROM_DS = 0x02,
	FC_MORE_FRAGMENTS = 0x04,
	FC_RETRY = 0x08,
	FC_PROTECTED = 0x40,
	FC_ORDER = 0x80, /* in QoS frames: an HT control field is there */
	SUBTYPE_QOS = 0x80,
	SUBTYPE_NO_DATA = 0x40,
	QOS_AMSDU = 0x80
};

enum {
	RADIOTAP_TSFT = 1 << 0,
	RADIOTAP_FLAGS = 1 << 1,
	RADIOTAP_FCS = 0x10,
	RADIOTAP_PADDED = 0x20, /* zeros between header and body, up to a multiple of four */
	RADIOTAP_BAD_FCS = 0x40
};

enum {
	FCS_BYTES = 4,
	ADDRESS_1 = 4,
	ADDRESS_2 = 10,
	ADDRESS_3 = 16,
	ADDRESS_4 = 24,
	DATA_HEADER = 24
};

/* Which address is whose depends on the way through the distribution system (table 9-30). */
static void set_addresses(struct link *l, const uint8_t *h, unsigned ds)
{
	static const uint8_t source[] = {
		[0] = ADDRESS_2,
		[FC_TO_DS] = ADDRESS_2,
		[FC_FROM_DS] = ADDRESS_3,
		[FC_TO_DS | FC_FROM_DS] = ADDRESS_4,
	};

	link_set_dst(l, h + ((ds & FC_TO_DS) != 0 ? ADDRESS_3 : ADDRESS_1));
	link_set_src(l, h + source[ds]);
}

/* The sub-frame has its own addresses, which hold where those of the frame name only the access point. */
static enum layer read_amsdu(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, 14);

	if (h.at == NULL)
		return walk_short(w);
	link_set_dst(&w->link, h.at);
	link_set_src(&w->link, h.at + 6);
	walk_limit(w, load_be16(h.at + 12));
	return LAYER_LLC;
}

static enum layer read_data(struct walk *w, bool padded)
{
	struct bytes start = cursor_rest(&w->c);
	struct bytes h = cursor_take(&w->c, DATA_HEADER);
	bool amsdu = false;
	unsigned ds;

	if (h.at == NULL)
		return walk_short(w);
	ds = h.at[1] & (FC_TO_DS | FC_FROM_DS);
	if (ds == (FC_TO_DS | FC_FROM_DS))
		cursor_skip(&w->c, 6);
	if ((h.at[0] & SUBTYPE_QOS) != 0) {
		amsdu = (cursor_u8(&w->c) & QOS_AMSDU) != 0;
		cursor_skip(&w->c, (h.at[1] & FC_ORDER) != 0 ? 5 : 1);
	}
	if (padded)
		cursor_skip(&w->c, (0 - (start.len - cursor_left(&w->c))) & 3);
	if (w->c.broken)
		return walk_short(w);
	set_addresses(&w->link, h.at, ds);
	link_key_add(&w->link, 0x30000U | ds);
	if ((h.at[1] & FC_RETRY) != 0)
		w->link.flags |= PACKET_RADIO_RETRY;
	if ((h.at[22] & 0x0f) != 0) /* a later fragment */
		return LAYER_END;
	if ((h.at[1] & FC_MORE_FRAGMENTS) != 0)
		w->partial = true;
	return amsdu ? read_amsdu(w) : LAYER_LLC;
}

static enum layer read_frame(struct walk *w, bool padded)
{
	struct bytes b = cursor_rest(&w->c);

	if (b.len < 2)
		return walk_short(w);
	if ((b.at[0] & 0x03) != 0) /* protocol version */
		return walk_malformed(w);
	if ((b.at[0] & 0x0c) != 0x08 || (b.at[0] & SUBTYPE_NO_DATA) != 0)
		return LAYER_END;
	if ((b.at[1] & FC_PROTECTED) != 0) {
		w->saw |= SAW_ENCRYPTED;
		return LAYER_END;
	}
	return read_data(w, padded);
}

enum layer read_wifi(struct walk *w)
{
	return read_frame(w, false);
}

/* The check sequence at the end is no data; it may be among the bytes that were cut. */
static void drop_fcs(struct walk *w)
{
	size_t n = FCS_BYTES;

	if (w->cut >= n) {
		w->cut -= n;
		return;
	}
	n -= w->cut;
	w->cut = 0;
	w->c.end = cursor_left(&w->c) > n ? w->c.end - n : w->c.at;
}

static uint32_t load_le32(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static uint32_t cursor_le32(struct cursor *c)
{
	struct bytes word = cursor_take(c, 4);

	return word.at == NULL ? 0 : load_le32(word.at);
}

/* The flags field of a radiotap header, 0 when it has none. `header` is the whole header. */
static uint8_t radiotap_flags(struct bytes header)
{
	struct cursor c = cursor_over(header);
	uint32_t present;
	uint32_t word;

	cursor_skip(&c, 4);
	present = cursor_le32(&c);
	for (word = present; (word & 0x80000000U) != 0;) /* further words only have to be passed */
		word = cursor_le32(&c);
	if ((present & RADIOTAP_FLAGS) == 0)
		return 0;
	if ((present & RADIOTAP_TSFT) != 0) { /* eight bytes, aligned to eight */
		cursor_skip(&c, (0 - (header.len - cursor_left(&c))) & 7);
		cursor_skip(&c, 8);
	}
	return cursor_u8(&c);
}

enum layer read_radiotap(struct walk *w)
{
	struct bytes b = cursor_rest(&w->c);
	struct bytes header;
	size_t len;
	uint8_t flags;

	if (b.len < 8)
		return walk_short(w);
	len = (size_t)b.at[3] << 8 | b.at[2];
	if (b.at[0] != 0 || len < 8)
		return walk_malformed(w);
	header = cursor_take(&w->c, len);
	if (header.at == NULL)
		return walk_short(w);
	flags = radiotap_flags(header);
	if ((flags & RADIOTAP_BAD_FCS) != 0)
		return walk_malformed(w);
	if ((flags & RADIOTAP_FCS) != 0)
		drop_fcs(w);
	return read_frame(w, (flags & RADIOTAP_PADDED) != 0);
}

/*
 * Two headers share this link type: AVS begins with its magic and is big-endian, Prism has its length in the writer's
 * byte order, which the size of the number shows.
 */
enum layer read_prism(struct walk *w)
{
	struct bytes b = cursor_rest(&w->c);
	uint32_t len;

	if (b.len < 8)
		return walk_short(w);
	len = load_be32(b.at + 4);
	if ((load_be32(b.at) & 0xfffff000U) != 0x80211000U && len > 0xffff)
		len = load_le32(b.at + 4);
	if (len < 8 || len > 0xffff)
		return walk_malformed(w);
	cursor_skip(&w->c, len);
	return w->c.broken ? walk_short(w) : read_frame(w, false);
}
