/* SPDX-License-Identifier: MIT */
/*
 * The loop that every packet goes through. Looking ahead hides the memory's latency: the index words of a glance of
 * packets are fetched first, then their senders' entries, then those senders' states, and the packet finds all three in
 * the cache. A detector is called only for what it asked for: a packet that shows a hint, or a host that it watches.
 */
#include "detect/lane.h"
#include "detect/marks.h"

#include <errno.h>
#include <string.h>

const struct detector *const detectors[DETECTORS] = {
#define DETECTOR(name) &detector_##name,
#include "detect/detectors.def"
#undef DETECTOR
};

enum { GLANCE = 128 /* packets looked at together */, LOOK_CLOSE = 6 };

enum {
	POOL_LEAST = 8,
	POOL_MOST = UINT16_MAX / STRIPE_PIECE * STRIPE_PIECE /* a host's place in it has 16 bits */
};

void *detect_state_if(const struct lane *lane, const struct host *host, int slot)
{
	if (host->state[slot] == 0)
		return NULL;
	return stripe_at(&lane->pools[slot].states, host->state[slot] - 1);
}

/* A zeroed place, and 1 with it. One that was given back holds the next such in its first bytes. */
static uint32_t take_place(struct pool *pool)
{
	uint32_t at = pool->free;

	pool->n++;
	if (at == 0)
		return ++pool->given;
	memcpy(&pool->free, stripe_at(&pool->states, at - 1), sizeof pool->free);
	memset(stripe_at(&pool->states, at - 1), 0, sizeof pool->free);
	return at;
}

void detect_give_back(struct lane *lane, struct host *host)
{
	for (int d = 0; d < DETECTORS; d++) {
		int slot = detectors[d]->slot;
		struct pool *pool;
		char *state;

		if (slot < 0 || host->state[slot] == 0)
			continue;
		pool = &lane->pools[slot];
		state = stripe_at(&pool->states, host->state[slot] - 1);
		memset(state, 0, detectors[d]->state_size);
		memcpy(state, &pool->free, sizeof pool->free);
		pool->free = host->state[slot];
		pool->n--;
		host->state[slot] = 0;
	}
}

void *detect_state(struct lane *lane, struct host *host, int slot)
{
	struct pool *pool = &lane->pools[slot];

	if (host->state[slot] == 0) {
		uint32_t cap =
			(host->flags & HOST_OURS) != 0 ? pool->cap : pool->cap - pool->cap / 4;

		if (pool->n >= cap) {
			pool->refused++;
			host->flags |= HOST_REFUSED_STATE;
			return NULL;
		}
		host->state[slot] = (uint16_t)take_place(pool);
		host->flags |= (uint16_t)(HOST_WATCHED << slot);
	}
	return detect_state_if(lane, host, slot);
}

/* One piece at least: the smallest engine knows every behaviour too, and rounding left room for that. */
static uint32_t whole_pieces(size_t n)
{
	return n < STRIPE_PIECE ? STRIPE_PIECE : (uint32_t)(n / STRIPE_PIECE * STRIPE_PIECE);
}

static int init_hosts(struct lanes *lanes, struct budget *budget, size_t share, uint64_t seed)
{
	struct stripe entries[LANES], words[LANES];
	uint32_t cap = whole_pieces(share / (sizeof(struct host) + 2 * sizeof(uint64_t)));
	uint32_t words_n = slots_words(cap);
	int err;

	if (words_n * sizeof(uint64_t) > share / 4) { /* the power of two above was too far away */
		words_n /= 2;
		cap = words_n / 2;
	}
	err = stripes_take(words, LANES, budget, "host index", words_n, sizeof(uint64_t));
	if (err == 0)
		err = stripes_take(entries, LANES, budget, "hosts", cap, sizeof(struct host));
	for (int i = 0; i < LANES && err == 0; i++) {
		lanes->lane[i].hosts.cap = cap;
		lanes->lane[i].hosts.entries = entries[i];
		slots_init(&lanes->lane[i].hosts.slots, words[i], words_n, seed);
	}
	return err;
}

static int init_pools(struct lanes *lanes, const struct detector *d, struct budget *budget,
		      size_t share)
{
	struct stripe states[LANES];
	uint32_t cap = whole_pieces(share / d->state_size);
	int err;

	cap = cap < POOL_MOST ? cap : POOL_MOST;
	if (d->ours_only && cap * (size_t)d->state_size > share) { /* a few will do for a house */
		cap = share / d->state_size > POOL_LEAST ? (uint32_t)(share / d->state_size)
							 : POOL_LEAST;
		err = stripes_take_large(states, LANES, budget, d->name, cap, d->state_size);
	} else {
		err = stripes_take(states, LANES, budget, d->name, cap, d->state_size);
	}

	for (int i = 0; i < LANES && err == 0; i++) {
		lanes->lane[i].pools[d->slot].states = states[i];
		lanes->lane[i].pools[d->slot].cap = cap;
	}
	return err;
}

static int init_detector(struct lanes *lanes, const struct detector *d, struct budget *budget,
			 size_t share)
{
	size_t bytes = share / 100 * d->share;
	int err = d->slot >= 0 ? init_pools(lanes, d, budget, bytes) : 0;

	if (err != 0 || d->prepare == NULL)
		return err;
	return d->prepare(lanes->lane, budget, bytes);
}

static void fill_slot(struct roster *r, const struct detector *detector)
{
	uint8_t bit = (uint8_t)(1U << detector->slot);

	r->slots[detector->slot] = detector;
	for (int kind = 0; kind < KINDS; kind++) {
		r->sent[kind] |= (detector->kinds >> kind & 1) != 0 ? bit : 0;
		r->answered[kind] |= (detector->answers >> kind & 1) != 0 ? bit : 0;
	}
	for (unsigned hints = 0; hints < HINTS; hints++)
		r->by_hint[hints] |= (detector->hints & hints) != 0 ? bit : 0;
}

static void fill_roster(struct roster *r)
{
	for (int d = 0; d < DETECTORS; d++) {
		if (detectors[d]->slot >= 0)
			fill_slot(r, detectors[d]);
		if (detectors[d]->passing != NULL)
			r->passing = detectors[d];
	}
}

int lanes_init(struct lanes *lanes, struct budget *budget, size_t share,
	       const struct knowledge *knowledge, uint64_t seed)
{
	size_t lane_share = share / LANES;
	uint8_t *maps = budget_take(budget, "scan maps", LANES, SCAN_MAP_BYTES);
	int err;

	memset(lanes, 0, sizeof *lanes);
	if (maps == NULL)
		return -ENOMEM;
	fill_roster(&lanes->roster);
	for (int i = 0; i < LANES; i++) {
		lanes->lane[i].knowledge = knowledge;
		lanes->lane[i].scan_map = maps + (size_t)i * SCAN_MAP_BYTES;
	}
	err = init_hosts(lanes, budget, lane_share / 2, seed);
	for (int d = 0; d < DETECTORS && err == 0; d++)
		err = init_detector(lanes, detectors[d], budget, lane_share / 2 - 4096);
	return err;
}

/* Only SYNs show marks. A marked one may bear a tool's mark too. */
static uint8_t hints_of(const uint8_t *ports, const struct stamp *s)
{
	const struct packet *p = s->packet;
	uint8_t hints = 0;

	if (s->kind != KIND_SYN)
		return 0;
	if (mark_is_mirai(p))
		hints |= HINT_MARK;
	if (mark_is_zmap(p) || mark_is_masscan(p))
		hints |= HINT_TOOL;
	if (hints == 0 && (ports[p->dport] == PORT_TELNET || ports[p->dport] == PORT_WORM))
		hints |= HINT_TESTED;
	return hints;
}

/* The detectors that want this host's packets of a kind, a bit for each slot. */
static unsigned wanted(const struct roster *roster, const struct host *host, uint8_t hints)
{
	if ((host->flags & HOST_OURS) != 0)
		hints |= HINT_OURS;
	return roster->by_hint[hints] | host->flags / HOST_WATCHED;
}

static void count_sent(struct host *host, int64_t time_ns)
{
	if (host->packets == 0)
		host->first_ns = time_ns;
	if (host->packets != UINT32_MAX)
		host->packets++;
	host->last_ns = time_ns;
}

/* True when that is all: a decided sender only counts, but that its 32nd, 64th … mark is looked at again. */
static bool count_mark(struct lane *lane, struct host *host, const struct stamp *s)
{
	if (host->marked != UINT32_MAX)
		host->marked++;
	host->last_marked_ns = s->packet->time_ns;
	detect_map(lane, s);
	return (host->flags & HOST_DECIDED) != 0 && (host->marked & (host->marked - 1)) != 0;
}

/* guess: what the index showed some packets ago, or NULL. */
static inline void run_sender(const struct roster *roster, struct lane *lane, const struct stamp *s,
			      struct host *guess)
{
	unsigned mask = roster->sent[__builtin_ctz(s->kind)];
	struct host *host = guess;
	uint8_t hints;

	if (host == NULL || !hosts_is(host, &s->actor, s->src_mac))
		host = hosts_get(&lane->hosts, &s->actor, s->src_mac, s->actor_key,
				 stamp_is_ours(s));
	if (host == NULL)
		return;
	count_sent(host, s->packet->time_ns);
	if (mask == 0)
		return;
	hints = hints_of(lane->knowledge->ports, s);
	if ((hints & HINT_MARK) != 0 && count_mark(lane, host, s))
		hints &= (uint8_t)~HINT_MARK;
	for (mask &= wanted(roster, host, hints); mask != 0; mask &= mask - 1)
		roster->slots[__builtin_ctz(mask)]->sent(lane, host, s);
}

static void run_answer(const struct roster *roster, struct lane *lane, const struct stamp *s)
{
	struct host *host = hosts_find(&lane->hosts, &s->packet->dst, s->dst_mac, s->target_key);
	unsigned mask = roster->answered[__builtin_ctz(s->kind)];
	bool to_contact = s->kind == KIND_ANSWER;

	if (host == NULL) {
		lane->unasked += to_contact;
		return;
	}
	lane->answers += to_contact;
	for (mask &= wanted(roster, host, 0); mask != 0; mask &= mask - 1)
		roster->slots[__builtin_ctz(mask)]->answered(lane, host, s);
}

/* The lanes that are run here, by number; NULL for the others. */
struct turn {
	struct lane *lane[LANES];
};

static void take_turn(struct turn *turn, struct lanes *lanes, unsigned part, unsigned parts)
{
	for (unsigned i = 0; i < LANES; i++)
		turn->lane[i] = i % parts == part ? &lanes->lane[i] : NULL;
}

/* Always inline, for the reason given at slots_prefetch. */
static inline __attribute__((always_inline)) void look_far(const struct turn *turn,
							   const struct stamp *s)
{
	const struct lane *actor = turn->lane[s->actor_lane];
	const struct lane *target = turn->lane[s->target_lane];

	if (actor != NULL)
		slots_prefetch(&actor->hosts.slots, s->actor_key);
	if (target != NULL)
		__builtin_prefetch(target->ahead + s->target_hash % AHEAD_CELLS * AHEAD_BYTES, 1);
}

/* The host that is probably meant, by its tag alone; NULL when there is none. */
static inline struct host *look_near(const struct turn *turn, const struct stamp *s)
{
	const struct lane *actor = turn->lane[s->actor_lane];
	struct probe probe;
	struct host *guess;
	uint32_t at;

	if (actor == NULL || (s->flags & STAMP_SENDER) == 0)
		return NULL;
	probe = slots_probe(&actor->hosts.slots, s->actor_key);
	if (!slots_next(&actor->hosts.slots, &probe, &at))
		return NULL;
	guess = hosts_at(&actor->hosts, at);
	__builtin_prefetch(guess);
	return guess;
}

/* The state of the first detector, which most senders of SYNs that have any have. */
static inline __attribute__((always_inline)) void
look_close(const struct turn *turn, const struct stamp *s, const struct host *guess)
{
	const struct pool *pool;
	const char *state;

	if (guess == NULL || (guess->flags & HOST_WATCHED) == 0 || guess->state[0] == 0)
		return;
	pool = &turn->lane[s->actor_lane]->pools[0];
	state = stripe_at(&pool->states, guess->state[0] - 1);
	for (uint32_t i = 0; i < pool->states.entry; i += 64)
		__builtin_prefetch(state + i);
}

/* In three passes, so that the memory's answers to all the packets of a glance overlap. */
static void run_glance(const struct roster *roster, const struct turn *turn,
		       const struct stamp *stamps, uint32_t n)
{
	struct host *guesses[GLANCE];

	for (uint32_t i = 0; i < n; i++)
		look_far(turn, &stamps[i]);
	for (uint32_t i = 0; i < n; i++)
		guesses[i] = look_near(turn, &stamps[i]);
	for (uint32_t i = 0; i < n; i++) {
		const struct stamp *s = &stamps[i];
		struct lane *actor = turn->lane[s->actor_lane];
		struct lane *target = turn->lane[s->target_lane];

		if (i + LOOK_CLOSE < n)
			look_close(turn, &stamps[i + LOOK_CLOSE], guesses[i + LOOK_CLOSE]);
		if (actor != NULL && (s->flags & STAMP_SENDER) != 0)
			run_sender(roster, actor, s, guesses[i]);
		if (target != NULL && (s->kind == KIND_ANSWER || stamp_is_name_answer(s)))
			run_answer(roster, target, s);
	}
	roster->passing->passing(turn->lane, stamps, n);
}

static void lanes_detect(struct lanes *lanes, const struct work *work, unsigned part,
			 unsigned parts)
{
	struct turn turn;

	take_turn(&turn, lanes, part, parts);
	for (uint32_t i = 0; i < work->n; i += GLANCE)
		run_glance(&lanes->roster, &turn, &work->stamps[i],
			   work->n - i < GLANCE ? work->n - i : GLANCE);
}

void lanes_step(struct lanes *lanes, const struct work *work, unsigned step, unsigned parts)
{
	if (step % LANE_STEPS == 0) {
		lanes_detect(lanes, work, step / LANE_STEPS, parts);
		return;
	}
	if (lanes->listeners != NULL)
		listeners_run(lanes->listeners, work, step / LANE_STEPS, parts);
	if (lanes->ledger != NULL)
		ledger_run(lanes->ledger, work, step / LANE_STEPS, parts);
	if (lanes->lookups != NULL)
		lookups_run(lanes->lookups, work, step / LANE_STEPS, parts);
}

void lanes_run(struct lanes *lanes, const struct work *work, unsigned part, unsigned parts)
{
	lanes_step(lanes, work, part * LANE_STEPS + 1, parts);
	lanes_step(lanes, work, part * LANE_STEPS, parts);
}

static void conclude_host(struct lane *lane, const struct host *host, struct findings *out)
{
	for (int d = 0; d < DETECTORS; d++) {
		const struct detector *detector = detectors[d];
		size_t before = out->n;

		if (detector->slot < 0 || host->state[detector->slot] == 0)
			continue;
		detector->conclude(lane, host, detect_state_if(lane, host, detector->slot), out);
		for (size_t i = before; i < out->n; i++) {
			out->list[i].detector = detector->name;
			out->list[i].code = detector->code;
			out->list[i].addr = host->addr;
			out->list[i].mac = host->mac;
			out->list[i].host_first_ns = host->first_ns;
			out->list[i].host_last_ns = host->last_ns;
			out->list[i].host_packets = host->packets;
		}
	}
}

void lanes_conclude(struct lanes *lanes, const struct world *w, struct findings *out)
{
	for (int i = 0; i < LANES; i++) {
		struct lane *lane = &lanes->lane[i];

		lane->end_ns = w->clock.now_ns;
		lane->end_uplink = world_has_uplink(w);
		for (uint32_t h = 0; h < lane->hosts.n; h++)
			conclude_host(lane, hosts_at(&lane->hosts, h), out);
	}
	for (int d = 0; d < DETECTORS; d++) {
		if (detectors[d]->conclude_world != NULL)
			detectors[d]->conclude_world(w, out);
	}
}
