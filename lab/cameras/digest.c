/* SPDX-License-Identifier: MIT */
/*
 * Digest logins as RFC 2617 section 3.2.2 has them, with and without qop=auth, MD5 alone; and the hash that boards of Xiongmai
 * send in place of a password (python-dvr, Besder notes). Every value has a field of fixed size: what does not fit is no
 * login. Names of a parameter that come twice, or without quotes where a blank stands in them, read as far as the RFC's
 * grammar goes.
 */
#include "digest.h"

#include "base/md5.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct field {
	const char *name;
	char *to;
	size_t size;
};

static void hex(const uint8_t sum[MD5_SIZE], char text[DIGEST_HEX])
{
	for (size_t i = 0; i < MD5_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
}

/* MD5 of the parts with colons between them. */
static void hash(char text[DIGEST_HEX], const char *const *parts, size_t n)
{
	uint8_t sum[MD5_SIZE];
	struct md5 h;

	md5_init(&h);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			md5_update(&h, (struct bytes){(const uint8_t *)":", 1});
		md5_update(&h, (struct bytes){(const uint8_t *)parts[i], strlen(parts[i])});
	}
	md5_final(&h, sum);
	hex(sum, text);
}

static const char *skip(const char *at, const char *what)
{
	return at + strspn(at, what);
}

/* One name="value" or name=value from `at` on; where the next one begins, or NULL when this is none. */
static const char *read_part(const char *at, const struct field *fields, size_t n)
{
	size_t name = strcspn(at, "= \t,"), value;
	const struct field *f = NULL;

	if (name == 0 || at[name] != '=')
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (strlen(fields[i].name) == name && strncasecmp(fields[i].name, at, name) == 0)
			f = &fields[i];
	}
	at += name + 1;
	value = *at == '"' ? strcspn(++at, "\"") : strcspn(at, ", \t");
	if (f != NULL && value >= f->size)
		return NULL;
	if (f != NULL) {
		memcpy(f->to, at, value);
		f->to[value] = '\0';
	}
	at += value;
	return skip(at, "\", \t");
}

bool digest_read(struct digest *d, const char *value)
{
	const struct field fields[] = {
		{"username", d->user, sizeof d->user},
		{"realm", d->realm, sizeof d->realm},
		{"nonce", d->nonce, sizeof d->nonce},
		{"uri", d->uri, sizeof d->uri},
		{"response", d->response, sizeof d->response},
		{"qop", d->qop, sizeof d->qop},
		{"nc", d->nc, sizeof d->nc},
		{"cnonce", d->cnonce, sizeof d->cnonce},
	};

	*d = (struct digest){.user = ""};
	if (strncasecmp(value, "Digest ", 7) != 0)
		return false;
	for (value = skip(value + 7, " \t"); *value != '\0';) {
		value = read_part(value, fields, sizeof fields / sizeof fields[0]);
		if (value == NULL)
			return false;
	}
	return d->user[0] != '\0' && d->nonce[0] != '\0' && d->uri[0] != '\0' &&
	       strlen(d->response) == DIGEST_HEX - 1;
}

void digest_response(const struct digest *d, const char *method, const char *secret,
		     char ours[DIGEST_HEX])
{
	char who[DIGEST_HEX], what[DIGEST_HEX];

	hash(who, (const char *const[]){d->user, d->realm, secret}, 3);
	hash(what, (const char *const[]){method, d->uri}, 2);
	if (d->qop[0] == '\0')
		hash(ours, (const char *const[]){who, d->nonce, what}, 3);
	else
		hash(ours, (const char *const[]){who, d->nonce, d->nc, d->cnonce, d->qop, what}, 6);
}

bool digest_is_of(const struct digest *d, const char *method, const char *secret)
{
	char ours[DIGEST_HEX];

	digest_response(d, method, secret, ours);
	return strcasecmp(ours, d->response) == 0;
}

void sofia(const char *secret, char text[SOFIA_TEXT])
{
	static const char letters[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint8_t sum[MD5_SIZE];

	md5((struct bytes){(const uint8_t *)secret, strlen(secret)}, sum);
	for (size_t i = 0; i < SOFIA_TEXT - 1; i++)
		text[i] = letters[(sum[2 * i] + sum[2 * i + 1]) % 62];
	text[SOFIA_TEXT - 1] = '\0';
}
