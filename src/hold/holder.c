/* SPDX-License-Identifier: MIT */
/*
 * The list of holder.h. A few hundred entries at most matter at a time, and all are looked at in each round: a search through
 * them costs less than keeping them sorted would. Ids come from the packets process and are compared whole; one that is too long
 * is none of ours.
 */
#include "hold/holder.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

int holder_init(struct holder *h, const struct policy *policy)
{
	*h = (struct holder){.policy = *policy};
	h->list = calloc(CONTAIN_DEVICES, sizeof *h->list);
	if (h->list != NULL && book_init(&h->book) == 0)
		return 0;
	holder_fini(h);
	return -ENOMEM;
}

void holder_fini(struct holder *h)
{
	book_fini(&h->book);
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

void holder_time(struct holder *h, int64_t now_ns, int64_t wall_ns)
{
	h->now_ns = now_ns;
	h->wall_ns = wall_ns;
}

const struct mac *holder_mac(const struct holder_entry *e, size_t i)
{
	return i == 0 ? &e->mac : i <= e->others_n ? &e->others[i - 1] : NULL;
}

bool holder_has(const struct holder_entry *e, const struct mac *mac)
{
	const struct mac *own;

	for (size_t i = 0; (own = holder_mac(e, i)) != NULL; i++)
		if (mac_compare(own, mac) == 0)
			return true;
	return false;
}

/* ---- who is on the list ---------------------------------------------------------------------------------------- */

static bool is_held(const struct holder_entry *e)
{
	return e->decision.hold != HOLD_NONE;
}

enum { RANK_GATED = 1, RANK_ORDERED = 99, RANK_HELD = 100 };

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
	*e = (struct holder_entry){
		.sign_ns = INT64_MIN, .sign_seen_ns = INT64_MIN, .doubted_ns = INT64_MIN};
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

/*
 * A sign is as old as the clock on the wall says when it is seen first; after that it ages by the clock that never jumps. That of an
 * engine that has not followed a jump yet looks years old: it makes nothing younger, and nothing older than it was.
 */
static void note_sign(const struct holder *h, struct holder_entry *e, int64_t seen_ns)
{
	int64_t age_ns = time_since(seen_ns, h->wall_ns), sign_ns;

	if (seen_ns == e->sign_seen_ns)
		return;
	e->sign_seen_ns = seen_ns;
	sign_ns = seen_ns == INT64_MIN ? INT64_MIN : time_since(age_ns > 0 ? age_ns : 0, h->now_ns);
	if (sign_ns > e->sign_ns || seen_ns == INT64_MIN)
		e->sign_ns = sign_ns;
}

/* What was counted of a MAC that it had before goes on; that of others begins. */
static void note_macs(struct holder_entry *e, const struct device *d)
{
	const struct holder_entry was = *e;
	const struct mac *mac;

	e->mac = d->macs[0];
	e->others_n = d->macs_n < HOLDER_MACS ? d->macs_n - 1 : HOLDER_MACS - 1;
	memcpy(e->others, d->macs + 1, e->others_n * sizeof *e->others);
	for (size_t i = 0; (mac = holder_mac(e, i)) != NULL; i++) {
		const struct mac *old;

		e->before[i] = (struct holder_count){0};
		for (size_t k = 0; (old = holder_mac(&was, k)) != NULL; k++)
			if (mac_compare(old, mac) == 0)
				e->before[i] = was.before[k];
	}
}

static void update(const struct holder *h, struct holder_entry *e, const struct device *d)
{
	note_macs(e, d);
	e->addresses_n = d->addresses_n < CONTAIN_ADDRESSES ? d->addresses_n : CONTAIN_ADDRESSES;
	memcpy(e->addresses, d->addresses, e->addresses_n * sizeof *e->addresses);
	e->local = d->local;
	e->backing = d->backing;
	e->verdict = d->verdict;
	e->confidence = d->confidence;
	note_sign(h, e, last_sign(d));
	e->cause_gone = !is_open(d);
}

void holder_note(struct holder *h, const struct device *d)
{
	struct holder_entry *e = holder_find(h, d->id);

	if (e == NULL && d->local && d->verdict >= VERDICT_SUSPECT)
		e = add(h, d, rank(d->verdict, d->confidence));
	if (e != NULL && d->macs_n > 0)
		update(h, e, d);
}

static size_t gated_n(const struct holder *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->list[i].gated;
	return n;
}

void holder_gate(struct holder *h, const struct device *d, bool gated)
{
	struct holder_entry *e = holder_find(h, d->id);

	if (e == NULL && gated && d->macs_n > 0 && gated_n(h) < HOLDER_GATED) {
		e = add(h, d, RANK_GATED);
		if (e != NULL)
			update(h, e, d);
	}
	if (e != NULL)
		e->gated = gated;
}

void holder_gone(struct holder *h, const char *id)
{
	struct holder_entry *e = holder_find(h, id);

	if (e == NULL || is_held(e))
		return;
	e->verdict =
		VERDICT_CLEAR; /* so that it leaves when it is decided next, unless there is an order */
}

void holder_step(struct holder *h, int64_t jump_ns)
{
	for (size_t i = 0; i < h->n; i++) {
		struct holder_entry *e = &h->list[i];

		if (!e->recalled)
			continue;
		e->ordered_ns = time_since(jump_ns, e->ordered_ns);
		if (e->order_until != 0)
			e->order_until = time_since(jump_ns, e->order_until);
	}
}

void holder_give(struct holder_entry *e, const struct holder_order *o)
{
	e->recalled = o->recalled;
	e->unkept = !o->recalled;
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
	update(h, e, d);
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
	update(h, e, d);
	e->decision = (struct policy_decision){
		.hold = hold, .reason = hold == HOLD_GATED ? REASON_GATED : REASON_VERDICT};
	e->began_ns = began_ns;
	return true;
}

/* ---- deciding -------------------------------------------------------------------------------------------------- */

/* Once doubted, a sign stays so: that the MAC has kept its place since proves nothing. */
static bool is_doubted(struct holder_entry *e, const struct holder_world *w)
{
	if (w->doubted != NULL && !is_held(e) && e->sign_ns > e->doubted_ns &&
	    w->doubted(w->context, e))
		e->doubted_ns = e->sign_ns;
	return e->doubted_ns != INT64_MIN && e->sign_ns <= e->doubted_ns;
}

static struct policy_decision decision_on(const struct holder *h, struct holder_entry *e,
					  const struct holder_world *w)
{
	const struct device d = {
		.local = e->local,
		.backing = is_doubted(e, w) && e->backing > BACKING_MAC ? BACKING_MAC : e->backing,
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
	if (e->decision.hold == HOLD_NONE && e->gated)
		e->decision = (struct policy_decision){.hold = HOLD_GATED, .reason = REASON_GATED};
	if (e->order != ORDER_NONE && e->order_until != 0 && w->now_ns >= e->order_until)
		e->order = ORDER_NONE;
	if (e->decision.hold == before.hold)
		return false;
	if (!e->unsaid)
		e->was = before.hold;
	e->unsaid = true;
	if (before.hold == HOLD_NONE) {
		e->began_ns = w->now_ns;
		e->packets = e->bytes = e->packets_kept = 0;
		memset(e->before, 0, sizeof e->before);
		e->rate_ns = w->now_ns;
		e->rate_packets = 0;
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

size_t holder_held(const struct holder *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += is_held(&h->list[i]);
	return n;
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

/* ---- what is dropped ------------------------------------------------------------------------------------------- */

/* A minute's drops beside those that a clean device causes. */
static void look_at_rate(const struct holder *h, struct holder_entry *e)
{
	int64_t span = time_since(e->rate_ns, h->now_ns);
	uint64_t dropped = e->packets - e->rate_packets;

	if (span < 60 * NS_PER_S)
		return;
	if (dropped / ((uint64_t)span / (60 * (uint64_t)NS_PER_S)) > HOLDER_CLEAN_DROPS &&
	    e->decision.reason == REASON_VERDICT && e->sign_ns < h->now_ns)
		e->sign_ns = h->now_ns;
	e->rate_ns = h->now_ns;
	e->rate_packets = e->packets;
}

/* The kernel begins anew when its tables do. */
static void add_drops(struct holder *h, struct holder_entry *e, const struct holder_count *now,
		      const struct holder_count *was)
{
	uint64_t packets = now->packets - (now->packets >= was->packets ? was->packets : 0);
	uint64_t bytes = now->bytes - (now->bytes >= was->bytes ? was->bytes : 0);

	e->packets += packets;
	e->bytes += bytes;
	h->packets += packets;
	h->bytes += bytes;
}

void holder_count(struct holder *h, const struct mac *mac, const struct holder_count *count)
{
	for (size_t i = 0; i < h->n; i++) {
		struct holder_entry *e = &h->list[i];
		const struct mac *own;

		for (size_t k = 0; is_held(e) && (own = holder_mac(e, k)) != NULL; k++) {
			struct holder_count *was = &e->before[k];

			if (mac_compare(own, mac) != 0)
				continue;
			add_drops(h, e, count, was);
			*was = *count;
			look_at_rate(h, e);
		}
	}
}

/* ---- what is to be in the kernel ------------------------------------------------------------------------------- */

/* What the settings say goes before what was seen. */
static void want_recorders(const struct holder *h, const struct holder_entry *e,
			   struct contain_wanted *w)
{
	const struct book_entry *seen = book_of(&h->book, e->id);

	for (size_t i = 0; i < h->named_n; i++)
		w->recorders[w->recorders_n++] = h->named[i];
	for (size_t i = 0; seen != NULL && i < seen->n && w->recorders_n < CONTAIN_ADDRESSES; i++)
		w->recorders[w->recorders_n++] = seen->recorders[i];
}

static void want(const struct holder *h, const struct holder_entry *e, const struct mac *mac,
		 int64_t now_ns, struct contain_wanted *w)
{
	*w = (struct contain_wanted){.mac = *mac,
				     .hold = e->decision.hold,
				     .addresses_n = e->addresses_n,
				     .until_ns = e->decision.until_ns};
	memcpy(w->addresses, e->addresses, e->addresses_n * sizeof *w->addresses);
	want_recorders(h, e, w);
	if (now_ns >= e->viewers_until)
		return;
	w->viewers_n = e->viewers_n;
	w->viewers_until_ns = e->viewers_until;
	memcpy(w->viewers, e->viewers, e->viewers_n * sizeof *w->viewers);
}

size_t holder_wanted(const struct holder *h, struct contain_wanted *out, int64_t now_ns)
{
	size_t n = 0;

	for (size_t k = 0; k < HOLDER_MACS; k++)
		for (size_t i = 0; i < h->n && n < CONTAIN_DEVICES; i++) {
			const struct holder_entry *e = &h->list[i];
			const struct mac *mac = is_held(e) ? holder_mac(e, k) : NULL;

			if (mac != NULL)
				want(h, e, mac, now_ns, &out[n++]);
		}
	return n;
}
