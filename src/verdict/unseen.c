/* SPDX-License-Identifier: MIT */
/* Adding up what every stage and lane counted beside its work. */
#include "verdict/unseen.h"
#include "detect/flood.h"

#include <string.h>

static uint64_t sum_lanes(const struct lanes *lanes, uint64_t (*of)(const struct lane *))
{
	uint64_t sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += of(&lanes->lane[i]);
	return sum;
}

static uint64_t refused_hosts(const struct lane *lane)
{
	return lane->hosts.refused;
}

static uint64_t refused_states(const struct lane *lane)
{
	uint64_t sum = 0;

	for (int i = 0; i < HOST_STATES; i++)
		sum += lane->pools[i].refused;
	return sum;
}

static uint64_t refused_targets(const struct lane *lane)
{
	return flood_lane_of(lane)->refused_targets;
}

static uint64_t refused_senders(const struct lane *lane)
{
	return flood_lane_of(lane)->refused_senders;
}

static uint64_t refused_sources(const struct lane *lane)
{
	return flood_lane_of(lane)->sources.refused;
}

static uint64_t one_way(const struct lane *lane)
{
	return lane->one_way;
}

static uint64_t unasked(const struct lane *lane)
{
	return lane->unasked;
}

static uint64_t sum_listeners(const struct lanes *lanes, uint64_t (*of)(const struct listener *))
{
	uint64_t sum = 0;

	for (int i = 0; lanes->listeners != NULL && i < LANES; i++)
		sum += of(&lanes->listeners->lane[i]);
	return sum;
}

static uint64_t refused_flows(const struct listener *l)
{
	return l->flows.refused;
}

static uint64_t refused_windows(const struct listener *l)
{
	return l->flows.refused_windows;
}

static uint64_t refused_parsers(const struct listener *l)
{
	return l->refused_states;
}

static uint64_t refused_facts(const struct listener *l)
{
	return l->facts.refused;
}

static uint64_t refused_logins(const struct listener *l)
{
	return l->facts.refused_logins;
}

static uint64_t surplus_facts(const struct listener *l)
{
	return l->facts.surplus;
}

static uint64_t given_up(const struct listener *l)
{
	return l->flows.cut;
}

const struct count *unseen_counts(const struct lanes *lanes, const struct world *w,
				  const struct decode_stats *d, const uint64_t *cut_flows,
				  uint64_t left_out, struct arena *arena, size_t *n)
{
	const struct count counts[] = {
		{"backscatter", sum_lanes(lanes, unasked)},
		{"bad_checksum", d->bad_checksum},
		{"cut_flows", cut_flows == NULL ? 0 : *cut_flows},
		{"devices_left_out", left_out},
		{"duplicates", w->copies.seen},
		{"encrypted", d->encrypted},
		{"fragments", d->fragments},
		{"given_up_flows", sum_listeners(lanes, given_up)},
		{"held_clock", w->clock.held},
		{"malformed", d->malformed},
		{"no_actor", w->no_actor},
		{"non_ip", d->non_ip},
		{"one_way", sum_lanes(lanes, one_way)},
		{"refused_binds", w->refused_binds},
		{"refused_facts", sum_listeners(lanes, refused_facts)},
		{"refused_flows", sum_listeners(lanes, refused_flows)},
		{"refused_hosts", sum_lanes(lanes, refused_hosts)},
		{"refused_logins", sum_listeners(lanes, refused_logins)},
		{"refused_macs", w->refused_macs},
		{"refused_parsers", sum_listeners(lanes, refused_parsers)},
		{"refused_prefixes", w->refused_prefixes},
		{"refused_senders", sum_lanes(lanes, refused_senders)},
		{"refused_sources", sum_lanes(lanes, refused_sources)},
		{"refused_states", sum_lanes(lanes, refused_states)},
		{"refused_targets", sum_lanes(lanes, refused_targets)},
		{"refused_windows", sum_listeners(lanes, refused_windows)},
		{"surplus_facts", sum_listeners(lanes, surplus_facts)},
		{"too_deep", d->too_deep},
		{"truncated", d->truncated},
		{"unknown_link", d->unknown_link},
	};
	struct count *list = arena_take(arena, sizeof counts);

	if (list == NULL)
		return NULL;
	*n = 0;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		/* Only what was joined was cut, and only a bounded report leaves devices out. */
		if ((cut_flows == NULL && strcmp(counts[i].name, "cut_flows") == 0) ||
		    (left_out == 0 && strcmp(counts[i].name, "devices_left_out") == 0))
			continue;
		list[(*n)++] = counts[i];
	}
	return list;
}
