/* SPDX-License-Identifier: MIT */
/* How the listeners' share of the budget becomes tables, lane by lane. */
#include "proto/listen_tables.h"

#include "base/timespan.h"

#include <errno.h>

/* How a lane's share is parted, in percent; the rest is rounding. */
enum {
	SHARE_FLOWS = 26,
	SHARE_WINDOWS = 20,
	SHARE_STATES = 20,
	SHARE_FACTS = 24,
	SHARE_LOGINS = 7
};

static uint32_t whole_pieces(size_t n)
{
	return (uint32_t)(n / STRIPE_PIECE * STRIPE_PIECE);
}

static uint32_t power_below(uint32_t n)
{
	uint32_t power = 1;

	while (power * 2 <= n)
		power *= 2;
	return power;
}

/* How many there are for each lane goes to *cap. */
static int take_large(struct stripe *out, struct budget *budget, const char *name, uint32_t *cap,
		      size_t share, size_t entry)
{
	*cap = (uint32_t)(share / entry);
	if (*cap == 0)
		return -ENOMEM;
	return stripes_take_large(out, LANES, budget, name, *cap, (uint32_t)entry);
}

int listen_take_flows(struct listeners *l, struct budget *budget, size_t share, uint64_t seed)
{
	struct stripe entries[LANES], buckets[LANES], windows[LANES], states[LANES];
	uint32_t windows_cap = 0, states_cap = 0;
	size_t each = sizeof(struct flow) + 2 * sizeof(uint32_t);
	uint32_t cap = whole_pieces(share / 100 * SHARE_FLOWS / each);
	uint32_t buckets_n = power_below(2 * cap);
	int err = cap == 0 ? -ENOMEM : 0;

	if (err == 0)
		err = stripes_take(entries, LANES, budget, "flows", cap, sizeof(struct flow));
	if (err == 0)
		err = stripes_take(buckets, LANES, budget, "flow index", buckets_n,
				   sizeof(uint32_t));
	if (err == 0)
		err = take_large(windows, budget, "stream windows", &windows_cap,
				 share / 100 * SHARE_WINDOWS, sizeof(struct window));
	if (err == 0)
		err = take_large(states, budget, "parser states", &states_cap,
				 share / 100 * SHARE_STATES, sizeof(struct parser_state));
	for (int i = 0; i < LANES && err == 0; i++) {
		struct flows *t = &l->lane[i].flows;

		*t = (struct flows){.entries = entries[i],
				    .buckets = buckets[i],
				    .windows = windows[i],
				    .windows_cap = windows_cap,
				    .cap = cap,
				    .buckets_n = buckets_n,
				    .seed = seed,
				    .idle_ns = l->lane[i].limits->flow_idle_s * NS_PER_S,
				    .answer_ns = l->lane[i].limits->flow_answer_s * NS_PER_S,
				    .leave = l->lane[i].flows.leave,
				    .context = l->lane[i].flows.context};
		l->lane[i].states = states[i];
		l->lane[i].states_cap = states_cap;
	}
	return err;
}

/* One table of the facts' store and its index, for all lanes. */
struct table {
	struct stripe entries[LANES];
	struct slots index[LANES];
};

static int take_table(struct table *t, struct budget *budget, const char *name, uint32_t cap,
		      size_t entry, uint64_t seed)
{
	struct stripe words[LANES];
	uint32_t words_n = slots_words(cap);
	int err = stripes_take(t->entries, LANES, budget, name, cap, (uint32_t)entry);

	if (err == 0)
		err = stripes_take(words, LANES, budget, "fact index", words_n, sizeof(uint64_t));
	for (int i = 0; i < LANES && err == 0; i++)
		slots_init(&t->index[i], words[i], words_n, seed);
	return err;
}

int listen_take_facts(struct listeners *l, struct budget *budget, size_t share, uint64_t seed)
{
	static const size_t words = 4 * sizeof(uint64_t); /* of the index, at worst */
	struct table facts, heads, logins;
	struct stripe texts[LANES];
	size_t each = sizeof(struct fact) + sizeof(struct fact_head) + 3 * FACT_PIECE + 2 * words;
	uint32_t cap = whole_pieces(share / 100 * SHARE_FACTS / each);
	uint32_t logins_cap =
		whole_pieces(share / 100 * SHARE_LOGINS / (sizeof(struct login_fact) + words));
	int err = cap == 0 || logins_cap == 0 ? -ENOMEM : 0;

	if (err == 0)
		err = take_table(&facts, budget, "facts", cap, sizeof(struct fact), seed);
	if (err == 0)
		err = take_table(&heads, budget, "fact counts", cap, sizeof(struct fact_head),
				 seed);
	if (err == 0)
		err = take_table(&logins, budget, "logins", logins_cap, sizeof(struct login_fact),
				 seed);
	if (err == 0)
		err = stripes_take(texts, LANES, budget, "fact texts", 3 * cap, FACT_PIECE);
	for (int i = 0; i < LANES && err == 0; i++)
		l->lane[i].facts =
			(struct facts){.slots = facts.index[i],
				       .entries = facts.entries[i],
				       .texts = texts[i],
				       .texts_cap = 3 * cap,
				       .head_slots = heads.index[i],
				       .heads = heads.entries[i],
				       .login_slots = logins.index[i],
				       .logins = logins.entries[i],
				       .cap = cap,
				       .logins_cap = logins_cap,
				       .per_signal = (uint32_t)l->lane[i].limits->facts_per_signal};
	return err;
}
