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

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS (60 * MINUTE_NS)

/* How full the fullest table is that others could have room in, when that is asked for. */
static unsigned press(const struct summary_tables *t, struct ages *a, bool surveyed)
{
	a->pressure = 0;
	world_press(t->world, a, surveyed);
	lanes_press(t->lanes, t->world, a, surveyed);
	listeners_press(t->listeners, t->world, a, surveyed);
	return a->pressure;
}

static void age(const struct summary_tables *t, struct ages *a)
{
	world_survey(t->world, a);
	lanes_age(t->lanes, t->world, a);
	listeners_age(t->listeners, t->world, a);
	world_age(t->world, a);
}

void engine_age(struct engine *e, int64_t before_ns, int64_t strangers_before_ns)
{
	const struct summary_tables t = engine_tables(e); /* settles */
	struct ages ages;

	ages_init(&ages, engine_now(e), before_ns, strangers_before_ns);
	age(&t, &ages);
}

unsigned engine_fill(struct engine *e)
{
	const struct summary_tables t = engine_tables(e);
	struct ages ages = {.now_ns = 0};

	return press(&t, &ages, false);
}

/* Where 64 bits don't hold it: never. */
static int64_t ago(int64_t now_ns, int64_t span_ns)
{
	return now_ns < INT64_MIN + span_ns ? INT64_MIN : now_ns - span_ns;
}

/* Ages by keep, and strangers by hours at most, by a quarter of that, of that again, and so on. */
static int64_t make_room(struct engine *e, int64_t now_ns, int64_t keep_ns)
{
	const struct summary_tables t = engine_tables(e);
	int64_t strangers_ns =
		keep_ns < ENGINE_STRANGERS_MOST_NS ? keep_ns : ENGINE_STRANGERS_MOST_NS;
	struct ages ages;

	for (;;) {
		ages_init(&ages, now_ns, ago(now_ns, keep_ns), ago(now_ns, strangers_ns));
		age(&t, &ages);
		if (strangers_ns <= ENGINE_STRANGERS_NS || press(&t, &ages, true) <= ENGINE_FULL)
			return strangers_ns;
		strangers_ns /= 4;
		if (strangers_ns < ENGINE_STRANGERS_NS)
			strangers_ns = ENGINE_STRANGERS_NS;
	}
}

/* True when it may be asked whether it is time. */
static bool follow(struct engine_room *room, int64_t now_ns)
{
	if (!room->begun || !time_is_within(room->last_ns, now_ns, AGES_AHEAD_NS)) {
		room->begun = true;
		room->hold_ns = now_ns > INT64_MAX - HOUR_NS ? INT64_MAX : now_ns + HOUR_NS;
		room->asked_ns = room->aged_ns = now_ns;
	}
	room->last_ns = now_ns;
	return now_ns >= room->hold_ns;
}

int64_t engine_make_room(struct engine *e, struct engine_room *room, int64_t now_ns,
			 int64_t keep_ns)
{
	if (!follow(room, now_ns))
		return 0;
	if (time_since(room->aged_ns, now_ns) < HOUR_NS) {
		if (time_since(room->asked_ns, now_ns) < MINUTE_NS)
			return 0;
		room->asked_ns = now_ns;
		if (engine_fill(e) <= ENGINE_FULL)
			return 0;
	}
	room->asked_ns = room->aged_ns = now_ns;
	return make_room(e, now_ns, keep_ns);
}

int64_t engine_since(const struct engine_room *room, int64_t now_ns, int64_t keep_ns)
{
	return !room->begun || now_ns < room->hold_ns ? INT64_MIN : ago(now_ns, keep_ns);
}
