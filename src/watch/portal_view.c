/* SPDX-License-Identifier: MIT */
/*
 * See portal_view.h. At most PORTAL_LISTED devices are looked up in the store, and at most once a second, however many ask: a
 * stranger in the LAN must not keep the service from its rounds by opening pages.
 */
#include "watch/portal_view.h"

#include "base/timespan.h"
#include "watch/service_contain.h"

#include <string.h>
#include <time.h>

#define FRESH_NS NS_PER_S

static void slug_of(const struct mac *mac, char slug[PORTAL_SLUG])
{
	(void)mac_text(mac, slug);
	for (size_t i = 2; i < PORTAL_SLUG - 1; i += 3)
		slug[i] = '-';
}

/* In the zone of this host. */
static const char *time_words(struct arena *arena, int64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	char words[64];
	struct tm t;

	if (ns <= 0 || localtime_r(&seconds, &t) == NULL ||
	    strftime(words, sizeof words, "%Y-%m-%d %H:%M %Z", &t) == 0)
		return NULL;
	return arena_string(arena, words);
}

/* ---- one device ------------------------------------------------------------------------------------------------ */

static const char *how_words(enum hold hold)
{
	return hold == HOLD_ISOLATED	? "cut off from everybody"
	       : hold == HOLD_CONTAINED ? "kept off the Internet and from calling others here"
					: "kept off the Internet";
}

static void describe(struct portal_device *p, const struct device *d, struct arena *arena)
{
	const char *named = d->model != NULL ? d->model : d->product;

	if (d->names_n > 0)
		p->name = d->names[0];
	if (d->maker != NULL && named != NULL)
		p->what = ARENA_JOIN(arena, d->maker, " ", named);
	else
		p->what = d->maker != NULL ? d->maker : named;
	p->todo = d->todo;
	p->todo_n = d->todo_n;
}

/* By its verdict: the words that every report has for it. */
static void say_hold(struct portal_device *p, const struct holder_entry *e, const struct device *d)
{
	p->how = how_words(e->decision.hold);
	p->let_out = "cordon release";
	p->why = policy_reason_words[e->decision.reason];
	if (e->decision.reason != REASON_VERDICT)
		return;
	if (d != NULL && d->why != NULL)
		p->why = d->why;
	p->by_itself = "It is let out by itself when it has shown no sign for a while and what "
		       "let strangers in is mended.";
}

static const char *kept_words(struct arena *arena, struct text *words)
{
	const char *kept = arena_string(arena, text_string(words));

	text_fini(words);
	return kept;
}

/* The gate's own step comes before those of its model. */
static void put_step_first(struct portal_device *p, const char *step, struct arena *arena)
{
	const char **list = arena_take(arena, (p->todo_n + 1) * sizeof *list);

	if (list == NULL || step == NULL)
		return;
	list[0] = step;
	for (size_t i = 0; i < p->todo_n; i++)
		list[i + 1] = p->todo[i];
	p->todo = list;
	p->todo_n++;
}

static const char *opens_by_itself(const struct gate_decision *d)
{
	if (d->state == GATE_NEVER || d->reason == GATE_HIDDEN || d->reason == GATE_BY_OWNER)
		return NULL;
	return "It gets out by itself within seconds: a camera or another thing as soon as a login "
	       "with a password of its own was seen at each of its services, a phone or computer as "
	       "soon as it is recognised as one.";
}

static void say_gate(struct portal_device *p, const struct gate_row *row, struct arena *arena)
{
	struct gate_decision d = gatekeeper_stands(row);
	struct text words = {0};
	char mac[MAC_TEXT_MAX];

	gate_write_reason(&d, &words);
	p->why = kept_words(arena, &words);
	words = (struct text){0};
	gate_write_step(&d, mac_text(&row->macs[0], mac), &words);
	put_step_first(p, kept_words(arena, &words), arena);
	p->let_out = d.state == GATE_NEVER ? "cordon gate override" : "cordon gate confirm";
	p->by_itself = opens_by_itself(&d);
	p->since = time_words(arena, row->since_ns);
}

static const struct device *look_up(struct portal_held *h, struct store *store, const char *id)
{
	const struct store_query q = {.since_ns = INT64_MIN, .until_ns = INT64_MAX, .device = id};
	struct judged *j = arena_take(&h->arena, sizeof *j);

	if (j == NULL || store == NULL || store_report(store, &q, &h->arena, j) != 0 ||
	    j->devices_n == 0)
		return NULL;
	return &j->devices[0];
}

static struct portal_device *place_for(struct portal_held *h, const struct holder_entry *e)
{
	const struct mac *mac;
	size_t at = h->view.n;

	if (at == PORTAL_LISTED) {
		h->view.more++;
		return NULL;
	}
	memset(h->macs[at], 0, sizeof h->macs[at]);
	for (size_t i = 0; i < HOLDER_MACS && (mac = holder_mac(e, i)) != NULL; i++)
		h->macs[at][i] = *mac;
	h->devices[at] = (struct portal_device){0};
	slug_of(&e->mac, h->devices[at].slug);
	h->view.n++;
	return &h->devices[at];
}

static void take_entry(struct portal_held *h, struct service *s, struct store *store,
		       const struct holder_entry *e)
{
	struct gatehouse *gate = s->containment->gate;
	struct portal_device *p = place_for(h, e);
	const struct gate_row *row = NULL;
	const struct device *d;

	if (p == NULL)
		return;
	d = look_up(h, store, e->id);
	if (d != NULL)
		describe(p, d, &h->arena);
	say_hold(p, e, d);
	p->since = time_words(&h->arena, containment_wall(s, e->began_ns));
	if (e->decision.hold == HOLD_GATED && gate != NULL)
		row = gatekeeper_find(&gate->keeper, e->id);
	if (row != NULL)
		say_gate(p, row, &h->arena);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

void portal_held_read(struct portal_held *h, struct service *s)
{
	const struct containment *c = s->containment;
	int64_t now = service_now();

	if (h->read_ns != 0 && now - h->read_ns < FRESH_NS)
		return;
	h->read_ns = now;
	arena_fini(&h->arena);
	h->arena = (struct arena){0};
	h->view = (struct portal_view){.devices = h->devices};
	for (size_t i = 0; c != NULL && i < c->holder.n; i++)
		if (c->holder.list[i].decision.hold != HOLD_NONE)
			take_entry(h, s, keeper_store(s), &c->holder.list[i]);
}

void portal_held_fini(struct portal_held *h)
{
	arena_fini(&h->arena);
}

/* ---- one of them ----------------------------------------------------------------------------------------------- */

const struct portal_device *portal_held_find(const struct portal_held *h, const struct mac *mac)
{
	for (size_t i = 0; i < h->view.n && !mac_is_zero(mac); i++)
		for (size_t k = 0; k < HOLDER_MACS; k++)
			if (mac_equal(&h->macs[i][k], mac))
				return &h->devices[i];
	return NULL;
}

static bool is_through(const struct gatehouse *gate, const struct mac *mac)
{
	for (size_t i = 0; i < gate->passed_n; i++)
		if (mac_equal(&gate->passed[i], mac))
			return true;
	return false;
}

/* Nothing is asked of the store here: a reader may come as often as it likes. */
const struct portal_device *portal_held_own(struct portal_held *h, const struct service *s,
					    const struct mac *mac)
{
	const struct gate_decision unknown = {.state = GATE_NEW, .reason = GATE_UNKNOWN};
	const struct portal_device *listed = portal_held_find(h, mac);
	const struct containment *c = s->containment;

	if (listed != NULL || c == NULL)
		return listed;
	h->own = (struct portal_device){0};
	slug_of(mac, h->own.slug);
	for (size_t i = 0; i < c->holder.n; i++) {
		const struct holder_entry *e = &c->holder.list[i];

		if (e->decision.hold == HOLD_NONE || !holder_has(e, mac))
			continue;
		say_hold(&h->own, e, NULL);
		return &h->own;
	}
	if (c->gate == NULL || is_through(c->gate, mac))
		return NULL;
	h->own.how = how_words(HOLD_GATED);
	h->own.why = "it is new in this network, and it is not known yet what it is";
	h->own.let_out = "cordon gate confirm";
	h->own.by_itself = opens_by_itself(&unknown);
	return &h->own;
}
