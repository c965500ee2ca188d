/* SPDX-License-Identifier: MIT */
/* What a line of a telnet server means. Lines come without line ends, escapes and control bytes. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum telnet_prompt {
	PROMPT_NONE, /* nothing but blanks */
	PROMPT_OTHER,
	PROMPT_LOGIN,
	PROMPT_PASSWORD,
	PROMPT_SECRET,	  /* a password is asked for, but none to log in: "New password:" */
	PROMPT_SHELL,	  /* "~ # ", "[root@host /]$ ", "Router>", "->" */
	PROMPT_SHELL_LIKE /* ends as one does, behind several words */
};

enum telnet_refusal {
	REFUSAL_NONE,
	REFUSAL_WORD,	/* a word that refusals have: "failed" */
	REFUSAL_LIKELY, /* … together with what it is about: "user … unknown" */
	REFUSAL_CLEAR	/* "Login incorrect" */
};

enum telnet_prompt telnet_prompt_of(struct bytes line);

/* A login or password prompt with something behind it, "login: root": its kind; *rest is what stands behind. */
enum telnet_prompt telnet_prompt_before(struct bytes line, struct bytes *rest);

/* The answer to a password. */
enum telnet_refusal telnet_refusal_of(struct bytes line);

/* Only a shell says so: "sh: x: not found". */
bool telnet_is_shell_talk(struct bytes line);

/* "1. Status", "[2] Reboot" */
bool telnet_is_menu_item(struct bytes line);

/* A letter or a digit is in it: no rule drawn with stars. */
bool telnet_has_words(struct bytes line);

/* Text that telnet servers and their callers never begin with: other protocols made of lines. */
bool telnet_is_other_protocol(struct bytes text);
