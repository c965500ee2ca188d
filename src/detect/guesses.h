/* SPDX-License-Identifier: MIT */
/*
 * Logins that one device tried at others, summed up: at how many servers it was refused, how often, and how much of what
 * it tried stands in Mirai's list. Servers and pairs are counted exactly up to a bound and no further.
 */
#pragma once

#include "detect/story.h"

enum { GUESSED_SERVERS = 64, GUESSED_PAIRS = 128 };

/* Which of the tries. */
struct guess_filter {
	uint8_t proto;	/* enum proto_id */
	bool strangers; /* at public servers that are not ours; else at local ones */
};

struct guesses {
	uint32_t servers; /* where something other than an accepted login was tried */
	uint64_t tries;	  /* … so often */
	uint64_t listed;  /* of these with a pair of Mirai's list */
	uint32_t pairs;	  /* different ones of the list */
	uint64_t accepted;
	struct addr server[GUESSED_SERVERS];
	int32_t pair[GUESSED_PAIRS];
	bool pair_listed[GUESSED_PAIRS];
	uint32_t pairs_n;
	uint16_t port;
	bool ports; /* several */
};

void guesses_count(const struct story *story, struct guess_filter filter, struct guesses *out);

/* Adds the packets and times of these tries to a finding. */
void guesses_cite(const struct story *story, struct guess_filter filter, struct finding *f);

/* Guessing of a bot's kind: many servers, several pairs of the list, and hardly any others. */
bool guesses_are_listed(const struct guesses *g, const struct limits *limits);
