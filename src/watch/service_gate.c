/* SPDX-License-Identifier: MIT */
/*
 * The first-use gate in the service, see service_gate.h. What a round says goes to the list, the list to the holder and to cordon-enforce in
 * the same round, and then into the store with it. Opening waits for the store's word on a device, shutting does not.
 *
 * Against a crowd: MACs that somebody makes up have no two-way traffic, get no row, and are counted in a map of fixed size; the
 * owner is told once an hour.
 */
#include "watch/service_gate.h"

#include "base/hash.h"
#include "base/timespan.h"
#include "watch/service_contain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CROWD_NS (3600 * NS_PER_S)
#define CLOCK_SLACK_NS (86400 * NS_PER_S)
enum { ELEMENTS_OF_HOLD = 5, SMALL_NETWORK_BITS = 124, ASKED_MOST = 256 };

struct gatehouse *gatehouse_new(void)
{
	struct gatehouse *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	g->passed = calloc(CONTAIN_PASSED, sizeof *g->passed);
	(void)!getrandom(&g->crowd_seed, sizeof g->crowd_seed, GRND_NONBLOCK);
	if (g->passed == NULL || gatekeeper_init(&g->keeper) != 0) {
		gatehouse_free(g);
		return NULL;
	}
	return g;
}

void gatehouse_free(struct gatehouse *g)
{
	if (g == NULL)
		return;
	gatekeeper_fini(&g->keeper);
	free(g->passed);
	free(g);
}

static struct gatehouse *gate_of(const struct service *s)
{
	return s->containment == NULL ? NULL : s->containment->gate;
}

/* ---- what the store has ---------------------------------------------------------------------------------------- */

static int word_place(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0; /* the one that is shut */
}

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from != NULL ? from : "");
}

static void resume_row(struct gatehouse *g, const struct store_gate *kept)
{
	struct gate_row r = {.state = (enum gate_state)word_place(gate_words, kept->state),
			     .reason =
				     (enum gate_reason)word_place(gate_reason_names, kept->reason),
			     .since_ns = kept->since_ns,
			     .seen_ns = kept->since_ns,
			     .before = kept->before,
			     .word = (enum gate_word)word_place(gate_word_words, kept->word),
			     .word_ns = kept->word_ns};

	if (strncmp(kept->device, "mac:", 4) != 0 || !mac_parse(kept->device + 4, &r.macs[0]))
		return;
	r.macs_n = 1;
	copy(r.id, sizeof r.id, kept->device);
	copy(r.service, sizeof r.service, kept->service);
	copy(r.by, sizeof r.by, kept->by);
	(void)gatekeeper_resume(&g->keeper, &r);
}

static bool read_rows(struct gatehouse *g, struct store *store)
{
	const struct store_query q = {.since_ns = INT64_MIN, .until_ns = INT64_MAX};
	struct arena arena = {0};
	struct store_gate *list;
	struct judged j;
	size_t n;
	bool good = store_gates(store, &arena, &list, &n) == 0;

	for (size_t i = 0; good && i < n; i++)
		resume_row(g, &list[i]);
	good = good && store_report(store, &q, &arena, &j) == 0;
	for (size_t i = 0; good && i < j.devices_n; i++) {
		struct gate_row *r = gatekeeper_find(&g->keeper, j.devices[i].id);

		if (r != NULL && j.devices[i].macs_n > 0)
			gatekeeper_describe(r, &j.devices[i]);
	}
	arena_fini(&arena);
	return good;
}

/* Writes since when the gate is on; with rows of who is here when it was off before. */
static int keep_since(struct service *s, struct store *store, int64_t since_ns, bool rows)
{
	const struct store_round round = {.life = s->hello.life, .now_ns = service_wall()};
	int rc = store_begin(store, &round);

	if (rc == 0)
		rc = rows ? store_gate_on(store, since_ns, gate_words[GATE_OPEN],
					  gate_reason_names[GATE_WAS_HERE])
			  : store_gate_since_set(store, since_ns);
	if (rc == 0)
		rc = store_commit(store);
	if (rc != 0)
		store_rollback(store);
	return rc;
}

/* A new store in a damaged one's place knows nobody: who is seen within a day is taken for one who was here. */
static bool resume(struct service *s, struct gatehouse *g, struct store *store)
{
	int64_t since = store_gate_since(store), now = service_wall();
	char why[LOG_ERROR_TEXT];
	int rc = 0;

	if (since == 0) {
		since = s->keeper.replaced ? now + CLOCK_SLACK_NS : s->began_wall_ns;
		rc = keep_since(s, store, since, true);
		if (rc == 0)
			log_line(LEVEL_NOTICE,
				 "the first-use gate is on: who comes from now on waits there");
	} else if (since > now && since - now > 2 * CLOCK_SLACK_NS) {
		since = now; /* the clock was wrong when it was switched on */
		rc = keep_since(s, store, since, false);
	}
	if (rc != 0) {
		log_limited(&g->store_limit, LEVEL_ERROR,
			    "the first-use gate can't be taken up: %s", log_error(-rc, why));
		return false;
	}
	g->keeper.since_ns = since;
	return read_rows(g, store);
}

void gatehouse_is_off(struct service *s)
{
	struct store *store = s->greeted && !s->gate_off ? keeper_store(s) : NULL;

	if (store == NULL)
		return;
	s->gate_off = store_gate_since(store) == 0 || keep_since(s, store, 0, false) == 0;
}

/* ---- a crowd --------------------------------------------------------------------------------------------------- */

static void count_knock(struct gatehouse *g, const struct mac *mac)
{
	int64_t now = service_now();
	uint64_t hash = hash_more(g->crowd_seed, hash_mac(mac));
	uint64_t *word = &g->crowd[hash % GATEHOUSE_CROWD_BITS / 64];
	uint64_t bit = UINT64_C(1) << (hash % 64);

	if (now >= g->crowd_until_ns) {
		memset(g->crowd, 0, sizeof g->crowd);
		g->crowd_n = 0;
		g->crowd_told = false;
		g->crowd_until_ns = now + CROWD_NS;
	}
	g->crowd_n += (*word & bit) == 0;
	*word |= bit;
}

static void tell_of_crowd(struct service *s, struct gatehouse *g)
{
	static const char unproven[] =
		"many MACs knock at the first-use gate that nobody speaks with: somebody may be making them up; they wait, and take no place";
	static const char full[] =
		"the list of devices at the first-use gate is full: who comes now waits, and can't be let through";

	if (g->crowd_n > GATEHOUSE_CROWD_MOST && !g->crowd_told) {
		g->crowd_told = true;
		log_limited(&g->crowd_limit, LEVEL_WARNING, "%zu so far in this hour: %s",
			    g->crowd_n, unproven);
		service_health(s, "gate-crowd", NULL, g->crowd_n, unproven);
	}
	if (g->keeper.refused != g->refused_told && g->refused_told == 0) {
		log_line(LEVEL_WARNING, "%s", full);
		service_health(s, "gate-full", NULL, g->keeper.refused, full);
	}
	g->refused_told = g->keeper.refused;
}

void gatehouse_tend(struct service *s)
{
	struct gatehouse *g = gate_of(s);
	struct store *store;

	if (g == NULL)
		return;
	store = g->ready || !s->greeted ? NULL : keeper_store(s);
	if (store != NULL)
		g->ready = resume(s, g, store);
	tell_of_crowd(s, g);
}

/* ---- devices --------------------------------------------------------------------------------------------------- */

static bool is_listed(const struct settings_host *h, const struct gate_row *r)
{
	for (size_t i = 0; h->is_mac && i < r->macs_n; i++)
		if (mac_compare(&h->mac, &r->macs[i]) == 0)
			return true;
	for (size_t i = 0; !h->is_mac && i < r->addresses_n; i++)
		if (addr_equal(&h->addr, &r->addresses[i]))
			return true;
	return false;
}

static bool is_shielded(const struct containment *c, const struct gate_row *r)
{
	const struct settings_hosts *never = &c->settings->contain_never;

	for (size_t i = 0; i < never->n; i++)
		if (is_listed(&never->list[i], r))
			return true;
	for (size_t i = 0; i < r->macs_n; i++)
		if (shields_of(&c->shields, &r->macs[i], r->addresses, r->addresses_n) !=
		    SHIELD_NONE)
			return true;
	return false;
}

void gatehouse_early(struct service *s, const struct device *d)
{
	struct gatehouse *g = gate_of(s);

	if (g != NULL && g->ready)
		gatekeeper_worse(&g->keeper, d, service_wall());
}

void gatehouse_note(struct service *s, const struct device *d)
{
	struct gatehouse *g = gate_of(s);
	struct gate_row *r;

	if (g == NULL || !g->ready)
		return;
	r = gatekeeper_note(&g->keeper, d, service_wall());
	if (r != NULL)
		r->shielded = is_shielded(s->containment, r);
	else if (d->local && d->macs_n > 0 && d->backing < BACKING_TWO_WAY)
		count_knock(g, &d->macs[0]);
	/* A store that took another's place learns it again. */
	if (r != NULL && s->keeper.replaced)
		r->unkept = true;
}

/* Whom devices may ask for names: this host and the routers, as far as these are known. */
static void name_resolvers(struct service *s, const struct shields *around)
{
	struct addr list[NAMES_RESOLVERS];
	size_t n = 0;

	for (size_t i = 0; i < around->own_n && n < NAMES_RESOLVERS; i++)
		if ((addr_class(&around->own[i]) & ADDR_LOOPBACK) == 0)
			list[n++] = around->own[i];
	for (size_t i = 0; i < around->routers_n && n < NAMES_RESOLVERS; i++)
		list[n++] = around->routers[i];
	names_resolvers(&s->names, list, n);
}

static void look_at_shields(struct service *s, struct containment *c)
{
	struct gatehouse *g = c->gate;

	if (g->shields_ns == c->shields_ns)
		return;
	g->shields_ns = c->shields_ns;
	name_resolvers(s, &c->shields);
	for (size_t i = 0; i < g->keeper.n; i++)
		g->keeper.rows[i].shielded = is_shielded(c, &g->keeper.rows[i]);
}

static void hold_one(struct containment *c, const struct gate_row *r)
{
	const struct device d = {.id = r->id,
				 .local = true,
				 .backing = BACKING_TWO_WAY,
				 .macs = r->macs,
				 .macs_n = r->macs_n,
				 .addresses = r->addresses,
				 .addresses_n = r->addresses_n};

	holder_gate(&c->holder, &d, true);
}

void gatehouse_hold(struct service *s)
{
	struct containment *c = s->containment;
	struct gatehouse *g = c->gate;
	size_t gated = 0;

	if (g == NULL)
		return;
	look_at_shields(s, c);
	for (size_t i = 0; i < g->keeper.n; i++)
		g->keeper.rows[i].listed = false;
	for (size_t i = 0; i < c->holder.n; i++) {
		struct holder_entry *e = &c->holder.list[i];
		struct gate_row *r = gatekeeper_find(&g->keeper, e->id);

		/* What an earlier service held stays so until the store was read. */
		e->gated = r != NULL ? !gatekeeper_is_through(r)
				     : !g->ready && e->decision.hold == HOLD_GATED;
		gated += e->gated;
		if (r != NULL)
			r->listed = true;
	}
	for (size_t i = 0; i < g->keeper.n && gated < HOLDER_GATED; i++) {
		const struct gate_row *r = &g->keeper.rows[i];

		if (r->listed || gatekeeper_is_through(r))
			continue;
		hold_one(c, r);
		gated++;
	}
}

/* ---- what is to be in the kernel ------------------------------------------------------------------------------- */

static void add_passed(struct gatehouse *g, const struct mac *mac)
{
	if (g->passed_n < CONTAIN_PASSED)
		g->passed[g->passed_n++] = *mac;
}

/* Those that are never held need no row: this host, the routers as the kernel knows them, and whom the settings name. */
static void list_passed(struct containment *c)
{
	const struct settings_hosts *never = &c->settings->contain_never;
	struct gatehouse *g = c->gate;

	g->passed_n = 0;
	for (size_t i = 0; i < c->shields.own_macs_n; i++)
		add_passed(g, &c->shields.own_macs[i]);
	for (size_t i = 0; i < c->shields.router_macs_n; i++)
		add_passed(g, &c->shields.router_macs[i]);
	for (size_t i = 0; i < never->n; i++)
		if (never->list[i].is_mac)
			add_passed(g, &never->list[i].mac);
	g->passed_n += gatekeeper_passed(&g->keeper, g->passed + g->passed_n,
					 CONTAIN_PASSED - g->passed_n);
}

static void add_allowed(struct contain_wanted *w, const struct addr *a)
{
	for (size_t i = 0; i < w->allowed_n; i++)
		if (addr_equal(&w->allowed[i], a))
			return;
	if (w->allowed_n < CONTAIN_ADDRESSES)
		w->allowed[w->allowed_n++] = *a;
}

/* A small network as it is; of a larger one, what the device was told when it asked for any name. */
static void allow_network(const struct service *s, const char *id, const struct prefix *p,
			  struct contain_wanted *w)
{
	struct addr a = p->addr, asked[ASKED_MOST];
	size_t n;

	if (p->bits >= SMALL_NETWORK_BITS) {
		for (unsigned i = 0; i < 1U << (128 - p->bits); i++) {
			a.b[15] = (uint8_t)(p->addr.b[15] + i);
			add_allowed(w, &a);
		}
		return;
	}
	n = names_of(&s->names, id, "*", asked, ASKED_MOST, service_wall());
	for (size_t i = 0; i < n; i++)
		if (prefix_has(p, &asked[i]))
			add_allowed(w, &asked[i]);
}

static void allow_name(const struct service *s, const char *id, const char *name,
		       struct contain_wanted *w)
{
	struct addr asked[CONTAIN_ADDRESSES];
	size_t n = names_of(&s->names, id, name, asked, CONTAIN_ADDRESSES, service_wall());

	for (size_t i = 0; i < n; i++)
		add_allowed(w, &asked[i]);
}

static const char *id_of(const struct holder *h, const struct mac *mac)
{
	for (size_t i = 0; i < h->n; i++)
		if (holder_has(&h->list[i], mac))
			return h->list[i].id;
	return "";
}

static void allow(const struct service *s, struct contain_wanted *w)
{
	const struct settings_places *places = &s->settings.gate_allow;
	const char *id = places->n > 0 ? id_of(&s->containment->holder, &w->mac) : "";

	for (size_t i = 0; i < places->n; i++)
		if (places->list[i].name[0] == '\0')
			allow_network(s, id, &places->list[i].network, w);
		else
			allow_name(s, id, places->list[i].name, w);
}

static size_t elements_of(const struct contain_wanted *w)
{
	return ELEMENTS_OF_HOLD + 2 * (w->addresses_n + w->allowed_n) + w->viewers_n +
	       w->recorders_n;
}

static void swap(struct contain_wanted *a, struct contain_wanted *b)
{
	const struct contain_wanted kept = *a;

	*a = *b;
	*b = kept;
}

void gatehouse_want(struct service *s, struct contain_wanted *held, struct contain_all *all)
{
	struct containment *c = s->containment;
	size_t n = 0, used;

	if (c->gate == NULL)
		return;
	list_passed(c);
	all->passed = c->gate->passed;
	all->passed_n = used = c->gate->passed_n;
	for (size_t i = 0; i < all->held_n; i++) {
		if (held[i].hold == HOLD_GATED)
			continue;
		used += elements_of(&held[i]);
		if (i != n)
			swap(&held[i], &held[n]);
		n++;
	}
	for (; n < all->held_n; n++) {
		allow(s, &held[n]);
		used += elements_of(&held[n]);
		if (used > CONTAIN_ELEMENTS)
			break;
	}
	all->held_n = n;
}

/* ---- saying it ------------------------------------------------------------------------------------------------- */

bool gatehouse_has_news(const struct service *s)
{
	struct gatehouse *g = gate_of(s);
	size_t at = 0;

	return g != NULL && gatekeeper_unkept(&g->keeper, &at) != NULL;
}

int gatehouse_store(struct service *s, struct store *store)
{
	struct gatehouse *g = gate_of(s);
	const struct gate_row *r;
	size_t at = 0;
	int rc = 0;

	if (g == NULL || !g->ready)
		return 0;
	if (store_gate_since(store) == 0)
		rc = store_gate_since_set(store, g->keeper.since_ns);
	while (rc == 0 && (r = gatekeeper_unkept(&g->keeper, &at)) != NULL) {
		const struct store_gate row = {.device = r->id,
					       .state = gate_words[r->state],
					       .reason = gate_reason_names[r->reason],
					       .service = r->service[0] != '\0' ? r->service : NULL,
					       .since_ns = r->since_ns,
					       .word = gate_word_words[r->word],
					       .word_ns = r->word_ns,
					       .by = r->by[0] != '\0' ? r->by : NULL,
					       .before = r->before};

		rc = store_gate_set(store, &row);
	}
	return rc;
}

static void write_event(struct eve *v, const struct gate_row *r)
{
	const struct gate_decision d = {
		.state = r->state, .reason = r->reason, .service = r->service};
	struct json *j = &v->json;
	struct text words = {0};
	char mac[MAC_TEXT_MAX];

	gate_write_reason(&d, &words);
	eve_begin(v, service_wall(), "gate");
	json_open(j, "gate", "{");
	json_count(j, "v", 1);
	json_string(j, "id", r->id);
	json_string(j, "mac", mac_text(&r->macs[0], mac));
	json_string(j, "state", gate_words[r->state]);
	if (!r->is_new)
		json_string(j, "before", gate_words[r->was]);
	json_string(j, "reason", gate_reason_names[r->reason]);
	json_string(j, "text", text_string(&words));
	if (r->service[0] != '\0')
		json_string(j, "service", r->service);
	json_string(j, "by", r->reason == GATE_BY_OWNER ? r->by : "gate");
	if (r->word != GATE_SAID_NOTHING)
		json_string(j, "word", gate_word_words[r->word]);
	json_time(j, "since", r->since_ns);
	json_close(j, "}");
	eve_end(v);
	text_fini(&words);
}

int gatehouse_tell(struct service *s, struct eve *v, int (*put)(void *context), void *context)
{
	struct gatehouse *g = gate_of(s);
	const struct gate_row *r;
	size_t at = 0;
	int rc = 0;

	while (g != NULL && rc == 0 && (r = gatekeeper_unkept(&g->keeper, &at)) != NULL) {
		if (!r->unsaid)
			continue;
		write_event(v, r);
		rc = put(context);
	}
	return rc;
}

/* A word of the owner's is always said; what forgers can bring about has a limit. */
static void say(struct gatehouse *g, const struct gate_row *r)
{
	static const char *const stands[] = {"waits at the gate", "waits at the gate",
					     "never passes the gate", "is through the gate"};
	const struct gate_decision d = {
		.state = r->state, .reason = r->reason, .service = r->service};
	struct text words = {0};

	gate_write_reason(&d, &words);
	if (r->reason == GATE_BY_OWNER)
		log_line(LEVEL_NOTICE, "%s (%s) %s: %s; %s", r->id, r->name, stands[r->state],
			 text_string(&words), r->by);
	else if (!r->is_new)
		log_line(LEVEL_NOTICE, "%s (%s) %s: %s", r->id, r->name, stands[r->state],
			 text_string(&words));
	else
		log_limited(&g->limit, LEVEL_NOTICE, "%s (%s) %s: %s", r->id, r->name,
			    stands[r->state], text_string(&words));
	text_fini(&words);
}

void gatehouse_said(struct service *s)
{
	struct gatehouse *g = gate_of(s);
	const struct gate_row *r;
	size_t at = 0;

	if (g == NULL)
		return;
	while ((r = gatekeeper_unkept(&g->keeper, &at)) != NULL)
		if (r->unsaid)
			say(g, r);
	gatekeeper_kept(&g->keeper);
}
