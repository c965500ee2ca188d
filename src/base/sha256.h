/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 (FIPS 180-4), by hand: for Digest logins of RFC 7616 and for JA4.
 */
#pragma once

#include "base/block64.h"

enum { SHA256_SIZE = 32 };

struct sha256 {
	struct block64 block;
	uint32_t state[8];
};

void sha256_init(struct sha256 *h);
void sha256_update(struct sha256 *h, struct bytes data);
void sha256_final(struct sha256 *h, uint8_t out[SHA256_SIZE]);

/* The digest of one piece of data. */
void sha256(struct bytes data, uint8_t out[SHA256_SIZE]);
