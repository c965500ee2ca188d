/* SPDX-License-Identifier: MIT */
/*
 * The stand-in of crypto_fake.h. What it calls a SHA-256 is four sums of 64 bits, good enough to tell records and clients of a
 * test apart and good for nothing else. A signature is good when it is the sum of the message and the key.
 */
#include "crypto_fake.h"

#include "record.h"
#include "secret.h"

#include <string.h>

unsigned long fake_hashes;
unsigned fake_failing;

struct sums {
	uint64_t sum[4];
	uint64_t size;
};

static struct sums *sums_of(struct fu_sha256 *sha)
{
	return (struct sums *)(void *)&sha->room;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

int fu_crypto_init(void)
{
	return 0;
}

void fu_sha256_begin(struct fu_sha256 *sha)
{
	memset(sha, 0, sizeof *sha);
}

void fu_sha256_add(struct fu_sha256 *sha, const void *bytes, size_t size)
{
	struct sums *sums = sums_of(sha);
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++, sums->size++)
		sums->sum[sums->size % 4] =
			(sums->sum[sums->size % 4] ^ at[i]) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

void fu_sha256_end(struct fu_sha256 *sha, uint8_t hash[32])
{
	struct sums *sums = sums_of(sha);
	uint64_t all = sums->size;

	for (unsigned i = 0; i < 4; i++)
		all = mix(all ^ sums->sum[i]);
	for (unsigned i = 0; i < 32; i++) {
		if (i % 8 == 0)
			all = mix(all ^ sums->sum[i / 8]);
		hash[i] = (uint8_t)(all >> (8 * (i % 8)));
	}
	fu_wipe(sha, sizeof *sha);
}

uint8_t fu_method(struct firstuse_cost *cost)
{
	if (cost->memory_kib == 0)
		cost->memory_kib = 8;
	if (cost->passes == 0)
		cost->passes = 1;
	return FU_METHOD_ARGON2ID;
}

int fu_hash_password(const struct firstuse_secret *how, const char *secret, size_t size,
		     uint8_t hash[32])
{
	struct fu_sha256 sha;

	fake_hashes++;
	if (fake_failing > 0) {
		fake_failing--;
		return -1;
	}
	if (!fu_cost_is_good(how->method, &how->cost))
		return -1;
	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, &how->cost, sizeof how->cost);
	fu_sha256_add(&sha, how->salt, sizeof how->salt);
	fu_sha256_add(&sha, secret, size);
	fu_sha256_end(&sha, hash);
	return 0;
}

uint8_t fu_algorithm(void)
{
	return FU_ALGORITHM_ED25519;
}

size_t fu_key_size(void)
{
	return 32;
}

int fu_signature_is_good(const uint8_t *key, const uint8_t signature[64], const void *bytes,
			 size_t size)
{
	struct fu_sha256 sha;
	uint8_t right[64];

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, key, 32);
	fu_sha256_add(&sha, bytes, size);
	fu_sha256_end(&sha, right);
	memcpy(right + 32, right, 32);
	return fu_same(signature, right, sizeof right);
}
