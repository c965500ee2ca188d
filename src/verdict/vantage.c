/* SPDX-License-Identifier: MIT */
/*
 * The vantage point decides what can be known: at home MACs are seen, upstream only addresses, at a telescope only
 * those who call. It is said in the report, and nothing is judged by it.
 */
#include "verdict/vantage.h"

enum {
	FEW_HOSTS = 16,
	VICTIM_LOCALS = 2 /* the target and its gateway */
};

static size_t locals(const struct devices *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->list[i].local;
	return n;
}

/* Most packets are to or from the target of an attack that comes in, and hardly anybody else of ours is there. */
static bool is_victim(const struct world *w, const struct devices *d, const struct attacks *a)
{
	if (locals(d) > VICTIM_LOCALS)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct attack_case *c = &a->list[i];
		const struct flood_target *t = &c->lane->targets[c->record->target];

		if (!c->suppressed && c->direction == DIRECTION_INBOUND &&
		    (t->received + t->sent) * 2 > w->packets)
			return true;
	}
	return false;
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

/* Somebody of ours with a MAC of its own, or in a private network. Subscribers behind one router are neither. */
static bool is_lan(const struct devices *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct identity *device = &d->list[i];

		if (device->local && device->bound &&
		    (device->own_mac || addr_is_private(&device->addresses[0])))
			return true;
	}
	return false;
}

enum place vantage_find(const struct world *w, const struct lanes *lanes, const struct devices *d,
			const struct attacks *a, const char **note)
{
	*note = NULL;
	if (is_victim(w, d, a)) {
		*note = "Most of this traffic is an attack that comes in; its sources may be forged.";
		return PLACE_VICTIM;
	}
	if (d->wan) {
		*note = "One public address is at nearly every packet's end: this is the Internet side of a "
			"router, and what is said of it is said of your router and everything behind it.";
		return PLACE_WAN;
	}
	if (is_lan(d))
		return PLACE_LAN;
	if (hosts_seen(lanes) < FEW_HOSTS)
		return PLACE_UNKNOWN;
	if (answers_seen(lanes) == 0 && w->two_way == 0) {
		*note = "Nobody answers here: this looks like a telescope, which sees only those who call.";
		return PLACE_TELESCOPE;
	}
	return PLACE_UPSTREAM;
}
