/* SPDX-License-Identifier: MIT */
/*
 * Base64 with the standard alphabet (RFC 4648 section 4): Basic logins, nonces of WS-Security.
 */
#pragma once

#include "base/bytes.h"

/* Letters that n bytes take, padding included. */
static inline size_t base64_size(size_t n)
{
	return (n + 2) / 3 * 4;
}

/*
 * Decodes all of text into out; *n is the number of bytes. Padding may be missing, as some clients send none. False, with
 * *n = 0, for letters outside the alphabet, padding elsewhere than at the end, a length that no bytes give, or lack of room.
 * Bits that the last letter holds too many are ignored, as servers do.
 */
bool base64_decode(struct bytes text, uint8_t *out, size_t room, size_t *n);

/* Writes base64_size(data.len) letters and a NUL; returns the letters, 0 (and nothing is written) when room is too small. */
size_t base64_encode(struct bytes data, char *out, size_t room);
