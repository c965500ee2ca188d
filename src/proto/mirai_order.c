/* SPDX-License-Identifier: MIT */
/*
 * Orders of Mirai's command server, from a recorded one (22 bytes, vector 10 against one address) and published lists of
 * the vectors' numbers. A length that lies, a prefix above 32 or a flood of more than a week is no order: of random
 * bytes fewer than one in 2^30 pass.
 */
#include "proto/mirai_order.h"

#include "base/addr.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	LENGTH_LEN = 2,
	BODY_MIN = 4 + 1 + 1 + 5 + 1, /* one target, no option */
	WHOLE_MAX = 4096,
	VECTOR_MAX = 63,
	OPTION_MAX = 63,
	SECONDS_MAX = 7 * 24 * 3600
};

static bool read_targets(struct cursor *c, struct mirai_order *out)
{
	out->targets = cursor_u8(c);
	for (unsigned i = 0; i < out->targets && !c->broken; i++) {
		uint32_t address = cursor_be32(c);
		uint8_t prefix = cursor_u8(c);

		if (prefix > 32)
			return false;
		if (i == 0) {
			out->target = address;
			out->prefix = prefix;
		}
	}
	return c->broken || out->targets > 0;
}

static bool read_options(struct cursor *c)
{
	unsigned n = cursor_u8(c);

	for (unsigned i = 0; i < n && !c->broken; i++) {
		if (cursor_u8(c) > OPTION_MAX)
			return false;
		cursor_skip(c, cursor_u8(c));
	}
	return true;
}

enum match mirai_order_read(struct bytes data, struct mirai_order *out)
{
	struct cursor c = cursor_over(data);
	size_t len = cursor_be16(&c), body;

	*out = (struct mirai_order){.whole = 0};
	if (c.broken)
		return MATCH_MAYBE;
	if (len < BODY_MIN || len > WHOLE_MAX)
		return MATCH_NO;
	out->seconds = cursor_be32(&c);
	out->vector = cursor_u8(&c);
	if (out->seconds > SECONDS_MAX || out->vector > VECTOR_MAX || !read_targets(&c, out) ||
	    !read_options(&c) || (!c.broken && out->seconds == 0))
		return MATCH_NO;
	if (c.broken)
		return data.len < len + LENGTH_LEN ? MATCH_MAYBE : MATCH_NO;
	out->whole = data.len - cursor_left(&c);
	body = out->whole - LENGTH_LEN;
	return len == body || len == out->whole ? MATCH_YES : MATCH_NO;
}

void mirai_order_text(const struct mirai_order *o, char *buf, size_t size)
{
	static const char *const vectors[] = {[0] = "flood over UDP",
					      [1] = "flood of questions to game servers",
					      [2] = "flood of DNS questions",
					      [3] = "flood of TCP SYNs",
					      [4] = "flood of TCP ACKs",
					      [5] = "flood of TCP data in real connections",
					      [6] = "flood of GRE with IP inside",
					      [7] = "flood of GRE with Ethernet inside",
					      [9] = "flood over UDP from one port",
					      [10] = "flood of HTTP requests"};
	struct addr target = addr_v4(o->target);
	char at[ADDR_TEXT_MAX], others[24] = "";
	const char *what = "flood";

	if (o->vector < sizeof vectors / sizeof *vectors && vectors[o->vector] != NULL)
		what = vectors[o->vector];
	if (o->targets > 1)
		snprintf(others, sizeof others, " and %u other%s", o->targets - 1U,
			 o->targets == 2 ? "" : "s");
	snprintf(buf, size, "%s (vector %u) for %" PRIu32 " s at %s/%u%s", what, o->vector,
		 o->seconds, addr_text(&target, at), o->prefix, others);
}
