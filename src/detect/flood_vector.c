/* SPDX-License-Identifier: MIT */
/*
 * Packet to vector, by the packet alone: no state, no guess. The names are those of Mirai's attacks (see the table in
 * docs/verdicts.md) and of reflection. A packet that is no flood's in any rate is FLOOD_NONE.
 */
#include "detect/flood_vector.h"
#include "proto/dns.h"

#include <string.h>

enum { ICMP_ECHO_REPLY = 0, ICMP_ECHO = 8, ICMPV6_ECHO = 128, ICMPV6_ECHO_REPLY = 129 };

/* Valve's A2S_INFO request: legal in itself, a flood by its rate. */
static const uint8_t vse[25] = "\xff\xff\xff\xffTSource Engine Query";

static bool is_http_request(struct bytes b)
{
	static const char *const methods[] = {"GET /", "POST /", "HEAD /", "PUT /"};

	if (b.len == 0 || (b.at[0] != 'G' && b.at[0] != 'P' && b.at[0] != 'H'))
		return false;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (bytes_start_with(b, methods[i], strlen(methods[i])))
			return true;
	}
	return false;
}

static enum flood_vector tcp_vector(const struct packet *p, unsigned *amplifier)
{
	uint8_t flags = p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN);

	if ((p->flags & PACKET_L4) == 0)
		return FLOOD_NONE;
	if (flags == TCP_SYN)
		return FLOOD_SYN;
	if (flags == (TCP_SYN | TCP_ACK)) {
		*amplifier = AMPLIFIER_SYN_ACK;
		return FLOOD_AMPLIFICATION;
	}
	if (flags != TCP_ACK)
		return FLOOD_NONE;
	return is_http_request(packet_payload(p)) ? FLOOD_HTTP : FLOOD_ACK;
}

static bool is_answer_of(const struct amplifier *a, const struct packet *p)
{
	if (a->port != p->sport || p->payload_wire < a->min_bytes)
		return false;
	if (a->port == 53)
		return p->payload_len >= 12 && (p->payload[2] & 0x80) != 0;
	return bytes_start_with(packet_payload(p), a->prefix, a->prefix_len);
}

static enum flood_vector udp_vector(const struct packet *p, const struct knowledge *k,
				    unsigned *amplifier)
{
	struct dns_question question;

	if ((p->flags & PACKET_L4) == 0)
		return FLOOD_NONE;
	if (p->payload_wire == sizeof vse && bytes_start_with(packet_payload(p), vse, sizeof vse))
		return FLOOD_VSE;
	if (p->dport == 53 && dns_read_question(packet_payload(p), &question) && !question.answer)
		return FLOOD_DNS;
	if (k->ports_amplified[p->sport / 8] >> p->sport % 8 & 1) {
		for (size_t i = 0; i < k->amplifiers_n; i++) {
			if (is_answer_of(&k->amplifiers[i], p)) {
				*amplifier = (unsigned)i;
				return FLOOD_AMPLIFICATION;
			}
		}
	}
	return FLOOD_UDP;
}

static bool is_echo(const struct packet *p)
{
	if (p->proto == PROTO_ICMP)
		return p->icmp_type == ICMP_ECHO || p->icmp_type == ICMP_ECHO_REPLY;
	return p->icmp_type == ICMPV6_ECHO || p->icmp_type == ICMPV6_ECHO_REPLY;
}

enum flood_vector flood_vector_find(const struct stamp *s, const struct knowledge *k,
				    unsigned *amplifier)
{
	const struct packet *p = s->packet;

	if (addr_is_broadcast(&p->dst) || (addr_is_multicast(&p->dst) && s->kind != KIND_ICMP))
		return FLOOD_NONE;
	if ((p->flags & PACKET_FRAGMENT) != 0)
		return FLOOD_FRAGMENT;
	switch (s->kind) {
	case KIND_SYN:
	case KIND_ANSWER:
	case KIND_TCP:
		return tcp_vector(p, amplifier);
	case KIND_UDP:
		return udp_vector(p, k, amplifier);
	case KIND_ICMP:
		return is_echo(p) ? FLOOD_ICMP : FLOOD_NONE;
	default:
		break;
	}
	if (p->proto == PROTO_GRE && p->gre == GRE_IP)
		return FLOOD_GRE_IP;
	return p->proto == PROTO_GRE && p->gre == GRE_ETHERNET ? FLOOD_GRE_ETH : FLOOD_NONE;
}
