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

/*
 * What kind of address it is; one at most, but for link-local ones, which are private too. None: reserved (240/4, and
 * 0/8 but for its first).
 */
enum addr_class {
	ADDR_ZERO = 1 << 0,	 /* 0.0.0.0 or :: */
	ADDR_LOOPBACK = 1 << 1,	 /* 127/8, ::1 */
	ADDR_MULTICAST = 1 << 2, /* 224/4, ff00::/8 */
	ADDR_BROADCAST = 1 << 3, /* 255.255.255.255; subnet broadcasts can't be told here */
	/* RFC 1918, RFC 6598 (CGNAT), link-local, RFC 4193 (ULA): never routed on the Internet. */
	ADDR_PRIVATE = 1 << 4,
	ADDR_LINK_LOCAL = 1 << 5, /* 169.254/16, fe80::/10 */
	ADDR_PUBLIC =
		1 << 6, /* a unicast address of the Internet: none of the above, not reserved */
	ADDR_NO_SENDER = ADDR_ZERO | ADDR_LOOPBACK | ADDR_MULTICAST | ADDR_BROADCAST
};

/* What the first octet of an IPv4 address says of its class, and where it says nothing, how the second decides. */
enum { ADDR_ASK = 1 << 7 }; /* then the rest of the bits is the row in addr_seconds */

struct addr_second {
	uint8_t mask;
	uint8_t value;
	uint8_t yes;
	uint8_t no;
};

enum { ADDR_SECONDS = 5 };
extern const uint8_t addr_firsts[256];
extern const struct addr_second addr_seconds[ADDR_SECONDS];

/* The class of what the tables leave open: IPv6, and the blocks of which one address is special. */
uint8_t addr_class_rest(const struct addr *a);

static inline uint8_t addr_class_v4(uint8_t first, uint8_t second, const struct addr *a)
{
	uint8_t class = addr_firsts[first];
	const struct addr_second *s;

	if ((class & ADDR_ASK) == 0)
		return class;
	s = &addr_seconds[class & ~ADDR_ASK];
	if (s->mask == 0)
		return addr_class_rest(a);
	return (second & s->mask) == s->value ? s->yes : s->no;
}

static inline uint8_t addr_class(const struct addr *a)
{
	return addr_is_v4(a) ? addr_class_v4(a->b[12], a->b[13], a) : addr_class_rest(a);
}

static inline bool addr_is_zero(const struct addr *a)
{
	return (addr_class(a) & ADDR_ZERO) != 0;
}

static inline bool addr_is_multicast(const struct addr *a)
{
	return (addr_class(a) & ADDR_MULTICAST) != 0;
}

static inline bool addr_is_broadcast(const struct addr *a)
{
	return (addr_class(a) & ADDR_BROADCAST) != 0;
}

static inline bool addr_is_loopback(const struct addr *a)
{
	return (addr_class(a) & ADDR_LOOPBACK) != 0;
}

static inline bool addr_is_link_local(const struct addr *a)
{
	return (addr_class(a) & ADDR_LINK_LOCAL) != 0;
}

static inline bool addr_is_private(const struct addr *a)
{
	return (addr_class(a) & ADDR_PRIVATE) != 0;
}

static inline bool addr_is_public(const struct addr *a)
{
	return (addr_class(a) & ADDR_PUBLIC) != 0;
}

bool prefix_has(const struct prefix *p, const struct addr *a);

/* Dotted quad or RFC 5952 text; buf holds ADDR_TEXT_MAX bytes. Returns buf. */
char *addr_text(const struct addr *a, char *buf);
char *mac_text(const struct mac *m, char *buf);
char *prefix_text(const struct prefix *p, char *buf);

/* "192.0.2.7", "2001:db8::/32"; a bare address is its own /32 or /128. False when it is neither; host bits are cleared. */
bool prefix_parse(const char *text, struct prefix *out);
bool addr_parse(const char *text, struct addr *out);
/* "02:00:5e:00:53:01", also with '-' or capitals. */
bool mac_parse(const char *text, struct mac *out);

int addr_compare(const struct addr *a, const struct addr *b);
int mac_compare(const struct mac *a, const struct mac *b);
