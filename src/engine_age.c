/* SPDX-License-Identifier: MIT */
/*
 * Forgetting, over all stages, and when (docs/decisions/0025). Time is fed: this file reads no clock.
 *
 * A flood of invented senders fills what is open to strangers within seconds, and then those who come later are refused,
 * the real ones too. So strangers are forgotten the sooner the fuller a table is. Our own proven devices are not: who
 * could have them forgotten by a flood could have their infection forgotten.
 */
#include "engine.h"

#include "base/timespan.h"
#include "detect/flood.h"
#include "detect/lane.h"
#include "flow/ages.h"
#include "proto/listen.h"
#include "summary/summary.h"

void engine_age(struct engine *e, int64_t before_ns, int64_t strangers_before_ns)
{
	const struct summary_tables t = engine_tables(e); /* settles */
	struct ages ages;

	ages_init(&ages, engine_now(e), before_ns, strangers_before_ns);
	world_survey(t.world, &ages);
	lanes_age(t.lanes, t.world, &ages);
	listeners_age(t.listeners, t.world, &ages);
	world_age(t.world, &ages);
}

/* ---- how full -------------------------------------------------------------------------------------------------- */

static void fill(unsigned *most, uint64_t used, uint64_t of)
{
	uint64_t percent = of == 0 || used >= of ? 100 : used * 100 / of;

	if (percent > *most)
		*most = (unsigned)percent;
}

static void fill_world(unsigned *most, const struct world *w)
{
	fill(most, w->macs_n - w->macs_free_n, w->macs_cap);
	fill(most, w->binds_n, w->binds_cap / 4 * 3);
}

static void fill_lane(unsigned *most, const struct lane *lane)
{
	const struct flood_lane *f = flood_lane_of(lane);

	fill(most, lane->hosts.n, lane->hosts.cap - lane->hosts.cap / 8);
	for (int d = 0; d < DETECTORS; d++) {
		const struct pool *p =
			detectors[d]->slot < 0 ? NULL : &lane->pools[detectors[d]->slot];

		if (p != NULL)
			fill(most, p->n, detectors[d]->ours_only ? p->cap : p->cap - p->cap / 4);
	}
	fill(most, f->targets_n, f->targets_cap - f->targets_cap / 4);
	fill(most, f->records_n, f->records_cap - f->records_cap / 4);
	fill(most, f->senders_n, f->senders_cap);
	fill(most, f->sources.n, f->sources.cap);
}

static void fill_facts(unsigned *most, const struct facts *f)
{
	fill(most, f->n, f->cap / 8 * 7);
	fill(most, f->strangers_n, f->cap / 2);
	fill(most, f->texts_n, f->texts_cap);
	fill(most, f->heads_n, f->cap);
	fill(most, f->logins_n, f->logins_cap / 8 * 7);
	fill(most, f->strange_logins_n, f->logins_cap / 2);
}

unsigned engine_fill(struct engine *e)
{
	const struct summary_tables t = engine_tables(e);
	unsigned most = 0;

	fill_world(&most, t.world);
	for (int i = 0; i < LANES; i++) {
		fill_lane(&most, &t.lanes->lane[i]);
		fill_facts(&most, &t.listeners->lane[i].facts);
	}
	return most;
}

/* ---- when ------------------------------------------------------------------------------------------------------ */

/* Where 64 bits don't hold it: never. */
static int64_t ago(int64_t now_ns, int64_t span_ns)
{
	return now_ns < INT64_MIN + span_ns ? INT64_MIN : now_ns - span_ns;
}

int64_t engine_make_room(struct engine *e, int64_t now_ns, int64_t keep_ns)
{
	int64_t strangers_ns = keep_ns;

	engine_age(e, ago(now_ns, keep_ns), ago(now_ns, keep_ns));
	while (strangers_ns > ENGINE_STRANGERS_NS && engine_fill(e) > ENGINE_FULL) {
		strangers_ns /= 4;
		if (strangers_ns < ENGINE_STRANGERS_NS)
			strangers_ns = ENGINE_STRANGERS_NS;
		engine_age(e, ago(now_ns, keep_ns), ago(now_ns, strangers_ns));
	}
	return strangers_ns;
}
