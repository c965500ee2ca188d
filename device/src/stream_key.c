/* SPDX-License-Identifier: MIT */
/*
 * The stream key as text: 15 random bytes as 24 characters of Crockford's base32 in small letters. Of the alphabets for base32
 * it is the one without i, l, o and u, so that nothing in it is taken for a 1 or a 0 when it is typed from a page into a
 * recorder. RTSP's Digest (RFC 7616) needs a secret that the device holds in the clear; the owner's password is not to be
 * that one, since recorders keep theirs in the clear as well, and old ones send it over the network with MD5.
 */
#include "firstuse.h"

enum firstuse_status firstuse_stream_key(const struct firstuse *device,
					 char key[FIRSTUSE_STREAM_KEY])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	enum firstuse_status standing = firstuse_standing(device);
	const uint8_t *bytes;
	char *to = key;

	if (!key)
		return FIRSTUSE_BAD_CALL;
	key[0] = '\0';
	if (standing != FIRSTUSE_OK)
		return standing;
	bytes = device->state.stream_key;
	for (unsigned block = 0; block < 3; block++, bytes += 5) {
		uint64_t bits = 0;

		for (unsigned i = 0; i < 5; i++)
			bits = bits << 8 | bytes[i];
		for (unsigned i = 0; i < 8; i++)
			*to++ = digits[bits >> (35 - 5 * i) & 31];
	}
	*to = '\0';
	return FIRSTUSE_OK;
}
