/* SPDX-License-Identifier: MIT */
/*
 * The addresses that an answer gives (RFC 1035, section 4.1.3; AAAA: RFC 3596), for detectors that ask whether an address
 * was ever looked up. Whose they are does not matter to them, so no name is followed: a compression pointer ends one. A
 * message that breaks off has given what stood before; counts in the header are believed up to the last byte only.
 */
#include "proto/dns.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, CLASS_INTERNET = 1 };

static void skip_name(struct cursor *c)
{
	while (!c->broken) {
		uint8_t len = cursor_u8(c);

		if (len == 0)
			return;
		if (len >= 0xc0) {
			cursor_skip(c, 1);
			return;
		}
		cursor_skip(c, len);
	}
}

static bool read_address(struct bytes data, uint16_t type, struct addr *out)
{
	struct cursor c = cursor_over(data);

	if (type == TYPE_A && data.len == 4) {
		*out = addr_v4(cursor_be32(&c));
		return true;
	}
	if (type != TYPE_AAAA || data.len != sizeof out->b)
		return false;
	cursor_copy(&c, out->b, sizeof out->b);
	return true;
}

size_t dns_read_addresses(struct bytes message, struct addr out[DNS_ADDRESSES_MAX])
{
	struct cursor c = cursor_over(message);
	uint16_t flags, questions, answers;
	size_t n = 0;

	cursor_skip(&c, 2);
	flags = cursor_be16(&c);
	questions = cursor_be16(&c);
	answers = cursor_be16(&c);
	cursor_skip(&c, 4);
	if ((flags & 0xf800) != 0x8000) /* no answer, or to no plain question */
		return 0;
	for (; questions > 0 && !c.broken; questions--) {
		skip_name(&c);
		cursor_skip(&c, 4);
	}
	for (; answers > 0 && n < DNS_ADDRESSES_MAX; answers--) {
		uint16_t type, class;
		struct bytes data;

		skip_name(&c);
		type = cursor_be16(&c);
		class = cursor_be16(&c);
		cursor_skip(&c, 4);
		data = cursor_take(&c, cursor_be16(&c));
		if (c.broken)
			break;
		n += class == CLASS_INTERNET && read_address(data, type, &out[n]);
	}
	return n;
}
