/* SPDX-License-Identifier: MIT */
/*
 * What is typed at a telnet server's shell, and what it answers: the commands of a bot's loader are as good as its name. A
 * bounded number of them is told, about the server and about who typed them. Behind a command that asks for passwords, lines
 * are only told once the shell's prompt is back, and of a command that takes one as its argument no more than its first
 * word.
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

/* The first word of a command, without its path; behind busybox the word that follows. */
static struct bytes program_of(struct bytes stage)
{
	struct bytes rest = bytes_trim(stage), word = bytes_cut(&rest, ' ');
	const uint8_t *slash = word.len == 0 ? NULL : memrchr(word.at, '/', word.len);

	if (slash != NULL)
		word = bytes_from(word, (size_t)(slash - word.at) + 1);
	if (!bytes_are(word, "busybox"))
		return word;
	rest = bytes_trim(rest);
	return bytes_cut(&rest, ' ');
}

/* Does a password stand in it, or go through its pipe? */
static bool holds_secret(struct bytes command)
{
	static const char *const words[] = {"passwd",	"chpasswd", "htpasswd", "sshpass",
					    "mkpasswd", "cryptpw",  "adduser",	"useradd",
					    "usermod",	"su",	    "login"};

	while (command.len > 0) {
		struct bytes program = program_of(bytes_cut(&command, '|'));

		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			if (bytes_are(program, words[i]))
				return true;
		}
	}
	return false;
}

/* Takes the next of several commands on a line, and what parts it from the one behind it. */
static struct bytes next_command(struct bytes *rest)
{
	size_t n = 0;

	while (n < rest->len && rest->at[n] != ';' && rest->at[n] != '&')
		n++;
	while (n < rest->len && (rest->at[n] == ';' || rest->at[n] == '&'))
		n++;
	rest->at += n;
	rest->len -= n;
	return (struct bytes){rest->at - n, n};
}

/*
 * The line with such commands cut down to their first word. Only those: what a loader types beside them must stay in
 * sight. Between quotes anything may be a part of the password, and then nothing is left but the line's first word.
 */
static struct bytes without_secrets(struct bytes line, char *buf)
{
	struct bytes rest = line, first = line;
	size_t n = 0;

	while (rest.len > 0) {
		struct bytes command = next_command(&rest);

		if (holds_secret(command)) {
			command = bytes_trim(command);
			command = bytes_cut(&command, ' ');
			if (memchr(line.at, '"', line.len) != NULL ||
			    memchr(line.at, '\'', line.len) != NULL)
				return bytes_cut(&first, ' ');
		}
		if (command.len > 0)
			memcpy(buf + n, command.at, command.len);
		n += command.len;
	}
	return (struct bytes){(const uint8_t *)buf, n};
}

void telnet_command(const struct talk *t, struct telling *to, struct bytes line)
{
	struct telnet_state *s = t->state;
	char buf[TELNET_TYPED];

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
	line = without_secrets(bytes_upto(line, sizeof buf), buf);
	tell(to, t, SIGNAL_telnet_command, telnet_party(t, true), line);
	tell(to, t, SIGNAL_telnet_typed, telnet_party(t, false), line);
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
