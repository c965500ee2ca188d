/* SPDX-License-Identifier: MIT */
/*
 * TCP, UDP, ICMP and ICMPv6 headers and their checksums, and the protocol numbers and ports behind which a tunnel
 * begins. Sources: RFC 9293, 768, 792, 4443, 8200 section 8.1, 6935 (UDP without checksum in IPv6 tunnels).
 *
 * A header is there (PACKET_L4) when its fixed part was captured. Of TCP the first 16 bytes do: a snap length of 54
 * takes the checksum and the urgent pointer where the frame has a VLAN tag. Options may be cut off. Lengths inside
 * that can't be are counted and the payload is what IP says at most. Checksums are judged only where every byte they
 * cover is there, and those of TCP and UDP only where the link has finished them.
 */
#include "decode/checksum.h"
#include "decode/walk.h"

enum {
	TCP_HEADER = 20,
	TCP_NEEDED = 16, /* up to the window: what a packet holds of it */
	UDP_HEADER = 8,
	ICMP_HEADER = 8
};

/* Are all bytes of the IP packet here, and is it a whole one? */
static bool is_whole(const struct walk *w)
{
	return w->cut == 0 && !w->partial;
}

/* The pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1): addresses, length, protocol. */
static uint64_t pseudo_sum(const struct walk *w, const struct packet *p, size_t len)
{
	uint64_t sum = checksum_add_be16(w->addresses, (uint16_t)(len >> 16));

	sum = checksum_add_be16(sum, (uint16_t)len);
	return checksum_add_be16(sum, p->proto);
}

/* Is the checksum of TCP or UDP there to be judged? A virtual link leaves it to hardware that there is none of. */
static bool is_summed(const struct walk *w, bool pseudo)
{
	return pseudo && !w->frame->unfinished;
}

static void judge_checksum(struct walk *w, struct packet *p, uint64_t sum, struct bytes covered)
{
	if (checksum_is_good(checksum_add(sum, covered.at, covered.len)))
		return;
	p->flags |= PACKET_BAD_CHECKSUM;
	w->saw |= SAW_BAD_CHECKSUM;
}

static enum layer read_tcp(struct walk *w, struct packet *p, bool pseudo)
{
	struct bytes segment = cursor_rest(&w->c);
	size_t wire = walk_wire_left(w);
	struct bytes h = cursor_take(&w->c, TCP_NEEDED);
	size_t header;

	if (h.at == NULL || wire < TCP_HEADER)
		return walk_short(w);
	p->flags |= PACKET_L4;
	p->sport = load_be16(h.at);
	p->dport = load_be16(h.at + 2);
	p->seq = load_be32(h.at + 4);
	p->ack = load_be32(h.at + 8);
	p->tcp_flags = h.at[13];
	p->window = load_be16(h.at + 14);
	if (is_summed(w, pseudo) && is_whole(w))
		judge_checksum(w, p, pseudo_sum(w, p, segment.len), segment);
	header = (size_t)(h.at[12] >> 4) * 4;
	if (header < TCP_HEADER || (header > wire && !w->partial)) {
		p->payload_len = p->payload_wire = 0;
		return walk_malformed(w);
	}
	p->tcp_options = (uint8_t)(header - TCP_HEADER);
	cursor_skip(&w->c, header - TCP_NEEDED);
	p->payload = w->c.at;
	p->payload_len = (uint32_t)cursor_left(&w->c);
	p->payload_wire = header < wire ? (uint32_t)(wire - header) : 0;
	return LAYER_END;
}

/* A zero is "no checksum": always allowed in IPv4, in IPv6 only where a tunnel's inside has its own. */
static bool may_lack_checksum(const struct packet *p)
{
	return (p->flags & PACKET_V6) == 0 || p->dport == PORT_VXLAN ||
	       p->dport == PORT_VXLAN_LINUX;
}

static enum layer read_udp(struct walk *w, struct packet *p, bool pseudo)
{
	struct bytes datagram = cursor_rest(&w->c);
	size_t wire = walk_wire_left(w);
	struct bytes h = cursor_take(&w->c, UDP_HEADER);
	bool whole = is_whole(w);
	size_t len;

	if (h.at == NULL)
		return walk_short(w);
	p->flags |= PACKET_L4;
	p->sport = load_be16(h.at);
	p->dport = load_be16(h.at + 2);
	len = load_be16(h.at + 4);
	if (len == 0 && wire > 0xffff)
		len = wire; /* a jumbogram (RFC 2675, 4) */
	if (len < UDP_HEADER || (len > wire && !w->partial)) {
		w->saw |= SAW_MALFORMED;
		len = len < UDP_HEADER ? UDP_HEADER : wire;
		whole = false;
	}
	if (len < wire)
		walk_limit(w, len - UDP_HEADER);
	p->payload = w->c.at;
	p->payload_len = (uint32_t)cursor_left(&w->c);
	p->payload_wire = (uint32_t)walk_wire_left(w);
	if (is_summed(w, pseudo) && whole && (load_be16(h.at + 6) != 0 || !may_lack_checksum(p))) {
		datagram.len = UDP_HEADER + p->payload_len;
		judge_checksum(w, p, pseudo_sum(w, p, len), datagram);
	}
	return p->dport == PORT_VXLAN || p->dport == PORT_VXLAN_LINUX ? LAYER_VXLAN : LAYER_END;
}

static enum layer read_icmp(struct walk *w, struct packet *p, bool pseudo)
{
	struct bytes message = cursor_rest(&w->c);
	struct bytes h = cursor_take(&w->c, ICMP_HEADER);

	if (h.at == NULL)
		return walk_short(w);
	p->flags |= PACKET_L4;
	p->icmp_type = h.at[0];
	p->icmp_code = h.at[1];
	p->payload = w->c.at;
	p->payload_len = (uint32_t)cursor_left(&w->c);
	p->payload_wire = (uint32_t)walk_wire_left(w);
	if (!is_whole(w))
		return LAYER_END;
	if (p->proto == PROTO_ICMP)
		judge_checksum(w, p, 0, message);
	else if (pseudo)
		judge_checksum(w, p, pseudo_sum(w, p, message.len), message);
	return LAYER_END;
}

enum layer read_transport(struct walk *w, struct packet *p, bool pseudo)
{
	bool v6 = (p->flags & PACKET_V6) != 0;

	switch (p->proto) {
	case PROTO_TCP:
		return read_tcp(w, p, pseudo);
	case PROTO_UDP:
		return read_udp(w, p, pseudo);
	case PROTO_ICMP:
		return v6 ? LAYER_END : read_icmp(w, p, pseudo);
	case PROTO_ICMPV6:
		return v6 ? read_icmp(w, p, pseudo) : LAYER_END;
	case PROTO_IPIP:
		return tunnel_enter(w, LAYER_IP4);
	case PROTO_IPV6:
		return tunnel_enter(w, LAYER_IP6);
	case PROTO_GRE:
		return LAYER_GRE;
	default:
		return LAYER_END;
	}
}
