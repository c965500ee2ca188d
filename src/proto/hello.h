/* SPDX-License-Identifier: MIT */
/*
 * A TLS ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), read into views.
 */
#pragma once

#include "base/bytes.h"

struct hello {
	uint16_t
		version; /* the highest that it offers: of supported_versions, or the message's own */
	bool named;	 /* it has a server_name extension */
	struct bytes suites;	 /* two bytes each */
	struct bytes extensions; /* the whole block */
	struct bytes name;	 /* host it asks for, or empty */
	struct bytes alpn;	 /* first protocol it offers, or empty */
	struct bytes algorithms; /* of signatures, two bytes each */
};

/* Reads the body of a whole message; false when its lengths contradict each other. */
bool hello_read(struct bytes body, struct hello *out);

/* Takes the next extension of a block (ClientHello or ServerHello); false at its end or when it is cut. */
bool hello_next_extension(struct cursor *c, uint16_t *type, struct bytes *content);

/* Values that clients throw in to keep servers tolerant (RFC 8701): 0x0a0a, 0x1a1a, … */
static inline bool hello_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}
