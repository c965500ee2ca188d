/* SPDX-License-Identifier: MIT */
/*
 * The list of holder.h. A few hundred entries at most matter at a time, and all are looked at in each round: a search through
 * them costs less than keeping them sorted would. Ids come from the packets process and are compared whole; one that is too long
 * is none of ours.
 */
#include "watch/holder.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

int holder_init(struct holder *h, const struct policy *policy)
{
	*h = (struct holder){.policy = *policy};
	h->list = calloc(CONTAIN_DEVICES, sizeof *h->list);
	return h->list == NULL ? -ENOMEM : 0;
}

void holder_fini(struct holder *h)
{
	free(h->list);
	*h = (struct holder){0};
}

struct holder_entry *holder_find(struct holder *h, const char *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->list[i].id, id) == 0)
			return &h->list[i];
	return NULL;
}

/* ---- who is on the list ---------------------------------------------------------------------------------------- */

static bool is_held(const struct holder_entry *e)
{
	return e->decision.hold != HOLD_NONE;
}

enum { RANK_ORDERED = 99, RANK_HELD = 100 };

/* Whoever is lower makes room for who is higher. */
static int rank(enum verdict verdict, enum confidence confidence)
{
	return 10 * (int)verdict + (int)confidence;
}

static int rank_of(const struct holder_entry *e)
{
	return is_held(e) || e->order != ORDER_NONE || e->unsaid ? RANK_HELD
								 : rank(e->verdict, e->confidence);
}

static struct holder_entry *make_room(struct holder *h, int newcomer)
{
	struct holder_entry *least = h->list;

	for (size_t i = 1; i < h->n; i++)
		if (rank_of(&h->list[i]) < rank_of(least))
			least = &h->list[i];
	if (rank_of(least) >= newcomer) {
		h->refused++;
		return NULL;
	}
	return least;
}

static struct holder_entry *add(struct holder *h, const struct device *d, int newcomer)
{
	struct holder_entry *e;

	if (d->macs_n == 0 || strlen(d->id) >= HOLDER_ID)
		return NULL;
	e = h->n < CONTAIN_DEVICES ? &h->list[h->n++] : make_room(h, newcomer);
	if (e == NULL)
		return NULL;
	*e = (struct holder_entry){.sign_ns = INT64_MIN};
	(void)snprintf(e->id, sizeof e->id, "%s", d->id);
	return e;
}

/* ---- what is known of it --------------------------------------------------------------------------------------- */

/* The last thing that it did itself and that shows a stage; being tried is no deed of its own. */
static int64_t last_sign(const struct device *d)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		if (!e->inward && strcmp(e->weight, "note") != 0 && e->last_ns > last)
			last = e->last_ns;
	}
	return last;
}

/* How it was taken, as far as that shows: then it would be taken again. */
static bool is_open(const struct device *d)
{
	for (size_t i = 0; i < d->exposures_n; i++) {
		enum exposure_kind kind = d->exposures[i].kind;

		if (kind == EXPOSURE_FACTORY_PASSWORD || kind == EXPOSURE_UNCHANGEABLE_PASSWORD ||
		    kind == EXPOSURE_NOT_ACTIVATED || kind == EXPOSURE_OPEN_TELNET)
			return true;
	}
	return false;
}

static void update(struct holder_entry *e, const struct device *d)
{
	e->mac = d->macs[0];
	e->addresses_n = d->addresses_n < CONTAIN_ADDRESSES ? d->addresses_n : CONTAIN_ADDRESSES;
	memcpy(e->addresses, d->addresses, e->addresses_n * sizeof *e->addresses);
	e->local = d->local;
	e->backing = d->backing;
	e->verdict = d->verdict;
	e->confidence = d->confidence;
	e->sign_ns = last_sign(d);
	e->cause_gone = !is_open(d);
}

void holder_note(struct holder *h, const struct device *d)
{
	struct holder_entry *e = holder_find(h, d->id);

	if (e == NULL && d->local && d->verdict >= VERDICT_SUSPECT)
		e = add(h, d, rank(d->verdict, d->confidence));
	if (e != NULL && d->macs_n > 0)
		update(e, d);
}

void holder_give(struct holder_entry *e, const struct holder_order *o)
{
	e->order = o->order;
	e->ordered_ns = o->given_ns;
	e->order_until = o->until_ns;
	(void)snprintf(e->by, sizeof e->by, "%s", o->by);
}

bool holder_order(struct holder *h, const struct device *d, const struct holder_order *o)
{
	struct holder_entry *e = holder_find(h, d->id);

	if (e == NULL)
		e = add(h, d, RANK_ORDERED);
	if (e == NULL)
		return false;
	update(e, d);
	holder_give(e, o);
	return true;
}

bool holder_resume(struct holder *h, const struct device *d, enum hold hold, int64_t began_ns)
{
	struct holder_entry *e = holder_find(h, d->id);

	if (e == NULL)
		e = add(h, d, RANK_HELD);
	if (e == NULL)
		return false;
	update(e, d);
	e->decision = (struct policy_decision){.hold = hold, .reason = REASON_VERDICT};
	e->began_ns = began_ns;
	return true;
}

/* ---- deciding -------------------------------------------------------------------------------------------------- */

static struct policy_decision decision_on(const struct holder *h, const struct holder_entry *e,
					  const struct holder_world *w)
{
	const struct device d = {.local = e->local,
				 .backing = e->backing,
				 .verdict = e->verdict,
				 .confidence = e->confidence};
	const struct policy_case c = {.device = &d,
				      .shield = w->shield(w->context, e),
				      .order = e->order,
				      .ordered_ns = e->ordered_ns,
				      .order_until = e->order_until,
				      .excepted = w->excepted(w->context, e),
				      .held = is_held(e) && e->decision.reason == REASON_VERDICT,
				      .sign_ns = e->sign_ns,
				      .cause_gone = e->cause_gone,
				      .now_ns = w->now_ns};

	return policy_decide(&h->policy, &c);
}

/* A release is remembered as long as it keeps policy away, also of a device that nobody accuses. */
static bool is_done_with(const struct holder *h, const struct holder_entry *e, int64_t now_ns)
{
	bool ordered = e->order == ORDER_CONTAIN || e->order == ORDER_ISOLATE ||
		       (e->order == ORDER_RELEASE &&
			time_since(e->ordered_ns, now_ns) < h->policy.released_ns);

	return !is_held(e) && !e->unsaid && !ordered && e->verdict < VERDICT_SUSPECT;
}

static bool decide_on(struct holder *h, struct holder_entry *e, const struct holder_world *w)
{
	struct policy_decision before = e->decision;

	e->decision = decision_on(h, e, w);
	if (e->order != ORDER_NONE && e->order_until != 0 && w->now_ns >= e->order_until)
		e->order = ORDER_NONE;
	if (e->decision.hold == before.hold)
		return false;
	if (!e->unsaid)
		e->was = before.hold;
	e->unsaid = true;
	if (before.hold == HOLD_NONE) {
		e->began_ns = w->now_ns;
		e->packets = e->bytes = 0;
		e->packets_before = e->bytes_before = 0;
	}
	return true;
}

bool holder_decide(struct holder *h, const struct holder_world *w)
{
	bool changed = false;
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		changed |= decide_on(h, &h->list[i], w);
		if (is_done_with(h, &h->list[i], w->now_ns))
			continue;
		if (kept != i)
			h->list[kept] = h->list[i];
		kept++;
	}
	h->n = kept;
	return changed;
}

void holder_lift(struct holder *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct holder_entry *e = &h->list[i];

		if (!is_held(e))
			continue;
		if (!e->unsaid)
			e->was = e->decision.hold;
		e->decision = (struct policy_decision){.hold = HOLD_NONE, .reason = REASON_LIFTED};
		e->unsaid = true;
	}
}

struct holder_entry *holder_unsaid(struct holder *h, size_t *at)
{
	while (*at < h->n) {
		struct holder_entry *e = &h->list[(*at)++];

		if (e->unsaid)
			return e;
	}
	return NULL;
}

void holder_said(struct holder *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->list[i].unsaid = false;
}

void holder_viewers(struct holder *h, const char *id, const struct addr *list, size_t n,
		    int64_t now_ns)
{
	struct holder_entry *e = holder_find(h, id);

	if (e == NULL || is_held(e))
		return;
	e->viewers_n = n < CONTAIN_ADDRESSES ? n : CONTAIN_ADDRESSES;
	memcpy(e->viewers, list, e->viewers_n * sizeof *e->viewers);
	e->viewers_until = now_ns + CONTAIN_VIEWER_SECONDS * NS_PER_S;
}

size_t holder_wanted(const struct holder *h, struct contain_wanted *out, int64_t now_ns)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct holder_entry *e = &h->list[i];
		struct contain_wanted *w = &out[n];

		if (!is_held(e))
			continue;
		n++;
		*w = (struct contain_wanted){.mac = e->mac,
					     .hold = e->decision.hold,
					     .addresses_n = e->addresses_n,
					     .until_ns = e->decision.until_ns};
		memcpy(w->addresses, e->addresses, e->addresses_n * sizeof *w->addresses);
		if (now_ns >= e->viewers_until)
			continue;
		w->viewers_n = e->viewers_n;
		w->viewers_until_ns = e->viewers_until;
		memcpy(w->viewers, e->viewers, e->viewers_n * sizeof *w->viewers);
	}
	return n;
}
