/* SPDX-License-Identifier: MIT */
/*
 * mbedTLS 2.28 as the backend, for machines where Argon2id's memory is not there: SHA-256, PBKDF2-HMAC-SHA256 (RFC 8018,
 * section 5.2; RFC 2104), ECDSA over P-256 (FIPS 186-4). A key is X and Y, a signature r and s, each 32 bytes with the highest
 * first.
 *
 * PBKDF2 is written out here over mbedTLS's SHA-256. mbedtls_pkcs5_pbkdf2_hmac() hashes both pads of the HMAC again in every
 * pass, four blocks where two will do, so that the owner waits twice as long as who guesses on another machine; it
 * allocates, and it drags the ciphers of PKCS #5 in.
 *
 * Only fu_signature_is_good() allocates: some kilobytes for big numbers and multiples of points, freed before it returns. A
 * maker who wants that bounded and apart from the heap builds mbedTLS with MBEDTLS_MEMORY_BUFFER_ALLOC_C, as
 * ports/mbedtls_config.h does, and hands over a buffer with mbedtls_memory_buffer_alloc_init() before firstuse_open();
 * docs/makers.md says how large. Where there is no memory, updates are refused.
 */
#include "crypto.h"
#include "record.h"
#include "secret.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
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

/* ---- PBKDF2 with one block of output --------------------------------------------------------------------------- */

#define BLOCK 64u

/* An HMAC with its key taken in, to be used again and again. */
struct hmac {
	mbedtls_sha256_context inner, outer, work;
};

static int take_pad(mbedtls_sha256_context *context, const uint8_t key[BLOCK], uint8_t pad)
{
	uint8_t block[BLOCK];
	int failed;

	for (unsigned i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	mbedtls_sha256_init(context);
	failed = mbedtls_sha256_starts_ret(context, 0) != 0 ||
		 mbedtls_sha256_update_ret(context, block, BLOCK) != 0;
	fu_wipe(block, sizeof block);
	return failed;
}

static int hmac_key(struct hmac *hmac, const char *secret, size_t size)
{
	uint8_t key[BLOCK] = {0};
	int failed = 0;

	mbedtls_sha256_init(&hmac->work);
	if (size <= BLOCK)
		memcpy(key, secret, size);
	else
		failed = mbedtls_sha256_ret((const unsigned char *)secret, size, key, 0) != 0;
	failed |= take_pad(&hmac->inner, key, 0x36);
	failed |= take_pad(&hmac->outer, key, 0x5C);
	fu_wipe(key, sizeof key);
	return failed;
}

static int hmac_of(struct hmac *hmac, const uint8_t *bytes, size_t size, uint8_t hash[32])
{
	mbedtls_sha256_clone(&hmac->work, &hmac->inner);
	if (mbedtls_sha256_update_ret(&hmac->work, bytes, size) != 0 ||
	    mbedtls_sha256_finish_ret(&hmac->work, hash) != 0)
		return -1;
	mbedtls_sha256_clone(&hmac->work, &hmac->outer);
	return mbedtls_sha256_update_ret(&hmac->work, hash, 32) != 0 ||
			       mbedtls_sha256_finish_ret(&hmac->work, hash) != 0
		       ? -1
		       : 0;
}

static int all_passes(struct hmac *hmac, const struct firstuse_secret *how, uint8_t hash[32])
{
	uint8_t first[sizeof how->salt + 4] = {0};
	uint8_t pass[32];
	int failed;

	memcpy(first, how->salt, sizeof how->salt);
	first[sizeof first - 1] = 1; /* the number of the block */
	failed = hmac_of(hmac, first, sizeof first, pass);
	memcpy(hash, pass, 32);
	for (uint32_t n = 1; n < how->cost.passes && !failed; n++) {
		failed = hmac_of(hmac, pass, sizeof pass, pass);
		for (unsigned i = 0; i < 32; i++)
			hash[i] ^= pass[i];
	}
	fu_wipe(pass, sizeof pass);
	return failed;
}

int fu_hash_password(const struct firstuse_secret *how, const char *secret, size_t size,
		     uint8_t hash[32])
{
	struct hmac hmac;
	int failed;

	if (how->method != FU_METHOD_PBKDF2 || !fu_cost_is_good(how->method, &how->cost))
		return -1;
	failed = hmac_key(&hmac, secret, size) || all_passes(&hmac, how, hash);
	mbedtls_sha256_free(&hmac.work);
	mbedtls_sha256_free(&hmac.inner);
	mbedtls_sha256_free(&hmac.outer);
	fu_wipe(&hmac, sizeof hmac);
	if (failed)
		fu_wipe(hash, 32);
	return failed ? -1 : 0;
}

/* ---- signatures -------------------------------------------------------------------------------------------------- */

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
