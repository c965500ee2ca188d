/* SPDX-License-Identifier: MIT */
/*
 * The way of a packet, in order: decode makes packets of a batch's frames, the reader's world stamps them, the lanes run
 * their listeners and detectors over them; whenever it is asked, judge() joins the lanes. This file knows every stage and
 * does nothing itself.
 */
#include "flow/flows.h"
#include "engine.h"

#include "base/budget.h"
#include "base/catalogue.h"
#include "decode/decode.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "flow/inquiry.h"
#include "flow/ledger.h"
#include "flow/world.h"
#include "proto/listen.h"
#include "proto/lookups.h"
#include "summary/summary.h"
#include "verdict/judge.h"
#include "workers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

struct engine {
	const struct engine_options *options;
	struct budget budget;
	struct knowledge knowledge;
	struct catalogue catalogue;
	struct world world;
	struct inquiry inquiry;
	struct listeners *listeners;
	struct lanes lanes;
	struct decode_stats decode;
	struct ledger ledger;
	struct lookups lookups;
	struct slot *slot;	 /* whose batch was handed out last */
	struct workers *workers; /* NULL once all packets were seen */
	char owner[17];		 /* digest of the owner's additions */
};

/* ---- begin and end --------------------------------------------------------------------------------------------- */

static int load(struct engine *e, struct knowledge_error *bad)
{
	if (knowledge_load(&e->knowledge, bad) != 0)
		return -EINVAL;
	(void)summary_owner(e->options->owner, e->options->owner_n, e->owner);
	return catalogue_load(&e->catalogue, e->options->owner, e->options->owner_n, bad);
}

static int reserve(struct engine *e)
{
	const struct engine_options *options = e->options;
	size_t size = (size_t)options->memory_bytes;
	uint64_t seed;
	size_t beside = options->lookups ? size / 100 * ENGINE_LOOKUPS : 0;
	int err = budget_init(&e->budget, size + beside);

	if (err != 0)
		return err;
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = 0; /* tables still work; only a stranger who knows the hash could slow them down */
	err = world_init(&e->world, &e->budget, size / 100 * ENGINE_WORLD, &e->knowledge.limits,
			 options->local, options->local_n, seed);
	if (err == 0)
		err = lanes_init(&e->lanes, &e->budget, size / 100 * ENGINE_LANES, &e->knowledge,
				 seed);
	if (err != 0)
		return err;
	if (options->large_pages)
		budget_large_pages(&e->budget);
	e->lanes.listeners = e->listeners;
	err = listeners_init(e->listeners, &e->budget, size / 100 * ENGINE_LISTENERS,
			     &e->knowledge.limits, &e->catalogue, seed);
	if (err == 0 && options->ledger) {
		err = ledger_init(&e->ledger, &e->budget, size / 100 * ENGINE_LEDGER);
		e->lanes.ledger = &e->ledger;
	}
	if (err == 0 && options->lookups) {
		err = lookups_init(&e->lookups, &e->budget, beside);
		e->lanes.lookups = &e->lookups;
	}
	if (err == 0 && options->question != NULL)
		err = inquiry_init(&e->inquiry, options->question, &e->budget, seed);
	return err;
}

static int prepare(struct engine *e, struct knowledge_error *bad)
{
	int err = load(e, bad);

	if (err != 0)
		return err;
	e->listeners = calloc(1, sizeof *e->listeners);
	if (e->listeners == NULL)
		return -ENOMEM;
	err = reserve(e);
	return err != 0 ? err : workers_start(&e->workers, &e->lanes, e->options->threads);
}

int engine_new(const struct engine_options *options, struct engine **out,
	       struct knowledge_error *bad)
{
	struct engine *e = calloc(1, sizeof *e);
	int err;

	if (e == NULL)
		return -ENOMEM;
	e->options = options;
	err = prepare(e, bad);
	if (err != 0)
		engine_free(e);
	else
		*out = e;
	return err;
}

static void end_threads(struct engine *e)
{
	if (e->workers != NULL)
		workers_stop(e->workers);
	e->workers = NULL;
}

void engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	end_threads(e);
	free(e->listeners);
	catalogue_fini(&e->catalogue);
	budget_fini(&e->budget);
	free(e);
}

/* ---- packets --------------------------------------------------------------------------------------------------- */

struct batch *engine_batch(struct engine *e)
{
	e->slot = workers_slot(e->workers);
	return e->slot->batch;
}

void engine_run(struct engine *e)
{
	struct slot *slot = e->slot;
	struct work *work = slot->work;

	work->n = decode_batch(slot->batch->frames, slot->batch->n, work->packets, &e->decode);
	/* Before copies are left out: the outside of a NAT is one. */
	for (uint32_t i = 0; e->options->question != NULL && i < work->n; i++)
		inquiry_see(&e->inquiry, &work->packets[i]);
	world_stamp(&e->world, work, 0);
	workers_run(e->workers, slot);
}

void engine_tick(struct engine *e, int64_t now_ns)
{
	bool held;

	(void)clock_stamp(&e->world.clock, now_ns, &held);
}

int64_t engine_now(const struct engine *e)
{
	return e->world.clock.now_ns;
}

uint32_t engine_urgent(const struct engine *e)
{
	uint32_t sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += __atomic_load_n(&e->lanes.lane[i].urgent, __ATOMIC_RELAXED);
	return sum;
}

void engine_settle(struct engine *e)
{
	if (e->workers != NULL)
		workers_settle(e->workers);
}

void engine_finish(struct engine *e)
{
	end_threads(e);
	listeners_finish(e->listeners);
}

/* ---- what came of it ------------------------------------------------------------------------------------------- */

int engine_judge(struct engine *e, const struct engine_view *view, struct arena *arena,
		 struct judged *out)
{
	const struct judge_in in = {.lanes = &e->lanes,
				    .world = &e->world,
				    .knowledge = &e->knowledge,
				    .listeners = e->listeners,
				    .catalogue = &e->catalogue,
				    .show_secrets = e->options->show_secrets,
				    .max_devices = e->options->max_devices,
				    .decode = &e->decode,
				    .inputs = view->inputs,
				    .inputs_n = view->inputs_n,
				    .cut_flows = view->cut_flows,
				    .since_ns = view->since_ns};

	engine_settle(e);
	return judge(&in, arena, out);
}

uint64_t engine_conversations(struct engine *e, bool all,
			      void (*each)(void *context, const struct ledger_entry *entry),
			      void *context)
{
	if (!e->options->ledger)
		return 0;
	engine_settle(e);
	return ledger_take(&e->ledger, engine_now(e), all, each, context);
}

void engine_running(struct engine *e, void (*each)(void *context, const struct ledger_entry *entry),
		    void *context)
{
	if (!e->options->ledger)
		return;
	engine_settle(e);
	ledger_each(&e->ledger, each, context);
}

static bool is_among(const struct addr *list, size_t n, const struct addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (addr_equal(&list[i], a))
			return true;
	return false;
}

/* The other end of a conversation of one of these, if it is on our side and spoke. */
static const struct addr *peer_in(const struct flow *f, const struct addr *addrs, size_t n)
{
	unsigned side = is_among(addrs, n, &f->client)	 ? SERVER_SIDE
			: is_among(addrs, n, &f->server) ? CLIENT_SIDE
							 : 2;

	if (side == 2 || (f->who[side] & WHO_OURS) == 0 || (f->side[side].flags & SIDE_SPOKE) == 0)
		return NULL;
	return side == SERVER_SIDE ? &f->server : &f->client;
}

size_t engine_peers(struct engine *e, const struct addr *addrs, size_t n, int64_t since_ns,
		    struct addr *out, size_t room)
{
	size_t found = 0;

	engine_settle(e);
	for (int lane = 0; lane < LANES; lane++) {
		const struct flows *t = &e->listeners->lane[lane].flows;

		for (uint32_t i = 0; i < t->n && found < room; i++) {
			const struct flow *f = stripe_of(&t->entries, i, sizeof *f);
			const struct addr *peer =
				f->last_ns >= since_ns ? peer_in(f, addrs, n) : NULL;

			if (peer != NULL && !is_among(out, found, peer))
				out[found++] = *peer;
		}
	}
	return found;
}

size_t engine_names(struct engine *e, const struct addr *addrs, size_t n, struct lookup *out,
		    size_t room)
{
	size_t found = 0;

	if (!e->options->lookups)
		return 0;
	engine_settle(e);
	for (size_t i = 0; i < n; i++)
		found += lookups_of(&e->lookups, &addrs[i], engine_now(e), out + found,
				    room - found);
	return found;
}

uint32_t engine_names_changes(struct engine *e)
{
	engine_settle(e);
	return e->options->lookups ? lookups_changes(&e->lookups) : 0;
}

uint64_t engine_names_refused(struct engine *e)
{
	engine_settle(e);
	return e->options->lookups ? lookups_refused(&e->lookups) : 0;
}

bool engine_is_near(const struct engine *e, const struct addr *a)
{
	return !addr_is_public(a) || world_is_in_prefix(&e->world, a);
}

struct summary_tables engine_tables(struct engine *e)
{
	engine_settle(e);
	return (struct summary_tables){.world = &e->world,
				       .lanes = &e->lanes,
				       .listeners = e->listeners,
				       .decode = &e->decode};
}

struct summary_stamp engine_stamp(const struct engine *e, char knowledge[17])
{
	return (struct summary_stamp){.version = CORDON_VERSION,
				      .knowledge = knowledge_digest(knowledge),
				      .owner = e->owner};
}

const struct catalogue *engine_catalogue(const struct engine *e)
{
	return &e->catalogue;
}

const struct inquiry *engine_inquiry(const struct engine *e)
{
	return e->options->question != NULL ? &e->inquiry : NULL;
}

uint64_t engine_open_flows(struct engine *e)
{
	engine_settle(e);
	return summary_open(e->listeners);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static void note_listener(struct budget *b, const struct listener *l)
{
	budget_used(b, "flows", l->flows.n);
	budget_used(b, "parser states", l->states_n);
	budget_used(b, "facts", l->facts.n);
	budget_used(b, "fact texts", l->facts.texts_n);
	budget_used(b, "logins", l->facts.logins_n);
}

static void note_lane(struct budget *b, const struct lane *lane)
{
	const struct flood_lane *f = flood_lane_of(lane);

	budget_used(b, "hosts", lane->hosts.n);
	for (int d = 0; d < DETECTORS; d++) {
		if (detectors[d]->slot >= 0)
			budget_used(b, detectors[d]->name, lane->pools[detectors[d]->slot].n);
	}
	budget_used(b, "flood targets", f->targets_n);
	budget_used(b, "flood records", f->records_n);
	budget_used(b, "flood senders", f->senders_n);
	budget_used(b, "flood sources", f->sources.n);
}

const struct budget *engine_budget(struct engine *e)
{
	struct budget *b = &e->budget;

	engine_settle(e);
	for (size_t i = 0; i < b->shares_n; i++)
		b->shares[i].used = 0;
	budget_used(b, "MACs", e->world.macs_n - e->world.macs_free_n);
	budget_used(b, "bindings", e->world.binds_n);
	budget_used(b, "rates", e->world.rates_n);
	if (e->options->lookups)
		budget_used(b, "lookups", lookups_used(&e->lookups));
	if (e->options->question != NULL)
		budget_used(b, INQUIRY_SHARE, e->inquiry.n);
	for (int i = 0; i < LANES; i++) {
		note_lane(b, &e->lanes.lane[i]);
		note_listener(b, &e->listeners->lane[i]);
	}
	return b;
}
