/* SPDX-License-Identifier: MIT */
/*
 * Request targets (RFC 3986, RFC 9112 section 3.2), queries and forms (application/x-www-form-urlencoded). The names of the
 * fields that carry logins are those that pages of cameras, recorders and routers use; a form that has both a user and a
 * password field is a try. Pages that hash the password first send 32, 40 or 64 hexadecimal digits: no password could be
 * proven from them, so they are not called one.
 */
#include "proto/target.h"

#include "base/json.h"
#include "base/scan.h"
#include "proto/plain.h"

enum {
	ID_HEX = 12,	 /* a MAC address, the last part of a UUID */
	ID_DIGITS = 8,	 /* serial numbers, dates too */
	ID_LETTERS = 14, /* the makers' mixed serial numbers have 14 to 16 */
	ID_LETTERS_DIGITS = 6,
	KEY_LETTERS = 32, /* keys and tokens in paths, with what stands between their letters */
	VERSION_DIGITS = 12,
	SOFIA_LETTERS = 8,
	CLEAR_MAX = 48, /* longer ones are encrypted by the page */
	READ_MAX = 512	/* of a text that is copied: marks are looked for from every byte on */
};

static const char *const user_fields[] = {"user",	"username",  "user_name", "login",
					  "login_name", "loginname", "loginuser", "loginuse",
					  "login_user", "usr",	     "account",	  "uid",
					  "name",	"uname",     "userid",	  NULL};
static const char *const password_fields[] = {
	"pwd",	     "password",  "pass",	    "passwd",
	"psw",	     "psd",	  "loginpas",	    "loginpwd",
	"loginpass", "login_pwd", "login_password", "loginpassword",
	"user_pwd",  "userpwd",	  "userpass",	    "user_password",
	NULL};

/* What a byte can be part of. */
enum kind {
	DIGIT = 1,
	HEX = 2,
	ALNUM = 4,
	KEY = 8,    /* of keys and tokens in paths */
	JOINT = 16, /* between the digits of a MAC address or UUID */
	SERIAL = 32 /* the first letter of "serial", "s/n", "uuid", "imei" */
};

static const uint8_t kinds[256] = {
	['0' ... '9'] = DIGIT | HEX | ALNUM | KEY,
	['a' ... 'f'] = HEX | ALNUM | KEY,
	['A' ... 'F'] = HEX | ALNUM | KEY,
	['g' ... 'h'] = ALNUM | KEY,
	['G' ... 'H'] = ALNUM | KEY,
	['i'] = ALNUM | KEY | SERIAL,
	['I'] = ALNUM | KEY | SERIAL,
	['j' ... 'r'] = ALNUM | KEY,
	['J' ... 'R'] = ALNUM | KEY,
	['s'] = ALNUM | KEY | SERIAL,
	['S'] = ALNUM | KEY | SERIAL,
	['t'] = ALNUM | KEY,
	['T'] = ALNUM | KEY,
	['u'] = ALNUM | KEY | SERIAL,
	['U'] = ALNUM | KEY | SERIAL,
	['v' ... 'z'] = ALNUM | KEY,
	['V' ... 'Z'] = ALNUM | KEY,
	['-'] = KEY | JOINT,
	[':'] = JOINT,
	['_'] = KEY,
	['%'] = KEY,
	['+'] = KEY,
	['~'] = KEY,
};

static bool is_digit(uint8_t c)
{
	return (kinds[c] & DIGIT) != 0;
}

static bool is_hex(uint8_t c)
{
	return (kinds[c] & HEX) != 0;
}

static bool is_alnum(uint8_t c)
{
	return (kinds[c] & ALNUM) != 0;
}

static bool is_one_of(struct bytes name, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (bytes_are_nocase(name, *names))
			return true;
	}
	return false;
}

struct bytes target_host(struct bytes text)
{
	struct bytes host, rest = text;

	if (bytes_begin(text, "[")) {
		host = bytes_cut(&rest, ']');
		host = bytes_from(host, 1);
	} else {
		host = bytes_cut(&rest, ':');
	}
	for (size_t i = 0; i < host.len; i++) {
		uint8_t c = host.at[i];

		if (!is_alnum(c) && c != '.' && c != '-' && c != '_' && c != ':' && c != '%')
			return (struct bytes){.at = NULL, .len = 0};
	}
	return host;
}

void target_split(struct bytes text, struct target *out)
{
	size_t scheme = bytes_begin(text, "/") ? text.len : bytes_find(text, "://");
	struct bytes rest = text;

	*out = (struct target){.host = {NULL, 0}};
	if (scheme < text.len && scheme < bytes_find(text, "?")) {
		struct bytes host = bytes_from(text, scheme + 3);
		const uint8_t *slash = host.len == 0 ? NULL : memchr(host.at, '/', host.len);
		const uint8_t *at;

		rest = slash == NULL ? bytes_from(host, host.len)
				     : bytes_from(host, (size_t)(slash - host.at));
		host.len -= rest.len;
		at = host.len == 0 ? NULL : memrchr(host.at, '@', host.len);
		if (at != NULL)
			host = bytes_from(host, (size_t)(at - host.at) + 1);
		out->host = target_host(host);
	}
	out->path = bytes_cut(&rest, '?');
	out->query = bytes_cut(&rest, '#');
}

struct copy {
	char *to;
	size_t size;
	size_t n;
};

static void put(struct copy *c, struct bytes b)
{
	b = bytes_upto(b, c->size - c->n);
	if (b.len > 0)
		memcpy(c->to + c->n, b.at, b.len);
	c->n += b.len;
}

/* How many bytes from the start are hexadecimal digits and what stands between those of a MAC address or UUID. */
static size_t hex_mark(struct bytes b)
{
	size_t n = 0, digits = 0;

	if (b.len == 0 || !is_hex(b.at[0]))
		return 0;
	while (n < b.len && (is_hex(b.at[n]) || b.at[n] == '-' || b.at[n] == ':'))
		digits += is_hex(b.at[n++]);
	return digits >= ID_HEX && (n == b.len || !is_alnum(b.at[n])) ? n : 0;
}

static size_t word_length(struct bytes b)
{
	size_t n = 0;

	while (n < b.len && is_alnum(b.at[n]))
		n++;
	return n;
}

static bool word_is_mark(struct bytes word, size_t digits_max)
{
	size_t digits = 0, run = 0, hex = 0;

	if (word.len < ID_DIGITS)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		hex = is_hex(word.at[i]) ? hex + 1 : 0;
		run = is_digit(word.at[i]) ? run + 1 : 0;
		digits += is_digit(word.at[i]);
		if (run >= digits_max || hex >= ID_HEX)
			return true;
	}
	return word.len >= ID_LETTERS && digits >= ID_LETTERS_DIGITS;
}

enum piece { PIECE_PLAIN, PIECE_MARK, PIECE_SERIAL };

/* What stands at the start of the text, and its length. *begins: a word may begin here, and then in what follows. */
static enum piece next_piece(struct bytes text, size_t digits_max, bool *begins, size_t *n)
{
	size_t mark = hex_mark(text), word = word_length(text);
	size_t serial = *begins ? plain_serial(text) : 0;

	*begins = serial > 0 || word == 0;
	*n = serial > 0 ? serial : mark > 0 ? mark : word > 0 ? word : 1;
	if (serial > 0)
		return PIECE_SERIAL;
	return mark > 0 || word_is_mark(bytes_upto(text, word), digits_max) ? PIECE_MARK
									    : PIECE_PLAIN;
}

/*
 * Is there surely nothing in the text that next_piece() would hide: no twelve hexadecimal digits with joints among them, no
 * word with six digits, no serial number that is announced? One pass, and most texts need no more.
 */
static bool is_harmless(struct bytes text)
{
	size_t hex = 0, digits = 0;
	bool in_word = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t kind = kinds[text.at[i]];

		if ((kind & (HEX | JOINT)) == 0)
			hex = 0;
		if ((kind & ALNUM) == 0) {
			digits = 0;
			in_word = false;
			continue;
		}
		hex += (kind & HEX) != 0;
		digits += (kind & DIGIT) != 0;
		if (hex == ID_HEX || digits == ID_LETTERS_DIGITS ||
		    (!in_word && (kind & SERIAL) != 0 && plain_serial(bytes_from(text, i)) > 0))
			return false;
		in_word = true;
	}
	return true;
}

static struct bytes copy_all(struct bytes text, char *buf, size_t size)
{
	struct copy c = {.to = buf, .size = size};

	put(&c, text);
	return (struct bytes){(const uint8_t *)buf, c.n};
}

/* `from` is where the part that was not copied yet begins. */
static struct bytes copy_hiding(struct bytes text, size_t digits_max, char *buf, size_t size)
{
	struct copy c = {.to = buf, .size = size};
	bool begins = true;
	size_t from = 0, n;

	for (size_t at = 0; at < text.len; at += n) {
		enum piece piece = next_piece(bytes_from(text, at), digits_max, &begins, &n);

		if (piece == PIECE_PLAIN)
			continue;
		put(&c, bytes_from(bytes_upto(text, at), from));
		if (piece == PIECE_SERIAL)
			c.n = plain_end((struct bytes){(const uint8_t *)buf, c.n}).len;
		else
			put(&c, bytes_of("*"));
		from = at + n;
	}
	put(&c, bytes_from(text, from));
	return (struct bytes){(const uint8_t *)buf, c.n};
}

static struct bytes copy_plain(struct bytes text, size_t digits_max, char *buf, size_t size)
{
	text = bytes_upto(text, READ_MAX);
	return is_harmless(text) ? copy_all(text, buf, size)
				 : copy_hiding(text, digits_max, buf, size);
}

struct bytes target_plain(struct bytes text, char *buf, size_t size)
{
	return copy_plain(text, ID_DIGITS, buf, size);
}

struct bytes target_version(struct bytes text, char *buf, size_t size)
{
	return copy_plain(text, VERSION_DIGITS, buf, size);
}

void target_tell(struct telling *to, const struct talk *t, enum signal signal, enum party about,
		 struct bytes text)
{
	char room[TELL_MAX];

	tell(to, t, signal, about, target_version(text, room, sizeof room));
}

static bool is_of_key(uint8_t c)
{
	return (kinds[c] & KEY) != 0;
}

/* The length of a key or token that begins here, or 0. */
static size_t key_length(struct bytes text)
{
	size_t n = 0;

	while (n < text.len && is_of_key(text.at[n]))
		n++;
	return n >= KEY_LETTERS ? n : 0;
}

/* Where the value of a login's field begins, when one begins here: "user=", "password=". */
static size_t login_name(struct bytes text)
{
	static const char *const names[] = {"user=", "username=", "usr=", "password=", "passwd=",
					    "pass=", "pwd=",	  "psw=", NULL};
	uint8_t first = text.len == 0 ? 0 : ascii_lower(text.at[0]);

	if (first != 'u' && first != 'p')
		return 0;
	for (const char *const *n = names; *n != NULL; n++) {
		if (bytes_begin_nocase(text, *n))
			return strlen(*n);
	}
	return 0;
}

static size_t value_length(struct bytes text)
{
	static const char *const ends[] = {
		"_password=", "_channel=", "_stream=", "_pass=", "_pwd=", NULL};
	size_t n = 0;

	while (n < text.len && text.at[n] != '&' && text.at[n] != '/') {
		for (const char *const *e = ends; text.at[n] == '_' && *e != NULL; e++) {
			if (bytes_begin_nocase(bytes_from(text, n), *e))
				return n;
		}
		n++;
	}
	return n;
}

/* What of a path becomes `*` at its start: *kept bytes stand, then *hidden bytes are left out. */
static void hide_next(struct bytes path, size_t *kept, size_t *hidden)
{
	*kept = login_name(path);
	*hidden = *kept > 0 ? value_length(bytes_from(path, *kept)) : key_length(path);
}

/* Is there surely nothing in the path that becomes `*`? */
static bool is_harmless_path(struct bytes path)
{
	size_t key = 0;

	for (size_t i = 0; i < path.len; i++) {
		key = is_of_key(path.at[i]) ? key + 1 : 0;
		if (key == KEY_LETTERS || path.at[i] == '=')
			return false;
	}
	return is_harmless(path);
}

static struct bytes path_hiding(struct bytes path, char *buf, size_t size)
{
	struct copy c = {.to = buf, .size = size};

	while (path.len > 0) {
		size_t mark, n, kept, hidden;
		char word[TARGET_MAX];

		if (!is_of_key(path.at[0])) { /* nothing that is left out begins with such a byte */
			put(&c, bytes_upto(path, 1));
			path = bytes_from(path, 1);
			continue;
		}
		mark = hex_mark(path);
		n = word_length(path);
		hide_next(path, &kept, &hidden);
		if (kept + hidden > 0) {
			put(&c, bytes_upto(path, kept));
			put(&c, bytes_of("*"));
			path = bytes_from(path, kept + hidden);
			continue;
		}
		n = mark > n ? mark : n > 0 ? n : 1;
		put(&c, target_plain(bytes_upto(path, n), word, sizeof word));
		path = bytes_from(path, n);
	}
	return (struct bytes){(const uint8_t *)buf, c.n};
}

struct bytes target_path(struct bytes path, char *buf, size_t size)
{
	path = bytes_upto(path, READ_MAX);
	return is_harmless_path(path) ? copy_all(path, buf, size) : path_hiding(path, buf, size);
}

bool form_field(struct bytes *rest, struct bytes *name, struct bytes *value)
{
	while (rest->len > 0) {
		*value = bytes_cut(rest, '&');
		if (!bytes_hold(*value, "="))
			continue;
		*name = bytes_trim(bytes_cut(value, '='));
		*value = bytes_trim(*value);
		return true;
	}
	return false;
}

static uint8_t hex_value(uint8_t c)
{
	return (uint8_t)(is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

bool form_decode(struct bytes text, char *buf, size_t size, struct bytes *out)
{
	struct cursor c = cursor_over(text);
	size_t n = 0;

	while (cursor_left(&c) > 0 && n < size) {
		uint8_t byte = cursor_u8(&c);
		struct bytes two = bytes_upto(cursor_rest(&c), 2);

		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%' && two.len == 2 && is_hex(two.at[0]) && is_hex(two.at[1])) {
			byte = (uint8_t)(hex_value(two.at[0]) << 4 | hex_value(two.at[1]));
			cursor_skip(&c, 2);
		}
		buf[n++] = (char)byte;
	}
	*out = (struct bytes){(const uint8_t *)buf, n};
	return cursor_left(&c) == 0;
}

/* What pages make of a password before they send it. */
static bool is_digest(struct bytes secret)
{
	for (size_t i = 0; i < secret.len; i++) {
		if (!is_hex(secret.at[i]))
			return false;
	}
	return secret.len == 32 || secret.len == 40 || secret.len == 64;
}

static void put_pair(struct login *l, struct bytes user, struct bytes password)
{
	char text[200];
	struct bytes plain;

	l->cut |= !form_decode(user, text, sizeof text, &plain);
	LOGIN_PUT(l, user, plain);
	l->cut |= !form_decode(password, text, sizeof text, &plain);
	LOGIN_PUT(l, secret, plain);
	l->scheme = is_digest(plain) ? LOGIN_HASHED : LOGIN_CLEAR;
}

bool form_login(struct bytes form, struct login *login)
{
	struct bytes name, value, user = {NULL, 0}, password = {NULL, 0};

	while (form_field(&form, &name, &value)) {
		if (user.at == NULL && is_one_of(name, user_fields))
			user = value;
		else if (password.at == NULL && is_one_of(name, password_fields))
			password = value;
	}
	if (user.at == NULL || password.at == NULL || user.len == 0)
		return false;
	*login = (struct login){.scheme = LOGIN_CLEAR};
	put_pair(login, user, password);
	return true;
}

/* The first of these members that is there, and a string as far as can be told. */
static struct bytes json_member(struct bytes json, const char *const *names)
{
	struct bytes value;

	for (; *names != NULL; names++) {
		if (json_find(json, *names, &value) && !bytes_begin(value, "{") &&
		    !bytes_begin(value, "["))
			return value;
	}
	return (struct bytes){.at = NULL, .len = 0};
}

bool json_login(struct bytes json, struct login *login)
{
	static const char *const users[] = {"username", "userName", "UserName", "user", "User",
					    "account",	"login",    "name",	NULL};
	static const char *const secrets[] = {"password", "passWord", "PassWord", "Password",
					      "passwd",	  "pwd",      "pass",	  NULL};
	struct bytes user, secret;

	json = bytes_trim(json);
	if (!bytes_begin(json, "{"))
		return false;
	user = json_member(json, users);
	secret = json_member(json, secrets);
	if (user.len == 0 || secret.at == NULL)
		return false;
	*login = (struct login){.scheme = LOGIN_CLEAR};
	LOGIN_PUT(login, user, user);
	LOGIN_PUT(login, secret, secret);
	if (bytes_hold(user, "\\") || bytes_hold(secret, "\\")) /* escapes are not resolved */
		login->cut = true;
	if (is_digest(secret) || secret.len > CLEAR_MAX)
		login->scheme = LOGIN_HASHED;
	return true;
}

bool target_is_cgi(struct bytes path)
{
	size_t n = path.len < 4 ? 0 : path.len - 4;

	return bytes_are_nocase(bytes_from(path, n), ".cgi") ||
	       bytes_are_nocase(bytes_from(path, n), "fcgi") || bytes_hold(path, "/cgi-bin/");
}

bool target_is_sofia(struct bytes secret)
{
	return secret.len == SOFIA_LETTERS && word_length(secret) == SOFIA_LETTERS;
}

bool target_login(struct bytes text, struct login *login)
{
	struct bytes user = bytes_from(text, bytes_find(text, "user=") + 5), secret, rest;
	bool hashed;

	if (user.at == NULL)
		return false;
	rest = bytes_from(user, value_length(user));
	user = bytes_upto(user, user.len - rest.len);
	hashed = bytes_begin(rest, "_password=");
	if (!hashed && !bytes_begin(rest, "&password="))
		return false;
	rest = bytes_from(rest, strlen("_password="));
	secret = bytes_upto(rest, value_length(rest));
	rest = bytes_from(rest, secret.len);
	if (user.len == 0 ||
	    (!bytes_begin_nocase(rest, "_channel=") && !bytes_begin_nocase(rest, "&channel=")))
		return false;
	*login = (struct login){.scheme = LOGIN_CLEAR};
	put_pair(login, user, secret);
	if (hashed && !target_is_sofia(secret))
		login->cut = true;
	if (hashed)
		login->scheme = LOGIN_SOFIA;
	return true;
}
