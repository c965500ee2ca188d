/* SPDX-License-Identifier: MIT */
/*
 * Community ID version 1, see community_id.h: "1:" and base64 of SHA-1 over seed, addresses, protocol, a zero byte and
 * ports, the smaller end first, all in network order. ICMP has type and code in place of ports: a request and its answer,
 * and nothing else, are two directions of one conversation (the spec's tables of message types, after Zeek's).
 */
#include "base/community_id.h"

#include "base/base64.h"
#include "base/sha1.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Questions and their answers: ICMP (RFC 792, 950, 1256), ICMPv6 (RFC 4443, 2710, 4861, 4620, 6275). Each stands for both
 * directions.
 */
struct counterpart {
	uint8_t question;
	uint8_t answer;
};

static const struct counterpart icmp[] = {{8, 0}, {10, 9}, {13, 14}, {15, 16}, {17, 18}};

static const struct counterpart icmp6[] = {{128, 129}, {130, 131}, {133, 134},
					   {135, 136}, {139, 140}, {144, 145}};

struct ends {
	uint16_t src;
	uint16_t dst;
	bool one_way; /* nothing answers: the ends are not put in order */
};

static struct ends of_types(const struct counterpart *list, size_t n, const struct community *c)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].question == c->src_port)
			return (struct ends){.src = c->src_port, .dst = list[i].answer};
		if (list[i].answer == c->src_port)
			return (struct ends){.src = c->src_port, .dst = list[i].question};
	}
	return (struct ends){.src = c->src_port, .dst = c->dst_port, .one_way = true};
}

static struct ends ends_of(const struct community *c)
{
	if (c->protocol == TRANSPORT_ICMP)
		return of_types(icmp, sizeof icmp / sizeof *icmp, c);
	if (c->protocol == TRANSPORT_ICMP6)
		return of_types(icmp6, sizeof icmp6 / sizeof *icmp6, c);
	return (struct ends){.src = c->src_port, .dst = c->dst_port};
}

static bool has_ports(uint8_t protocol)
{
	return protocol == TRANSPORT_TCP || protocol == TRANSPORT_UDP ||
	       protocol == TRANSPORT_SCTP || protocol == TRANSPORT_ICMP ||
	       protocol == TRANSPORT_ICMP6;
}

static void put16(struct sha1 *h, uint16_t value)
{
	const uint8_t wire[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	sha1_update(h, (struct bytes){wire, sizeof wire});
}

static void put_address(struct sha1 *h, const struct addr *a)
{
	bool v4 = addr_is_v4(a);

	sha1_update(h, (struct bytes){a->b + (v4 ? 12 : 0), v4 ? 4 : 16});
}

char *community_id(const struct community *c, uint16_t seed, char out[COMMUNITY_ID_MAX])
{
	struct ends e = ends_of(c);
	int order = addr_compare(&c->src, &c->dst);
	bool swap = !e.one_way && (order > 0 || (order == 0 && e.src > e.dst));
	const uint8_t middle[2] = {c->protocol, 0};
	uint8_t digest[SHA1_SIZE];
	struct sha1 h;

	sha1_init(&h);
	put16(&h, seed);
	put_address(&h, swap ? &c->dst : &c->src);
	put_address(&h, swap ? &c->src : &c->dst);
	sha1_update(&h, (struct bytes){middle, sizeof middle});
	if (has_ports(c->protocol)) {
		put16(&h, swap ? e.dst : e.src);
		put16(&h, swap ? e.src : e.dst);
	}
	sha1_final(&h, digest);
	out[0] = '1';
	out[1] = ':';
	(void)base64_encode((struct bytes){digest, sizeof digest}, out + 2, COMMUNITY_ID_MAX - 2);
	return out;
}
