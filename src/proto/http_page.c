/* SPDX-License-Identifier: MIT */
/*
 * Bodies of HTTP as far as they lie in the window. The marks are names of browser plug-ins, scripts and cloud hosts that
 * makers' pages load, and of fields that only their devices send; they are literals, each with its case. Nothing here
 * keeps a password: logins in forms are target.c's matter.
 */
#include "proto/http_page.h"

#include "base/json.h"
#include "base/words.h"
#include "base/xml.h"
#include "proto/target.h"

enum {
	FIELD_VALUE_MAX = 64,
	CHUNK_LINE_MAX = 256,
	CHUNK_DIGITS = 8,
	MARK_MIN = 6, /* bytes of the shortest mark */
	GRAM = 3,
	STRIDE = MARK_MIN - GRAM + 1,
	GRAM_BITS = 12,
	GRAMS = 1 << GRAM_BITS
};

/* Xiongmai's plug-in and its hosts, the plug-ins of the boards sold under many names, Xiongmai's talk to its cloud. */
static const char *const marks[] = {"NewActive.exe",   "xmsecu.com",  "jftechws.com",
				    "hiIpcam",	       "dvrocx",      "NetSurveillance",
				    "DVRemoteActiveX", "RewriteOemID"};
enum { MARKS = sizeof marks / sizeof marks[0] };

/* Names of fields; compared without regard to case, told as they were sent. */
static const char *const fields[] = {"model",	    "devtype",	"curversion", "fw_ver",
				     "fwversion",   "firmware", "hwversion",  "version",
				     "softversion", "product",	"devicemodel"};

static const struct {
	const char *path;
	const char *value;
} successes[] = {{"result", "true"},	{"Ret", "100"},	      {"code", "0"},
		 {"success", "true"},	{"error_code", "0"},  {"errCode", "0"},
		 {"result", "success"}, {"status", "success"}};

static const char *const login_words[] = {"login", "signin", "sign-in", "logon", "auth", "session"};
static const char *const failure_words[] = {"error", "fail",	  "denied",  "invalid",
					    "wrong", "incorrect", "timeout", "logout"};

static const char *const tokens[] = {
	"token",	"access_token",	  "accessToken", "session",    "sessionId",
	"session_id",	"sessionID",	  "sid",	 "data.token", "data.access_token",
	"result.token", "data.sessionId", "Token.name",	 "stok"};

static const char *const refusals[] = {
	"login fail",	      "login error",	     "login incorrect",
	"incorrect login",    "wrong password",	     "wrong user",
	"invalid password",   "invalid user",	     "password error",
	"incorrect password", "password is wrong",   "password is incorrect",
	"incorrect user",     "authentication fail", "access denied",
	"unauthorized",	      "not authorized",	     "authorization required"};

static const char *const errors[] = {
	"error", "fail",     "denied",	 "unauthor", "invalid",	   "incorrect",	   "illegal",
	"wrong", "not auth", "result=-", "result>-", "result=\"-", "no permission"};

/* Where the word begins, in any case of letters; b.len when nowhere. The word begins with a letter. */
static size_t find_nocase(struct bytes b, const char *word)
{
	uint8_t first = ascii_lower((uint8_t)word[0]);
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= b.len; i++) {
		if ((b.at[i] | ('a' - 'A')) == first && bytes_begin_nocase(bytes_from(b, i), word))
			return i;
	}
	return b.len;
}

bool page_names_login(struct bytes text)
{
	return words_held(text, login_words, sizeof login_words / sizeof login_words[0]);
}

bool page_names_failure(struct bytes text)
{
	return words_held(text, failure_words, sizeof failure_words / sizeof failure_words[0]);
}

bool page_is_text(struct bytes type)
{
	static const char *const words[] = {"text/", "xml", "json", "soap", "urlencoded"};

	return type.len == 0 ||
	       (!bytes_begin_nocase(type, "image/") && !bytes_begin_nocase(type, "text/css") &&
		!bytes_begin_nocase(type, "text/javascript") &&
		words_held(type, words, sizeof words / sizeof words[0]));
}

/* Behind the first "<title"; empty when there is none. */
static struct bytes behind_title(struct bytes body)
{
	while (body.len > 0) {
		bytes_cut(&body, '<');
		if (bytes_begin_nocase(body, "title"))
			return bytes_from(body, strlen("title"));
	}
	return (struct bytes){.at = NULL, .len = 0};
}

static void tell_title(struct telling *to, const struct talk *t, struct bytes body)
{
	struct bytes rest = behind_title(body), title;
	char text[TELL_MAX];

	bytes_cut(&rest, '>');
	title = bytes_cut(&rest, '<');
	if (rest.len == 0) /* none, or its end is not here */
		return;
	target_tell(to, t, SIGNAL_http_title, SENDER,
		    xml_text(bytes_trim(title), text, sizeof text));
}

/* Three bytes of a text as one of GRAMS numbers. */
static unsigned gram(const uint8_t *at)
{
	uint32_t three = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;

	return three * UINT32_C(0x9e3779b1) >> (32 - GRAM_BITS);
}

/* Those of the marks that begin at the byte at i, or less than STRIDE before it. */
static unsigned marks_across(struct bytes body, size_t i)
{
	unsigned found = 0;

	for (size_t back = 0; back < STRIDE && back <= i; back++) {
		struct bytes rest = bytes_from(body, i - back);

		for (size_t k = 0; k < MARKS; k++) {
			if (body.at[i - back] == (uint8_t)marks[k][0] &&
			    bytes_begin(rest, marks[k]))
				found |= 1U << k;
		}
	}
	return found;
}

/*
 * Which of the marks a body holds, as bits. Whatever the place of one, three of its first MARK_MIN bytes stand where every
 * STRIDE bytes is looked; few other bytes fall upon their numbers. So a body is passed once and not once for each mark.
 */
static unsigned find_marks(struct bytes body)
{
	uint64_t known[GRAMS / 64] = {0};
	unsigned found = 0;

	for (size_t k = 0; k < MARKS; k++) {
		for (size_t i = 0; i < STRIDE; i++) {
			unsigned n = gram((const uint8_t *)marks[k] + i);

			known[n / 64] |= UINT64_C(1) << n % 64;
		}
	}
	for (size_t i = 0; i + GRAM <= body.len; i += STRIDE) {
		unsigned n = gram(body.at + i);

		if ((known[n / 64] >> n % 64 & 1) != 0)
			found |= marks_across(body, i);
	}
	return found;
}

void page_tell(struct telling *to, const struct talk *t, struct bytes body)
{
	unsigned found = find_marks(body);

	if (!t->from_client)
		tell_title(to, t, body);
	for (size_t i = 0; i < MARKS; i++) {
		if ((found >> i & 1) != 0)
			tell_text(to, t, SIGNAL_http_body, SENDER, marks[i]);
	}
}

static bool is_field(struct bytes name)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (bytes_are_nocase(name, fields[i]))
			return true;
	}
	return false;
}

static void tell_field(struct telling *to, const struct talk *t, struct bytes name,
		       struct bytes value)
{
	char text[FIELD_VALUE_MAX];

	if (value.len == 0 || value.len > FIELD_VALUE_MAX)
		return;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < ' ' || value.at[i] > '~')
			return;
	}
	value = target_version(value, text, sizeof text);
	tell_printf(to, t, SIGNAL_http_field, SENDER, "%.*s: %.*s", (int)name.len,
		    (const char *)name.at, (int)value.len, (const char *)value.at);
}

void page_tell_form(struct telling *to, const struct talk *t, struct bytes form)
{
	struct bytes name, value, plain;
	char text[FIELD_VALUE_MAX + 1];

	while (form_field(&form, &name, &value)) {
		if (is_field(name) && form_decode(value, text, sizeof text, &plain))
			tell_field(to, t, name, plain);
	}
}

/* A string up to its closing quote, or a number; nothing of what holds more. */
static struct bytes scalar(struct bytes *rest)
{
	size_t n = 0;

	*rest = bytes_trim(*rest);
	if (bytes_begin(*rest, "\"")) {
		bytes_cut(rest, '"');
		return rest->len > 0 && memchr(rest->at, '"', rest->len) != NULL
			       ? bytes_cut(rest, '"')
			       : (struct bytes){.at = NULL, .len = 0};
	}
	while (n < rest->len && (ascii_is_digit(rest->at[n]) || rest->at[n] == '.'))
		n++;
	return bytes_upto(*rest, n == rest->len ? 0 : n);
}

/* Keys at any depth: strings are walked through, and one that a colon follows is a key. */
void page_tell_json(struct telling *to, const struct talk *t, struct bytes body)
{
	while (body.len > 0) {
		struct bytes name, rest;

		bytes_cut(&body, '"');
		if (body.len == 0 || memchr(body.at, '"', body.len) == NULL)
			return;
		name = bytes_trim(bytes_cut(&body, '"'));
		rest = bytes_trim(bytes_upto(body, FIELD_VALUE_MAX + 32));
		if (!is_field(name) || !bytes_begin(rest, ":"))
			continue;
		rest = bytes_from(rest, 1);
		tell_field(to, t, name, scalar(&rest));
	}
}

bool page_is_success(struct bytes body)
{
	struct bytes value;

	body = bytes_trim(body);
	if (!bytes_begin(body, "{"))
		return false;
	for (size_t i = 0; i < sizeof successes / sizeof successes[0]; i++) {
		if (json_find(body, successes[i].path, &value) &&
		    bytes_are(value, successes[i].value))
			return true;
	}
	return false;
}

bool page_has_token(struct bytes body)
{
	struct bytes value;

	body = bytes_trim(body);
	if (!bytes_begin(body, "{"))
		return false;
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		if (json_find(body, tokens[i], &value) && value.len > 1 &&
		    !bytes_are(value, "null") && !bytes_are(value, "false") &&
		    !bytes_are(value, "{}"))
			return true;
	}
	return false;
}

/* <input type="password">, with and without quotes and blanks. */
static bool asks_password(struct bytes body)
{
	while (body.len > 0) {
		size_t at = find_nocase(body, "type");

		body = bytes_from(body, at);
		if (body.len == 0)
			break;
		body = bytes_from(body, strlen("type"));
		while (body.len > 0 && strchr(" =\"'", body.at[0]) != NULL && body.at[0] != '\0')
			body = bytes_from(body, 1);
		if (bytes_begin_nocase(body, "password"))
			return true;
	}
	return false;
}

bool page_refuses(struct bytes body)
{
	return asks_password(body) ||
	       words_held(body, refusals, sizeof refusals / sizeof refusals[0]);
}

bool page_is_error(struct bytes body)
{
	body = bytes_trim(body);
	if (bytes_begin(body, "{"))
		return !page_is_success(body);
	return asks_password(body) || words_held(body, errors, sizeof errors / sizeof errors[0]);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum chunk page_chunk(struct bytes body, size_t *head, uint64_t *size)
{
	struct bytes rest = body, line;
	size_t digits = 0;

	*size = 0;
	if (bytes_are(rest, "\r"))
		return CHUNK_MORE;
	if (bytes_begin(rest, "\r\n"))
		rest = bytes_from(rest, 2);
	else if (bytes_begin(rest, "\n"))
		rest = bytes_from(rest, 1);
	if (!bytes_line(&rest, &line))
		return rest.len > CHUNK_LINE_MAX ? CHUNK_BAD : CHUNK_MORE;
	while (digits < line.len && hex_digit(line.at[digits]) >= 0) {
		*size = *size << 4 | (uint64_t)hex_digit(line.at[digits]);
		if (++digits > CHUNK_DIGITS)
			return CHUNK_BAD;
	}
	line = bytes_from(line, digits);
	if (digits == 0 || (line.len > 0 && line.at[0] != ';' && line.at[0] != ' '))
		return CHUNK_BAD;
	*head = body.len - rest.len;
	return *size == 0 ? CHUNK_LAST : CHUNK_DATA;
}

struct bytes page_of_chunks(struct bytes body, char *buf, size_t size)
{
	size_t n = 0, head;
	uint64_t len;

	while (n < size && page_chunk(body, &head, &len) == CHUNK_DATA) {
		struct bytes data = bytes_from(body, head);
		size_t part = len < data.len ? (size_t)len : data.len;

		body = bytes_from(data, part);
		part = part < size - n ? part : size - n;
		if (part > 0)
			memcpy(buf + n, data.at, part);
		n += part;
		if (part < len)
			break;
	}
	return (struct bytes){(const uint8_t *)buf, n};
}
