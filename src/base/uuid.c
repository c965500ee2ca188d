/* SPDX-License-Identifier: MIT */
/*
 * UUIDs of version 5 after RFC 9562, section 5.5: the first sixteen bytes of SHA-1 over namespace and name, with six
 * bits replaced by version and variant. Nothing here needs a hash that resists collisions: whoever can make two
 * contents with one id already writes both.
 */
#include "base/uuid.h"

#include "base/sha1.h"

char *uuid_of_name(const struct uuid *space, struct bytes name, char out[UUID_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA1_SIZE];
	struct sha1 h;
	size_t at = 0;

	sha1_init(&h);
	sha1_update(&h, (struct bytes){space->b, sizeof space->b});
	sha1_update(&h, name);
	sha1_final(&h, sum);
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x50);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	for (unsigned i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[sum[i] >> 4];
		out[at++] = digits[sum[i] & 15];
	}
	out[at] = '\0';
	return out;
}
