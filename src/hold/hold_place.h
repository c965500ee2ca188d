/* SPDX-License-Identifier: MIT */
/*
 * Where this host stands, for the rules that hold devices: the ports that devices are behind, the networks there, and what in
 * them is the gateway. From the settings, and from what the kernel says of the interfaces that are watched.
 */
#pragma once

#include "contain/ruleset.h"
#include "settings/settings.h"

/* 0, or -errno: what can't be read is left out. */
int hold_place_read(const struct settings *s, struct ruleset_place *place);

/*
 * Do networks and gateways change while cordon runs? True when they are others than at
 * the first time, and the same in two readings. The rules have them as constants, so all begins again with them then; who is
 * held stays held. Ports are not looked at: cordon-enforce follows those by itself.
 */
struct hold_change {
	struct ruleset_place first, last;
	bool read;
	int64_t read_ns;
};
bool hold_place_changed(struct hold_change *c, const struct ruleset_place *now);
/* Reads, every ten seconds, and asks that. */
bool hold_place_moved(struct hold_change *c, const struct settings *s, int64_t now_ns);
/* Are networks and gateways the same, in whatever order? */
bool hold_place_same(const struct ruleset_place *a, const struct ruleset_place *b);

/* Words for cordon-enforce: "--port", "br0", … Each pair in turn, two strings that live until the next call; false: no more. */
struct hold_words {
	const struct ruleset_place *place;
	const struct settings *settings;
	size_t at;
	char value[PREFIX_TEXT_MAX];
};
bool hold_words_next(struct hold_words *w, const char **name, const char **value);
