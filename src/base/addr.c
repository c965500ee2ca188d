/* SPDX-License-Identifier: MIT */
/*
 * Address classes, text and prefixes. The classes follow the IANA special-purpose registries (RFC 6890); nothing
 * here knows which network is ours.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

/* Rows of addr_seconds. */
enum { ONE_IS_SPECIAL, CGNAT, LINK_LOCAL, PRIVATE_20, PRIVATE_16, SECONDS };

_Static_assert((int)SECONDS == (int)ADDR_SECONDS, "a row each");

const struct addr_second addr_seconds[ADDR_SECONDS] = {
	[CGNAT] = {0xc0, 64, ADDR_PRIVATE, ADDR_PUBLIC},
	[LINK_LOCAL] = {0xff, 254, ADDR_PRIVATE | ADDR_LINK_LOCAL, ADDR_PUBLIC},
	[PRIVATE_20] = {0xf0, 16, ADDR_PRIVATE, ADDR_PUBLIC},
	[PRIVATE_16] = {0xff, 168, ADDR_PRIVATE, ADDR_PUBLIC},
};

#define TWO(class) class, class
#define FOUR(class) TWO(class), TWO(class)
#define EIGHT(class) FOUR(class), FOUR(class)
#define SIXTEEN(class) EIGHT(class), EIGHT(class)

/* A line is 16 first octets. */
/* clang-format off */
const uint8_t addr_firsts[256] = {
	ADDR_ASK | ONE_IS_SPECIAL, EIGHT(ADDR_PUBLIC), ADDR_PUBLIC, ADDR_PRIVATE, FOUR(ADDR_PUBLIC), ADDR_PUBLIC,
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_PUBLIC),
	FOUR(ADDR_PUBLIC), ADDR_ASK | CGNAT, EIGHT(ADDR_PUBLIC), TWO(ADDR_PUBLIC), ADDR_PUBLIC,
	EIGHT(ADDR_PUBLIC), FOUR(ADDR_PUBLIC), TWO(ADDR_PUBLIC), ADDR_PUBLIC, ADDR_LOOPBACK,
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_PUBLIC),
	EIGHT(ADDR_PUBLIC), ADDR_PUBLIC, ADDR_ASK | LINK_LOCAL, TWO(ADDR_PUBLIC), ADDR_ASK | PRIVATE_20, TWO(ADDR_PUBLIC), ADDR_PUBLIC,
	SIXTEEN(ADDR_PUBLIC),
	ADDR_ASK | PRIVATE_16, EIGHT(ADDR_PUBLIC), FOUR(ADDR_PUBLIC), TWO(ADDR_PUBLIC), ADDR_PUBLIC,
	SIXTEEN(ADDR_PUBLIC),
	SIXTEEN(ADDR_MULTICAST),
	EIGHT(0), FOUR(0), TWO(0), 0, ADDR_ASK | ONE_IS_SPECIAL,
};
/* clang-format on */

static bool is_all_zero(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] != 0)
			return false;
	}
	return true;
}

uint8_t addr_class_rest(const struct addr *a)
{
	if (addr_is_v4(a)) {
		uint32_t low = addr_low32(a);

		return low == 0 ? ADDR_ZERO : low == 0xffffffff ? ADDR_BROADCAST : 0;
	}
	if (a->b[0] == 0xff)
		return ADDR_MULTICAST;
	if (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80)
		return ADDR_PRIVATE | ADDR_LINK_LOCAL;
	if ((a->b[0] & 0xfe) == 0xfc)
		return ADDR_PRIVATE;
	if (is_all_zero(a->b, 15) && a->b[15] <= 1)
		return a->b[15] == 0 ? ADDR_ZERO : ADDR_LOOPBACK;
	return ADDR_PUBLIC;
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

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

bool mac_parse(const char *text, struct mac *out)
{
	struct mac mac;

	for (int i = 0; i < 6; i++, text += 3) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || (i < 5 ? text[2] != ':' && text[2] != '-' : text[2] != '\0'))
			return false;
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = mac;
	return true;
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
