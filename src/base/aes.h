/* SPDX-License-Identifier: MIT */
/*
 * AES-128, decryption only (FIPS 197): some makers hide what their devices announce behind a key that everybody knows. It
 * protects nothing of ours, so it need not run in constant time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { AES_BLOCK = 16, AES_ROUNDS = 10 };

struct aes128 {
	uint8_t round[AES_ROUNDS + 1][AES_BLOCK];
};

void aes128_init(struct aes128 *a, const uint8_t key[AES_BLOCK]);
/* in and out may be the same. */
void aes128_decrypt(const struct aes128 *a, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK]);
