/* SPDX-License-Identifier: MIT */
/*
 * FTP's control connection (RFC 959, sections 4.1 and 4.2; AUTH of RFC 4217): the server's greeting, its system, and
 * logins. Files are no business of ours. A greeting alone is told of nobody: mail servers say 220 too, so it is held back
 * until something follows that only FTP says.
 *
 * Whose answer an answer is, is counted: commands may be sent ahead, and an accepted login must never be laid upon
 * another password than the one that was tried. After a gap the count begins anew with a question for a password.
 */
#include "base/scan.h"
#include "proto/plain.h"
#include "proto/proto.h"

enum { GLANCE_MAX = 256, LINE_MAX_KEPT = 512 };

struct ftp_state {
	struct login login; /* user, then password, then judged */
	char banner[TELL_MAX + 1];
	uint16_t multiline; /* code of an answer of several lines; 0: none is open */
	uint16_t waiting;   /* commands that have no answer yet */
	uint16_t user_at;   /* the answer to USER is the so-manieth from now; 0: not waited for */
	uint16_t pass_at;   /* to PASS */
	bool has_user;	    /* login.user holds the name of the last USER */
	bool greeted;	    /* the first answer was there */
	bool known;	    /* it is FTP beyond doubt */
	bool system_told;
	bool logged_in;
	bool lost; /* bytes were lost, and no password was asked for since */
};

static bool holds_nocase(struct bytes b, const char *text)
{
	for (size_t i = 0; i < b.len; i++) {
		if (bytes_begin_nocase(bytes_from(b, i), text))
			return true;
	}
	return false;
}

static bool is_mail_port(uint16_t port)
{
	return port == 25 || port == 465 || port == 587 || port == 2525;
}

/* The client speaks second; its commands alone are known by nothing that mail has not. */
static enum match client_mine(const struct glance *g)
{
	return g->hinted && g->data.len < GLANCE_MAX ? MATCH_MAYBE : MATCH_NO;
}

static enum match ftp_mine(const struct glance *g)
{
	struct bytes text = bytes_upto(g->data, LINE_MAX_KEPT), rest = text, line;

	if (is_mail_port(g->sport) || is_mail_port(g->dport))
		return MATCH_NO;
	if (text.len < 4)
		return bytes_start_with(text, "220", text.len < 3 ? text.len : 3) ? MATCH_MAYBE
										  : MATCH_NO;
	if (!bytes_begin(text, "220 ") && !bytes_begin(text, "220-"))
		return g->from_client ? client_mine(g) : MATCH_NO;
	if (holds_nocase(text, "SMTP"))
		return MATCH_NO;
	if (!bytes_line(&rest, &line))
		return text.len < LINE_MAX_KEPT ? MATCH_MAYBE : MATCH_NO;
	return g->hinted || holds_nocase(text, "FTP") ? MATCH_YES : MATCH_NO;
}

static void forget(struct ftp_state *s)
{
	s->user_at = s->pass_at = s->waiting = s->multiline = 0;
	s->has_user = false;
	s->lost = true;
	s->login = (struct login){.scheme = LOGIN_CLEAR};
}

/* Names that anyone may use with any word: no login. */
static bool is_anonymous(const char *user)
{
	return bytes_are_nocase(bytes_of(user), "anonymous") ||
	       bytes_are_nocase(bytes_of(user), "ftp");
}

/* Of anything else it is not known whether the server answers it, and then no answer can be counted. */
static bool is_verb(struct bytes word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (ascii_lower(word.at[i]) < 'a' || ascii_lower(word.at[i]) > 'z')
			return false;
	}
	return word.len == 3 || word.len == 4;
}

static void command(struct talk *t, struct ftp_state *s, struct bytes line)
{
	struct bytes word = bytes_cut(&line, ' ');

	if (word.len == 0 &&
	    line.len == 0) /* servers pass it over, or their answer proves nothing */
		return;
	if (!is_verb(word)) {
		forget(s);
		return;
	}
	if (s->waiting < UINT16_MAX)
		s->waiting++;
	if (bytes_are_nocase(word, "USER")) {
		s->login = (struct login){.scheme = LOGIN_CLEAR,
					  .tried_key = t->packet->key,
					  .tried_ns = t->packet->time_ns};
		LOGIN_PUT(&s->login, user, line);
		s->has_user = line.len > 0;
		s->user_at = s->waiting;
		s->pass_at = 0;
	} else if (bytes_are_nocase(word, "PASS") && s->has_user && !s->lost) {
		LOGIN_PUT(&s->login, secret, line);
		s->login.tried_key = t->packet->key;
		s->login.tried_ns = t->packet->time_ns;
		s->pass_at = s->waiting;
		s->has_user = false;
	}
}

static void judge(const struct talk *t, struct telling *to, struct ftp_state *s, uint16_t code)
{
	bool refused = code == 530 || code == 430 || code == 332 || code == 532 || code == 535;
	bool accepted = code == 230 || code == 232;

	if (!accepted && !refused)
		return;
	if (!s->logged_in && !is_anonymous(s->login.user))
		tell_login(to, t, &s->login, SENDER, accepted ? LOGIN_ACCEPTED : LOGIN_REFUSED);
	s->logged_in |= accepted;
	s->login = (struct login){.scheme = LOGIN_CLEAR};
}

/* True when the answer that is counted down to is there. */
static bool is_due(uint16_t *at)
{
	return *at > 0 && --*at == 0;
}

static void sure(const struct talk *t, struct telling *to, struct ftp_state *s)
{
	if (s->known)
		return;
	s->known = true;
	tell_text(to, t, SIGNAL_ftp_banner, SENDER, s->banner);
	tell_service(to, t, SENDER, &proto_ftp);
}

/* Codes that neither mail nor news give, or not with this meaning to these commands. */
static bool only_ftp(const struct ftp_state *s, uint16_t code)
{
	return code == 331 || code == 230 || code == 227 || code == 215 || code == 234 ||
	       (code == 530 && (s->user_at == 1 || s->pass_at == 1));
}

static void system_named(const struct talk *t, struct telling *to, struct ftp_state *s,
			 struct bytes text)
{
	char plain[TELL_MAX + 1];

	if (s->system_told)
		return;
	s->system_told = true;
	plain_text(plain, sizeof plain, text);
	tell_text(to, t, SIGNAL_ftp_system, SENDER, plain);
}

/* The last line of an answer. */
static void answer(const struct talk *t, struct telling *to, struct ftp_state *s, uint16_t code,
		   struct bytes text)
{
	bool user_due, pass_due;

	if (code < 200)
		return; /* another one follows */
	if (!s->greeted) {
		s->greeted = true;
		if (code == 220 && holds_nocase(bytes_of(s->banner), "FTP"))
			sure(t, to, s);
		return;
	}
	if (only_ftp(s, code))
		sure(t, to, s);
	user_due = is_due(&s->user_at);
	pass_due = is_due(&s->pass_at);
	if (s->waiting > 0)
		s->waiting--;
	if (code == 215)
		system_named(t, to, s, text);
	if (user_due && code == 331)
		s->lost = false;
	if (pass_due)
		judge(t, to, s, code);
	else if (user_due && code == 230)
		s->logged_in =
			true; /* the name was enough: that is no login with an empty password */
	else if (user_due && code >= 400)
		s->has_user = false;
}

static int code_of(struct bytes line)
{
	if (line.len < 3 || !ascii_is_digit(line.at[0]) || !ascii_is_digit(line.at[1]) ||
	    !ascii_is_digit(line.at[2]))
		return -1;
	return (int)bytes_number(bytes_upto(line, 3));
}

/* A line of the server. False: from here on it is encrypted, or it is no FTP. */
static bool reply(const struct talk *t, struct telling *to, struct ftp_state *s, struct bytes line)
{
	int code = code_of(line);
	bool more = line.len > 3 && line.at[3] == '-';
	bool last = code >= 100 && code < 600 && !more && (line.len == 3 || line.at[3] == ' ');
	struct bytes text = bytes_from(line, 4);

	if (s->multiline != 0 && (!last || code != s->multiline))
		text = code == s->multiline ? text : line; /* inside of an answer */
	else if (!last && !(more && code >= 100 && code < 600))
		return s->lost || s->greeted;
	if (!s->greeted && (code == 220 || s->multiline == 220) && s->banner[0] == '\0')
		plain_text(s->banner, sizeof s->banner, text);
	if (s->multiline != 0 && (!last || code != s->multiline))
		return true;
	s->multiline = more ? (uint16_t)code : 0;
	if (more)
		return true;
	answer(t, to, s, (uint16_t)code, text);
	return code != 234 && code != 334;
}

static size_t ftp_stream(struct talk *t, struct telling *to)
{
	struct ftp_state *s = t->state;
	struct bytes rest = t->data, line;

	if (t->gap)
		forget(s);
	while (bytes_line(&rest, &line)) {
		if (t->from_client)
			command(t, s, line);
		else if (!reply(t, to, s, line))
			return STREAM_DONE;
	}
	return t->data.len - rest.len;
}

const struct proto proto_ftp = {.name = "ftp",
				.summary = "greeting, system, logins (RFC 959)",
				.carriers = OVER_TCP,
				.state_size = sizeof(struct ftp_state),
				.ports = {21, 2121},
				.mine = ftp_mine,
				.stream = ftp_stream};
