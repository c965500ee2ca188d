/* SPDX-License-Identifier: MIT */
/* What is to be sent on one connection: a buffer of fixed size. Who does not fetch his answers loses the connection. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUT_MAX = 8192 };

struct out {
	uint8_t bytes[OUT_MAX];
	size_t n;
	bool full; /* something found no room: the connection ends */
};

void out_put(struct out *out, const void *bytes, size_t n);
void out_text(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
