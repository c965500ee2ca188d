/* SPDX-License-Identifier: MIT */
/*
 * One ACE to a rule (RFC 8519, section 4.1): its actions, and its conditions (mud_conditions.c) laid beside each other. One that
 * contradicts another refuses the profile, since whoever wrote it meant something else.
 *
 * What resists being widened: a drop may not rest on names and classes, whose addresses come and go (a name that was not asked
 * for would drop nothing), and not on who began.
 */
#include "contain/mud_read.h"

#include <string.h>

static const struct mud_ports any_port = {.to = UINT16_MAX};

static bool act(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace, bool drop)
{
	if (ace->acts)
		return mud_refuse(r, at, "is a second action");
	ace->acts = true;
	ace->drop = drop;
	return true;
}

static bool read_forwarding(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	const char *word = mud_read_word(r, at, v);

	if (word == NULL)
		return false;
	if (strcmp(word, "accept") == 0)
		return act(r, at, into, false);
	if (strcmp(word, "drop") == 0 || strcmp(word, "reject") == 0)
		return act(r, at, into, true);
	return mud_refuse(r, at, "is none of accept, drop, reject");
}

static bool read_permit(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			void *into)
{
	(void)v;
	return act(r, at, into, false);
}

static bool read_deny(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	(void)v;
	return act(r, at, into, true);
}

/* Every rule is counted, and nothing passes for it. */
static bool read_logging(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 void *into)
{
	(void)into;
	return mud_read_word(r, at, v) != NULL;
}

static const struct mud_member actions_members[] = {
	{"forwarding", NULL, read_forwarding},
	{"logging", NULL, read_logging},
	{"permit", NULL, read_permit},
	{"deny", NULL, read_deny},
	{NULL, NULL, NULL},
};

static bool read_actions(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 void *into)
{
	return mud_read_members(r, at, v, actions_members, into, false);
}

static bool read_ace_name(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			  void *into)
{
	struct mud_ace *ace = into;

	if (ace->name != NULL)
		return mud_refuse(r, at, "is a second name");
	ace->name = mud_read_string(r, at, v);
	if (ace->name == NULL)
		return false;
	return (*ace->name != '\0' && strlen(ace->name) <= 64) ||
	       mud_refuse(r, at, "is not a name of 1 to 64 bytes");
}

static const struct mud_member ace_members[] = {
	{"name", NULL, read_ace_name},
	{"rule-name", NULL, read_ace_name},
	{"matches", NULL, mud_read_matches},
	{"actions", NULL, read_actions},
	{NULL, NULL, NULL},
};

/* ---- an ACE as a whole --------------------------------------------------------------------------------------- */

/* The protocol that all its parts agree on. */
static bool settle_protocol(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace)
{
	bool ports = ace->has_source_ports || ace->has_target_ports;

	if (ace->carried == MUD_ICMP && ace->protocol != MUD_NONE) {
		if (ace->protocol != (ace->families == MUD_V4 ? MUD_ICMP4 : MUD_ICMP6) ||
		    ace->families == (MUD_V4 | MUD_V6))
			return mud_refuse(r, at, "matches icmp and another protocol");
	} else if (ace->carried != MUD_NONE && ace->protocol != MUD_NONE &&
		   ace->carried != ace->protocol) {
		return mud_refuse(r, at, "matches tcp or udp and another protocol");
	}
	if (ace->carried != MUD_NONE)
		ace->protocol = ace->carried;
	if (ports && ace->protocol != MUD_TCP && ace->protocol != MUD_UDP)
		return mud_refuse(r, at, "matches ports of neither tcp nor udp");
	if (ace->begun != MUD_BY_ANY && ace->protocol != MUD_TCP)
		return mud_refuse(r, at,
				  "says who began, and not that it is tcp: nothing else shows it");
	return true;
}

static bool settle_families(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace)
{
	ace->families &= ace->list->families;
	if (ace->families == 0)
		return mud_refuse(
			r, at,
			"matches no packet: its list, its frames and its addresses are of different kinds");
	if (ace->has_source)
		ace->families &= addr_is_v4(&ace->source.addr) ? MUD_V4 : MUD_V6;
	if (ace->has_target)
		ace->families &= addr_is_v4(&ace->target.addr) ? MUD_V4 : MUD_V6;
	return ace->families != 0 ||
	       mud_refuse(
		       r, at,
		       "matches no packet: an address in it is of another kind than its packets");
}

static bool settle_drop(struct mud_reader *r, const struct mud_where *at, const struct mud_ace *ace)
{
	if (!ace->drop)
		return true;
	if (ace->kept_anyway)
		return mud_refuse(r, at, "drops frames without which no device has a network");
	if (ace->peers_n > 0)
		return mud_refuse(
			r, at,
			"drops by a name or a class, whose addresses change: what it drops can't be known");
	return ace->begun == MUD_BY_ANY ||
	       mud_refuse(r, at, "drops by who began a connection, which not every packet shows");
}

/* What it says of the device itself and of the other end. The device's name can't be known to be its own: nobody asks for it. */
static bool settle_ends(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace)
{
	bool from = ace->list->direction == MUD_FROM_DEVICE;

	if ((from ? ace->source_name : ace->target_name) != NULL)
		return mud_refuse(r, at, "names the device itself, not whom it talks to");
	if ((from ? ace->target_name : ace->source_name) != NULL)
		return mud_add_peer(r, at, ace, MUD_NAMED,
				    from ? ace->target_name : ace->source_name);
	return true;
}

static void put_rule(struct mud_reader *r, const struct mud_ace *ace)
{
	struct mud_rule *rule = &r->profile->rules[r->profile->rules_n++];
	bool from = ace->list->direction == MUD_FROM_DEVICE;
	const char *name = arena_string(&r->profile->arena, ace->name);

	*rule = (struct mud_rule){
		.list = ace->list->name,
		.name = name != NULL ? name : "",
		.direction = ace->list->direction,
		.drop = ace->drop,
		.families = ace->families,
		.protocol = ace->protocol,
		.begun = ace->begun,
		.own = from ? ace->source_ports : ace->target_ports,
		.peer = from ? ace->target_ports : ace->source_ports,
		.icmp_type = ace->type,
		.icmp_code = ace->code,
		.has_own_prefix = from ? ace->has_source : ace->has_target,
		.has_peer_prefix = from ? ace->has_target : ace->has_source,
		.own_prefix = from ? ace->source : ace->target,
		.peer_prefix = from ? ace->target : ace->source,
		.peers_n = ace->peers_n,
	};
	memcpy(rule->peers, ace->peers, sizeof rule->peers);
}

static bool read_ace(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		     const struct mud_list *list)
{
	struct mud_ace ace = {.list = list,
			      .families = MUD_V4 | MUD_V6,
			      .protocol = MUD_NONE,
			      .carried = MUD_NONE,
			      .source_ports = any_port,
			      .target_ports = any_port,
			      .type = MUD_ANY_TYPE,
			      .code = MUD_ANY_TYPE};
	bool plain;

	if (!mud_read_members(r, at, v, ace_members, &ace, false))
		return false;
	if (ace.name == NULL)
		return mud_refuse(r, at, "has no name");
	if (!ace.acts)
		return mud_refuse(r, at, "has no action: neither accept nor drop");
	plain = !ace.ipv4 && !ace.ipv6 && ace.carried == MUD_NONE && ace.peers_n == 0;
	if (ace.kept_anyway && !plain)
		return mud_refuse(r, at, "matches frames that aren't IP, and what only IP has");
	if (!settle_families(r, at, &ace) || !settle_protocol(r, at, &ace) ||
	    !settle_ends(r, at, &ace) || !settle_drop(r, at, &ace))
		return false;
	if (ace.kept_anyway)
		return true;
	if (r->profile->rules_n == r->room)
		return mud_refuse(r, at, "is beyond 256 rules");
	put_rule(r, &ace);
	return true;
}

static bool read_ace_array(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			   void *into)
{
	const struct mud_list *list = *(const struct mud_list **)into;
	size_t first = r->profile->rules_n;

	if (!json_is_array(v))
		return mud_refuse(r, at, "is not an array");
	if (json_array_size(v) > MUD_RULES)
		return mud_refuse(r, at, "has more than 256 rules");
	for (size_t i = 0; i < json_array_size(v); i++) {
		struct mud_where here = {.up = at, .index = i};
		size_t last = r->profile->rules_n;

		if (!read_ace(r, &here, json_array_get(v, i), list))
			return false;
		for (size_t j = first; last < r->profile->rules_n && j < last; j++) {
			if (strcmp(r->profile->rules[j].name, r->profile->rules[last].name) == 0)
				return mud_refuse(r, &here,
						  "has the name of another rule of its list");
		}
	}
	return true;
}

static const struct mud_member aces_members[] = {
	{"ace", NULL, read_ace_array},
	{NULL, NULL, NULL},
};

bool mud_read_aces(struct mud_reader *r, const struct mud_where *at, const json_t *aces,
		   const struct mud_list *list)
{
	return mud_read_members(r, at, aces, aces_members, &list, false);
}
