/* SPDX-License-Identifier: MIT */
/*
 * mbedTLS 2.28 as the backend, for machines where Argon2id's memory is not there: SHA-256, PBKDF2-HMAC-SHA256 (RFC 8018,
 * section 5.2), ECDSA over P-256 (FIPS 186-4). A key is X and Y, a signature r and s, each 32 bytes with the highest first.
 *
 * Where it allocates, all of it freed before the function returns: fu_hash_password() some 300 bytes for the states of the
 * HMAC; fu_signature_is_good() some kilobytes for big numbers and the multiples of points. A maker who wants that bounded
 * and apart from the heap builds mbedTLS with MBEDTLS_MEMORY_BUFFER_ALLOC_C, as ports/mbedtls_config.h does, and hands over
 * a buffer with mbedtls_memory_buffer_alloc_init() before firstuse_open(); docs/makers.md says how large. Nothing else here
 * allocates. Where there is no memory, logins and updates are refused.
 */
#include "crypto.h"
#include "record.h"
#include "secret.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/sha256.h>
#include <string.h>

/* A sixth of what OWASP's Password Storage Cheat Sheet asks of servers (600,000), and ten times the least that NIST SP 800-63B
 * (5.1.1.2) does: this runs on machines of a few hundred MHz, where it takes seconds. A maker whose machine is faster sets more. */
#define DEFAULT_PASSES 100000u

/* A negative size, which no compiler takes, when it does not fit. */
typedef char sha_fits[sizeof(mbedtls_sha256_context) <= sizeof(struct fu_sha256) ? 1 : -1];

int fu_crypto_init(void)
{
	return 0;
}

/* The results of these three are of machines that compute them elsewhere; then a hash of zeros is one that nothing has. */

void fu_sha256_begin(struct fu_sha256 *sha)
{
	mbedtls_sha256_context *context = (mbedtls_sha256_context *)(void *)&sha->room;

	(void)sizeof(sha_fits);
	mbedtls_sha256_init(context);
	(void)mbedtls_sha256_starts_ret(context, 0);
}

void fu_sha256_add(struct fu_sha256 *sha, const void *bytes, size_t size)
{
	(void)mbedtls_sha256_update_ret((mbedtls_sha256_context *)(void *)&sha->room, bytes, size);
}

void fu_sha256_end(struct fu_sha256 *sha, uint8_t hash[32])
{
	mbedtls_sha256_context *context = (mbedtls_sha256_context *)(void *)&sha->room;

	if (mbedtls_sha256_finish_ret(context, hash) != 0)
		memset(hash, 0, 32);
	mbedtls_sha256_free(context);
	fu_wipe(sha, sizeof *sha);
}

uint8_t fu_method(struct firstuse_cost *cost)
{
	if (cost->passes == 0)
		cost->passes = DEFAULT_PASSES;
	return FU_METHOD_PBKDF2;
}

int fu_hash_password(const struct firstuse_secret *how, const char *secret, size_t size,
		     uint8_t hash[32])
{
	const mbedtls_md_info_t *sha = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	mbedtls_md_context_t hmac;
	int failed;

	if (how->method != FU_METHOD_PBKDF2 || !fu_cost_is_good(how->method, &how->cost))
		return -1;
	mbedtls_md_init(&hmac);
	failed = !sha || mbedtls_md_setup(&hmac, sha, 1) != 0 ||
		 mbedtls_pkcs5_pbkdf2_hmac(&hmac, (const unsigned char *)secret, size, how->salt,
					   sizeof how->salt, how->cost.passes, 32, hash) != 0;
	mbedtls_md_free(&hmac);
	if (failed)
		fu_wipe(hash, 32);
	return failed ? -1 : 0;
}

uint8_t fu_algorithm(void)
{
	return FU_ALGORITHM_P256;
}

size_t fu_key_size(void)
{
	return 64;
}

/* A key that is no point of the curve is refused here; r and s that are 0 or not below the order by mbedtls_ecdsa_verify(). */
static int load_key(mbedtls_ecp_group *group, mbedtls_ecp_point *point, const uint8_t *key)
{
	uint8_t bytes[65];

	bytes[0] = 4; /* uncompressed, SEC 1 section 2.3.4 */
	memcpy(bytes + 1, key, 64);
	return mbedtls_ecp_group_load(group, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
	       mbedtls_ecp_point_read_binary(group, point, bytes, sizeof bytes) == 0 &&
	       mbedtls_ecp_check_pubkey(group, point) == 0;
}

int fu_signature_is_good(const uint8_t *key, const uint8_t signature[64], const void *bytes,
			 size_t size)
{
	struct fu_sha256 sha;
	mbedtls_ecp_group group;
	mbedtls_ecp_point point;
	mbedtls_mpi r, s;
	uint8_t hash[32];
	int good;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, bytes, size);
	fu_sha256_end(&sha, hash);
	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&point);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	good = load_key(&group, &point, key) && mbedtls_mpi_read_binary(&r, signature, 32) == 0 &&
	       mbedtls_mpi_read_binary(&s, signature + 32, 32) == 0 &&
	       mbedtls_ecdsa_verify(&group, hash, sizeof hash, &point, &r, &s) == 0;
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_ecp_point_free(&point);
	mbedtls_ecp_group_free(&group);
	return good;
}
