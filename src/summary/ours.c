/* SPDX-License-Identifier: MIT */
/* Who is ours is asked of the world's bindings; see the header for the rule. */
#include "summary/ours.h"

#include "flow/ages.h"

#include <stdlib.h>

static void take_mac(struct ours *o, uint32_t mac)
{
	if (o->macs[mac] == NO_MAC)
		o->macs[mac] = (uint16_t)o->macs_n++;
}

/* Proven ones, and the first that are not. */
static void choose_bindings(struct ours *o)
{
	const struct world *w = o->t->world;
	uint32_t claimed = 0;

	for (uint32_t i = 0; i < w->binds_n; i++) {
		const struct binding *b = &w->binds[i];

		o->binds[i] = !o->alone || binding_is_proven(b) || claimed++ < OURS_CLAIMED;
		o->binds_n += o->binds[i];
	}
}

/* In the order of their places, so that the file names them in the order in which they came. */
static void choose_macs(struct ours *o)
{
	const struct world *w = o->t->world;
	uint32_t routers = 0;
	uint8_t *wanted = calloc(w->macs_n + 1, 1);

	for (uint32_t i = 0; wanted != NULL && i < w->binds_n; i++) {
		if (o->binds[i] != 0 && w->binds[i].mac != NO_MAC)
			wanted[w->binds[i].mac] = 1;
	}
	for (uint32_t i = 0; i < w->macs_n; i++) {
		const struct world_mac *m = &w->macs[i];

		if ((m->flags & MAC_FREE) != 0)
			continue;
		if (!o->alone || wanted == NULL || wanted[i] != 0 ||
		    world_is_spoofer(m, w->limits) ||
		    (world_is_router(m) && routers++ < OURS_ROUTERS))
			take_mac(o, i);
	}
	free(wanted);
}

bool ours_init(struct ours *o, const struct summary_tables *t)
{
	const struct world *w = t->world;

	*o = (struct ours){
		.t = t, .alone = t->ours_only, .macs_n = w->macs_n, .binds_n = w->binds_n};
	if (!o->alone && w->macs_free_n == 0)
		return true;
	o->macs_n = o->binds_n = 0;
	o->macs = calloc(w->macs_n + 1, sizeof *o->macs);
	o->binds = calloc(w->binds_n + 1, 1);
	if (o->macs == NULL || o->binds == NULL)
		return false;
	for (uint32_t i = 0; i < w->macs_n; i++)
		o->macs[i] = NO_MAC;
	choose_bindings(o);
	choose_macs(o);
	return true;
}

void ours_fini(struct ours *o)
{
	free(o->macs);
	free(o->binds);
}

bool ours_mac(const struct ours *o, uint32_t mac)
{
	return o->macs == NULL || o->macs[mac] != NO_MAC;
}

bool ours_binding(const struct ours *o, uint32_t bind)
{
	return o->binds == NULL || o->binds[bind] != 0;
}

/* The MAC, or an address of ours under it; anywhere: or under another. */
static bool is_ours(const struct ours *o, const struct addr *a, uint16_t mac, bool anywhere)
{
	const struct world *w = o->t->world;
	const struct binding *b;

	if (addr_is_zero(a))
		return mac != NO_MAC && ours_mac(o, mac);
	b = world_find(w, a, mac);
	if (b == NULL && anywhere)
		b = bindings_find_any(w, a, world_key(w, a));
	return b != NULL ? ours_binding(o, (uint32_t)(b - w->binds)) : world_is_common(w, a);
}

bool ours_host(const struct ours *o, const struct host *host)
{
	return !o->alone || is_ours(o, &host->addr, host->mac, false);
}

/* Attacks that we take part in, or that hit us. */
bool ours_record(const struct ours *o, const struct lane *lane, const struct flood_record *r)
{
	const struct flood_lane *f = flood_lane_of(lane);

	if (!o->alone)
		return true;
	return (r->from_ours > 0 || f->targets[r->target].prefix_local ||
		is_ours(o, &f->targets[r->target].addr, NO_MAC, true)) &&
	       flood_judge(f, r, &lane->knowledge->limits) != FLOOD_IS_NONE;
}

bool ours_fact(const struct ours *o, const struct fact *fact)
{
	return !o->alone || is_ours(o, &fact->addr, fact->mac, fact->ours != 0);
}

bool ours_login(struct ours *o, const struct login_fact *l)
{
	if (!o->alone)
		return true;
	if (is_ours(o, &l->client, l->client_mac, l->client_ours))
		return true;
	if (!is_ours(o, &l->server, l->server_mac, l->server_ours))
		return false;
	return l->outcome == LOGIN_ACCEPTED || o->tried++ < OURS_TRIED;
}
