/* SPDX-License-Identifier: MIT */
/*
 * The loop that every packet goes through. Looking ahead hides the memory's latency: the index word of a packet some
 * way ahead is fetched first, then its sender's entry, then that sender's state, and the packet finds all three in the
 * cache.
 */
#include "detect/lane.h"

#include <errno.h>
#include <string.h>

const struct detector *const detectors[DETECTORS] = {
#define DETECTOR(name) &detector_##name,
#include "detect/detectors.def"
#undef DETECTOR
};

enum { LOOK_FAR = 24, LOOK_NEAR = 12, LOOK_CLOSE = 5 };

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
		host->state[slot] = (uint16_t)++pool->n;
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

static void fill_roster(struct roster *r)
{
	for (int d = 0; d < DETECTORS; d++) {
		const struct detector *detector = detectors[d];

		for (int kind = 0; kind < KINDS; kind++) {
			if ((detector->kinds >> kind & 1) != 0)
				r->sent[kind][r->sent_n[kind]++] = detector;
			if ((detector->answers >> kind & 1) != 0)
				r->answered[kind][r->answered_n[kind]++] = detector;
		}
		if (detector->to_target != NULL)
			r->targets[r->targets_n++] = detector;
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

static void run_sender(const struct roster *roster, struct lane *lane, const struct stamp *s)
{
	const struct packet *p = s->packet;
	bool ours = stamp_is_ours(s);
	struct host *host = hosts_get(&lane->hosts, &s->actor, s->src_mac, s->actor_key, ours);
	int kind = __builtin_ctz(s->kind);

	if (host == NULL)
		return;
	if (host->packets == 0)
		host->first_ns = p->time_ns;
	if (host->packets != UINT32_MAX)
		host->packets++;
	host->last_ns = p->time_ns;
	for (unsigned i = 0; i < roster->sent_n[kind]; i++)
		roster->sent[kind][i]->sent(lane, host, s);
}

static void run_answer(const struct roster *roster, struct lane *lane, const struct stamp *s)
{
	struct host *host = hosts_find(&lane->hosts, &s->packet->dst, s->dst_mac, s->target_key);
	int kind = __builtin_ctz(s->kind);
	bool to_contact = s->kind == KIND_ANSWER;

	if (host == NULL) {
		lane->unasked += to_contact;
		return;
	}
	lane->answers += to_contact;
	for (unsigned i = 0; i < roster->answered_n[kind]; i++)
		roster->answered[kind][i]->answered(lane, host, s);
}

static void run_packet(const struct roster *roster, struct lane *actor, struct lane *target,
		       const struct stamp *s)
{
	bool sends = actor != NULL && (s->flags & STAMP_SENDER) != 0;
	bool hits = target != NULL && (s->flags & STAMP_TARGET) != 0;

	if (sends)
		run_sender(roster, actor, s);
	if (target != NULL && (s->kind == KIND_ANSWER || stamp_is_name_answer(s)))
		run_answer(roster, target, s);
	for (unsigned i = 0; i < roster->targets_n; i++) {
		if (sends)
			roster->targets[i]->from_target(actor, s);
		if (hits)
			roster->targets[i]->to_target(target, s);
	}
}

/* The lanes that a worker runs, by number; NULL for those of others. */
struct turn {
	struct lane *lane[LANES];
};

static void take_turn(struct turn *turn, struct lanes *lanes, unsigned worker, unsigned workers)
{
	for (unsigned i = 0; i < LANES; i++)
		turn->lane[i] = i % workers == worker ? &lanes->lane[i] : NULL;
}

/* Always inline, for the reason given at slots_prefetch. */
static inline __attribute__((always_inline)) void
look_far(const struct roster *roster, const struct turn *turn, const struct stamp *s)
{
	const struct lane *actor = turn->lane[s->actor_lane];
	const struct lane *target = turn->lane[s->target_lane];

	if (actor != NULL)
		slots_prefetch(&actor->hosts.slots, s->actor_key);
	for (unsigned i = 0; i < roster->targets_n && target != NULL; i++)
		roster->targets[i]->look_ahead(target, s);
}

static inline __attribute__((always_inline)) void look_near(const struct turn *turn,
							    const struct stamp *s)
{
	const struct lane *actor = turn->lane[s->actor_lane];

	if (actor != NULL)
		__builtin_prefetch(
			slots_guess(&actor->hosts.slots, s->actor_key, &actor->hosts.entries));
}

/* The state of the first detector, which most senders of SYNs that have any have. */
static inline __attribute__((always_inline)) void look_close(const struct turn *turn,
							     const struct stamp *s)
{
	const struct lane *actor = turn->lane[s->actor_lane];
	const struct host *host;
	const char *state;

	if (actor == NULL || s->kind != KIND_SYN)
		return;
	host = slots_guess(&actor->hosts.slots, s->actor_key, &actor->hosts.entries);
	if (host == NULL || host->state[0] == 0 || (host->flags & HOST_MIRAI_DECIDED) != 0)
		return;
	state = stripe_at(&actor->pools[0].states, host->state[0] - 1);
	for (uint32_t i = 0; i < actor->pools[0].states.entry; i += 64)
		__builtin_prefetch(state + i);
}

void lanes_run(struct lanes *lanes, const struct work *work, unsigned worker, unsigned workers)
{
	struct turn turn;

	if (lanes->listeners != NULL)
		listeners_run(lanes->listeners, work, worker, workers);
	take_turn(&turn, lanes, worker, workers);
	for (uint32_t i = 0; i < work->n; i++) {
		const struct stamp *s = &work->stamps[i];
		struct lane *actor = turn.lane[s->actor_lane];
		struct lane *target = turn.lane[s->target_lane];

		if (i + LOOK_FAR < work->n)
			look_far(&lanes->roster, &turn, &work->stamps[i + LOOK_FAR]);
		if (i + LOOK_NEAR < work->n)
			look_near(&turn, &work->stamps[i + LOOK_NEAR]);
		if (i + LOOK_CLOSE < work->n)
			look_close(&turn, &work->stamps[i + LOOK_CLOSE]);
		if (actor != NULL || target != NULL)
			run_packet(&lanes->roster, actor, target, s);
	}
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
