/* SPDX-License-Identifier: MIT */
/*
 * Telnet (RFC 854): from bytes to lines. Options are taken out (telnet_options.c), terminal escapes are cut, backspaces
 * are obeyed, and the lines go to the dialogue (telnet_login.c), which knows prompts by their words (telnet_words.c).
 * Everything is read one byte after the other, so that it makes no difference how a stranger cuts his segments; only a
 * prompt at the end of a segment is believed a little earlier when the segment has more than one byte.
 *
 * Telnet has no beginning of its own but the negotiation, and old servers do without. Any port is looked at, so text is
 * only taken for telnet when it asks for a login as telnet servers do, and not when it begins as another protocol.
 */
#include "proto/telnet.h"

#include "base/scan.h"
#include "proto/plain.h"
#include "proto/telnet_words.h"

#include <stdio.h>

enum {
	GLANCE_MAX = 256,
	OPTIONS_KNOWN = 64, /* the numbers in use are lower, but for a few rare ones */
	BANNER_LINES = 2,
	BACKSPACE = 0x08,
	DELETE = 0x7f,
	KILL_LINE = 0x15,
	INTERRUPT = 0x03
};

/* ---- is it telnet? --------------------------------------------------------------------------------------------- */

struct first_bytes {
	uint8_t text[GLANCE_MAX];
	size_t len;
	unsigned options; /* negotiations before any text */
	bool binary;
};

static bool is_text(uint8_t c, bool any_before)
{
	return c >= ' ' || c == '\r' || c == '\n' || c == '\t' || c == '\b' || c == 0x07 ||
	       c == 0x0c || (c == '\0' && any_before);
}

static void read_first(struct bytes data, struct first_bytes *f)
{
	struct telnet_options o = {.at = 0};
	uint8_t escape = 0;

	f->len = 0;
	f->options = 0;
	f->binary = false;
	data = bytes_upto(data, GLANCE_MAX);
	for (size_t i = 0; i < data.len && !f->binary; i++) {
		enum telnet_byte kind = telnet_options_byte(&o, data.at[i]);

		if (kind == TELNET_OPTION && f->len == 0)
			f->options++;
		if (kind == TELNET_WRONG || (kind == TELNET_OPTION && o.option >= OPTIONS_KNOWN))
			f->binary = true;
		if (kind != TELNET_TEXT || !plain_escape(&escape, data.at[i]))
			continue;
		if (!is_text(data.at[i], f->len > 0))
			f->binary = true;
		f->text[f->len++] = data.at[i];
	}
}

/* What stands behind the last line end. */
static struct bytes last_line(struct bytes text)
{
	for (size_t i = text.len; i > 0; i--) {
		if (text.at[i - 1] == '\n' || text.at[i - 1] == '\r')
			return bytes_from(text, i);
	}
	return text;
}

/* On any port: letters, digits and what host names and sentences have, nothing that data formats have. */
static bool is_modest(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] != '\0' && strchr("\"{}<>=;&|\\[", line.at[i]) != NULL)
			return false;
	}
	return line.len > 0;
}

static enum match server_mine(const struct glance *g, const struct first_bytes *f)
{
	struct bytes text = {f->text, f->len}, line = bytes_trim(last_line(text));
	enum telnet_prompt prompt = telnet_prompt_of(line);

	if ((prompt == PROMPT_LOGIN || prompt == PROMPT_PASSWORD) && is_modest(line) &&
	    (g->hinted || line.at[line.len - 1] == ':'))
		return MATCH_YES;
	if (g->hinted && prompt == PROMPT_SHELL)
		return MATCH_YES;
	if (g->data.len < GLANCE_MAX)
		return MATCH_MAYBE;
	return g->hinted ? MATCH_YES : MATCH_NO;
}

static enum match telnet_mine(const struct glance *g)
{
	struct first_bytes f;

	read_first(g->data, &f);
	if (f.binary)
		return MATCH_NO;
	if (f.options >= 2 || (f.options == 1 && g->hinted))
		return MATCH_YES;
	if (telnet_is_other_protocol((struct bytes){f.text, f.len}))
		return MATCH_NO;
	if (!g->from_client)
		return server_mine(g, &f);
	return g->data.len < GLANCE_MAX ? MATCH_MAYBE : MATCH_NO;
}

/* ---- facts ----------------------------------------------------------------------------------------------------- */

static void tell_negotiated(const struct talk *t, struct telling *to)
{
	static const char *const verbs[] = {"will", "wont", "do", "dont"};
	struct telnet_state *s = t->state;
	char text[TELNET_NEGOTIATED * 10 + 1];
	size_t len = 0;

	if (s->negotiated_told || s->negotiated_n == 0)
		return;
	s->negotiated_told = true;
	for (uint8_t i = 0; i < s->negotiated_n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s %u", i > 0 ? " " : "",
					verbs[s->negotiated[i][0] - TELNET_WILL],
					s->negotiated[i][1]);
	tell_text(to, t, SIGNAL_telnet_options, telnet_party(t, true), text);
	telnet_serves(t, to);
}

static void negotiated(struct telnet_state *s, const struct telnet_options *o)
{
	if (s->negotiated_told || s->negotiated_n == TELNET_NEGOTIATED)
		return;
	s->negotiated[s->negotiated_n][0] = o->verb;
	s->negotiated[s->negotiated_n][1] = o->option;
	s->negotiated_n++;
}

void telnet_tell_banner(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	if (!s->banner_told && s->banner_len > 0)
		tell(to, t, SIGNAL_telnet_banner, telnet_party(t, true),
		     (struct bytes){(const uint8_t *)s->banner, s->banner_len});
	s->banner_told = true;
}

/* The first lines with words in them; rules drawn with stars are passed over. */
static void collect_banner(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;
	struct bytes line = {(const uint8_t *)s->line, s->line_len};
	size_t room = sizeof s->banner - s->banner_len;
	char plain[TELNET_LINE + 1];
	size_t n;

	if (s->banner_told || s->read_len > 0 || !telnet_has_words(line))
		return;
	n = plain_text(plain, sizeof plain, line);
	if (s->banner_len > 0 && room > 1) {
		s->banner[s->banner_len++] = ' ';
		room--;
	}
	n = n < room ? n : room;
	memcpy(s->banner + s->banner_len, plain, n);
	s->banner_len = (uint8_t)(s->banner_len + n);
	if (++s->banner_lines == BANNER_LINES)
		telnet_tell_banner(t, to);
}

/* ---- from bytes to lines --------------------------------------------------------------------------------------- */

static void server_line(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	if (!s->side[1].skip) {
		collect_banner(t, to);
		telnet_said(t, to);
	}
	s->side[1].skip = false;
	s->line_len = s->read_len = 0;
	s->fresh = false;
}

static void server_text(const struct talk *t, struct telling *to, uint8_t c)
{
	struct telnet_state *s = t->state;
	struct telnet_side *side = &s->side[1];

	tell_negotiated(t, to);
	if (c == '\n' || (side->cr && c >= ' ')) {
		side->cr = false;
		server_line(t, to);
	}
	if (c == '\r')
		side->cr = true;
	if (c == BACKSPACE && s->line_len > s->read_len)
		s->line_len--;
	if (c < ' ' || c == DELETE)
		return;
	if (s->line_len < TELNET_LINE)
		s->line[s->line_len++] = (char)c;
	s->fresh |= c != ' ';
}

static void client_line(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	if (!s->side[0].skip)
		telnet_typed(t, to);
	else
		s->asked = PROMPT_NONE;
	s->side[0].skip = false;
	s->typing = s->typed_cut = false;
}

static void client_text(const struct talk *t, struct telling *to, uint8_t c)
{
	struct telnet_state *s = t->state;
	struct telnet_side *side = &s->side[0];
	bool after_cr = side->cr;

	side->cr = c == '\r';
	if (c == '\0' || (c == '\n' && after_cr))
		return;
	if (!s->typing) {
		telnet_tell_banner(t, to);
		telnet_look(t, to, true);
		s->typed_len = 0;
		s->typing = true;
	}
	if (c == '\r' || c == '\n') {
		client_line(t, to);
	} else if (c == BACKSPACE || c == DELETE) {
		s->typed_len = s->typed_len > 0 ? (uint8_t)(s->typed_len - 1) : 0;
	} else if (c == KILL_LINE || c == INTERRUPT) {
		s->typed_len = 0;
	} else if (c < ' ' || s->typed_len == TELNET_TYPED) {
		s->typed_cut = true; /* a completion, or too long */
	} else {
		s->typed[s->typed_len++] = (char)c;
	}
}

static void read_byte(const struct talk *t, struct telling *to, uint8_t byte)
{
	struct telnet_state *s = t->state;
	struct telnet_side *side = &s->side[t->from_client ? 0 : 1];
	enum telnet_byte kind = telnet_options_byte(&side->options, byte);

	if (kind == TELNET_OPTION && !t->from_client)
		negotiated(s, &side->options);
	if (kind == TELNET_TEXT && t->from_client)
		telnet_may_echo_prompt(t, to, byte);
	if (kind != TELNET_TEXT || !plain_escape(&side->escape, byte))
		return;
	if (t->from_client)
		client_text(t, to, byte);
	else
		server_text(t, to, byte);
}

static void lost(struct telnet_state *s, bool from_client)
{
	struct telnet_side *side = &s->side[from_client ? 0 : 1];

	telnet_forget(s);
	s->user_missed = true;
	*side = (struct telnet_side){.skip = true, .begun = true};
	if (!from_client)
		s->negotiated_told = s->banner_told = true;
}

/*
 * Joined in the middle, the first bytes of a side always come behind a gap. Those of the client begin a line all the same
 * when they stand right where the server's last packet, which we have seen, says that it waits for them.
 */
static bool is_joined_well(const struct telnet_state *s, const struct talk *t)
{
	return t->from_client && !s->side[0].begun && s->side[1].begun &&
	       (s->fresh || s->asked != PROMPT_NONE) && t->packet->seq == s->server_ack &&
	       t->packet->payload_len == t->data.len;
}

static size_t telnet_stream(struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;
	struct cursor c = cursor_over(t->data);

	if (t->gap && !is_joined_well(s, t))
		lost(s, t->from_client);
	s->side[t->from_client ? 0 : 1].begun = true;
	if (!t->from_client)
		s->server_ack = t->packet->ack;
	if (t->from_client)
		tell_negotiated(t, to); /* what comes now answers the client */
	while (cursor_left(&c) > 0)
		read_byte(t, to, cursor_u8(&c));
	if (!t->from_client && t->data.len > 1 && !s->side[1].skip)
		telnet_look(t, to, false);
	if (t->closed && t->from_client) {
		telnet_look(t, to, true);
		s->client_closed = true;
	} else if (t->closed) {
		tell_negotiated(t, to);
		telnet_ended(t, to);
	}
	return t->data.len;
}

const struct proto proto_telnet = {.name = "telnet",
				   .summary = "options, prompts, logins, commands (RFC 854)",
				   .carriers = OVER_TCP,
				   .state_size = sizeof(struct telnet_state),
				   .ports = {23, 2323},
				   .mine = telnet_mine,
				   .stream = telnet_stream};

_Static_assert(sizeof(struct telnet_state) <= PROTO_STATE_MAX, "telnet's state is too large");
