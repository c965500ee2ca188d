/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 after FIPS 180-4, section 6.2. Constants are the first 32 bits of the fractional parts of the cube roots of the
 * first 64 primes, the starting values those of the square roots of the first eight. Nothing here needs to run in
 * constant time.
 */
#include "base/sha256.h"

static const uint32_t roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2};

static uint32_t right(uint32_t x, unsigned n)
{
	return block64_left(x, 32 - n);
}

static void schedule(uint32_t w[64], const uint8_t block[BLOCK64])
{
	for (unsigned i = 0; i < 16; i++)
		w[i] = block64_be32(block + (size_t)4 * i);
	for (unsigned i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (right(a, 7) ^ right(a, 18) ^ a >> 3) +
		       (right(b, 17) ^ right(b, 19) ^ b >> 10);
	}
}

/*
 * Round i of eight, after which all is where it was: instead of moving the eight variables on by one each time, their names
 * move. word: the round's constant and its word of the message.
 */
static inline void round_of(uint32_t v[8], unsigned i, uint32_t word)
{
	uint32_t a = v[-i & 7], b = v[(1 - i) & 7], c = v[(2 - i) & 7];
	uint32_t e = v[(4 - i) & 7], f = v[(5 - i) & 7], g = v[(6 - i) & 7];
	uint32_t one = v[(7 - i) & 7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
		       (g ^ (e & (f ^ g))) + word;
	uint32_t two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) | (c & (a | b)));

	v[(3 - i) & 7] += one;
	v[(7 - i) & 7] = one + two;
}

static void mix(void *state, const uint8_t block[BLOCK64])
{
	uint32_t *sum = state, v[8], w[64];

	schedule(w, block);
	memcpy(v, sum, sizeof v);
	for (unsigned i = 0; i < 64; i += 8) {
		round_of(v, 0, roots[i] + w[i]);
		round_of(v, 1, roots[i + 1] + w[i + 1]);
		round_of(v, 2, roots[i + 2] + w[i + 2]);
		round_of(v, 3, roots[i + 3] + w[i + 3]);
		round_of(v, 4, roots[i + 4] + w[i + 4]);
		round_of(v, 5, roots[i + 5] + w[i + 5]);
		round_of(v, 6, roots[i + 6] + w[i + 6]);
		round_of(v, 7, roots[i + 7] + w[i + 7]);
	}
	for (unsigned i = 0; i < 8; i++)
		sum[i] += v[i];
}

void sha256_init(struct sha256 *h)
{
	*h = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				       0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_update(struct sha256 *h, struct bytes data)
{
	block64_feed(&h->block, data, mix, h->state);
}

void sha256_final(struct sha256 *h, uint8_t out[SHA256_SIZE])
{
	block64_close(&h->block, true, mix, h->state);
	block64_put_be32(out, h->state, 8);
}

void sha256(struct bytes data, uint8_t out[SHA256_SIZE])
{
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, data);
	sha256_final(&h, out);
}
