/* SPDX-License-Identifier: MIT */
/*
 * Telnet has no codes: whether a login was accepted is told by what devices write, in many spellings. The words are those
 * of login(1), BusyBox, dropbear's neighbours, routers and recorders. Everything here leans to one side: "accepted" said of
 * a device that refused would be the worst error, so what is unclear is PROMPT_OTHER or at most REFUSAL_WORD.
 */
#include "proto/telnet_words.h"

#include "base/words.h"

enum { PROMPT_MAX = 80, SHELL_MAX = 48, SENTENCE_MAX = 60, REFUSAL_MAX = 110 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool holds(struct bytes b, const char *word)
{
	return words_held(b, &word, 1);
}

/* Ends with the word, and no letter stands right before it. */
static bool ends_with(struct bytes b, const char *word)
{
	size_t n = strlen(word), before;

	if (b.len < n || !bytes_begin_nocase(bytes_from(b, b.len - n), word))
		return false;
	before = b.len - n;
	return before == 0 || !ascii_is_alnum(b.at[before - 1]);
}

static bool ends_with_any(struct bytes b, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ends_with(b, words[i]))
			return true;
	}
	return false;
}

static const char *const login_words[] = {
	"login",	"log in",    "logon",	    "login id",	   "login name", "login as",
	"username",	"user name", "user",	    "user id",	   "userid",	 "account",
	"benutzername", "benutzer",  "utilisateur", "identifiant", "usuario",	 "utente",
	"nome utente",	"gebruiker", "usuário",	    "логин",	   "Логин",	 "пользователь",
	"Пользователь", "用户名",    "用户",	    "帐号",	   "账号",	 "使用者名稱"};

static const char *const password_words[] = {"password",   "passwd",	 "pass",     "passcode",
					     "passphrase", "passwort",	 "kennwort", "mot de passe",
					     "contraseña", "contrasena", "clave",    "senha",
					     "wachtwoord", "parola",	 "пароль",   "Пароль",
					     "密码",	   "密碼",	 "口令",     "パスワード"};

/* Passwords that are set or asked for by a command. */
static const char *const secret_words[] = {"new ",     "retype",      "re-enter", "reenter",
					   "again",    "confirm",     "change",	  "repeat",
					   "old pass", "current pass"};

/* Takes ":" (also the wide one) and blanks off the end. */
static bool cut_colon(struct bytes *b)
{
	static const char wide[] = "：";
	size_t n = sizeof wide - 1;
	struct bytes last = b->len >= n ? bytes_from(*b, b->len - n) : (struct bytes){NULL, 0};

	if (last.at != NULL && bytes_are(last, wide))
		b->len -= n;
	else if (b->len > 0 && b->at[b->len - 1] == ':')
		b->len--;
	else
		return false;
	*b = bytes_trim(*b);
	return true;
}

static enum telnet_prompt password_prompt(struct bytes body, bool colon)
{
	bool word = ends_with_any(body, password_words, COUNT(password_words));

	if (!word && !(colon && body.len <= SENTENCE_MAX &&
		       (holds(body, "password") || holds(body, "passwd"))))
		return PROMPT_OTHER;
	return words_held(body, secret_words, COUNT(secret_words)) ? PROMPT_SECRET
								   : PROMPT_PASSWORD;
}

/* "login:", "Password for root:", "password>"; without a mark only the word alone. */
static enum telnet_prompt asked(struct bytes line)
{
	struct bytes body = line;
	bool colon = cut_colon(&body);
	enum telnet_prompt kind;

	if (body.len == 0 || body.len > PROMPT_MAX)
		return PROMPT_OTHER;
	if (!colon) {
		if (body.at[body.len - 1] == '>')
			body = bytes_trim(bytes_upto(body, body.len - 1));
		if (bytes_are_nocase(body, "password") || bytes_are_nocase(body, "passwd"))
			return PROMPT_PASSWORD;
		return bytes_are_nocase(body, "login") || bytes_are_nocase(body, "username")
			       ? PROMPT_LOGIN
			       : PROMPT_OTHER;
	}
	kind = password_prompt(body, colon);
	if (kind != PROMPT_OTHER)
		return kind;
	if (bytes_begin_nocase(body, "last ") || holds(body, "last login") ||
	    bytes_hold(body, ": "))
		return PROMPT_OTHER;
	return ends_with_any(body, login_words, COUNT(login_words)) ? PROMPT_LOGIN : PROMPT_OTHER;
}

static bool is_shell_mark(uint8_t c)
{
	return c == '#' || c == '$' || c == '>' || c == '%';
}

/* Rules drawn with marks: "#####", "===>". */
static bool is_drawn(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (ascii_is_alnum(b.at[i]) || b.at[i] == '~' || b.at[i] == '/' || b.at[i] >= 0x80)
			return false;
	}
	return b.len > 0;
}

static size_t blanks_of(struct bytes b)
{
	size_t n = 0;

	for (size_t i = 0; i < b.len; i++)
		n += b.at[i] == ' ';
	return n;
}

/* "Switch 5 (config)", "Matrix (su)-" */
static bool is_mode(struct bytes b)
{
	if (b.len > 0 && b.at[b.len - 1] == '-')
		b.len--;
	return b.len > 0 && b.at[b.len - 1] == ')';
}

static enum telnet_prompt shell_prompt(struct bytes line)
{
	uint8_t mark = line.at[line.len - 1];
	struct bytes body = bytes_trim(bytes_upto(line, line.len - 1));
	bool bracket;

	if (bytes_are(line, "->")) /* VxWorks */
		return PROMPT_SHELL;
	if (!is_shell_mark(mark) || is_drawn(body) || body.len > SHELL_MAX)
		return PROMPT_OTHER;
	if (body.len == 0) /* '>' alone asks for anything, after a refusal too */
		return mark == '#' || mark == '$' ? PROMPT_SHELL : PROMPT_OTHER;
	if (mark == '%' && ascii_is_digit(body.at[body.len - 1]))
		return PROMPT_OTHER; /* progress */
	if (mark == '>' && (bytes_hold(body, "<") || holds(body, "login") || holds(body, "user") ||
			    holds(body, "pass")))
		return PROMPT_OTHER; /* a page, or another spelling of "login:" */
	bracket = body.at[0] == '[' && body.at[body.len - 1] == ']';
	if (bracket || is_mode(body)) /* "(config)#", "(su)->" */
		return blanks_of(body) <= 2 ? PROMPT_SHELL : PROMPT_SHELL_LIKE;
	return blanks_of(body) == 0 ? PROMPT_SHELL : PROMPT_SHELL_LIKE;
}

enum telnet_prompt telnet_prompt_of(struct bytes line)
{
	enum telnet_prompt kind;

	line = bytes_trim(line);
	if (line.len == 0)
		return PROMPT_NONE;
	kind = asked(line);
	return kind != PROMPT_OTHER ? kind : shell_prompt(line);
}

enum telnet_prompt telnet_prompt_before(struct bytes line, struct bytes *rest)
{
	for (size_t i = 0; i < line.len; i++) {
		enum telnet_prompt kind;

		if (line.at[i] != ':')
			continue;
		kind = asked(bytes_trim(bytes_upto(line, i + 1)));
		if (kind == PROMPT_LOGIN || kind == PROMPT_PASSWORD) {
			*rest = bytes_trim(bytes_from(line, i + 1));
			return kind;
		}
	}
	return PROMPT_OTHER;
}

static const char *const clear_refusals[] = {"login incorrect",
					     "login failed",
					     "login failure",
					     "login invalid",
					     "login error",
					     "login denied",
					     "login authentication failed",
					     "incorrect login",
					     "incorrect password",
					     "incorrect user",
					     "invalid login",
					     "invalid password",
					     "invalid user",
					     "wrong password",
					     "wrong user",
					     "wrong login",
					     "bad password",
					     "bad user",
					     "bad login",
					     "authentication fail",
					     "authorization fail",
					     "access denied",
					     "password incorrect",
					     "password error",
					     "password is incorrect",
					     "password is wrong",
					     "password invalid",
					     "error: authentication",
					     "用户名或密码错误",
					     "密码错误"};

/* A successful login's message of the day may say these beside "failed". */
static const char *const past_words[] = {"last", "since", "previous", "success", "unauthori"};

static const char *const about_words[] = {"login", "password", "passwd",     "user",	   "access",
					  "logon", "account",  "permission", "credential", "authen",
					  "name",  "pass",     "密码",	     "parol"};

static const char *const refusing_words[] = {
	"incorrect", "invalid", "failed",   "failure",	   "fail ", "denied",
	"wrong",     "refused", "rejected", "locked",	   "error", "not match",
	"mismatch",  "unknown", "bad ",	    "not correct", "错误",  "illegal"};

/* Stems of the same in German, French, Italian, Spanish, Portuguese, Dutch, Polish, Turkish and Russian. */
static const char *const foreign_words[] = {
	"verweigert",  "fehlgeschlagen", "fehler",    "falsch",	   "ungültig",	 "gesperrt",
	"abgelehnt",   "refus",		 "échec",     "echec",	   "échou",	 "echou",
	"invalide",    "erron",		 "erreur",    "bloqu",	   "fallit",	 "negat",
	"errat",       "errore",	 "non valid", "rifiutat",  "bloccat",	 "scorrett",
	"denegad",     "fallid",	 "fallo",     "erróne",	   "inválid",	 "rechazad",
	"negad",       "falhou",	 "falha",     "incorret",  "recusad",	 "errad",
	"geweigerd",   "mislukt",	 "onjuist",   "ongeldig",  "verkeerd",	 "fout",
	"geblokkeerd", "odmow",		 "odmów",     "nieprawid", "niepoprawn", "błęd",
	"błąd",	       "nieudan",	 "zablokow",  "hatal",	   "başarısız",	 "basarisiz",
	"yanlış",      "yanlis",	 "geçersiz",  "gecersiz",  "reddedil",	 "engellen",
	"неверн",      "Неверн",	 "ошибк",     "Ошибк",	   "отказ",	 "запрещ"};

static struct bytes from_first_letter(struct bytes b)
{
	while (b.len > 0 && !ascii_is_alnum(b.at[0]) && b.at[0] < 0x80)
		b = bytes_from(b, 1);
	return b;
}

enum telnet_refusal telnet_refusal_of(struct bytes line)
{
	line = from_first_letter(bytes_trim(line));
	if (line.len == 0 || line.len > REFUSAL_MAX ||
	    words_held(line, past_words, COUNT(past_words)))
		return REFUSAL_NONE;
	for (size_t i = 0; line.len <= SENTENCE_MAX && i < COUNT(clear_refusals); i++) {
		if (bytes_begin_nocase(line, clear_refusals[i]))
			return REFUSAL_CLEAR;
	}
	if (words_held(line, foreign_words, COUNT(foreign_words)))
		return REFUSAL_LIKELY;
	if (!words_held(line, refusing_words, COUNT(refusing_words)))
		return holds(line, "authentication") || bytes_are_nocase(line, "bad")
			       ? REFUSAL_WORD
			       : REFUSAL_NONE;
	return words_held(line, about_words, COUNT(about_words)) ? REFUSAL_LIKELY : REFUSAL_WORD;
}

bool telnet_is_shell_talk(struct bytes line)
{
	bool shell = bytes_begin(line, "sh: ") || bytes_begin(line, "-sh: ") ||
		     bytes_begin(line, "ash: ") || bytes_begin(line, "/bin/sh: ") ||
		     bytes_begin(line, "-ash: ") || bytes_begin(line, "bash: ") ||
		     bytes_begin(line, "-bash: ");

	return (shell && holds(line, "not found")) || holds(line, ": applet not found") ||
	       holds(line, "built-in shell (") || holds(line, "list of built-in commands");
}

bool telnet_is_menu_item(struct bytes line)
{
	struct cursor c = cursor_over(bytes_trim(line));
	uint8_t byte = cursor_u8(&c);
	bool digits = false;

	if (byte == '[' || byte == '(')
		byte = cursor_u8(&c);
	for (; byte >= '0' && byte <= '9'; digits = true)
		byte = cursor_u8(&c);
	return digits &&
	       (byte == '.' || byte == ')' || byte == ']' || byte == ':' || byte == '-') &&
	       cursor_left(&c) > 0 && !holds(line, "retry") && !holds(line, "again") &&
	       !holds(line, "login") && !holds(line, "log in");
}

bool telnet_has_words(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (ascii_is_alnum(line.at[i]) || line.at[i] >= 0x80)
			return true;
	}
	return false;
}

bool telnet_is_other_protocol(struct bytes text)
{
	static const char *const heads[] = {
		"HTTP/",   "GET ",     "POST ", "HEAD ", "PUT ",  "OPTIONS ",  "CONNECT ",
		"SSH-",	   "RFB ",     "+OK",	"-ERR",	 "* OK",  "* PREAUTH", "{",
		"<",	   ":",	       "NICK ", "HELO",	 "EHLO",  "RTSP/",     "SIP/",
		"INVITE ", "@RSYNCD",  "AMQP",	"USER ", "PASS ", "NOTICE ",   "DESCRIBE ",
		"PRI * ",  "M-SEARCH", "AUTH ", "CAP "};
	bool code = text.len >= 4 && bytes_number(bytes_upto(text, 3)) >= 100 &&
		    (text.at[3] == ' ' || text.at[3] == '-');

	if (code)
		return true;
	for (size_t i = 0; i < COUNT(heads); i++) {
		if (bytes_begin(text, heads[i]))
			return true;
	}
	return false;
}
