/* SPDX-License-Identifier: MIT */
/*
 * Addresses. IPv4 and IPv6 are one type: an IPv4 address is held as its IPv4-mapped form (RFC 4291, 2.5.5.2),
 * so that tables, hashes and prefixes have one path for both and IPv6 can't fall behind. A real IPv6 packet that
 * carries a mapped address on the wire is malformed, and decode says so before it gets here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct addr {
	uint8_t b[16];
};

struct mac {
	uint8_t b[6];
};

struct prefix {
	struct addr addr;
	uint8_t bits; /* 0 to 128, counted in the mapped form: an IPv4 /24 is 120 */
};

#define ADDR_TEXT_MAX 46
#define MAC_TEXT_MAX 18
#define PREFIX_TEXT_MAX 50

static inline struct addr addr_v4(uint32_t host_order)
{
	struct addr a = {{0}};

	a.b[10] = a.b[11] = 0xff;
	a.b[12] = (uint8_t)(host_order >> 24);
	a.b[13] = (uint8_t)(host_order >> 16);
	a.b[14] = (uint8_t)(host_order >> 8);
	a.b[15] = (uint8_t)host_order;
	return a;
}

static inline bool addr_is_v4(const struct addr *a)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(a->b, mapped, sizeof mapped) == 0;
}

/* The last 32 bits in host order: the whole IPv4 address, or the tail of an IPv6 one (RFC 6052 puts IPv4 there). */
static inline uint32_t addr_low32(const struct addr *a)
{
	return (uint32_t)a->b[12] << 24 | (uint32_t)a->b[13] << 16 | (uint32_t)a->b[14] << 8 |
	       a->b[15];
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static inline bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static inline bool mac_is_zero(const struct mac *m)
{
	return (m->b[0] | m->b[1] | m->b[2] | m->b[3] | m->b[4] | m->b[5]) == 0;
}

/* Group bit: multicast and broadcast MACs are never a sender. */
static inline bool mac_is_group(const struct mac *m)
{
	return (m->b[0] & 1) != 0;
}

bool addr_is_zero(const struct addr *a);      /* 0.0.0.0 or :: */
bool addr_is_multicast(const struct addr *a); /* 224/4, ff00::/8 */
bool addr_is_broadcast(
	const struct addr *a); /* 255.255.255.255; subnet broadcasts can't be told here */
bool addr_is_loopback(const struct addr *a);
bool addr_is_link_local(const struct addr *a); /* 169.254/16, fe80::/10 */
/* RFC 1918, RFC 6598 (CGNAT), link-local, RFC 4193 (ULA): never routed on the Internet. */
bool addr_is_private(const struct addr *a);
/* A unicast address of the Internet: not private, loopback, multicast, broadcast, zero or reserved (240/4). */
bool addr_is_public(const struct addr *a);

bool prefix_has(const struct prefix *p, const struct addr *a);

/* Dotted quad or RFC 5952 text; buf holds ADDR_TEXT_MAX bytes. Returns buf. */
char *addr_text(const struct addr *a, char *buf);
char *mac_text(const struct mac *m, char *buf);
char *prefix_text(const struct prefix *p, char *buf);

/* "192.0.2.7", "2001:db8::/32"; a bare address is its own /32 or /128. False when it is neither; host bits are cleared. */
bool prefix_parse(const char *text, struct prefix *out);
bool addr_parse(const char *text, struct addr *out);

int addr_compare(const struct addr *a, const struct addr *b);
int mac_compare(const struct mac *a, const struct mac *b);
