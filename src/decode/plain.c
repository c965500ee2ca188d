/* SPDX-License-Identifier: MIT */
/*
 * The ordinary frame in one go: Ethernet, with one VLAN tag at most, IPv4 without options or fragments or IPv6 without
 * extension headers, TCP or UDP, with lengths that agree, and with all headers captured: of what follows them, a snap
 * length may have cut some. Sources are those of link.c, ip.c and transport.c.
 *
 * It decides nothing by itself. Whatever differs in the least - another header, a length that lies, a tunnel's port, an
 * address that could pose as another - goes to the walk, which stays the authority, and what is written here
 * is field for field what the walk would write: tests/unit/test_decode_plain.c holds both against each other.
 *
 * Each field is written once, since clearing a packet first costs as much as filling it. Sums of few words of 32 bits
 * never need their carry back.
 */
#include "decode/decode.h"

#include "decode/checksum.h"
#include "decode/walk.h"

enum {
	ETHERNET_HEADER = 14,
	VLAN_TAG = 4,
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	LEAST = ETHERNET_HEADER + VLAN_TAG + IP4_HEADER + UDP_HEADER, /* asked once, tag or not */
	IP4_FRAGMENT = 0x3fff, /* of the fragment field: more to come, and the offset */
	/* Beside the packet's flags while it is read: the checksums of TCP and UDP are unfinished. */
	UNFINISHED = 1 << 16
};

/* Each has its own copy of what follows it, so that nothing goes through memory from one header to the next. */
#define INLINE static inline __attribute__((always_inline))

/* Asked for often, seldom so; a jump that is foretold costs less than carrying the answer along. */
static inline bool seldom(bool what)
{
	return __builtin_expect(what, false);
}

static inline uint16_t load_raw16(const uint8_t *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* As link_set_dst() and link_set_src() judge them; rarely are there four zeros in a row. */
static inline uint16_t mac_flags(const uint8_t *macs)
{
	struct link l = {.flags = 0};

	if (checksum_load32(macs) != 0 && checksum_load32(macs + 8) != 0 && (macs[6] & 1) == 0)
		return PACKET_HAS_DST_MAC | PACKET_HAS_MAC;
	link_set_dst(&l, macs);
	link_set_src(&l, macs + 6);
	return l.flags;
}

/* An IPv4 address as it stands in the packet, in its mapped form. */
static inline void set_mapped(struct addr *to, const uint8_t *at)
{
	static const struct addr mapped = {.b = {[10] = 0xff, [11] = 0xff}};

	*to = mapped;
	memcpy(to->b + 12, at, 4);
}

/* What is left of a frame: bytes that are there, and those behind them that only were on the wire. */
struct room {
	size_t here;
	uint32_t cut;
};

/* Of an IP packet of that length, how many bytes are not there? */
INLINE uint32_t bytes_cut(struct room room, uint32_t len)
{
	return seldom(len > room.here) ? len - (uint32_t)room.here : 0;
}

/* `sum` is that of both addresses. */
INLINE bool tcp_is_good(const uint8_t *at, uint32_t len, uint64_t sum)
{
	sum = checksum_add_word(sum, checksum_load(at));
	sum = checksum_add_word(sum, checksum_load(at + 8));
	sum = checksum_add_word(sum, (uint64_t)checksum_load32(at + 16) + htons((uint16_t)len) +
					     htons(PROTO_TCP));
	if (len > TCP_HEADER)
		sum = checksum_add_behind(sum, at + TCP_HEADER, len - TCP_HEADER);
	return checksum_is_good_sum(sum);
}

/* Its own length counts twice: in the header and in the pseudo-header. */
INLINE bool udp_is_good(const uint8_t *at, uint32_t len, uint64_t sum)
{
	sum = checksum_add_word(sum, checksum_load(at));
	sum = checksum_add_word(sum, (uint64_t)htons((uint16_t)len) + htons(PROTO_UDP));
	return checksum_is_good_sum(checksum_add_behind(sum, at + UDP_HEADER, len - UDP_HEADER));
}

/*
 * The two transport headers: len bytes of the IP packet, from `at` on, the last `cut` of which are not there. `sum` is
 * that of both addresses, `flags` are those of the packet as far as they are known.
 */
INLINE bool plain_tcp(struct packet *p, const uint8_t *at, uint32_t len, uint32_t cut, uint64_t sum,
		      unsigned flags)
{
	uint32_t here = len - cut;
	uint32_t header;

	if (here < TCP_HEADER)
		return false;
	header = (at[12] & 0xf0U) >> 2;
	if (header < TCP_HEADER || header > here)
		return false;
	if (cut == 0 && (flags & UNFINISHED) == 0 && seldom(!tcp_is_good(at, len, sum)))
		flags |= PACKET_BAD_CHECKSUM;
	p->flags = (uint16_t)flags;
	p->sport = load_be16(at);
	p->dport = load_be16(at + 2);
	p->seq = load_be32(at + 4);
	p->ack = load_be32(at + 8);
	p->tcp_flags = at[13];
	p->window = load_be16(at + 14);
	p->tcp_options = (uint8_t)(header - TCP_HEADER);
	p->payload = at + header;
	p->payload_len = here - header;
	p->payload_wire = len - header;
	return true;
}

INLINE bool plain_udp(struct packet *p, const uint8_t *at, uint32_t room, uint32_t cut,
		      uint64_t sum, unsigned flags)
{
	uint32_t len = load_be16(at + 4);
	uint16_t dport = load_be16(at + 2);

	if (len < UDP_HEADER || len > room || (cut > 0 && len < room) || dport == PORT_VXLAN ||
	    dport == PORT_VXLAN_LINUX)
		return false;
	if (cut == 0 && (flags & UNFINISHED) == 0 &&
	    (load_raw16(at + 6) != 0 || (flags & PACKET_V6) != 0) &&
	    seldom(!udp_is_good(at, len, sum)))
		flags |= PACKET_BAD_CHECKSUM;
	p->flags = (uint16_t)flags;
	p->sport = load_be16(at);
	p->dport = dport;
	p->seq = 0;
	p->ack = 0;
	p->tcp_flags = 0;
	p->window = 0;
	p->tcp_options = 0;
	p->payload = at + UDP_HEADER;
	p->payload_len = len - cut - UDP_HEADER;
	p->payload_wire = len - UDP_HEADER;
	return true;
}

INLINE bool plain_transport(struct packet *p, const uint8_t *at, uint32_t len, uint32_t cut,
			    uint64_t sum, unsigned flags)
{
	if (p->proto == PROTO_TCP)
		return plain_tcp(p, at, len, cut, sum, flags);
	return p->proto == PROTO_UDP && plain_udp(p, at, len, cut, sum, flags);
}

INLINE bool plain_ip4(struct packet *p, const uint8_t *at, struct room room, unsigned flags)
{
	uint32_t total = load_be16(at + 2);
	uint64_t addresses = (uint64_t)checksum_load32(at + 12) + checksum_load32(at + 16);
	uint32_t cut = bytes_cut(room, total);

	if (seldom(at[0] != 0x45))
		return false;
	if (seldom(cut > room.cut || total < IP4_HEADER + UDP_HEADER))
		return false;
	if (seldom((load_raw16(at + 6) & htons(IP4_FRAGMENT)) != 0))
		return false;
	if (seldom(!checksum_is_good_sum(addresses + checksum_load32(at) + checksum_load32(at + 4) +
					 checksum_load32(at + 8))))
		flags |= PACKET_BAD_CHECKSUM;
	p->ip_len = total;
	p->ip_id = load_be16(at + 4);
	p->ttl = at[8];
	p->proto = at[9];
	set_mapped(&p->src, at + 12);
	set_mapped(&p->dst, at + 16);
	at += IP4_HEADER;
	total -= IP4_HEADER;
	flags |= cut > 0 ? PACKET_TRUNCATED : 0;
	return plain_transport(p, at, total, cut, addresses, flags);
}

/* Addresses that begin with eight zeros may be IPv4 in disguise. */
INLINE bool plain_ip6(struct packet *p, const uint8_t *at, struct room room, unsigned flags)
{
	uint64_t src, src_end, dst, dst_end, addresses;
	uint32_t len = load_be16(at + 4);
	uint32_t cut = bytes_cut(room, IP6_HEADER + len);

	if (at[0] >> 4 != 6 || room.here < IP6_HEADER + UDP_HEADER || len < UDP_HEADER ||
	    cut > room.cut)
		return false;
	src = checksum_load(at + 8);
	src_end = checksum_load(at + 16);
	dst = checksum_load(at + 24);
	dst_end = checksum_load(at + 32);
	if (src == 0 || dst == 0)
		return false;
	addresses =
		checksum_add_word(checksum_add_word(src, src_end), checksum_add_word(dst, dst_end));
	p->ip_len = IP6_HEADER + len;
	p->ip_id = 0;
	p->proto = at[6];
	p->ttl = at[7];
	memcpy(p->src.b, &src, sizeof src);
	memcpy(p->src.b + 8, &src_end, sizeof src_end);
	memcpy(p->dst.b, &dst, sizeof dst);
	memcpy(p->dst.b + 8, &dst_end, sizeof dst_end);
	at += IP6_HEADER;
	flags |= PACKET_V6 | (cut > 0 ? PACKET_TRUNCATED : 0);
	return plain_transport(p, at, len, cut, addresses, flags);
}

/* What the frame and its link say, and what neither TCP nor UDP has. */
INLINE void set_frame(struct packet *p, const struct frame *f, uint32_t link_key, uint16_t vlan)
{
	int64_t time_ns = f->time_ns;
	uint64_t key = (uint64_t)f->input << 40 | f->number;
	uint32_t wire_len = f->wire_len;

	p->time_ns = time_ns;
	p->now_ns = time_ns;
	p->key = key;
	p->wire_len = wire_len;
	p->link_key = link_key;
	p->session = 0;
	p->vlan = vlan;
	p->icmp_code = 0;
	p->frag_offset = 0;
	p->icmp_type = 0;
}

/* The last `cut` bytes of the frame are not there; `more` are flags. As plain_read(). */
INLINE bool read_with(struct packet *p, const struct frame *f, uint32_t cut, unsigned more)
{
	const uint8_t *at = f->data;
	struct room room = {.here = f->len, .cut = cut};
	uint32_t link_key = f->iface;
	uint16_t vlan = 0, type;
	unsigned flags;

	if (seldom(f->linktype != LINK_ETHERNET))
		return false;
	if (seldom(f->len < LEAST))
		return false;
	type = load_raw16(at + 12);
	flags = PACKET_L4 | mac_flags(at) | more;
	memcpy(p->macs, at, sizeof p->macs);
	at += ETHERNET_HEADER;
	room.here -= ETHERNET_HEADER;
	if (type == htons(TYPE_VLAN)) {
		vlan = load_be16(at) & 0x0fff;
		link_key = link_key_mix(link_key, LINK_KEY_VLAN | vlan);
		type = load_raw16(at + 2);
		at += VLAN_TAG;
		room.here -= VLAN_TAG;
	}
	set_frame(p, f, link_key, vlan);
	if (type == htons(TYPE_IP4))
		return plain_ip4(p, at, room, flags);
	return type == htons(TYPE_IP6) && plain_ip6(p, at, room, flags);
}

/* Frames that were cut, and those of virtual links. */
static __attribute__((noinline)) bool read_odd(struct packet *p, const struct frame *f)
{
	if (f->wire_len < f->len)
		return false;
	return read_with(p, f, f->wire_len - f->len, f->unfinished ? UNFINISHED : 0);
}

/* True when the frame is an ordinary one, and *p what it holds; false leaves *p undefined. */
INLINE bool plain_read(struct packet *p, const struct frame *f)
{
	if (seldom(f->wire_len != f->len || f->unfinished))
		return read_odd(p, f);
	return read_with(p, f, 0, 0);
}

__attribute__((hot)) uint32_t decode_batch(const struct frame *frames, uint32_t n,
					   struct packet *out, struct decode_stats *stats)
{
	const struct frame *end = frames + n;
	struct packet *p = out;

	for (const struct frame *f = frames; f < end; f++) {
		if (!plain_read(p, f)) {
			p += decode_frame(f, p, stats);
			continue;
		}
		stats->frames++;
		if (seldom((p->flags & (PACKET_BAD_CHECKSUM | PACKET_TRUNCATED)) != 0)) {
			stats->bad_checksum += (p->flags & PACKET_BAD_CHECKSUM) != 0;
			stats->truncated += (p->flags & PACKET_TRUNCATED) != 0;
		}
		p++;
	}
	return (uint32_t)(p - out);
}
