/* SPDX-License-Identifier: MIT */
/*
 * The ordinary frame in one go: Ethernet, with one VLAN tag at most, IPv4 without options or fragments or IPv6 without
 * extension headers, TCP or UDP, all of it captured, with lengths that agree. Sources are those of link.c, ip.c and
 * transport.c.
 *
 * It decides nothing by itself. Whatever differs in the least - another header, a length that lies, a cut, a tunnel's
 * port, an address that could pose as another - goes to the walk, which stays the authority, and what is written here
 * is field for field what the walk would write: tests/unit/test_decode_plain.c holds both against each other.
 *
 * Each field is written once, since clearing a packet first costs as much as filling it, and a header's words are
 * loaded once, for its fields and for its checksum: before anything of it is stored, as the compiler can't know that
 * packets and frames never overlap. Sums of few words of 32 bits never need their carry back.
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
	IP4_FRAGMENT = 0x3fff /* of the fragment field: more to come, and the offset */
};

/* What the headers read so far say of those that follow. */
struct inside {
	const uint8_t *at; /* behind the IP header */
	uint32_t len;	   /* of the IP packet, from there */
	uint64_t sum;	   /* over both addresses */
	uint16_t flags;	   /* of the packet */
	uint8_t proto;
	bool bad; /* a checksum is wrong */
};

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
static inline void set_mapped(struct addr *to, uint32_t raw)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(to->b, prefix, sizeof prefix);
	memcpy(to->b + sizeof prefix, &raw, sizeof raw);
}

static inline bool plain_ip4(struct packet *p, struct inside *in, const uint8_t *at, size_t here)
{
	uint32_t first = checksum_load32(at), second = checksum_load32(at + 4);
	uint32_t third = checksum_load32(at + 8);
	uint32_t src = checksum_load32(at + 12), dst = checksum_load32(at + 16);
	uint32_t total = ntohl(first) & 0xffff;

	if (at[0] != 0x45 || total > here || total < IP4_HEADER + UDP_HEADER ||
	    (second & htonl(IP4_FRAGMENT)) != 0)
		return false;
	in->at = at + IP4_HEADER;
	in->len = total - IP4_HEADER;
	in->sum = (uint64_t)src + dst;
	in->bad = !checksum_is_good_sum(in->sum + first + second + third);
	in->proto = at[9];
	p->ip_len = total;
	p->ip_id = (uint16_t)(ntohl(second) >> 16);
	p->ttl = (uint8_t)(ntohl(third) >> 24);
	set_mapped(&p->src, src);
	set_mapped(&p->dst, dst);
	return true;
}

/* Addresses that begin with eight zeros may be IPv4 in disguise. */
static inline bool plain_ip6(struct packet *p, struct inside *in, const uint8_t *at, size_t here)
{
	uint64_t src, src_end, dst, dst_end;
	uint32_t len;

	if (here < IP6_HEADER + UDP_HEADER)
		return false;
	src = checksum_load(at + 8);
	src_end = checksum_load(at + 16);
	dst = checksum_load(at + 24);
	dst_end = checksum_load(at + 32);
	len = load_be16(at + 4);
	if (at[0] >> 4 != 6 || src == 0 || dst == 0 || len > here - IP6_HEADER || len < UDP_HEADER)
		return false;
	in->at = at + IP6_HEADER;
	in->len = len;
	in->sum =
		checksum_add_word(checksum_add_word(src, src_end), checksum_add_word(dst, dst_end));
	in->bad = false;
	in->proto = at[6];
	in->flags |= PACKET_V6;
	p->ip_len = IP6_HEADER + len;
	p->ip_id = 0;
	p->ttl = at[7];
	memcpy(p->src.b, &src, sizeof src);
	memcpy(p->src.b + 8, &src_end, sizeof src_end);
	memcpy(p->dst.b, &dst, sizeof dst);
	memcpy(p->dst.b + 8, &dst_end, sizeof dst_end);
	return true;
}

static inline bool plain_tcp(struct packet *p, struct inside *in)
{
	const uint8_t *at = in->at;
	uint32_t ports, seq, ack, rest, header, len = in->len;
	uint64_t sum;

	if (len < TCP_HEADER)
		return false;
	ports = checksum_load32(at);
	seq = checksum_load32(at + 4);
	ack = checksum_load32(at + 8);
	rest = checksum_load32(at + 12);
	header = ntohl(rest) >> 28 << 2;
	if (header < TCP_HEADER || header > len)
		return false;
	sum = (uint64_t)ports + seq + ack + rest + checksum_load32(at + 16) + htons((uint16_t)len) +
	      htons(PROTO_TCP);
	sum = checksum_add_word(in->sum, sum);
	if (len > TCP_HEADER)
		sum = checksum_add_behind(sum, at + TCP_HEADER, len - TCP_HEADER);
	in->bad |= !checksum_is_good_sum(sum);
	rest = ntohl(rest);
	p->sport = (uint16_t)(ntohl(ports) >> 16);
	p->dport = (uint16_t)ntohl(ports);
	p->seq = ntohl(seq);
	p->ack = ntohl(ack);
	p->tcp_flags = (uint8_t)(rest >> 16);
	p->window = (uint16_t)rest;
	p->tcp_options = (uint8_t)(header - TCP_HEADER);
	p->payload = at + header;
	p->payload_len = p->payload_wire = len - header;
	return true;
}

static inline bool plain_udp(struct packet *p, struct inside *in)
{
	const uint8_t *at = in->at;
	uint32_t ports = checksum_load32(at), rest = checksum_load32(at + 4);
	uint32_t len = ntohl(rest) >> 16;
	uint16_t dport = (uint16_t)ntohl(ports);

	if (len < UDP_HEADER || len > in->len || dport == PORT_VXLAN || dport == PORT_VXLAN_LINUX)
		return false;
	if ((rest & htonl(0xffff)) != 0 || (in->flags & PACKET_V6) != 0) {
		/* Its own length counts twice: in the header and in the pseudo-header. */
		uint64_t sum = (uint64_t)ports + rest + htons((uint16_t)len) + htons(PROTO_UDP);

		sum = checksum_add_word(in->sum, sum);
		sum = checksum_add_behind(sum, at + UDP_HEADER, len - UDP_HEADER);
		in->bad |= !checksum_is_good_sum(sum);
	}
	p->sport = (uint16_t)(ntohl(ports) >> 16);
	p->dport = dport;
	p->seq = 0;
	p->ack = 0;
	p->tcp_flags = 0;
	p->window = 0;
	p->tcp_options = 0;
	p->payload = at + UDP_HEADER;
	p->payload_len = p->payload_wire = len - UDP_HEADER;
	return true;
}

/* What the frame and its link say, and what neither TCP nor UDP has. */
static inline void set_rest(struct packet *p, const struct frame *f, uint32_t link_key,
			    uint16_t vlan)
{
	int64_t time_ns = f->time_ns;
	uint64_t key = (uint64_t)f->input << 40 | f->number;
	uint32_t wire_len = f->wire_len;

	memcpy(p->macs, f->data, sizeof p->macs);
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

/* True when the frame is an ordinary one, and *p what it holds; false leaves *p undefined. */
static inline bool plain_read(struct packet *p, const struct frame *f)
{
	const uint8_t *at = f->data + ETHERNET_HEADER;
	size_t here = f->len - ETHERNET_HEADER;
	uint32_t link_key = f->iface;
	uint16_t vlan = 0, type;
	struct inside in;

	if (f->linktype != LINK_ETHERNET || f->len < LEAST)
		return false;
	type = load_raw16(at - 2);
	if (type == htons(TYPE_VLAN)) {
		vlan = load_be16(at) & 0x0fff;
		link_key = link_key_mix(link_key, LINK_KEY_VLAN | vlan);
		type = load_raw16(at + 2);
		at += VLAN_TAG;
		here -= VLAN_TAG;
	}
	in.flags = PACKET_L4 | mac_flags(f->data);
	if (type == htons(TYPE_IP4) ? !plain_ip4(p, &in, at, here)
				    : type != htons(TYPE_IP6) || !plain_ip6(p, &in, at, here))
		return false;
	if (in.proto == PROTO_TCP ? !plain_tcp(p, &in)
				  : in.proto != PROTO_UDP || !plain_udp(p, &in))
		return false;
	p->proto = in.proto;
	p->flags = in.bad ? in.flags | PACKET_BAD_CHECKSUM : in.flags;
	set_rest(p, f, link_key, vlan);
	return true;
}

uint32_t decode_batch(const struct frame *frames, uint32_t n, struct packet *out,
		      struct decode_stats *stats)
{
	const struct frame *end = frames + n;
	struct packet *p = out;

	for (const struct frame *f = frames; f < end; f++) {
		if (!plain_read(p, f)) {
			p += decode_frame(f, p, stats);
			continue;
		}
		stats->frames++;
		stats->bad_checksum += (p->flags & PACKET_BAD_CHECKSUM) != 0;
		p++;
	}
	return (uint32_t)(p - out);
}
