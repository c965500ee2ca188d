/* SPDX-License-Identifier: MIT */
/*
 * libsodium 1.0.18 as the backend: SHA-256, Argon2id version 1.3 with one lane (RFC 9106), Ed25519 (RFC 8032; libsodium
 * refuses keys and points of small order and signatures that are not canonical).
 *
 * Allocates in fu_hash_password() only: the memory that the hash is to cost, by malloc() within libsodium, freed before it
 * returns. Where there is not so much, the hash fails and with it the login: nothing is let in.
 */
#include "crypto.h"
#include "record.h"
#include "secret.h"

#include <sodium.h>
#include <string.h>

/* The table of OWASP's Password Storage Cheat Sheet: 19 MiB and 2 passes with one lane. It costs an attacker as much as 46 MiB
 * and 1 pass, and leaves a camera of 64 MB its picture. */
#define DEFAULT_MEMORY_KIB (19u * 1024u)
#define DEFAULT_PASSES 2u

/* A negative size, which no compiler takes, when it does not fit. */
typedef char sha_fits[sizeof(crypto_hash_sha256_state) <= sizeof(struct fu_sha256) ? 1 : -1];

int fu_crypto_init(void)
{
	return sodium_init() < 0 ? -1 : 0;
}

void fu_sha256_begin(struct fu_sha256 *sha)
{
	(void)sizeof(sha_fits);
	crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)&sha->room);
}

void fu_sha256_add(struct fu_sha256 *sha, const void *bytes, size_t size)
{
	crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)&sha->room, bytes, size);
}

void fu_sha256_end(struct fu_sha256 *sha, uint8_t hash[32])
{
	crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)&sha->room, hash);
	fu_wipe(sha, sizeof *sha);
}

uint8_t fu_method(struct firstuse_cost *cost)
{
	if (cost->memory_kib == 0)
		cost->memory_kib = DEFAULT_MEMORY_KIB;
	if (cost->passes == 0)
		cost->passes = DEFAULT_PASSES;
	return FU_METHOD_ARGON2ID;
}

int fu_hash_password(const struct firstuse_secret *how, const char *secret, size_t size,
		     uint8_t hash[32])
{
	if (how->method != FU_METHOD_ARGON2ID || !fu_cost_is_good(how->method, &how->cost))
		return -1;
	if (crypto_pwhash_argon2id(hash, 32, secret, size, how->salt, how->cost.passes,
				   (size_t)how->cost.memory_kib * 1024u,
				   crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
		return 0;
	fu_wipe(hash, 32);
	return -1;
}

uint8_t fu_algorithm(void)
{
	return FU_ALGORITHM_ED25519;
}

size_t fu_key_size(void)
{
	return crypto_sign_ed25519_PUBLICKEYBYTES;
}

int fu_signature_is_good(const uint8_t *key, const uint8_t signature[64], const void *bytes,
			 size_t size)
{
	return crypto_sign_ed25519_verify_detached(signature, bytes, size, key) == 0;
}
