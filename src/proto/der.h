/* SPDX-License-Identifier: MIT */
/*
 * DER (X.690): tag, length, content. Definite lengths and one-byte tags only, as certificates have them.
 */
#pragma once

#include "base/bytes.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,	/* [n] primitive: DER_CONTEXT | n */
	DER_CONTEXT_NEST = 0xa0 /* [n] constructed */
};

struct der {
	uint8_t tag;
	struct bytes content; /* what is there of it */
	bool cut;	      /* it is longer than what is there */
};

/* The next value; false at the end, or when it is no DER that we read. A cut value ends the cursor. */
bool der_next(struct cursor *c, struct der *out);

/* The next value if it is whole and has this tag. Only then it is taken. */
bool der_take(struct cursor *c, uint8_t tag, struct bytes *content);

/* The inside of the next value of this tag, cut or not. */
bool der_enter(struct cursor *c, uint8_t tag, struct cursor *inside);
