/* SPDX-License-Identifier: MIT */
/*
 * SHA-1 (RFC 3174), by hand: WS-Security's password digests are made with it. It protects nothing of ours.
 */
#pragma once

#include "base/block64.h"

enum { SHA1_SIZE = 20 };

struct sha1 {
	struct block64 block;
	uint32_t state[5];
};

void sha1_init(struct sha1 *h);
void sha1_update(struct sha1 *h, struct bytes data);
void sha1_final(struct sha1 *h, uint8_t out[SHA1_SIZE]);

/* The digest of one piece of data. */
void sha1(struct bytes data, uint8_t out[SHA1_SIZE]);
