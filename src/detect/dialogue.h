/* SPDX-License-Identifier: MIT */
/*
 * What a loader types at a telnet shell, put together from a story's facts: one dialogue for each peer. Views of the facts;
 * nothing is owned. Peers beyond DIALOGUES are left out, those without a token first: whoever types "sh" from many
 * addresses hides nobody behind them.
 */
#pragma once

#include "detect/story.h"

enum { DIALOGUES = 8, DIALOGUE_LINES = 8, TOKEN_MAX = 16 };

enum shell_word {
	WORD_ENABLE = 1 << 0,
	WORD_SYSTEM = 1 << 1,
	WORD_SHELL = 1 << 2,
	WORD_SH = 1 << 3,
	WORD_LINUXSHELL = 1 << 4
};

struct dialogue {
	struct addr peer;
	const struct trait *known;		  /* the token's, when malware.tsv has it */
	const struct fact *lines[DIALOGUE_LINES]; /* the facts that make it up */
	unsigned words;
	uint16_t port; /* of the server; 0 when the device was the client */
	uint8_t lines_n;
	bool answered; /* "TOKEN: applet not found" came back */
	char token[TOKEN_MAX +
		   1]; /* what busybox was asked for in vain: [A-Za-z0-9_]; "" when nothing was */
};

/* Typed at the device (telnet_command, telnet_output), or by it at others (telnet_typed). Returns how many. */
size_t dialogues_at(const struct story *story, struct dialogue list[DIALOGUES]);
size_t dialogues_by(const struct story *story, struct dialogue list[DIALOGUES]);

/* No administrator's: a known token, or an unknown one beside the words that bots type to get to a shell. */
bool dialogue_is_loaders(const struct dialogue *d, const struct limits *limits);

unsigned dialogue_words(const struct dialogue *d); /* how many different ones */

/* Is a peer of the list one with whom a loader's dialogue was had? */
bool dialogues_hold(const struct dialogue *list, size_t n, const struct addr *peer,
		    const struct limits *limits);

/* Adds the dialogue's packets and times to a finding. */
void dialogue_cite(const struct dialogue *d, struct finding *f);
