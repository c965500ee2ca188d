/* SPDX-License-Identifier: MIT */
/*
 * The vantage point decides what can be known: at home MACs are seen, upstream only addresses, at a telescope only
 * those who call. It is said in the report, and nothing is judged by it.
 */
#include "verdict/vantage.h"

enum {
	FEW_HOSTS = 16
};

/* Most of what was seen is an attack that comes in: the victim's own link. */
static bool is_victim(const struct world *w, const struct attacks *a)
{
	uint64_t packets = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (!a->list[i].suppressed && a->list[i].direction == DIRECTION_INBOUND)
			packets += a->list[i].record->packets;
	}
	return packets * 2 > w->packets;
}

static uint64_t hosts_seen(const struct lanes *lanes)
{
	uint64_t n = 0;

	for (int i = 0; i < LANES; i++)
		n += lanes->lane[i].hosts.n;
	return n;
}

static uint64_t answers_seen(const struct lanes *lanes)
{
	uint64_t n = 0;

	for (int i = 0; i < LANES; i++)
		n += lanes->lane[i].answers;
	return n;
}

static bool is_lan(const struct world *w, const struct devices *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->list[i].local && (d->list[i].mac != NO_MAC || d->list[i].via != NO_MAC))
			return true;
	}
	return w->prefixes_given == 0 && d->n > 0 && d->list[0].local;
}

enum place vantage_find(const struct world *w, const struct lanes *lanes, const struct devices *d,
			const struct attacks *a, const char **note)
{
	*note = NULL;
	if (d->wan) {
		*note = "One public address is at nearly every packet's end: this is the Internet side of a "
			"router, and what is said of it is said of your router and everything behind it.";
		return PLACE_WAN;
	}
	if (is_victim(w, a)) {
		*note = "Most of this traffic is an attack that comes in; its sources may be forged.";
		return PLACE_VICTIM;
	}
	if (is_lan(w, d))
		return PLACE_LAN;
	if (hosts_seen(lanes) < FEW_HOSTS)
		return PLACE_UNKNOWN;
	if (answers_seen(lanes) == 0 && w->two_way == 0) {
		*note = "Nobody answers here: this looks like a telescope, which sees only those who call.";
		return PLACE_TELESCOPE;
	}
	return PLACE_UPSTREAM;
}
