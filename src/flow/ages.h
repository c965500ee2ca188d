/* SPDX-License-Identifier: MIT */
/*
 * Forgetting (docs/decisions/0025): what was last seen before a stage time is taken out of the tables, which close up in
 * place. Each stage has a function of its own for its tables; they are called in this order, while no packet is under way:
 *
 *   ages_init, world_survey, lanes_age, listeners_age, world_age
 *
 * MACs go last, since everything else names them by their place: whoever keeps something that names one says so in `named`.
 */
#pragma once

#include "base/timespan.h"
#include "flow/stamp.h"
#include "flow/world.h"

#include <stdbool.h>
#include <stdint.h>

enum { AGES_WORDS = (NO_MAC + 1) / 64 };

/* So far ahead of stage time a packet may lie whose clock was right: where packets are rare, stage time follows late. */
#define AGES_AHEAD_NS (24 * 3600 * NS_PER_S)

struct ages {
	int64_t now_ns;	   /* stage time */
	int64_t before_ns; /* devices of ours that spoke and were spoken to */
	int64_t strangers_before_ns; /* everybody else, those that only claim to be ours among them: no earlier */
	uint64_t named[AGES_WORDS]; /* a bit for each MAC that something kept refers to … */
	uint64_t proven[AGES_WORDS]; /* … and for each with a kept binding of ours that is proven */
	unsigned
		pressure; /* how full the fullest table is that forgetting strangers would help, in percent */
};

/*
 * A table with so many entries, of which so many are of our own proven devices, where there is room for so many. Where
 * strangers hold less than a quarter there is nothing to be had from them.
 */
static inline void ages_press(struct ages *a, uint64_t used, uint64_t ours, uint64_t of)
{
	uint64_t percent = of == 0 || used >= of ? 100 : used * 100 / of;

	if (percent > a->pressure && (used - ours) * 4 >= used && used > ours)
		a->pressure = (unsigned)percent;
}

/* Times after `now_ns` become it; strangers are not kept longer than our own. */
void ages_init(struct ages *a, int64_t now_ns, int64_t before_ns, int64_t strangers_before_ns);

/*
 * Was it last seen before? A time that lies as far ahead of now, and more than a day, is as old: it is from before a clock
 * was set back, and would else be kept until that time comes round again.
 */
static inline bool ages_is_old(const struct ages *a, int64_t last_ns, int64_t before_ns)
{
	uint64_t ahead;

	if (last_ns <= a->now_ns)
		return last_ns < before_ns;
	ahead = time_apart(a->now_ns, last_ns);
	return ahead > (uint64_t)AGES_AHEAD_NS && ahead > time_apart(a->now_ns, before_ns);
}

static inline int64_t ages_before(const struct ages *a, bool proven)
{
	return proven ? a->before_ns : a->strangers_before_ns;
}

static inline void ages_name(struct ages *a, uint16_t mac)
{
	a->named[mac / 64] |= UINT64_C(1) << mac % 64;
}

static inline bool ages_has(const uint64_t bits[AGES_WORDS], uint16_t mac)
{
	return (bits[mac / 64] >> mac % 64 & 1) != 0;
}

/* Spoke and was spoken to: a blind forger, who can lease and claim whatever he likes, can't have that. */
static inline bool binding_is_proven(const struct binding *b)
{
	return (b->flags & (BIND_HANDSHAKE | BIND_TWO_WAY)) != 0;
}

static inline bool binding_is_old(const struct ages *a, const struct binding *b)
{
	return ages_is_old(a, b->last_ns, ages_before(a, binding_is_proven(b)));
}

/* What becomes of the one that an address is known by: its binding under this MAC. */
enum fate { FATE_UNBOUND, FATE_GOES, FATE_STAYS, FATE_STAYS_PROVEN };

/* Is it at so many packets' ends that it may be the router's own address, seen from outside, which has no binding? */
bool world_is_common(const struct world *w, const struct addr *addr);

/* anywhere: where there is none under this MAC, one under another will do. */
enum fate world_fate(const struct world *w, const struct ages *a, const struct addr *addr,
		     uint16_t mac, bool anywhere);

/* Notes which MACs have bindings that stay. Changes nothing in the world. */
void world_survey(const struct world *w, struct ages *a);

/* How full its tables are. surveyed: `proven` holds. */
void world_press(const struct world *w, struct ages *a, bool surveyed);

/* Forgets bindings, evidence of forged senders, networks in which nobody is left, and MACs that nobody names. */
void world_age(struct world *w, const struct ages *a);
