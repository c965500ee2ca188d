/* SPDX-License-Identifier: MIT */
/*
 * What the flood table forgets. An attack that ended before goes with its sources and those who took part; one that goes on
 * stays whole. What is no attack goes within QUIET_NS, whether it goes on or not, and begins anew when it comes back: a
 * household's downloads admit hundreds of targets a day, and whoever is judged by shares of all that he ever got could be
 * flooded unnoticed after a month of video.
 *
 * Closing up, with three tables that know each other by position and nothing to note the new ones in: while records move,
 * senders name theirs by target and vector, since targets know where their records are.
 */
#include "base/hash.h"
#include "detect/flood.h"
#include "flow/ages.h"

#include <string.h>

#define QUIET_NS (3600 * NS_PER_S)

static bool is_old(const struct flood_lane *f, const struct flood_record *r, const struct ages *a,
		   const struct limits *limits)
{
	int64_t quiet_ns = a->now_ns < INT64_MIN + QUIET_NS ? INT64_MIN : a->now_ns - QUIET_NS;

	if (ages_is_old(a, r->last_ns, ages_before(a, r->from_ours > 0)))
		return true;
	if (quiet_ns < a->strangers_before_ns)
		quiet_ns = a->strangers_before_ns;
	return ages_is_old(a, r->first_ns, quiet_ns) && flood_judge(f, r, limits) == FLOOD_IS_NONE;
}

/* Marks those that go: a record in use has packets. */
static bool drop_records(struct flood_lane *f, const struct ages *a, const struct limits *limits)
{
	bool any = false;

	for (uint32_t i = 0; i < f->records_n; i++) {
		struct flood_record *r = &f->records[i];

		if (!is_old(f, r, a, limits))
			continue;
		sources_give_back(&r->sources, &f->sources);
		f->targets[r->target].record[r->vector] = 0;
		r->packets = 0;
		any = true;
	}
	return any;
}

static void close_up_senders(struct flood_lane *f)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < f->senders_n; i++) {
		const struct flood_record *r = &f->records[f->senders[i].record];

		if (r->packets == 0)
			continue;
		f->senders[kept] = f->senders[i];
		f->senders[kept++].record = r->target * FLOOD_VECTORS + r->vector;
	}
	memset(f->senders + kept, 0, (f->senders_n - kept) * sizeof *f->senders);
	f->senders_n = kept;
	f->last_sender = 0;
}

static void close_up_records(struct flood_lane *f)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < f->records_n; i++) {
		struct flood_record *r = &f->records[kept];

		if (f->records[i].packets == 0)
			continue;
		if (kept != i)
			memcpy(r, &f->records[i], sizeof *r);
		f->targets[r->target].record[r->vector] = ++kept;
	}
	memset(f->records + kept, 0, (f->records_n - kept) * sizeof *f->records);
	f->records_n = kept;
}

static void index_senders(struct flood_lane *f)
{
	slots_clear(&f->sender_slots);
	for (uint32_t i = 0; i < f->senders_n; i++) {
		struct flood_sender *s = &f->senders[i];

		s->record =
			f->targets[s->record / FLOOD_VECTORS].record[s->record % FLOOD_VECTORS] - 1;
		s->hash = flood_sender_hash(f, &s->addr, s->record, s->mac);
		slots_put_last(&f->sender_slots, s->hash, i);
	}
}

static bool has_records(const struct flood_target *t)
{
	for (int v = 0; v < FLOOD_VECTORS; v++) {
		if (t->record[v] != 0)
			return true;
	}
	return false;
}

static void close_up_targets(struct flood_lane *f)
{
	uint32_t kept = 0;

	slots_clear(&f->target_slots);
	for (uint32_t i = 0; i < f->targets_n; i++) {
		struct flood_target *t = &f->targets[kept];

		if (!has_records(&f->targets[i]))
			continue;
		if (kept != i)
			*t = f->targets[i];
		for (int v = 0; v < FLOOD_VECTORS; v++) {
			if (t->record[v] != 0)
				f->records[t->record[v] - 1].target = kept;
		}
		slots_put_last(&f->target_slots, hash_keyed(&t->addr, f->target_slots.seed),
			       kept++);
	}
	memset(f->targets + kept, 0, (f->targets_n - kept) * sizeof *f->targets);
	f->targets_n = kept;
	f->last_target = 0;
}

static void name_macs(const struct flood_lane *f, struct ages *a)
{
	for (uint32_t i = 0; i < f->records_n; i++) {
		for (unsigned m = 0; m < f->records[i].macs_n; m++)
			ages_name(a, f->records[i].macs[m].mac);
	}
	for (uint32_t i = 0; i < f->senders_n; i++) {
		if (f->senders[i].mac != NO_MAC)
			ages_name(a, f->senders[i].mac);
	}
}

/* Packets that wait for their target's admission: what is that old is replayed no more. */
static void age_ring(struct gate *g, struct ages *a)
{
	for (int i = 0; i < GATE_RING; i++) {
		struct gate_seen *seen = &g->ring[i];

		if (seen->key == 0)
			continue;
		if (ages_is_old(a, seen->time_ns, a->strangers_before_ns))
			seen->key = 0;
		else if (seen->src_mac != NO_MAC)
			ages_name(a, seen->src_mac);
	}
}

void flood_age(struct flood_lane *f, struct ages *a, const struct limits *limits)
{
	if (drop_records(f, a, limits)) {
		close_up_senders(f);
		close_up_records(f);
		index_senders(f);
		close_up_targets(f);
	}
	age_ring(&f->gate, a);
	name_macs(f, a);
}
