/* SPDX-License-Identifier: MIT */
/*
 * MD5 (RFC 1321), by hand: the engine links libc only, and the logins that are checked here are made with it (HTTP Digest,
 * DVRIP). It protects nothing of ours.
 */
#pragma once

#include "base/block64.h"

enum { MD5_SIZE = 16 };

struct md5 {
	struct block64 block;
	uint32_t state[4];
};

void md5_init(struct md5 *h);
void md5_update(struct md5 *h, struct bytes data);
void md5_final(struct md5 *h, uint8_t out[MD5_SIZE]);

/* The digest of one piece of data. */
void md5(struct bytes data, uint8_t out[MD5_SIZE]);
