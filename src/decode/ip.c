/* SPDX-License-Identifier: MIT */
/*
 * IPv4 and IPv6 headers, with fragments, the IPv6 extension headers and the authentication header of both. Sources:
 * RFC 791, 1071, 8200, 2675 (jumbograms), 4302 (AH), 6275 (mobility), 6946 (atomic fragments).
 *
 * Fragments are not put together: the first one has ports, later ones only addresses. An IP header that can't be
 * gives no packet, since its addresses would be anybody's; what is wrong behind it costs only the fields behind it.
 * What it resists: versions that don't match the layer below, IPv6 addresses that would pose as IPv4 in our tables,
 * lengths that disagree, chains of extension headers without end.
 */
#include "decode/checksum.h"
#include "decode/walk.h"

enum {
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	EXTENSIONS_MAX = 16,
	/* What Ethernet pads an empty IPv6 packet with; more TCP or UDP behind a length of 0 is segmentation offload. */
	IP6_PADDING = 6
};

enum extension {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_DESTINATION = 60,
	NEXT_MOBILITY = 135,
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140
};

enum option {
	OPTION_PAD1 = 0, /* IPv6: alone in having no length */
	OPTION_END = 0,	 /* IPv4 */
	OPTION_NOP = 1,	 /* IPv4 */
	OPTION_LOOSE = 131,
	OPTION_STRICT = 137,
	OPTION_JUMBO = 0xc2,
	OPTION_HOME_ADDRESS = 0xc9
};

/* RFC 3692 leaves 253 and 254 to experiments, and PROTO_LINK and PROTO_ARP have them here: on the wire they are made the
 * reserved number. */
static uint8_t wire_proto(uint8_t next)
{
	return next == PROTO_ARP || next == PROTO_LINK ? 255 : next;
}

static struct addr load_addr4(const uint8_t *at)
{
	struct addr a = {.b = {[10] = 0xff, [11] = 0xff}};

	memcpy(a.b + 12, at, 4);
	return a;
}

/* What follows the headers read so far, until the transport reader knows better. */
static void set_payload(const struct walk *w, struct packet *p)
{
	p->payload = w->c.at;
	p->payload_len = (uint32_t)cursor_left(&w->c);
	p->payload_wire = (uint32_t)walk_wire_left(w);
}

static void note_truncation(struct walk *w, struct packet *p)
{
	if (w->cut > 0)
		p->flags |= PACKET_TRUNCATED;
}

/* The value of an IPv6 option, empty when it is not there (RFC 8200, 4.2). */
static struct bytes find_option6(struct bytes options, uint8_t wanted)
{
	struct cursor c = cursor_over(options);

	while (cursor_left(&c) > 0) {
		uint8_t type = cursor_u8(&c);
		struct bytes value;

		if (type == OPTION_PAD1)
			continue;
		value = cursor_take(&c, cursor_u8(&c));
		if (type == wanted && !c.broken)
			return value;
	}
	return (struct bytes){.at = NULL, .len = 0};
}

/* Where a packet is source routed, the checksum was made with an address that the header does not show yet. */
static bool has_source_route4(struct bytes options)
{
	struct cursor c = cursor_over(options);

	while (cursor_left(&c) > 0) {
		uint8_t type = cursor_u8(&c);
		uint8_t len;

		if (type == OPTION_NOP)
			continue;
		if (type == OPTION_END)
			return false;
		if (type == OPTION_LOOSE || type == OPTION_STRICT)
			return true;
		len = cursor_u8(&c);
		if (len < 2)
			return false;
		cursor_skip(&c, len - 2U);
	}
	return false;
}

/* Bytes that an extension header occupies, 0 when `next` is none. */
static size_t extension_size(uint8_t next, bool v6, uint8_t len)
{
	if (next == NEXT_AUTHENTICATION)
		return ((size_t)len + 2) * 4;
	if (!v6)
		return 0;
	switch (next) {
	case NEXT_FRAGMENT:
		return 8;
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_DESTINATION:
	case NEXT_MOBILITY:
	case NEXT_HIP:
	case NEXT_SHIM6:
		return ((size_t)len + 1) * 8;
	default:
		return 0;
	}
}

static bool is_extension(uint8_t next, bool v6)
{
	return extension_size(next, v6, 0) > 0;
}

/* `offset` is in units of 8 bytes. */
static void note_fragment(struct walk *w, struct packet *p, uint16_t offset, bool more)
{
	p->frag_offset = offset;
	p->flags |= PACKET_FRAGMENT;
	if (offset != 0)
		p->flags |= PACKET_LATER_FRAGMENT;
	if (more)
		p->flags |= PACKET_MORE_FRAGMENTS;
	w->saw |= SAW_FRAGMENT;
	w->partial = true;
}

/* One with offset 0 and nothing to follow is a whole packet (RFC 6946). */
static void read_fragment6(struct walk *w, struct packet *p, struct bytes header)
{
	uint16_t field = load_be16(header.at + 2);

	p->ip_id = load_be16(header.at + 6);
	if ((field & 0xfff9) != 0)
		note_fragment(w, p, field >> 3, (field & 1) != 0);
}

static void read_fragment4(struct walk *w, struct packet *p, uint16_t field)
{
	if ((field & 0x3fff) != 0)
		note_fragment(w, p, field & 0x1fff, (field & 0x2000) != 0);
}

/* Notes what one extension header tells. Returns false when it makes the pseudo-header's addresses others. */
static bool note_extension(struct walk *w, struct packet *p, struct bytes header)
{
	if (p->proto == NEXT_FRAGMENT)
		read_fragment6(w, p, header);
	if (p->proto == NEXT_ROUTING)
		return header.at[3] ==
		       0; /* segments left: the last address is not in the destination yet */
	if (p->proto == NEXT_DESTINATION) {
		struct bytes options = {.at = header.at + 2, .len = header.len - 2};

		return find_option6(options, OPTION_HOME_ADDRESS).at == NULL;
	}
	return true;
}

/*
 * Walks the extension headers; p->proto is the first and becomes what follows the last. Where one can't be read,
 * p->proto stays on it: that much is known.
 */
static enum layer read_extensions(struct walk *w, struct packet *p, bool v6, bool pseudo)
{
	for (unsigned i = 0; is_extension(p->proto, v6); i++) {
		struct bytes rest = cursor_rest(&w->c);
		struct bytes header;

		if (i == EXTENSIONS_MAX) {
			w->saw |= SAW_TOO_DEEP;
			return LAYER_END;
		}
		if (rest.len < 2)
			return walk_short(w);
		header = cursor_take(&w->c, extension_size(p->proto, v6, rest.at[1]));
		if (header.at == NULL)
			return walk_short(w);
		pseudo = note_extension(w, p, header) && pseudo;
		p->proto = wire_proto(header.at[0]);
		set_payload(w, p);
		if ((p->flags & PACKET_LATER_FRAGMENT) != 0)
			return LAYER_END;
	}
	return read_transport(w, p, pseudo);
}

/* Options, checksum and what follows; the fixed header is read and the walk limited to the packet. */
static enum layer read_ip4_rest(struct walk *w, struct packet *p, struct bytes fixed,
				size_t options_len)
{
	uint64_t sum = checksum_add(w->addresses, fixed.at, 12);
	bool pseudo = true;

	read_fragment4(w, p, load_be16(fixed.at + 6));
	if (options_len > 0) {
		struct bytes options = cursor_take(&w->c, options_len);

		if (options.at == NULL) {
			p->payload = w->c.at;
			p->payload_wire = p->ip_len - (uint32_t)(fixed.len + options_len);
			return walk_short(w);
		}
		sum = checksum_add(sum, options.at, options.len);
		pseudo = !has_source_route4(options);
	}
	if (!checksum_is_good(sum)) {
		p->flags |= PACKET_BAD_CHECKSUM;
		w->saw |= SAW_BAD_CHECKSUM;
	}
	set_payload(w, p);
	if ((p->flags & PACKET_LATER_FRAGMENT) != 0)
		return LAYER_END;
	if (p->proto == NEXT_AUTHENTICATION)
		return read_extensions(w, p, false, pseudo);
	return read_transport(w, p, pseudo);
}

enum layer read_ip4(struct walk *w)
{
	size_t wire = walk_wire_left(w);
	struct bytes h = cursor_take(&w->c, IP4_HEADER);
	struct packet *p;
	size_t header;
	size_t total;

	if (h.at == NULL)
		return walk_short(w);
	header = (size_t)(h.at[0] & 15) * 4;
	total = load_be16(h.at + 2);
	if (total == 0 && wire > header)
		total = wire; /* segmentation offload: the card fills it in */
	if (h.at[0] >> 4 != 4 || header < IP4_HEADER || total < header)
		return walk_malformed(w);
	p = walk_packet(w);
	if (p == NULL)
		return LAYER_END;
	p->ip_len = (uint32_t)total;
	p->ip_id = load_be16(h.at + 4);
	p->ttl = h.at[8];
	p->proto = wire_proto(h.at[9]);
	p->src = load_addr4(h.at + 12);
	p->dst = load_addr4(h.at + 16);
	w->addresses = checksum_add(0, h.at + 12, 8);
	walk_limit(w, total - IP4_HEADER);
	note_truncation(w, p);
	return read_ip4_rest(w, p, h, header - IP4_HEADER);
}

/*
 * The length of what follows the IPv6 header. A field of 0 means a jumbogram, an empty packet, or segmentation
 * offload. False when the option that should hold a jumbogram's length can't be.
 */
static bool payload_length6(const struct walk *w, struct bytes fixed, size_t *len)
{
	size_t wire = walk_wire_left(w);
	struct cursor c = w->c;
	struct bytes head;
	struct bytes jumbo = {.at = NULL, .len = 0};

	*len = load_be16(fixed.at + 4);
	if (*len > 0)
		return true;
	if (fixed.at[6] == NEXT_HOP_BY_HOP) {
		head = cursor_take(&c, 2);
		if (head.at != NULL)
			head = cursor_take(&c, (size_t)head.at[1] * 8 + 6);
		jumbo = find_option6(head, OPTION_JUMBO);
	}
	if (jumbo.at == NULL) {
		bool offloaded = fixed.at[6] == PROTO_TCP || fixed.at[6] == PROTO_UDP;

		*len = offloaded && wire > IP6_PADDING ? wire : 0;
		return true;
	}
	if (jumbo.len != 4)
		return false;
	*len = load_be32(jumbo.at);
	return *len > 0xffff && *len <= UINT32_MAX - IP6_HEADER;
}

enum layer read_ip6(struct walk *w)
{
	struct bytes h = cursor_take(&w->c, IP6_HEADER);
	struct addr src;
	struct addr dst;
	struct packet *p;
	size_t len;

	if (h.at == NULL)
		return walk_short(w);
	memcpy(src.b, h.at + 8, sizeof src.b);
	memcpy(dst.b, h.at + 24, sizeof dst.b);
	/* IPv4 is held as mapped addresses here: one from the wire would pass for IPv4. */
	if (h.at[0] >> 4 != 6 || addr_is_v4(&src) || addr_is_v4(&dst))
		return walk_malformed(w);
	if (!payload_length6(w, h, &len))
		return walk_malformed(w);
	p = walk_packet(w);
	if (p == NULL)
		return LAYER_END;
	p->flags |= PACKET_V6;
	p->ip_len = (uint32_t)(IP6_HEADER + len);
	p->ttl = h.at[7];
	p->proto = wire_proto(h.at[6]);
	p->src = src;
	p->dst = dst;
	w->addresses = checksum_add(0, h.at + 8, 32);
	walk_limit(w, len);
	note_truncation(w, p);
	set_payload(w, p);
	if (is_extension(p->proto, true))
		return read_extensions(w, p, true, true);
	return read_transport(w, p, true);
}

enum layer read_ip(struct walk *w)
{
	struct bytes b = cursor_rest(&w->c);

	if (b.len == 0)
		return walk_short(w);
	switch (b.at[0] >> 4) {
	case 4:
		return LAYER_IP4;
	case 6:
		return LAYER_IP6;
	default:
		return walk_malformed(w);
	}
}
