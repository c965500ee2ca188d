/* SPDX-License-Identifier: MIT */
/*
 * An order of Mirai's command server: a length (16 bits), seconds (32), a vector (8), targets (a number, then address and
 * prefix of each), options (a number, then key, length, value of each). Recorded orders count the length itself in; one
 * that does not is taken too. Whatever does not close exactly is no order.
 */
#pragma once

#include "base/bytes.h"
#include "proto/proto.h"

#include <stddef.h>
#include <stdint.h>

struct mirai_order {
	size_t whole; /* bytes, with the length */
	uint32_t seconds;
	uint32_t target; /* the first, in host order … */
	uint8_t prefix;
	uint8_t targets; /* … of so many */
	uint8_t vector;
};

/* MATCH_MAYBE: the bytes are not all there. */
enum match mirai_order_read(struct bytes data, struct mirai_order *out);

/* "flood over UDP (vector 0) for 30 s at 203.0.113.5/32 and 2 others" */
void mirai_order_text(const struct mirai_order *o, char *buf, size_t size);
