/* SPDX-License-Identifier: MIT */
/*
 * Names and classes to addresses (RFC 8520, sections 2.1 and 9; RFC 9726 for what names in rules can do). Groups are shared
 * by the rules that name the same; lines keep the order of the profile, which decides where there are drops.
 *
 * local-networks is taken as the networks that the owner configured, those of links, and the groups whose scope ends with the
 * site: 224.0.0.0/24, 239.255.0.0/16 (RFC 2365), ff02::/16, and the broadcast. The RFC leaves it to the administrator.
 */
#include "contain/mud_compile.h"

#include <stdlib.h>
#include <string.h>

static const char *const links[] = {"169.254.0.0/16",  "224.0.0.0/24", "239.255.0.0/16",
				    "255.255.255.255", "fe80::/10",    "ff02::/16"};

static void take_local(struct mud_ready *ready, const struct mud_place *place)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		ready->local_n += prefix_parse(links[i], &ready->local[ready->local_n]);
	for (size_t i = 0; i < place->lan_n; i++) {
		const struct prefix *p = &place->lan[i];

		/* As wide as that is no local network: all would be one (ruleset.h). */
		if (addr_is_v4(&p->addr) ? p->bits < 96 + 8 : p->bits < 7)
			continue;
		if (ready->local_n < MUD_PREFIXES)
			ready->local[ready->local_n++] = *p;
		else
			ready->left_out++;
	}
}

bool mud_is_local(const struct mud_ready *ready, const struct addr *addr)
{
	for (size_t i = 0; i < ready->local_n; i++) {
		if (addr_is_v4(&ready->local[i].addr) == addr_is_v4(addr) &&
		    prefix_has(&ready->local[i], addr))
			return true;
	}
	return false;
}

/* ---- groups -------------------------------------------------------------------------------------------------- */

static void add_host(struct mud_group *g, const struct addr *addr, int64_t until_ns)
{
	size_t i = 0;

	while (i < g->n && addr_compare(&g->hosts[i].addr, addr) < 0)
		i++;
	if (i < g->n && addr_equal(&g->hosts[i].addr, addr)) {
		if (until_ns == 0 || (g->hosts[i].until_ns != 0 && until_ns > g->hosts[i].until_ns))
			g->hosts[i].until_ns = until_ns;
		return;
	}
	if (g->n == MUD_GROUP_HOSTS) {
		g->left_out++;
		return;
	}
	memmove(&g->hosts[i + 1], &g->hosts[i], (g->n - i) * sizeof *g->hosts);
	g->hosts[i] = (struct mud_host){*addr, until_ns};
	g->n++;
}

/* `anywhere`: the rule itself says that the other end is local. */
static void bind_name(const struct mud_ready *ready, const struct mud_place *place, bool anywhere,
		      struct mud_group *g)
{
	for (size_t i = 0; i < place->bindings_n; i++) {
		const struct mud_binding *b = &place->bindings[i];

		if (b->until_ns <= place->now_ns || strcmp(b->name, g->what) != 0)
			continue;
		if (!addr_is_public(&b->addr) || mud_is_local(ready, &b->addr)) {
			if (!anywhere || (addr_class(&b->addr) & ADDR_NO_SENDER) != 0) {
				g->rebound++;
				continue;
			}
		}
		add_host(g, &b->addr, b->until_ns);
	}
}

static bool is_of(const struct mud_profile *profile, const struct mud_group *g,
		  const struct mud_neighbour *n)
{
	switch (g->kind) {
	case MUD_SAME_MANUFACTURER:
		return strcmp(n->authority, profile->authority) == 0;
	case MUD_MANUFACTURER:
		return strcmp(n->authority, g->what) == 0;
	case MUD_MODEL:
		return strcmp(n->url, g->what) == 0;
	default:
		return false;
	}
}

static void bind_class(const struct mud_profile *profile, const struct mud_place *place,
		       struct mud_group *g)
{
	for (size_t i = 0; i < place->neighbours_n; i++) {
		if (is_of(profile, g, &place->neighbours[i]) &&
		    (addr_class(&place->neighbours[i].addr) & ADDR_NO_SENDER) == 0)
			add_host(g, &place->neighbours[i].addr, 0);
	}
	for (size_t i = 0; i < place->controllers_n; i++) {
		const struct mud_controller *c = &place->controllers[i];
		bool mine = *c->class_uri == '\0';

		if ((mine ? g->kind == MUD_MY_CONTROLLER
			  : g->kind == MUD_CONTROLLER && strcmp(c->class_uri, g->what) == 0) &&
		    (addr_class(&c->addr) & ADDR_NO_SENDER) == 0)
			add_host(g, &c->addr, 0);
	}
}

struct compiling {
	const struct mud_profile *profile;
	const struct mud_place *place;
	struct mud_ready *ready;
	bool *anywhere; /* of each group: names that may be local are another group than those that may not */
};

/* The group of that peer, made where it isn't there yet; MUD_NO_GROUP: there is no room. */
static uint16_t find_group(struct compiling *c, const struct mud_peer *peer, bool anywhere)
{
	struct mud_ready *ready = c->ready;
	struct mud_group *g;
	size_t i = 0;

	anywhere = anywhere && peer->kind == MUD_NAMED;
	for (; i < ready->groups_n; i++) {
		g = &ready->groups[i];
		if (g->kind == peer->kind && c->anywhere[i] == anywhere &&
		    strcmp(g->what, peer->what) == 0)
			return (uint16_t)i;
	}
	if (i == MUD_GROUPS)
		return MUD_NO_GROUP;
	g = &ready->groups[i];
	*g = (struct mud_group){.kind = peer->kind,
				.what = arena_string(&ready->arena, peer->what)};
	g->hosts = arena_take(&ready->arena, MUD_GROUP_HOSTS * sizeof *g->hosts);
	if (g->hosts == NULL || g->what == NULL)
		return MUD_NO_GROUP;
	c->anywhere[i] = anywhere;
	ready->groups_n++;
	if (peer->kind == MUD_NAMED)
		bind_name(ready, c->place, anywhere, g);
	else
		bind_class(c->profile, c->place, g);
	ready->rebound += g->rebound;
	ready->left_out += g->left_out;
	ready->nobody += peer->kind != MUD_NAMED && g->n == 0;
	return (uint16_t)i;
}

/* ---- lines --------------------------------------------------------------------------------------------------- */

static int16_t protocol_of(const struct mud_rule *rule, bool v4)
{
	if (rule->protocol == MUD_ICMP)
		return v4 ? 1 : 58;
	return (int16_t)rule->protocol;
}

static void put_line(struct mud_ready *ready, const struct mud_rule *rule, struct mud_line *line,
		     bool v4)
{
	line->v4 = v4;
	line->protocol = protocol_of(rule, v4);
	ready->lines[ready->lines_n++] = *line;
}

static bool compile_rule(struct compiling *c, size_t number)
{
	const struct mud_rule *rule = &c->profile->rules[number];
	struct mud_line line = {
		.rule = (uint16_t)number,
		.to_device = rule->direction == MUD_TO_DEVICE,
		.drop = rule->drop,
		.begun = rule->begun,
		.own = rule->own,
		.peer = rule->peer,
		.icmp_type = (int16_t)rule->icmp_type,
		.icmp_code = (int16_t)rule->icmp_code,
		.deep = mud_rule_asks_deep(rule),
	};
	size_t n = 0;

	if (rule->has_own_prefix)
		line.own_prefix = rule->own_prefix;
	if (rule->has_peer_prefix)
		line.peer_prefix = rule->peer_prefix;
	for (size_t i = 0; i < rule->peers_n; i++)
		line.local = line.local || rule->peers[i].kind == MUD_LOCAL;
	for (size_t i = 0; i < rule->peers_n; i++) {
		if (rule->peers[i].kind == MUD_LOCAL)
			continue;
		line.groups[n] = find_group(c, &rule->peers[i], line.local);
		if (line.groups[n++] == MUD_NO_GROUP)
			return false;
	}
	while (n < MUD_PEERS)
		line.groups[n++] = MUD_NO_GROUP;
	if ((rule->families & MUD_V4) != 0)
		put_line(c->ready, rule, &line, true);
	if ((rule->families & MUD_V6) != 0)
		put_line(c->ready, rule, &line, false);
	return true;
}

bool mud_compile(const struct mud_profile *profile, const struct mud_place *place,
		 struct mud_ready *out)
{
	bool anywhere[MUD_GROUPS] = {false};
	struct compiling c = {profile, place, out, anywhere};
	bool ok;

	*out = (struct mud_ready){0};
	out->lines = arena_take(&out->arena, MUD_LINES * sizeof *out->lines);
	out->groups = arena_take(&out->arena, MUD_GROUPS * sizeof *out->groups);
	ok = out->lines != NULL && out->groups != NULL && profile->rules_n <= MUD_RULES;
	if (ok)
		take_local(out, place);
	for (size_t i = 0; ok && i < profile->rules_n; i++)
		ok = compile_rule(&c, i);
	if (!ok)
		mud_ready_fini(out);
	return ok;
}

void mud_ready_fini(struct mud_ready *ready)
{
	arena_fini(&ready->arena);
	*ready = (struct mud_ready){0};
}
