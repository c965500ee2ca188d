/* SPDX-License-Identifier: MIT */
/*
 * The parameters of WWW-Authenticate and Authorization (RFC 9110 section 11): name=token or name="text", between commas.
 * Cameras forget quotes, commas and closing quotes; whatever cannot be read leaves its field empty, and a Digest that lacks
 * what its check needs is cut, so that nothing is ever proven from half a login.
 */
#include "proto/auth.h"

#include "base/base64.h"
#include "base/scan.h"
#include "proto/plain.h"
#include "proto/target.h"

enum { SERIAL_LETTERS = 8, SERIAL_DIGITS = 3, MODEL_DIGITS = 5, BASIC_MAX = 256 };

/* Up to the closing quote; a quote behind a backslash closes nothing. */
static struct bytes quoted(struct bytes *rest)
{
	struct bytes text = *rest;
	size_t n = 0;

	while (n < text.len && text.at[n] != '"')
		n += text.at[n] == '\\' && n + 1 < text.len ? 2 : 1;
	*rest = bytes_from(text, n < text.len ? n + 1 : n);
	return bytes_upto(text, n);
}

static struct bytes skip_blanks(struct bytes b)
{
	while (b.len > 0 && (b.at[0] <= ' ' || b.at[0] == ','))
		b = bytes_from(b, 1);
	return b;
}

/* Takes the next parameter; a word without value (the next challenge's scheme) has value->at == NULL. */
static bool next_parameter(struct bytes *rest, struct bytes *name, struct bytes *value)
{
	size_t n = 0;

	*rest = skip_blanks(*rest);
	while (n < rest->len && rest->at[n] > ' ' && rest->at[n] != '=' && rest->at[n] != ',')
		n++;
	*name = bytes_upto(*rest, n);
	*value = (struct bytes){.at = NULL, .len = 0};
	*rest = bytes_from(*rest, n);
	while (rest->len > 0 && rest->at[0] <= ' ')
		*rest = bytes_from(*rest, 1);
	if (!bytes_begin(*rest, "="))
		return name->len > 0;
	*rest = bytes_from(*rest, 1);
	while (rest->len > 0 && rest->at[0] <= ' ')
		*rest = bytes_from(*rest, 1);
	if (bytes_begin(*rest, "\"")) {
		*rest = bytes_from(*rest, 1);
		*value = quoted(rest);
	} else {
		*value = bytes_trim(bytes_cut(rest, ','));
	}
	return true;
}

static enum auth_scheme scheme_of(struct bytes word)
{
	if (bytes_are_nocase(word, "basic"))
		return AUTH_BASIC;
	return bytes_are_nocase(word, "digest") ? AUTH_DIGEST : AUTH_OTHER;
}

bool auth_challenge(struct bytes value, struct challenge *out)
{
	struct bytes name, text;

	*out = (struct challenge){.scheme = AUTH_OTHER};
	if (!next_parameter(&value, &name, &text) || text.at != NULL)
		return false;
	out->scheme = scheme_of(name);
	while (next_parameter(&value, &name, &text)) {
		if (out->realm.at == NULL && text.at != NULL && bytes_are_nocase(name, "realm"))
			out->realm = text;
		else if (bytes_are_nocase(name, "stale"))
			out->stale = bytes_are_nocase(text, "true");
	}
	return out->scheme != AUTH_OTHER;
}

static bool basic(struct bytes value, struct login *out)
{
	uint8_t text[BASIC_MAX];
	struct bytes user, rest = {text, 0};

	out->scheme = LOGIN_CLEAR;
	if (!base64_decode(bytes_trim(value), text, sizeof text, &rest.len)) {
		out->cut = true;
		return true;
	}
	if (!bytes_hold(rest, ":"))
		return false;
	user = bytes_cut(&rest, ':');
	LOGIN_PUT(out, user, user);
	LOGIN_PUT(out, secret, rest);
	return true;
}

static void set_algorithm(struct login *l, struct bytes value)
{
	if (bytes_are_nocase(value, "SHA-256"))
		l->scheme = LOGIN_DIGEST_SHA256;
	else if (!bytes_are_nocase(value, "MD5"))
		l->cut = true;
}

static void digest_field(struct login *l, struct bytes name, struct bytes value)
{
	if (bytes_are_nocase(name, "username"))
		LOGIN_PUT(l, user, value);
	else if (bytes_are_nocase(name, "realm"))
		LOGIN_PUT(l, realm, value);
	else if (bytes_are_nocase(name, "nonce"))
		LOGIN_PUT(l, nonce, value);
	else if (bytes_are_nocase(name, "uri"))
		LOGIN_PUT(l, uri, value);
	else if (bytes_are_nocase(name, "response"))
		LOGIN_PUT(l, secret, value);
	else if (bytes_are_nocase(name, "nc"))
		LOGIN_PUT(l, nc, value);
	else if (bytes_are_nocase(name, "cnonce"))
		LOGIN_PUT(l, cnonce, value);
	else if (bytes_are_nocase(name, "qop"))
		LOGIN_PUT(l, qop, value);
	else if (bytes_are_nocase(name, "algorithm"))
		set_algorithm(l, value);
	else if (bytes_are_nocase(name, "username*") ||
		 (bytes_are_nocase(name, "userhash") && bytes_are_nocase(value, "true")))
		l->cut = true;
}

static bool is_hex_of(const char *text, size_t digits)
{
	return strlen(text) == digits && strspn(text, "0123456789abcdefABCDEF") == digits;
}

static bool digest_is_whole(const struct login *l)
{
	bool plain = l->qop[0] == '\0';

	if (!is_hex_of(l->secret, l->scheme == LOGIN_DIGEST_SHA256 ? 64 : 32))
		return false;
	if (!plain && (strcasecmp(l->qop, "auth") != 0 || l->nc[0] == '\0' || l->cnonce[0] == '\0'))
		return false;
	return l->user[0] != '\0' && l->nonce[0] != '\0' && l->uri[0] != '\0';
}

static bool digest(struct bytes value, struct bytes method, struct login *out)
{
	struct bytes name, text;

	out->scheme = LOGIN_DIGEST;
	while (next_parameter(&value, &name, &text))
		digest_field(out, name, text);
	LOGIN_PUT(out, method, method);
	out->cut |= !digest_is_whole(out);
	return true;
}

bool auth_credentials(struct bytes value, struct bytes method, struct login *out)
{
	enum auth_scheme scheme;
	size_t n = 0;

	value = bytes_trim(value);
	while (n < value.len && value.at[n] > ' ')
		n++;
	scheme = scheme_of(bytes_upto(value, n));
	*out = (struct login){.scheme = LOGIN_CLEAR, .header = true};
	if (scheme == AUTH_BASIC)
		return basic(bytes_from(value, n), out);
	return scheme == AUTH_DIGEST && digest(bytes_from(value, n), method, out);
}

void auth_remember(struct auth_memory *m, struct bytes realm)
{
	struct login fit = {.cut = false};

	LOGIN_PUT(&fit, realm, realm);
	m->asked = true;
	memcpy(m->realm, fit.realm, sizeof m->realm);
	if (fit.cut)
		m->realm[0] = '\0';
}

void auth_recall(const struct auth_memory *m, struct login *l)
{
	if (l->scheme == LOGIN_CLEAR) {
		l->asked = m->asked;
		if (m->asked)
			memcpy(l->realm, m->realm, sizeof l->realm);
	} else {
		l->asked = m->asked && m->realm[0] != '\0' && strcmp(m->realm, l->realm) == 0;
	}
}

/* "WNDR3400v2": letters, then three to five digits, then little more. */
static bool is_model(struct bytes word)
{
	size_t letters = 0, digits = 0;

	while (letters < word.len && ascii_is_letter(word.at[letters]))
		letters++;
	while (letters + digits < word.len && ascii_is_digit(word.at[letters + digits]))
		digits++;
	return letters >= 2 && digits >= SERIAL_DIGITS && digits <= MODEL_DIGITS &&
	       word.len - letters - digits <= SERIAL_DIGITS;
}

static bool is_serial(struct bytes word)
{
	size_t digits = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (!ascii_is_digit(word.at[i]) && !ascii_is_letter(word.at[i]))
			return false;
		digits += ascii_is_digit(word.at[i]);
	}
	return word.len >= SERIAL_LETTERS && digits >= SERIAL_DIGITS && !is_model(word);
}

/* "S/N 4711": target_plain() cuts it, and its number is no last word on its own. */
static bool announces_serial(struct bytes text)
{
	bool begins = true;

	for (size_t i = 0; i < text.len; i++) {
		if (begins && plain_serial(bytes_from(text, i)) > 0)
			return true;
		begins = !ascii_is_digit(text.at[i]) && !ascii_is_letter(text.at[i]);
	}
	return false;
}

struct bytes auth_plain_realm(struct bytes realm, char *buf, size_t size)
{
	const uint8_t *blank;

	realm = bytes_trim(realm);
	blank = realm.len == 0 ? NULL : memrchr(realm.at, ' ', realm.len);
	if (blank != NULL && !announces_serial(realm)) {
		struct bytes head = bytes_upto(realm, (size_t)(blank - realm.at));

		if (is_serial(bytes_from(realm, head.len + 1)))
			realm = bytes_trim(head);
	}
	/* Hikvision: the end of the serial number. */
	if (bytes_begin(realm, "IP Camera(") && realm.len < 20)
		realm = bytes_upto(realm, strlen("IP Camera("));
	return target_plain(realm, buf, size);
}
