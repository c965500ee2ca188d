/* SPDX-License-Identifier: MIT */
/*
 * Ed25519 (RFC 8032) by libsodium. A private key is the seed from which both halves are made. Signing draws no random
 * bytes, so none can be bad.
 */
#include "sign.h"

#include <sodium.h>
#include <string.h>

int sign_make_key(sign_random *random, uint8_t private_key[SIGN_PRIVATE])
{
	return random(private_key, SIGN_PRIVATE);
}

int sign_public_key(sign_random *random, const uint8_t private_key[SIGN_PRIVATE],
		    uint8_t public_key[SIGN_PUBLIC_MAX])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	int result;

	(void)random;
	memset(public_key, 0, SIGN_PUBLIC_MAX);
	result = crypto_sign_seed_keypair(public_key, secret, private_key);
	sodium_memzero(secret, sizeof secret);
	return result;
}

int sign_bytes(sign_random *random, const uint8_t private_key[SIGN_PRIVATE], const void *bytes,
	       size_t size, uint8_t signature[64])
{
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	int result;

	(void)random;
	if (crypto_sign_seed_keypair(public_key, secret, private_key) != 0)
		return -1;
	result = crypto_sign_detached(signature, NULL, bytes, size, secret);
	sodium_memzero(secret, sizeof secret);
	return result;
}
