/* SPDX-License-Identifier: MIT */
/*
 * A profile that is laid to its network as nft(8) text, for the tables `cordon` of ruleset.h: chains of one device, which the
 * maps `mud_from` and `mud_to` there lead to by its MAC, after all holds were asked. Addresses of names and classes stand in
 * sets with time-outs, so that an answer of a name server changes elements and no rule.
 *
 * ruleset_write() empties all chains, so who loads it anew appends the text of every device to the same transaction; a load
 * without it would leave the devices' chains empty, and they let through all. What the device may call itself (SET_OWN) and its
 * counters and limits (SET_HELD, SET_BLOCKED, SET_LOUD, SET_ASKS) are elements as for a held device.
 */
#pragma once

#include "base/text.h"
#include "contain/mud_compile.h"

enum { MUD_RULES_NAME = 40 };

/* Chains, sets with their elements, counters, and the device's places in the maps. Loaded twice, it is the same; for another
 * profile of the device the removal of the old one comes first, in the same transaction. */
void mud_rules_write(const struct mud_ready *ready, const struct mac *mac, int64_t now_ns,
		     struct text *to);
/* The sets' elements alone, for when addresses changed and groups did not. */
void mud_rules_write_elements(const struct mud_ready *ready, const struct mac *mac, int64_t now_ns,
			      struct text *to);
/* Takes away what mud_rules_write() wrote of that profile, addresses apart; what is not there is none to it. */
void mud_rules_write_removal(const struct mud_ready *ready, const struct mac *mac, struct text *to);
/* The counter of one rule of the profile; in netdev's table stands what came to a port. buf holds MUD_RULES_NAME. */
const char *mud_rules_counter(const struct mac *mac, size_t rule, char *buf);
