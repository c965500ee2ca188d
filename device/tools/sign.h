/* SPDX-License-Identifier: MIT */
/*
 * Making keys and signatures, by the backend that the library was built with: sign_sodium.c or sign_mbedtls.c. For the
 * maker's host and for tests; nothing of it is linked into a device.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIGN_PRIVATE 32u    /* bytes: an Ed25519 seed, or P-256's d */
#define SIGN_PUBLIC_MAX 64u /* bytes of the longest public key; fu_key_size() says how many it is */

/* Fills `to`; 0, or -1. */
typedef int sign_random(void *to, size_t size);

/* A new private key. 0, or -1: no random bytes. */
int sign_make_key(sign_random *random, uint8_t private_key[SIGN_PRIVATE]);

/* The public key that belongs to it. 0, or -1: it is no private key. */
int sign_public_key(sign_random *random, const uint8_t private_key[SIGN_PRIVATE],
		    uint8_t public_key[SIGN_PUBLIC_MAX]);

/* 0, or -1. */
int sign_bytes(sign_random *random, const uint8_t private_key[SIGN_PRIVATE], const void *bytes,
	       size_t size, uint8_t signature[64]);
