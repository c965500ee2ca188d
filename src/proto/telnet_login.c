/* SPDX-License-Identifier: MIT */
/*
 * The dialogue of a telnet login: which line of the client answers which prompt, and what became of it. A prompt is the
 * server's line that is not ended; it is certain once the client types behind it, and taken for one at the end of a
 * segment when it has the plain form of one. Lines that come before anyone asked are kept and handed to the prompts as they
 * show up: bots do not wait.
 *
 * Two rules stand above all others. "Accepted" needs a shell's prompt, a shell's own words or a menu, with nothing before
 * it that sounds like a refusal. And what may be a password is told as nothing else: lines typed at unknown prompts, at a
 * second password prompt or ahead of one are never commands.
 */
#include "proto/telnet.h"

#include "base/scan.h"
#include "proto/telnet_words.h"

static struct bytes line_of(const struct telnet_state *s)
{
	return (struct bytes){(const uint8_t *)s->line, s->line_len};
}

/* The part of the server's line that is no answered prompt. */
static struct bytes rest_of(const struct telnet_state *s)
{
	return bytes_trim(bytes_from(line_of(s), s->read_len));
}

static void outcome(const struct talk *t, struct telling *to, enum login_outcome outcome)
{
	struct telnet_state *s = t->state;
	struct login login = {.scheme = LOGIN_CLEAR,
			      .no_user = !s->has_user && !s->user_missed,
			      .cut = s->secret_cut || (s->has_user ? s->user_cut : s->user_missed),
			      .tried_key = s->tried_key,
			      .tried_ns = s->tried_ns};

	LOGIN_PUT(&login, user, bytes_of(s->has_user ? s->user : ""));
	LOGIN_PUT(&login, secret, bytes_of(s->secret));
	tell_login(to, t, &login, telnet_party(t, true), outcome);
	memset(s->secret, 0, sizeof s->secret);
	s->phase = outcome == LOGIN_ACCEPTED ? PHASE_SHELL : PHASE_START;
	s->logged_in |= outcome == LOGIN_ACCEPTED;
	if (outcome == LOGIN_REFUSED)
		s->ahead_n = 0;
}

void telnet_forget(struct telnet_state *s)
{
	memset(s->secret, 0, sizeof s->secret);
	if (s->phase != PHASE_SHELL)
		s->phase = PHASE_START;
	s->has_user = s->fresh = s->typing = s->answering = false;
	s->hush = true;
	s->asked = 0;
	s->line_len = s->read_len = s->typed_len = s->ahead_n = 0;
}

void telnet_serves(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	if (!s->service_told)
		tell_service(to, t, telnet_party(t, true), &proto_telnet);
	s->service_told = true;
}

/* ---- what the client types ------------------------------------------------------------------------------------- */

/* Copies a line into a field; true when it does not fit. */
static bool keep(char *field, size_t size, struct bytes line)
{
	size_t n = line.len < size ? line.len : size - 1;

	if (n > 0)
		memcpy(field, line.at, n);
	field[n] = '\0';
	return n < line.len;
}

static void name_given(struct telnet_state *s, const struct telnet_ahead *when, struct bytes line,
		       bool cut)
{
	s->user_cut = keep(s->user, sizeof s->user, line) || cut;
	s->has_user = true;
	s->doubt = REFUSAL_NONE;
	s->tried_key = when->key;
	s->tried_ns = when->time_ns;
}

static void password_given(struct telnet_state *s, const struct telnet_ahead *when,
			   struct bytes line, bool cut)
{
	s->secret_cut = keep(s->secret, sizeof s->secret, line) || cut;
	s->phase = PHASE_TRIED;
	s->tried_key = when->key;
	s->tried_ns = when->time_ns;
	s->doubt = s->answers = s->items = 0;
}

/*
 * After a password the client types something else than the first words of a shell, and nobody knows what it was asked
 * for: perhaps for the next name. What is accepted later may be another password's doing, and what the server writes
 * next may be nothing but the echo of this line.
 */
static void doubt(struct telnet_state *s, struct bytes line)
{
	if (s->phase == PHASE_TRIED && line.len > 0 && !telnet_is_shell_word(line) &&
	    s->doubt == REFUSAL_NONE)
		s->doubt = REFUSAL_WORD;
}

/* The echo of a byte that ends prompts, or of a control byte (terminals write it as two), can look like a shell's. */
void telnet_may_echo_prompt(const struct talk *t, struct telling *to, uint8_t byte)
{
	struct telnet_state *s = t->state;

	if (byte >= ' ' && byte != '#' && byte != '$' && byte != '>' && byte != '%')
		return;
	if (byte == '\r' || byte == '\n' || byte == '\0' || byte == '\b')
		return;
	if (!s->typing)
		telnet_look(t, to, true); /* what is there already is no echo */
	if ((s->phase == PHASE_TRIED || s->phase == PHASE_USER) && s->doubt == REFUSAL_NONE)
		s->doubt = REFUSAL_WORD;
}

/* A line that no prompt asked for. */
static void typed_ahead(const struct talk *t, struct telling *to, struct bytes line, bool cut)
{
	struct telnet_state *s = t->state;
	struct telnet_ahead *a = &s->ahead[s->ahead_n];

	if (s->phase == PHASE_SHELL) {
		if (!s->hush || telnet_is_shell_word(line))
			telnet_command(t, to, line);
		return;
	}
	doubt(s, line);
	if (s->ahead_n == TELNET_AHEAD ||
	    (line.len == 0 && s->ahead_n == 0 && s->phase == PHASE_START))
		return;
	a->key = t->packet->key;
	a->time_ns = t->packet->time_ns;
	a->len = (uint8_t)(line.len < TELNET_AHEAD_MAX ? line.len : TELNET_AHEAD_MAX);
	a->cut = cut || a->len < line.len;
	if (a->len > 0)
		memcpy(a->text, line.at, a->len);
	s->ahead_n++;
}

/* At a prompt that says nothing to us. */
static void typed_somewhere(const struct talk *t, struct telling *to, struct bytes line,
			    const struct telnet_ahead *now)
{
	struct telnet_state *s = t->state;
	struct bytes asked = rest_of(s);
	uint8_t last = asked.len > 0 ? asked.at[asked.len - 1] : 0;

	if (s->phase == PHASE_SHELL) {
		if (s->logged_in && !s->hush && last != ':' && last != '?')
			telnet_command(t, to, line);
	} else if (s->phase == PHASE_START && line.len > 0) {
		name_given(s, now, line, now->cut); /* perhaps: when a password is asked for next */
	} else if (s->phase == PHASE_TRIED) {
		s->answers = s->answers > 0 ? s->answers : 1; /* the prompt is one */
		doubt(s, line);
	}
}

/* A line answers what was asked. */
static void answered(const struct talk *t, struct telling *to, enum telnet_prompt asked,
		     struct bytes line, const struct telnet_ahead *now)
{
	struct telnet_state *s = t->state;

	switch (asked) {
	case PROMPT_LOGIN:
		if (line.len == 0)
			return; /* it asks again */
		name_given(s, now, line, now->cut);
		s->phase = PHASE_USER;
		return;
	case PROMPT_PASSWORD:
		password_given(s, now, line, now->cut);
		return;
	case PROMPT_SHELL:
	case PROMPT_SHELL_LIKE:
		telnet_command(t, to, line);
		return;
	case PROMPT_OTHER:
		typed_somewhere(t, to, line, now);
		return;
	case PROMPT_NONE:
		typed_ahead(t, to, line, now->cut);
		return;
	case PROMPT_SECRET:
		return;
	}
}

void telnet_typed(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;
	enum telnet_prompt asked = s->asked;
	struct telnet_ahead now = {
		.key = t->packet->key, .time_ns = t->packet->time_ns, .cut = s->typed_cut};

	s->asked = PROMPT_NONE;
	s->user_missed |= asked != PROMPT_PASSWORD && s->typed_len > 0;
	answered(t, to, asked, (struct bytes){(const uint8_t *)s->typed, s->typed_len}, &now);
}

/* The oldest line typed ahead answers the prompt. */
static void answer_ahead(const struct talk *t, struct telling *to, enum telnet_prompt asked)
{
	struct telnet_state *s = t->state;
	struct telnet_ahead first;

	if (s->ahead_n == 0)
		return;
	first = s->ahead[0];
	s->ahead_n--;
	memmove(&s->ahead[0], &s->ahead[1], s->ahead_n * sizeof first);
	s->asked = PROMPT_NONE;
	answered(t, to, asked, (struct bytes){(const uint8_t *)first.text, first.len}, &first);
}

/* ---- what the server asks -------------------------------------------------------------------------------------- */

static void prompt_seen(const struct talk *t, struct telling *to, struct bytes prompt)
{
	struct telnet_state *s = t->state;

	telnet_tell_banner(t, to);
	telnet_serves(t, to);
	if (!s->prompt_told)
		tell(to, t, SIGNAL_telnet_prompt, telnet_party(t, true), prompt);
	s->prompt_told = true;
}

/* "login: Password:" in one go: the first was answered by a line typed ahead. */
static void passed_login(const struct talk *t, struct telling *to, struct bytes prompt)
{
	struct telnet_state *s = t->state;
	struct bytes rest;

	if (s->ahead_n >= 2 && s->phase == PHASE_START &&
	    telnet_prompt_before(prompt, &rest) == PROMPT_LOGIN)
		answer_ahead(t, to, PROMPT_LOGIN);
}

static void login_asked(const struct talk *t, struct telling *to, enum telnet_prompt kind,
			struct bytes prompt)
{
	struct telnet_state *s = t->state;

	if (s->phase == PHASE_TRIED)
		outcome(t, to, LOGIN_REFUSED);
	if (s->logged_in) { /* a program's, or another host's behind this one */
		s->asked = PROMPT_SECRET;
		return;
	}
	s->asked = (uint8_t)kind;
	if (kind == PROMPT_LOGIN) {
		s->has_user = false;
		s->user_missed = true;
		s->phase = PHASE_START;
	} else {
		passed_login(t, to, prompt);
		s->phase = PHASE_START; /* a name alone does not let it in */
	}
	prompt_seen(t, to, prompt);
	answer_ahead(t, to, kind);
}

/* No password was asked for: only the marks of a real shell count. */
static bool let_in_by_name(const struct telnet_state *s, struct bytes prompt)
{
	uint8_t mark = prompt.at[prompt.len - 1];

	return s->phase == PHASE_USER && s->doubt == REFUSAL_NONE && (mark == '#' || mark == '$');
}

/* Some have a shell for everybody, and ask for a password for more: its prompt coming back shows nothing. */
static bool is_new_prompt(struct telnet_state *s, struct bytes prompt)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < prompt.len; i++)
		hash = (hash ^ prompt.at[i]) * 16777619;
	hash |= hash == 0;
	if (s->before == 0 && s->phase == PHASE_START && !s->logged_in)
		s->before = hash;
	return s->before != hash;
}

static void shell_asked(const struct talk *t, struct telling *to, struct bytes prompt)
{
	struct telnet_state *s = t->state;
	bool fresh = is_new_prompt(s, prompt) && telnet_refusal_of(prompt) == REFUSAL_NONE;

	if (fresh &&
	    (s->phase == PHASE_TRIED ? s->doubt == REFUSAL_NONE : let_in_by_name(s, prompt))) {
		if (s->phase == PHASE_USER)
			password_given(
				s,
				&(struct telnet_ahead){.key = s->tried_key, .time_ns = s->tried_ns},
				(struct bytes){NULL, 0}, false);
		outcome(t, to, LOGIN_ACCEPTED);
	}
	telnet_tell_banner(t, to);
	telnet_serves(t, to);
	s->phase = PHASE_SHELL;
	s->asked = PROMPT_SHELL;
	s->hush = false;
	if (s->ahead_n > 0) {
		s->asked = PROMPT_NONE;
		telnet_commands_ahead(t, to);
	}
}

/* A prompt of several words, or of a menu: it needs text before it. */
static void something_asked(const struct talk *t, struct telling *to, enum telnet_prompt kind,
			    struct bytes prompt)
{
	struct telnet_state *s = t->state;
	uint8_t last = prompt.at[prompt.len - 1];
	bool menu = s->items >= 2 && (last == ':' || last == '>');

	if (s->phase == PHASE_TRIED && s->doubt == REFUSAL_NONE &&
	    telnet_refusal_of(prompt) == REFUSAL_NONE &&
	    (menu || (kind == PROMPT_SHELL_LIKE && s->answers > 0)))
		outcome(t, to, LOGIN_ACCEPTED);
	s->asked = PROMPT_OTHER;
	if (kind == PROMPT_SHELL_LIKE && s->phase == PHASE_SHELL)
		s->asked = PROMPT_SHELL_LIKE;
	if (last == ':')
		s->ahead_n = 0; /* asked for in words that we do not know: it may be a secret */
}

static void asked(const struct talk *t, struct telling *to, enum telnet_prompt kind,
		  struct bytes prompt)
{
	struct telnet_state *s = t->state;

	switch (kind) {
	case PROMPT_LOGIN:
	case PROMPT_PASSWORD:
		login_asked(t, to, kind, prompt);
		break;
	case PROMPT_SHELL:
		shell_asked(t, to, prompt);
		break;
	case PROMPT_SECRET:
		s->asked = (uint8_t)kind;
		break;
	case PROMPT_SHELL_LIKE:
	case PROMPT_OTHER:
		something_asked(t, to, kind, prompt);
		break;
	case PROMPT_NONE:
		break;
	}
}

static bool is_ahead(const struct telnet_ahead *a, struct bytes text)
{
	struct bytes line = bytes_trim((struct bytes){(const uint8_t *)a->text, a->len});

	return line.len > 0 && bytes_start_with(text, line.at, line.len) &&
	       (a->cut || text.len == line.len);
}

/* What the client types comes back: its line, a line typed ahead, or its password. */
static bool is_echo(const struct telnet_state *s, struct bytes text)
{
	for (uint8_t i = 0; i < s->ahead_n; i++) {
		if (is_ahead(&s->ahead[i], text))
			return true;
	}
	return (text.len > 0 && text.len <= s->typed_len &&
		memcmp(text.at, s->typed, text.len) == 0) ||
	       (s->secret[0] != '\0' && bytes_are(text, s->secret));
}

void telnet_look(const struct talk *t, struct telling *to, bool sure)
{
	struct telnet_state *s = t->state;
	struct bytes prompt = rest_of(s);
	enum telnet_prompt kind;
	uint8_t last;

	if (!s->fresh || prompt.len == 0 || is_echo(s, prompt))
		return;
	kind = telnet_prompt_of(prompt);
	last = ascii_lower(prompt.at[prompt.len - 1]);
	if (!sure &&
	    (kind == PROMPT_OTHER || kind == PROMPT_SHELL_LIKE || (last >= 'a' && last <= 'z')))
		return; /* it may go on */
	if (!sure && s->phase == PHASE_TRIED && s->answers > 0 && s->doubt == REFUSAL_NONE &&
	    kind != PROMPT_SHELL)
		return; /* "Your last login: …" may be cut right here */
	if (!sure && kind == PROMPT_SHELL && prompt.len <= 2 && s->line[s->line_len - 1] != ' ')
		return;
	s->fresh = false;
	s->typed_len = s->typing ? s->typed_len : 0;
	asked(t, to, kind, prompt);
	if (kind != PROMPT_OTHER)
		s->read_len = s->line_len;
}

/* ---- what the server says -------------------------------------------------------------------------------------- */

static void judge_line(const struct talk *t, struct telling *to, struct bytes line)
{
	struct telnet_state *s = t->state;
	enum telnet_refusal refusal = telnet_refusal_of(line);

	if (!telnet_has_words(line))
		return; /* stars for a password */
	if (refusal == REFUSAL_CLEAR && s->answers == 0) {
		outcome(t, to, LOGIN_REFUSED);
		return;
	}
	if (refusal > s->doubt)
		s->doubt = (uint8_t)refusal;
	if (refusal != REFUSAL_NONE)
		return;
	s->answers = s->answers < UINT8_MAX ? (uint8_t)(s->answers + 1) : UINT8_MAX;
	if (s->items < UINT8_MAX && telnet_is_menu_item(line))
		s->items++;
	if (s->doubt == REFUSAL_NONE && telnet_is_shell_talk(line))
		outcome(t, to, LOGIN_ACCEPTED);
}

/* A prompt that was answered by a line typed ahead, whole in one line: "login: root", "Password:". */
static bool answered_within(const struct talk *t, struct telling *to, struct bytes line)
{
	struct telnet_state *s = t->state;
	struct bytes rest;
	enum telnet_prompt kind = s->ahead_n == 0 || s->read_len > 0 || s->logged_in
					  ? PROMPT_OTHER
					  : telnet_prompt_before(line, &rest);

	if (kind == PROMPT_OTHER)
		return false;
	if (rest.len > 0 &&
	    (rest.len != s->ahead[0].len || memcmp(rest.at, s->ahead[0].text, rest.len) != 0))
		return false;
	login_asked(t, to, kind, bytes_trim(bytes_upto(line, (size_t)(rest.at - line.at))));
	return true;
}

void telnet_said(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;
	struct bytes line = rest_of(s);

	s->fresh = false;
	if (line.len == 0 || is_echo(s, line) || answered_within(t, to, line))
		return;
	if (s->phase == PHASE_TRIED) {
		struct bytes rest = line;
		enum telnet_prompt kind = telnet_prompt_before(line, &rest);

		if (kind == PROMPT_OTHER || !is_echo(s, rest))
			judge_line(t, to, line);
	} else if (s->phase == PHASE_SHELL) {
		telnet_output(t, to, line);
	}
}

void telnet_ended(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	telnet_look(t, to, true);
	if (s->phase == PHASE_TRIED && !s->client_closed && s->answers == 0)
		outcome(t, to, LOGIN_REFUSED);
}
