/* SPDX-License-Identifier: MIT */
/*
 * What the store of facts forgets. A device tells its model when it starts, and is the same for months: what was told of an
 * address goes with the address's binding, lest it be laid to whoever has the address next, and stays while that is there.
 * But of a signal of which so many values are kept that there is no room for new ones, the old ones go. What was told of
 * strangers, and of who only claims an address or has none, goes by its own time.
 *
 * Tries to log in are made by strangers in any number, and go by their own time too: what was accepted, and what our own
 * devices try at each other, by ours.
 */
#include "proto/facts_age.h"

#include "proto/facts_tables.h"

struct aging {
	struct facts *f;
	const struct world *w;
	struct ages *a;
};

/* Has the host as many values of this signal as it may? */
static bool is_crowded(struct facts *f, const struct fact *fact)
{
	const struct fact_head *head = facts_head(f, fact, false);

	return head != NULL && head->n >= f->per_signal;
}

static bool is_fact_old(const struct aging *g, const struct fact *fact)
{
	enum fate fate = world_fate(g->w, g->a, &fact->addr, fact->mac, fact->ours);
	bool proven = fate == FATE_STAYS_PROVEN;

	if (fate == FATE_GOES)
		return true;
	if (!ages_is_old(g->a, fact->last_ns, ages_before(g->a, proven)))
		return false;
	return fate == FATE_UNBOUND || is_crowded(g->f, fact);
}

/* Ours in the sense that our own time holds for it. */
static bool is_login_ours(const struct login_fact *l, enum fate server, enum fate client)
{
	return client == FATE_STAYS_PROVEN ||
	       (server == FATE_STAYS_PROVEN && l->outcome == LOGIN_ACCEPTED);
}

static bool is_login_old(const struct aging *g, const struct login_fact *l)
{
	enum fate server = world_fate(g->w, g->a, &l->server, l->server_mac, l->server_ours);
	enum fate client = world_fate(g->w, g->a, &l->client, l->client_mac, l->client_ours);

	if (server == FATE_GOES || client == FATE_GOES)
		return true;
	return ages_is_old(g->a, l->last_ns, ages_before(g->a, is_login_ours(l, server, client)));
}

/* ---- facts ----------------------------------------------------------------------------------------------------- */

/* Which go is decided before anything moves: those have no count from then on. */
static bool mark_facts(const struct aging *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->f->n; i++) {
		struct fact *fact = stripe_at(&g->f->entries, i);

		if (is_fact_old(g, fact)) {
			fact->count = 0;
			any = true;
		} else if (fact->mac != NO_MAC) {
			ages_name(g->a, fact->mac);
		}
	}
	return any;
}

static void move_fact(struct facts *f, const struct fact *from)
{
	struct fact *fact = stripe_at(&f->entries, f->n);
	struct bytes value = fact_value(f, from);
	uint32_t text = facts_place_text(f, value);
	struct fact_head *head;
	uint64_t hash;

	*fact = *from;
	facts_keep_text(f, value, text);
	fact->text = text;
	hash = facts_hash(f, fact);
	slots_put_last(&f->slots, hash, f->n++);
	facts_mark(f, hash);
	f->strangers_n += fact->ours == 0;
	head = facts_head(f, fact, true);
	if (head != NULL)
		head->n++;
}

static void close_up_facts(struct facts *f)
{
	uint32_t n = f->n;

	slots_clear(&f->slots);
	memset(f->marks, 0, sizeof f->marks);
	slots_clear(&f->head_slots);
	f->n = f->heads_n = f->texts_n = f->strangers_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (facts_at(f, i)->count > 0)
			move_fact(f, facts_at(f, i));
	}
}

/* ---- logins ---------------------------------------------------------------------------------------------------- */

static void name_login(struct ages *a, const struct login_fact *l)
{
	if (l->server_mac != NO_MAC)
		ages_name(a, l->server_mac);
	if (l->client_mac != NO_MAC)
		ages_name(a, l->client_mac);
}

static void close_up_logins(const struct aging *g)
{
	struct facts *f = g->f;
	uint32_t n = f->logins_n;

	slots_clear(&f->login_slots);
	f->logins_n = f->strange_logins_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct login_fact *login = facts_login_at(f, i);

		if (is_login_old(g, login))
			continue;
		if (f->logins_n != i)
			*facts_login_at(f, f->logins_n) = *login;
		f->strange_logins_n += !login->server_ours;
		slots_put_last(&f->login_slots, facts_login_hash(f, login), f->logins_n++);
	}
}

static void age_logins(const struct aging *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->f->logins_n; i++) {
		const struct login_fact *login = facts_login_at(g->f, i);

		if (is_login_old(g, login))
			any = true;
		else
			name_login(g->a, login);
	}
	if (any)
		close_up_logins(g);
}

void facts_age(struct facts *f, const struct world *w, struct ages *a)
{
	const struct aging g = {.f = f, .w = w, .a = a};

	if (mark_facts(&g))
		close_up_facts(f);
	age_logins(&g);
}

/* ---- how full -------------------------------------------------------------------------------------------------- */

static uint32_t facts_of_ours(const struct aging *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->f->n; i++) {
		const struct fact *fact = facts_at(g->f, i);

		n += world_fate(g->w, g->a, &fact->addr, fact->mac, fact->ours) ==
		     FATE_STAYS_PROVEN;
	}
	return n;
}

static uint32_t logins_of_ours(const struct aging *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->f->logins_n; i++) {
		const struct login_fact *l = facts_login_at(g->f, i);

		n += is_login_ours(
			l, world_fate(g->w, g->a, &l->server, l->server_mac, l->server_ours),
			world_fate(g->w, g->a, &l->client, l->client_mac, l->client_ours));
	}
	return n;
}

static void press(const struct facts *f, uint64_t facts, uint64_t logins, struct ages *a)
{
	uint64_t part = f->n == 0 ? 0 : facts * 1000 / f->n; /* of texts and counts the same */

	ages_press(a, f->n, facts, f->cap / 8 * 7);
	ages_press(a, f->strangers_n, 0, f->cap / 2);
	ages_press(a, f->texts_n, f->texts_n * part / 1000, f->texts_cap);
	ages_press(a, f->heads_n, f->heads_n * part / 1000, f->cap);
	ages_press(a, f->logins_n, logins, f->logins_cap / 8 * 7);
	ages_press(a, f->strange_logins_n, 0, f->logins_cap / 2);
}

void facts_press(struct facts *f, const struct world *w, struct ages *a, bool surveyed)
{
	const struct aging g = {.f = f, .w = w, .a = a};
	unsigned others = a->pressure;

	press(f, 0, 0, a);
	if (!surveyed || a->pressure == others)
		return;
	a->pressure = others; /* fuller than others: of whom? */
	press(f, facts_of_ours(&g), logins_of_ours(&g), a);
}
