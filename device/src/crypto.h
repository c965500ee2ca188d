/* SPDX-License-Identifier: MIT */
/*
 * What the library asks of its crypto backend: crypto_sodium.c or crypto_mbedtls.c, one of which is built. Nothing else
 * includes a header of either. No function but fu_hash_password() and fu_signature_is_good() may allocate.
 */
#pragma once

#include "firstuse.h"

#define FU_METHOD_ARGON2ID 1u
#define FU_METHOD_PBKDF2 2u
#define FU_ALGORITHM_ED25519 1u
#define FU_ALGORITHM_P256 2u

/* A SHA-256 in the making; the backend's own struct lies in `room`, which the backend checks to be large enough. */
struct fu_sha256 {
	union {
		uint64_t align;
		uint8_t bytes[128];
	} room;
};

/* Once, from firstuse_open(); again is harmless. 0 or -1. */
int fu_crypto_init(void);

void fu_sha256_begin(struct fu_sha256 *sha);
void fu_sha256_add(struct fu_sha256 *sha, const void *bytes, size_t size);
void fu_sha256_end(struct fu_sha256 *sha, uint8_t hash[32]); /* and wipes it */

/* What the backend makes for new passwords, FU_METHOD_*; fills in whatever of `cost` is zero. */
uint8_t fu_method(struct firstuse_cost *cost);

/* Hashes a secret by method, cost and salt of `how` into `hash`. 0, or -1: unknown method, cost out of bounds, no memory. */
int fu_hash_password(const struct firstuse_secret *how, const char *secret, size_t size,
		     uint8_t hash[32]);

/* FU_ALGORITHM_* that this backend verifies; bytes of a public key. */
uint8_t fu_algorithm(void);
size_t fu_key_size(void);

/* 1 when `signature` over `bytes` was made by the key, else 0. */
int fu_signature_is_good(const uint8_t *key, const uint8_t signature[64], const void *bytes,
			 size_t size);
