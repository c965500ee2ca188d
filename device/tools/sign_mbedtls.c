/* SPDX-License-Identifier: MIT */
/*
 * ECDSA on P-256 with SHA-256 (FIPS 186-4) by mbedTLS 2.28. A private key is d, big-endian; a public key is X and Y; a
 * signature is r and s, each of 32 bytes. Each signature draws a new secret number: one that is used twice, or that can be
 * guessed, gives the private key away. So random bytes come from the caller, who takes the system's.
 */
#include "sign.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define HALF 32u

static int draw(void *random, unsigned char *to, size_t size)
{
	sign_random *const *callback = random;

	return (*callback)(to, size);
}

/* A group and a private number in it; 0, or -1. */
static int open_key(mbedtls_ecp_group *group, mbedtls_mpi *d, const uint8_t *private_key)
{
	mbedtls_ecp_group_init(group);
	mbedtls_mpi_init(d);
	if (mbedtls_ecp_group_load(group, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
	    mbedtls_mpi_read_binary(d, private_key, SIGN_PRIVATE) != 0 ||
	    mbedtls_ecp_check_privkey(group, d) != 0)
		return -1;
	return 0;
}

static void close_key(mbedtls_ecp_group *group, mbedtls_mpi *d)
{
	mbedtls_mpi_free(d); /* and wipes it */
	mbedtls_ecp_group_free(group);
}

/* A number below the group's order is as good as any other: those that are not are drawn again, one in 2^32. */
int sign_make_key(sign_random *random, uint8_t private_key[SIGN_PRIVATE])
{
	mbedtls_ecp_group group;
	mbedtls_mpi d;

	for (int tries = 0; tries < 8; tries++) {
		int result;

		if (random(private_key, SIGN_PRIVATE) != 0)
			return -1;
		result = open_key(&group, &d, private_key);
		close_key(&group, &d);
		if (result == 0)
			return 0;
	}
	return -1;
}

int sign_public_key(sign_random *random, const uint8_t private_key[SIGN_PRIVATE],
		    uint8_t public_key[SIGN_PUBLIC_MAX])
{
	mbedtls_ecp_group group;
	mbedtls_ecp_point point;
	uint8_t whole[1 + SIGN_PUBLIC_MAX]; /* 4, X, Y */
	size_t size = 0;
	mbedtls_mpi d;
	int result = -1;

	mbedtls_ecp_point_init(&point);
	if (open_key(&group, &d, private_key) == 0 &&
	    mbedtls_ecp_mul(&group, &point, &d, &group.G, draw, &random) == 0 &&
	    mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
					   whole, sizeof whole) == 0 &&
	    size == sizeof whole) {
		memcpy(public_key, whole + 1, SIGN_PUBLIC_MAX);
		result = 0;
	}
	mbedtls_ecp_point_free(&point);
	close_key(&group, &d);
	return result;
}

int sign_bytes(sign_random *random, const uint8_t private_key[SIGN_PRIVATE], const void *bytes,
	       size_t size, uint8_t signature[64])
{
	mbedtls_ecp_group group;
	mbedtls_mpi d, r, s;
	uint8_t hash[32];
	int result = -1;

	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	if (open_key(&group, &d, private_key) == 0 &&
	    mbedtls_sha256_ret(bytes, size, hash, 0) == 0 &&
	    mbedtls_ecdsa_sign(&group, &r, &s, &d, hash, sizeof hash, draw, &random) == 0 &&
	    mbedtls_mpi_write_binary(&r, signature, HALF) == 0 &&
	    mbedtls_mpi_write_binary(&s, signature + HALF, HALF) == 0)
		result = 0;
	close_key(&group, &d);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&s);
	return result;
}
