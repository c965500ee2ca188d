/* SPDX-License-Identifier: MIT */
/*
 * What is typed at a telnet server's shell, and what it answers: the commands of a bot's loader are as good as its name. A
 * bounded number of them is told. Behind a command that asks for passwords, lines are only told once the shell's prompt is
 * back.
 */
#include "proto/telnet.h"

#include "base/scan.h"
#include "proto/telnet_words.h"

static const char *const shell_words[] = {"sh", "system", "shell", "linuxshell", "enable"};

bool telnet_is_shell_word(struct bytes line)
{
	for (size_t i = 0; i < sizeof shell_words / sizeof *shell_words; i++) {
		if (bytes_are(line, shell_words[i]))
			return true;
	}
	return bytes_begin(line, "/bin/busybox ");
}

/* Programs that ask for a password next. */
static bool asks_secret(struct bytes line)
{
	static const char *const words[] = {"passwd", "su",	"login", "telnet",
					    "ssh",    "enable", "ftp",	 "adduser"};
	struct bytes word = bytes_cut(&line, ' ');

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (bytes_are(word, words[i]))
			return true;
	}
	return false;
}

void telnet_command(const struct talk *t, struct telling *to, struct bytes line)
{
	struct telnet_state *s = t->state;

	line = bytes_trim(line);
	if (line.len == 0)
		return;
	s->hush = asks_secret(line);
	s->answering = s->commands < TELNET_COMMANDS;
	s->echo_len = (uint8_t)(line.len < TELNET_ECHO ? line.len : TELNET_ECHO);
	memcpy(s->echo, line.at, s->echo_len);
	if (s->commands == TELNET_COMMANDS)
		return;
	s->commands++;
	tell(to, t, SIGNAL_telnet_command, telnet_party(t, true), line);
}

/* Lines typed ahead, now that a shell reads them. Without a login before it some may be a name and a password. */
void telnet_commands_ahead(const struct talk *t, struct telling *to)
{
	struct telnet_state *s = t->state;

	for (uint8_t i = 0; i < s->ahead_n; i++) {
		struct bytes line = {(const uint8_t *)s->ahead[i].text, s->ahead[i].len};

		if (telnet_is_shell_word(line) || (s->logged_in && !s->hush))
			telnet_command(t, to, line);
	}
	s->ahead_n = 0;
}

/* "~ # command": the command comes back behind its prompt, or a long one in pieces. */
static bool is_echo(const struct telnet_state *s, struct bytes line)
{
	struct bytes before;

	if (s->echo_len == TELNET_ECHO)
		return memmem(line.at, line.len, s->echo, s->echo_len) != NULL;
	if (line.len < s->echo_len ||
	    memcmp(line.at + line.len - s->echo_len, s->echo, s->echo_len) != 0)
		return false;
	before = bytes_upto(line, line.len - s->echo_len);
	return before.len == 0 || before.at[before.len - 1] == ' ' ||
	       telnet_prompt_of(before) == PROMPT_SHELL;
}

/* The first line that answers a command; the command itself comes back first. */
void telnet_output(const struct talk *t, struct telling *to, struct bytes line)
{
	struct telnet_state *s = t->state;
	struct bytes rest;

	if (!s->answering || line.len == 0 || is_echo(s, line))
		return;
	s->answering = false;
	if (telnet_prompt_before(line, &rest) == PROMPT_OTHER)
		tell(to, t, SIGNAL_telnet_output, telnet_party(t, true), bytes_upto(line, 120));
}
