/* SPDX-License-Identifier: MIT */
/*
 * Where this host stands, for the rules that hold devices: the ports that devices are behind, the networks there, and what in
 * them is the gateway. From the settings, and from what the kernel says of the interfaces that are watched.
 */
#pragma once

#include "contain/ruleset.h"
#include "watch/settings.h"

/* 0, or -errno: what can't be read is left out. */
int hold_place_read(const struct settings *s, struct ruleset_place *place);

/* Words for cordon-enforce: "--port", "br0", … Each pair in turn, two strings that live until the next call; false: no more. */
struct hold_words {
	const struct ruleset_place *place;
	const struct settings *settings;
	size_t at;
	char value[PREFIX_TEXT_MAX];
};
bool hold_words_next(struct hold_words *w, const char **name, const char **value);
