/* SPDX-License-Identifier: MIT */
/*
 * MD5 after RFC 1321, sections 3.1 to 3.5: four rounds of sixteen steps. Constants are the integer part of 2^32 times
 * |sin(i)|, i in radians from 1 on. Secrets are compared elsewhere; nothing here needs to run in constant time.
 */
#include "base/md5.h"

static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391};

static const uint8_t turns[4][4] = {
	{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t word_at(const uint8_t *block, unsigned i)
{
	const uint8_t *p = block + (size_t)4 * i;

	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The round's function of b, c and d, and which word of the block it takes in step i. */
static uint32_t choose(const uint32_t v[4], unsigned i, unsigned *word)
{
	uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 16) {
	case 0:
		*word = i;
		return (b & c) | (~b & d);
	case 1:
		*word = (5 * i + 1) % 16;
		return (b & d) | (c & ~d);
	case 2:
		*word = (3 * i + 5) % 16;
		return b ^ c ^ d;
	default:
		*word = 7 * i % 16;
		return c ^ (b | ~d);
	}
}

static void mix(void *state, const uint8_t block[BLOCK64])
{
	uint32_t *sum = state, v[4];

	memcpy(v, sum, sizeof v);
	for (unsigned i = 0; i < 64; i++) {
		unsigned word;
		uint32_t f = choose(v, i, &word);

		f += v[0] + sines[i] + word_at(block, word);
		v[0] = v[3];
		v[3] = v[2];
		v[2] = v[1];
		v[1] += block64_left(f, turns[i / 16][i % 4]);
	}
	for (unsigned i = 0; i < 4; i++)
		sum[i] += v[i];
}

void md5_init(struct md5 *h)
{
	*h = (struct md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void md5_update(struct md5 *h, struct bytes data)
{
	block64_feed(&h->block, data, mix, h->state);
}

void md5_final(struct md5 *h, uint8_t out[MD5_SIZE])
{
	block64_close(&h->block, false, mix, h->state);
	for (unsigned i = 0; i < MD5_SIZE; i++)
		out[i] = (uint8_t)(h->state[i / 4] >> 8 * (i % 4));
}

void md5(struct bytes data, uint8_t out[MD5_SIZE])
{
	struct md5 h;

	md5_init(&h);
	md5_update(&h, data);
	md5_final(&h, out);
}
