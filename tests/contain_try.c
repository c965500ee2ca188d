/* SPDX-License-Identifier: MIT */
/*
 * Writes for tests/groups/contain what src/contain makes: the rules of a place, and the deeds that hold or release a device.
 * Nothing here touches a firewall.
 *
 *   contain_try rules [port IF]... [lan PREFIX]... [gateway ADDR]... [portal PORT] [gate on]
 *   contain_try removal
 *   contain_try pass|unpass MAC...
 *   contain_try hold|release gated|contained|isolated MAC SECONDS [own|viewer|recorder|allowed ADDR]...
 */
#include "base/exits.h"
#include "contain/plan.h"
#include "contain/ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 256 };

static int refuse(const char *what)
{
	(void)fprintf(stderr, "contain_try: what is '%s'?\n", what);
	return EXITS_USAGE;
}

static int rules(char **at, struct text *to)
{
	static struct ruleset_place place;

	for (; at[0] != NULL && at[1] != NULL; at += 2) {
		if (strcmp(at[0], "port") == 0 && place.ports_n < RULESET_PORTS)
			(void)snprintf(place.ports[place.ports_n++], RULESET_NAME, "%s", at[1]);
		else if (strcmp(at[0], "portal") == 0)
			place.portal_port = (uint16_t)strtoul(at[1], NULL, 10);
		else if (strcmp(at[0], "gate") == 0)
			place.gate = strcmp(at[1], "on") == 0;
		else if (strcmp(at[0], "lan") == 0 && prefix_parse(at[1], &place.lan[place.lan_n]))
			place.lan_n++;
		else if (strcmp(at[0], "gateway") == 0 &&
			 addr_parse(at[1], &place.gateway[place.gateway_n]))
			place.gateway_n++;
		else
			return refuse(at[1]);
	}
	ruleset_write(&place, to);
	return 0;
}

static bool take_address(struct contain_wanted *w, const char *kind, const char *text)
{
	const struct {
		const char *name;
		struct addr *list;
		size_t *n;
	} kinds[] = {{"own", w->addresses, &w->addresses_n},
		     {"viewer", w->viewers, &w->viewers_n},
		     {"recorder", w->recorders, &w->recorders_n},
		     {"allowed", w->allowed, &w->allowed_n}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kind, kinds[i].name) == 0 && *kinds[i].n < CONTAIN_ADDRESSES)
			return addr_parse(text, &kinds[i].list[(*kinds[i].n)++]);
	}
	return false;
}

static int device(bool held, char **at, struct text *to)
{
	static const char *const holds[] = {"none", "gated", "contained", "isolated"};
	static struct contain_wanted w;
	static struct contain_element elements[ROOM];
	static struct contain_action actions[ROOM];
	size_t n, refused;

	if (at[0] == NULL || at[1] == NULL || at[2] == NULL)
		return refuse("a device");
	for (int i = 1; i < 4; i++) {
		if (strcmp(at[0], holds[i]) == 0)
			w.hold = (enum hold)i;
	}
	if (w.hold == HOLD_NONE || !mac_parse(at[1], &w.mac))
		return refuse(at[1]);
	w.until_ns = w.viewers_until_ns = strtoll(at[2], NULL, 10) * 1000000000;
	for (at += 3; at[0] != NULL && at[1] != NULL; at += 2) {
		if (!take_address(&w, at[0], at[1]))
			return refuse(at[1]);
	}
	n = plan_elements(&(struct contain_all){.held = &w, .held_n = 1}, elements, ROOM, &refused);
	n = held ? plan_actions(elements, n, NULL, 0, 0, actions)
		 : plan_actions(NULL, 0, elements, n, 0, actions);
	plan_write(actions, n, 0, to);
	return refused > 0 ? EXITS_USAGE : 0;
}

static int passing(bool through, char **at, struct text *to)
{
	static struct mac macs[ROOM];
	static struct contain_element elements[ROOM];
	static struct contain_action actions[ROOM];
	size_t n = 0, refused;

	for (; at[n] != NULL && n < ROOM; n++) {
		if (!mac_parse(at[n], &macs[n]))
			return refuse(at[n]);
	}
	n = plan_elements(&(struct contain_all){.passed = macs, .passed_n = n}, elements, ROOM,
			  &refused);
	n = through ? plan_actions(elements, n, NULL, 0, 0, actions)
		    : plan_actions(NULL, 0, elements, n, 0, actions);
	plan_write(actions, n, 0, to);
	return refused > 0 ? EXITS_USAGE : 0;
}

int main(int argc, char **argv)
{
	struct text to = {0};
	int status;

	if (argc < 2)
		return refuse("nothing");
	if (strcmp(argv[1], "rules") == 0)
		status = rules(argv + 2, &to);
	else if (strcmp(argv[1], "removal") == 0)
		ruleset_write_removal(&to), status = 0;
	else if (strcmp(argv[1], "hold") == 0 || strcmp(argv[1], "release") == 0)
		status = device(argv[1][0] == 'h', argv + 2, &to);
	else if (strcmp(argv[1], "pass") == 0 || strcmp(argv[1], "unpass") == 0)
		status = passing(argv[1][0] == 'p', argv + 2, &to);
	else
		return refuse(argv[1]);
	(void)fputs(text_string(&to), stdout);
	text_fini(&to);
	return status;
}
