/* SPDX-License-Identifier: MIT */
/*
 * One function a scheme: what would this pair have looked like on the wire? Fields that were cut can't be compared, and
 * digests over message bodies (qop=auth-int) can't be made from a login alone: both are unknown, never "own".
 */
#include "proto/login_check.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/md5.h"
#include "base/scan.h"
#include "base/sha1.h"
#include "base/sha256.h"
#include "proto/facts.h"

enum { HEX_MAX = 2 * SHA256_SIZE + 1 };

void login_sofia(const char *password, char out[9])
{
	static const char letters[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint8_t m[MD5_SIZE];

	md5(bytes_of(password), m);
	for (int i = 0; i < 8; i++)
		out[i] = letters[(m[2 * i] + m[2 * i + 1]) % 62];
	out[8] = '\0';
}

/* The digest in hex of parts with colons between them; NULL ends the list. */
static void digest_of(bool sha, bool upper, const char *const *parts, char out[HEX_MAX])
{
	uint8_t sum[SHA256_SIZE];
	struct md5 m;
	struct sha256 s;
	struct bytes view = {sum, sha ? SHA256_SIZE : MD5_SIZE};

	md5_init(&m);
	sha256_init(&s);
	for (int i = 0; parts[i] != NULL; i++) {
		struct bytes part = bytes_of(parts[i]), colon = bytes_of(":");

		if (sha) {
			sha256_update(&s, i > 0 ? colon : bytes_of(""));
			sha256_update(&s, part);
		} else {
			md5_update(&m, i > 0 ? colon : bytes_of(""));
			md5_update(&m, part);
		}
	}
	if (sha)
		sha256_final(&s, sum);
	else
		md5_final(&m, sum);
	if (upper)
		hex_upper(view, out);
	else
		hex_lower(view, out);
}

static bool same_nocase(const char *a, const char *b)
{
	return bytes_are_nocase(bytes_of(a), b);
}

static bool is_digest(const struct login *l, const char *user, const char *password)
{
	bool sha = l->scheme == LOGIN_DIGEST_SHA256;
	char ha1[HEX_MAX], ha2[HEX_MAX], response[HEX_MAX];

	digest_of(sha, false, (const char *[]){user, l->realm, password, NULL}, ha1);
	digest_of(sha, false, (const char *[]){l->method, l->uri, NULL}, ha2);
	if (l->qop[0] == '\0')
		digest_of(sha, false, (const char *[]){ha1, l->nonce, ha2, NULL}, response);
	else
		digest_of(sha, false,
			  (const char *[]){ha1, l->nonce, l->nc, l->cnonce, l->qop, ha2, NULL},
			  response);
	return same_nocase(response, l->secret);
}

static bool is_wsse(const struct login *l, const char *password)
{
	uint8_t nonce[128], sum[SHA1_SIZE];
	char text[32];
	size_t n = 0;
	struct sha1 s;

	if (!base64_decode(bytes_of(l->nonce), nonce, sizeof nonce, &n))
		return false;
	sha1_init(&s);
	sha1_update(&s, (struct bytes){nonce, n});
	sha1_update(&s, bytes_of(l->uri)); /* Created */
	sha1_update(&s, bytes_of(password));
	sha1_final(&s, sum);
	base64_encode((struct bytes){sum, sizeof sum}, text, sizeof text);
	return strcmp(text, l->secret) == 0;
}

static void dahua_random(const struct login *l, const char *user, const char *password,
			 char out[HEX_MAX])
{
	char gen1[9];

	login_sofia(password, gen1);
	digest_of(false, true, (const char *[]){user, l->nonce, gen1, NULL}, out);
}

static void dahua_gen2(const struct login *l, const char *user, const char *password,
		       char out[HEX_MAX])
{
	char ha1[HEX_MAX];

	digest_of(false, true, (const char *[]){user, l->realm, password, NULL}, ha1);
	digest_of(false, true, (const char *[]){user, l->nonce, ha1, NULL}, out);
}

static bool is_dahua_both(const struct login *l, const char *user, const char *password)
{
	char first[HEX_MAX], second[HEX_MAX];

	dahua_gen2(l, user, password, first);
	dahua_random(l, user, password, second);
	return strlen(l->secret) == 64 &&
	       (strncmp(l->secret, first, 32) == 0 || strncmp(l->secret + 32, first, 32) == 0 ||
		strncmp(l->secret, second, 32) == 0 || strncmp(l->secret + 32, second, 32) == 0);
}

static bool is_pair(const struct login *l, const char *user, const char *password)
{
	char text[HEX_MAX];

	switch (l->scheme) {
	case LOGIN_CLEAR:
		return strcmp(l->secret, password) == 0;
	case LOGIN_DIGEST:
	case LOGIN_DIGEST_SHA256:
		return is_digest(l, user, password);
	case LOGIN_WSSE:
		return is_wsse(l, password);
	case LOGIN_SOFIA:
		login_sofia(password, text);
		return strcmp(text, l->secret) == 0;
	case LOGIN_DAHUA_RANDOM:
		dahua_random(l, user, password, text);
		return same_nocase(text, l->secret);
	case LOGIN_DAHUA_GEN2:
		dahua_gen2(l, user, password, text);
		return same_nocase(text, l->secret);
	case LOGIN_DAHUA_BOTH:
		return is_dahua_both(l, user, password);
	default:
		return false;
	}
}

static bool can_check(const struct login *l)
{
	bool digest = l->scheme == LOGIN_DIGEST || l->scheme == LOGIN_DIGEST_SHA256;

	uint8_t nonce[128];
	size_t n;

	if (l->cut || l->scheme >= LOGIN_HASHED)
		return false;
	if (l->scheme == LOGIN_WSSE)
		return base64_decode(bytes_of(l->nonce), nonce, sizeof nonce, &n);
	return !digest || l->qop[0] == '\0' || same_nocase(l->qop, "auth");
}

bool login_is_by(const struct credential *known, const struct login *login)
{
	if (login->community && (known->services & SERVICE_SNMP) == 0)
		return false;
	return login->no_user || (known->user != NULL && strcmp(known->user, login->user) == 0);
}

static bool is_of(const struct credential *known, const struct login *login)
{
	return login_is_by(known, login) &&
	       is_pair(login, login->no_user ? "" : known->user, known->password);
}

bool login_is(const struct credential *known, const struct login *login)
{
	return can_check(login) && is_of(known, login);
}

int32_t login_match(const struct catalogue *c, const struct login *login)
{
	if (!can_check(login))
		return PAIR_UNKNOWN;
	for (size_t i = 0; i < c->credentials_n; i++) {
		if (is_of(&c->credentials[i], login))
			return (int32_t)i;
	}
	return PAIR_OWN;
}
