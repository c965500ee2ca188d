/* SPDX-License-Identifier: MIT */
/*
 * SHA-1 after RFC 3174, section 6.1: eighty steps over a schedule that is made of the block's sixteen words. Nothing here
 * needs to run in constant time.
 */
#include "base/sha1.h"

static uint32_t choose(const uint32_t v[5], unsigned i)
{
	uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 20) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

static void mix(void *state, const uint8_t block[BLOCK64])
{
	uint32_t *sum = state, v[5], w[80];

	for (unsigned i = 0; i < 16; i++)
		w[i] = block64_be32(block + (size_t)4 * i);
	for (unsigned i = 16; i < 80; i++)
		w[i] = block64_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, sum, sizeof v);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t next = block64_left(v[0], 5) + choose(v, i) + v[4] + w[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = block64_left(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (unsigned i = 0; i < 5; i++)
		sum[i] += v[i];
}

void sha1_init(struct sha1 *h)
{
	*h = (struct sha1){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
}

void sha1_update(struct sha1 *h, struct bytes data)
{
	block64_feed(&h->block, data, mix, h->state);
}

void sha1_final(struct sha1 *h, uint8_t out[SHA1_SIZE])
{
	block64_close(&h->block, true, mix, h->state);
	block64_put_be32(out, h->state, 5);
}

void sha1(struct bytes data, uint8_t out[SHA1_SIZE])
{
	struct sha1 h;

	sha1_init(&h);
	sha1_update(&h, data);
	sha1_final(&h, out);
}
