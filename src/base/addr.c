/* SPDX-License-Identifier: MIT */
/*
 * Address classes, text and prefixes. The classes follow the IANA special-purpose registries (RFC 6890); nothing
 * here knows which network is ours.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

bool addr_is_zero(const struct addr *a)
{
	static const struct addr none;

	return addr_equal(a, &none) || (addr_is_v4(a) && addr_low32(a) == 0);
}

bool addr_is_multicast(const struct addr *a)
{
	return addr_is_v4(a) ? a->b[12] >= 224 && a->b[12] < 240 : a->b[0] == 0xff;
}

bool addr_is_broadcast(const struct addr *a)
{
	return addr_is_v4(a) && addr_low32(a) == 0xffffffff;
}

bool addr_is_loopback(const struct addr *a)
{
	static const struct addr one = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

	return addr_is_v4(a) ? a->b[12] == 127 : addr_equal(a, &one);
}

bool addr_is_link_local(const struct addr *a)
{
	if (addr_is_v4(a))
		return a->b[12] == 169 && a->b[13] == 254;
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static bool is_private_v4(const struct addr *a)
{
	uint8_t first = a->b[12], second = a->b[13];

	return first == 10 || (first == 172 && (second & 0xf0) == 16) ||
	       (first == 192 && second == 168) || (first == 100 && (second & 0xc0) == 64);
}

bool addr_is_private(const struct addr *a)
{
	if (addr_is_link_local(a))
		return true;
	return addr_is_v4(a) ? is_private_v4(a) : (a->b[0] & 0xfe) == 0xfc;
}

bool addr_is_public(const struct addr *a)
{
	if (addr_is_private(a) || addr_is_loopback(a) || addr_is_multicast(a) || addr_is_zero(a))
		return false;
	if (addr_is_v4(a))
		return a->b[12] != 0 && a->b[12] < 240;
	return true;
}

bool prefix_has(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->bits / 8;
	unsigned rest = p->bits % 8;

	if (memcmp(p->addr.b, a->b, whole) != 0)
		return false;
	return rest == 0 || ((p->addr.b[whole] ^ a->b[whole]) >> (8 - rest)) == 0;
}

static char *put_byte(char *at, uint8_t value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

char *addr_text(const struct addr *a, char *buf)
{
	char *at = buf;

	if (!addr_is_v4(a)) {
		inet_ntop(AF_INET6, a->b, buf, ADDR_TEXT_MAX);
		return buf;
	}
	for (int i = 12; i < 16; i++) {
		at = put_byte(at, a->b[i]);
		*at++ = i < 15 ? '.' : '\0';
	}
	return buf;
}

char *mac_text(const struct mac *m, char *buf)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 6; i++) {
		buf[3 * i] = digits[m->b[i] >> 4];
		buf[3 * i + 1] = digits[m->b[i] & 15];
		buf[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return buf;
}

char *prefix_text(const struct prefix *p, char *buf)
{
	unsigned bits = p->bits;
	size_t used;

	addr_text(&p->addr, buf);
	if (addr_is_v4(&p->addr) && bits >= 96)
		bits -= 96;
	used = strlen(buf);
	snprintf(buf + used, PREFIX_TEXT_MAX - used, "/%u", bits);
	return buf;
}

bool addr_parse(const char *text, struct addr *out)
{
	uint8_t four[4];

	if (inet_pton(AF_INET, text, four) == 1) {
		*out = addr_v4((uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 |
			       (uint32_t)four[2] << 8 | four[3]);
		return true;
	}
	return inet_pton(AF_INET6, text, out->b) == 1;
}

static void clear_host_bits(struct prefix *p)
{
	for (unsigned bit = p->bits; bit < 128; bit++)
		p->addr.b[bit / 8] &= (uint8_t) ~(0x80U >> (bit % 8));
}

/* Digits only, so that "/+8" and "/ 8" are refused. */
static bool parse_bits(const char *text, unsigned max, unsigned *bits)
{
	unsigned value = 0;

	if (*text == '\0' || strlen(text) > 3)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned)(*text - '0');
	}
	*bits = value;
	return value <= max;
}

bool prefix_parse(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	char buf[ADDR_TEXT_MAX];
	unsigned max, bits;

	if (len >= sizeof buf)
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (!addr_parse(buf, &out->addr))
		return false;
	max = addr_is_v4(&out->addr) && strchr(buf, ':') == NULL ? 32 : 128;
	bits = max;
	if (slash != NULL && !parse_bits(slash + 1, max, &bits))
		return false;
	out->bits = (uint8_t)(max == 32 ? bits + 96 : bits);
	clear_host_bits(out);
	return true;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

int mac_compare(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}
