/* SPDX-License-Identifier: MIT */
/* The two ways in which old logins hide a password: Digest (RFC 2617) and the hash of DVRIP. MD5 is cordon's own, base/md5.h. */
#pragma once

#include <stdbool.h>

enum { DIGEST_HEX = 33, SOFIA_TEXT = 9 }; /* with the zero at the end */

/* What a client sends in "Authorization: Digest"; each text ends within its field, or the whole is refused. */
struct digest {
	char user[64];
	char realm[64];
	char nonce[64];
	char uri[256];
	char response[40];
	char qop[16];
	char nc[16];
	char cnonce[64];
};

/* Reads the value of an Authorization header. False: it is no Digest, or a part is missing or too long. */
bool digest_read(struct digest *d, const char *value);

/* The response that this password makes of the other parts, for this method. */
void digest_response(const struct digest *d, const char *method, const char *secret,
		     char ours[DIGEST_HEX]);

/* Is the response that of this password, for this method? Says nothing about realm and nonce: those the caller compares. */
bool digest_is_of(const struct digest *d, const char *method, const char *secret);

/* Eight letters: of each pair of bytes of MD5 their sum, modulo 62. */
void sofia(const char *secret, char text[SOFIA_TEXT]);
