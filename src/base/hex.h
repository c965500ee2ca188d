/* SPDX-License-Identifier: MIT */
/*
 * Bytes as hexadecimal text, in both cases: logins carry digests in either.
 */
#pragma once

#include "base/bytes.h"

static inline void hex_with(const char digits[17], struct bytes b, char *out)
{
	for (size_t i = 0; i < b.len; i++) {
		*out++ = digits[b.at[i] >> 4];
		*out++ = digits[b.at[i] & 15];
	}
	*out = '\0';
}

/* out has room for 2 * b.len letters and a NUL. */
static inline void hex_lower(struct bytes b, char *out)
{
	hex_with("0123456789abcdef", b, out);
}

static inline void hex_upper(struct bytes b, char *out)
{
	hex_with("0123456789ABCDEF", b, out);
}
