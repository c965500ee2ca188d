/* SPDX-License-Identifier: MIT */
/*
 * Telnet as cameras of 2014 had it (RFC 854, 857, 858): options are talked about, a name and a password are asked for, and
 * behind them is a prompt at which nothing can be run: whatever is typed is "not found". There is no shell here to reach.
 *
 * Read one byte after the other; a line that is too long is cut, and then no password is right.
 */
#include "line.h"

#include <string.h>

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { ECHO = 1, GO_AHEAD = 3, WINDOW_SIZE = 31 };
enum { PHASE_NAME, PHASE_WORD, PHASE_PROMPT };
enum { IN_SB = 1, IN_SB_IAC = 2 }; /* no commands of telnet: those are 240 and above */
enum { TRIES_MOST = 3 };

static void ask(struct line *l)
{
	struct telnet *t = &l->is.telnet;

	t->n = 0;
	if (t->phase == PHASE_NAME)
		out_text(l->out, "%s", l->camera->kind->prompt);
	else if (t->phase == PHASE_WORD)
		out_text(l->out, "Password: ");
	else
		out_text(l->out, "~ # ");
}

void telnet_begin(struct line *l)
{
	static const uint8_t options[] = {IAC,	DO,  WINDOW_SIZE, IAC,	   WILL,
					  ECHO, IAC, WILL,	  GO_AHEAD};

	l->is.telnet = (struct telnet){.phase = PHASE_NAME};
	out_put(l->out, options, sizeof options);
	out_text(l->out, "\r\n%s, a camera of the lab\r\n\r\n", l->camera->kind->name);
	ask(l);
}

/* What was offered or asked for, and not by us, is declined. */
static void decline(struct line *l, uint8_t verb, uint8_t option)
{
	uint8_t answer[3] = {IAC, 0, option};

	if (verb == DO && option != ECHO && option != GO_AHEAD)
		answer[1] = WONT;
	else if (verb == WILL && option != WINDOW_SIZE)
		answer[1] = DONT;
	else
		return;
	out_put(l->out, answer, sizeof answer);
}

static bool typed_word(struct line *l)
{
	struct telnet *t = &l->is.telnet;
	bool right = t->n < sizeof t->line - 1 && account_is(l->camera, t->name, t->line);

	camera_log(right ? "telnet: login accepted" : "telnet: login refused", &l->peer);
	memset(t->line, 0, sizeof t->line);
	t->phase = right ? PHASE_PROMPT : PHASE_NAME;
	if (right)
		out_text(l->out, "\r\n\r\nBusyBox v1.16.1 (2014-03-04 16:00:18 CST) built-in shell "
				 "(ash)\r\n\r\n");
	else
		out_text(l->out, "\r\nLogin incorrect\r\n");
	if (right || ++t->tries < TRIES_MOST) {
		ask(l);
		return true;
	}
	return false;
}

static bool typed_command(struct line *l)
{
	struct telnet *t = &l->is.telnet;

	out_text(l->out, "\r\n");
	if (strcmp(t->line, "exit") == 0)
		return false;
	t->line[strcspn(t->line, " ")] = '\0';
	if (t->line[0] != '\0')
		out_text(l->out, "-sh: %s: not found\r\n", t->line);
	ask(l);
	return true;
}

/* False: that was all. */
static bool typed(struct line *l)
{
	struct telnet *t = &l->is.telnet;

	t->line[t->n] = '\0';
	if (t->phase == PHASE_WORD)
		return typed_word(l);
	if (t->phase == PHASE_PROMPT)
		return typed_command(l);
	out_text(l->out, "\r\n");
	if (t->n > 0 && t->n < sizeof t->name) {
		memcpy(t->name, t->line, t->n + 1);
		t->phase = PHASE_WORD;
	}
	ask(l);
	return true;
}

/* True when the byte belongs to an option and not to a line. */
static bool is_option(struct line *l, uint8_t byte)
{
	struct telnet *t = &l->is.telnet;

	if (t->command == IN_SB) {
		t->command = byte == IAC ? IN_SB_IAC : IN_SB;
	} else if (t->command == IN_SB_IAC) {
		t->command = byte == SE ? 0 : IN_SB;
	} else if (t->command == IAC) {
		t->command = byte == SB ? IN_SB : byte >= WILL && byte <= DONT ? byte : 0;
		return byte != IAC;
	} else if (t->command != 0) {
		decline(l, t->command, byte);
		t->command = 0;
	} else if (byte == IAC) {
		t->command = IAC;
	} else {
		return false;
	}
	return true;
}

static void keep(struct line *l, uint8_t byte)
{
	struct telnet *t = &l->is.telnet;

	if (byte == 0x7f || byte == '\b') {
		t->n -= t->n > 0;
		return;
	}
	if (byte < ' ' || byte > '~' || t->n == sizeof t->line - 1)
		return;
	t->line[t->n++] = (char)byte;
	if (t->phase != PHASE_WORD)
		out_put(l->out, &byte, 1);
}

size_t telnet_take(struct line *l, const uint8_t *in, size_t n)
{
	struct telnet *t = &l->is.telnet;

	for (size_t i = 0; i < n; i++) {
		bool follows = t->after_return && (in[i] == '\n' || in[i] == '\0');

		if (is_option(l, in[i]))
			continue;
		t->after_return = in[i] == '\r';
		if (follows)
			continue;
		if (in[i] != '\r' && in[i] != '\n')
			keep(l, in[i]);
		else if (!typed(l))
			return LINE_END;
	}
	return n;
}
