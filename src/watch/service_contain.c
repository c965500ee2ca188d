/* SPDX-License-Identifier: MIT */
/*
 * Holding devices: what a round says of them goes to the holder, the holder's decisions to cordon-enforce at once, and then
 * into the store and the events with the round. Not the other way round: a disk that is slow or full must not keep a hijacked
 * camera on the Internet. What could not be kept is said again with the next round.
 *
 * Time is the clock on the wall: the kernel's time-outs go by it too. Captures that are read hold nobody.
 */
#include "watch/service_contain.h"

#include "base/timespan.h"
#include "guard/message.h"
#include "report/eve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIELDS_NS (5 * NS_PER_S)
#define COUNTS_NS (5 * NS_PER_S)
#define MISSING_NS (10 * NS_PER_S)
#define LIFT_NS (1 * NS_PER_S)

/* ---- what stands outside --------------------------------------------------------------------------------------- */

static bool is_listed(const struct settings_host *h, const struct holder_entry *e)
{
	if (h->is_mac)
		return mac_compare(&h->mac, &e->mac) == 0;
	for (size_t i = 0; i < e->addresses_n; i++)
		if (addr_equal(&h->addr, &e->addresses[i]))
			return true;
	return false;
}

static enum shield shield_of(void *context, const struct holder_entry *e)
{
	const struct containment *c = context;
	const struct settings_hosts *never = &c->settings->contain_never;

	for (size_t i = 0; i < never->n; i++)
		if (is_listed(&never->list[i], e))
			return SHIELD_ADMINISTRATOR;
	return shields_of(&c->shields, &e->mac, e->addresses, e->addresses_n);
}

static bool is_excepted(void *context, const struct holder_entry *e)
{
	const struct containment *c = context;
	const struct settings_exceptions *except = &c->settings->contain_except;

	for (size_t i = 0; i < except->n; i++)
		if (mac_compare(&except->list[i].mac, &e->mac) == 0 &&
		    c->now_ns < except->list[i].until_ns)
			return true;
	return false;
}

static void look_around(struct containment *c)
{
	char why[LOG_ERROR_TEXT];
	int err;

	if (c->shields_ns != 0 && service_now() - c->shields_ns < SHIELDS_NS)
		return;
	err = shields_read(&c->shields);
	if (err != 0)
		log_limited(&c->limit, LEVEL_WARNING,
			    "it could not be read whole who can never be held: %s",
			    log_error(-err, why));
	c->shields_ns = service_now();
}

/* ---- deciding and doing ---------------------------------------------------------------------------------------- */

bool containment_decide(struct service *s)
{
	struct containment *c = s->containment;
	struct holder_world w = {.shield = shield_of, .excepted = is_excepted, .context = c};
	bool changed;

	if (c == NULL)
		return false;
	look_around(c);
	c->now_ns = w.now_ns = service_wall();
	changed = holder_decide(&c->holder, &w);
	c->enforcer.partial = !c->resumed;
	enforcer_want(&c->enforcer, c->wanted, holder_wanted(&c->holder, c->wanted, w.now_ns),
		      w.now_ns);
	return changed;
}

/* Who looks better than before may only look so because this life of the engine is young: that is the store's to say. */
void containment_early(struct service *s, const struct round *r)
{
	struct containment *c = s->containment;
	bool any = false;

	for (size_t i = 0; c != NULL && i < r->devices_n; i++) {
		const struct device *d = &r->devices[i];
		const struct holder_entry *e = holder_find(&c->holder, d->id);

		if (d->verdict < VERDICT_SUSPECT || (e != NULL && d->verdict < e->verdict))
			continue;
		holder_note(&c->holder, d);
		any = true;
	}
	for (size_t i = 0; c != NULL && i < r->peers_n; i++)
		holder_viewers(&c->holder, r->peers[i]->id, r->peers[i]->peers,
			       r->peers[i]->peers_n, service_wall());
	if (any)
		(void)containment_decide(s);
}

void containment_note(struct service *s, const struct device *d)
{
	if (s->containment != NULL)
		holder_note(&s->containment->holder, d);
}

/* ---- saying it ------------------------------------------------------------------------------------------------- */

static const char *who(const struct holder_entry *e)
{
	return e->decision.reason == REASON_ORDERED || e->decision.reason == REASON_RELEASED
		       ? e->by
		       : "policy";
}

static void hold_of(const struct holder_entry *e, int64_t now_ns, struct store_hold *h)
{
	bool held = e->decision.hold != HOLD_NONE;

	*h = (struct store_hold){.device = e->id,
				 .hold = hold_words[held ? e->decision.hold : e->was],
				 .reason = policy_reason_words[e->decision.reason],
				 .by = who(e),
				 .began_ns = e->began_ns,
				 .until_ns = e->decision.until_ns,
				 .packets = e->packets,
				 .bytes = e->bytes};
	if (!held) {
		h->ended_ns = now_ns;
		h->ended = policy_reason_words[e->decision.reason];
	}
}

/* Of those that are held on: what was dropped since it was written last. */
static int store_counts(struct containment *c, struct store *store)
{
	struct store_hold h;
	int rc = 0;

	for (size_t i = 0; i < c->holder.n && rc == 0; i++) {
		struct holder_entry *e = &c->holder.list[i];

		if (e->decision.hold == HOLD_NONE || e->unsaid || e->packets == e->packets_kept)
			continue;
		hold_of(e, c->now_ns, &h);
		rc = store_hold_set(store, &h);
		e->packets_kept = e->packets;
	}
	return rc;
}

int containment_store(struct service *s, struct store *store)
{
	struct containment *c = s->containment;
	const struct holder_entry *e;
	struct store_hold h;
	size_t at = 0;
	int rc = 0;

	while (c != NULL && rc == 0 && (e = holder_unsaid(&c->holder, &at)) != NULL) {
		hold_of(e, c->now_ns, &h);
		/* From one kind of hold to another: that one ended. */
		if (e->was != HOLD_NONE && e->decision.hold != HOLD_NONE) {
			struct store_hold before = h;

			before.hold = hold_words[e->was];
			before.ended_ns = c->now_ns;
			before.ended = "held in another way";
			rc = store_hold_set(store, &before);
			h.began_ns = c->now_ns;
		}
		if (rc == 0)
			rc = store_hold_set(store, &h);
	}
	return rc == 0 && c != NULL ? store_counts(c, store) : rc;
}

static void write_event(struct eve *v, const struct holder_entry *e)
{
	struct json *j = &v->json;
	char mac[MAC_TEXT_MAX];

	eve_begin(v, service_wall(), "contain");
	json_open(j, "contain", "{");
	json_count(j, "v", 1);
	json_string(j, "id", e->id);
	json_string(j, "mac", mac_text(&e->mac, mac));
	json_string(j, "hold", hold_words[e->decision.hold]);
	json_string(j, "before", hold_words[e->was]);
	json_string(j, "reason", policy_reason_words[e->decision.reason]);
	json_string(j, "by", who(e));
	json_time(j, "since", e->began_ns);
	if (e->decision.until_ns != 0)
		json_time(j, "until", e->decision.until_ns);
	json_count(j, "packets", e->packets);
	json_count(j, "bytes", e->bytes);
	json_close(j, "}");
	eve_end(v);
}

int containment_tell(struct service *s, struct eve *v, int (*put)(void *context), void *context)
{
	struct containment *c = s->containment;
	const struct holder_entry *e;
	size_t at = 0;
	int rc = 0;

	while (c != NULL && rc == 0 && (e = holder_unsaid(&c->holder, &at)) != NULL) {
		write_event(v, e);
		rc = put(context);
	}
	return rc;
}

static void say(const struct holder_entry *e)
{
	char mac[MAC_TEXT_MAX];
	bool held = e->decision.hold != HOLD_NONE;

	log_line(LEVEL_NOTICE, "%s (%s) %s: %s", e->id, mac_text(&e->mac, mac),
		 held ? (e->decision.hold == HOLD_ISOLATED ? "is isolated" : "is contained")
		      : "is released",
		 policy_reason_words[e->decision.reason]);
}

void containment_said(struct service *s)
{
	const struct holder_entry *e;
	size_t at = 0;

	if (s->containment == NULL)
		return;
	while ((e = holder_unsaid(&s->containment->holder, &at)) != NULL)
		say(e);
	holder_said(&s->containment->holder);
}

/* ---- the owner's orders ---------------------------------------------------------------------------------------- */

static const char *const order_words[] = {NULL, "contain", "isolate", "release"};

static int keep_order(struct service *s, const char *id, const struct holder_order *o)
{
	const struct store_round round = {.life = s->hello.life, .now_ns = service_wall()};
	const struct store_order row = {.device = id,
					.what = order_words[o->order],
					.given_ns = o->given_ns,
					.until_ns = o->until_ns,
					.by = o->by};
	struct store *store = keeper_store(s);
	int rc = store == NULL || !s->greeted ? -EAGAIN : store_begin(store, &round);

	if (rc == 0)
		rc = store_order_set(store, &row);
	if (rc == 0)
		rc = store_commit(store);
	if (rc != 0 && store != NULL)
		store_rollback(store);
	return rc;
}

/* What is held is a MAC: whoever else was known by it is let go with it. */
static void release_same(struct holder *h, const struct mac *mac, const struct holder_order *o)
{
	for (size_t i = 0; i < h->n; i++)
		if (mac_compare(&h->list[i].mac, mac) == 0)
			holder_give(&h->list[i], o);
}

const char *containment_order(struct service *s, const struct device *d,
			      const struct holder_order *o, bool *kept)
{
	struct containment *c = s->containment;
	struct holder_entry *e;

	if (c == NULL)
		return "devices are not held here: set mode = ask or enforce in [contain] of cordon.conf";
	if (d->macs_n == 0)
		return "it is known by its address alone, and what is held is a MAC";
	if (!d->local)
		return "it is none of this network";
	if (!holder_order(&c->holder, d, o))
		return "too many devices are held already";
	if (o->order == ORDER_RELEASE)
		release_same(&c->holder, &d->macs[0], o);
	*kept = keep_order(s, d->id, o) == 0;
	(void)containment_decide(s);
	e = holder_find(&c->holder, d->id);
	if (o->order != ORDER_RELEASE && e != NULL && e->decision.hold == HOLD_NONE)
		return policy_reason_words[e->decision.reason];
	if (!c->enforcer.heard)
		return "cordon-enforce does not answer; it is held as soon as that does";
	return NULL;
}

size_t containment_release_all(struct service *s, const struct holder_order *o)
{
	struct holder *h = &s->containment->holder;
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (h->list[i].decision.hold == HOLD_NONE)
			continue;
		holder_give(&h->list[i], o);
		(void)keep_order(s, h->list[i].id, o);
		n++;
	}
	(void)containment_decide(s);
	(void)service_keep_holds(s);
	return n;
}

/* ---- beginning, going on, ending ------------------------------------------------------------------------------- */

static void note_count(void *context, const struct mac *mac, uint64_t packets, uint64_t bytes)
{
	struct containment *c = context;

	for (size_t i = 0; i < c->holder.n; i++) {
		struct holder_entry *e = &c->holder.list[i];

		if (mac_compare(&e->mac, mac) != 0 || e->decision.hold == HOLD_NONE)
			continue;
		/* The kernel begins anew when its tables do. */
		e->packets += packets >= e->packets_before ? packets - e->packets_before : packets;
		e->bytes += bytes >= e->bytes_before ? bytes - e->bytes_before : bytes;
		e->packets_before = packets;
		e->bytes_before = bytes;
	}
}

/* One after the other. */
static void ask_counts(struct containment *c)
{
	if (c->holder.n == 0)
		return;
	c->counting = (c->counting + 1) % c->holder.n;
	if (c->holder.list[c->counting].decision.hold != HOLD_NONE)
		(void)enforcer_count(&c->enforcer, &c->holder.list[c->counting].mac);
}

static void on_enforcer(uv_poll_t *poll, int status, int events)
{
	struct containment *c = poll->data;

	(void)status;
	(void)events;
	enforcer_tend(&c->enforcer, service_wall());
}

static void resume_holds(struct service *s, struct store *store)
{
	struct containment *c = s->containment;
	struct arena arena = {0};
	struct store_hold *holds;
	struct store_order *orders;
	struct judged j;
	bool read;
	size_t n;

	read = store_orders(store, &arena, &orders, &n) == 0;
	if (read)
		for (size_t i = 0; i < n; i++) {
			const struct store_query q = {.since_ns = INT64_MIN,
						      .until_ns = INT64_MAX,
						      .device = orders[i].device};
			struct holder_order o = {.given_ns = orders[i].given_ns,
						 .until_ns = orders[i].until_ns,
						 .by = orders[i].by};

			for (int w = ORDER_CONTAIN; w <= ORDER_RELEASE; w++)
				if (strcmp(orders[i].what, order_words[w]) == 0)
					o.order = (enum order)w;
			if (store_report(store, &q, &arena, &j) == 0 && j.devices_n > 0)
				(void)holder_order(&c->holder, &j.devices[0], &o);
		}
	read = read && store_holds(store, INT64_MAX, &arena, &holds, &n) == 0;
	if (read)
		for (size_t i = 0; i < n; i++) {
			const struct store_query q = {.since_ns = INT64_MIN,
						      .until_ns = INT64_MAX,
						      .device = holds[i].device};

			if (store_report(store, &q, &arena, &j) != 0 || j.devices_n == 0)
				continue;
			for (int w = HOLD_GATED; w <= HOLD_ISOLATED; w++)
				if (strcmp(holds[i].hold, hold_words[w]) == 0)
					(void)holder_resume(&c->holder, &j.devices[0], (enum hold)w,
							    holds[i].began_ns);
		}
	arena_fini(&arena);
	c->resumed = read; /* else the next tick tries again */
}

static struct policy policy_of(const struct settings *s)
{
	return (struct policy){
		.mode = (enum contain_mode)s->contain_mode,
		.verdict = s->contain_verdict == 0 ? VERDICT_SUSPECT : VERDICT_INFECTED,
		.confidence = (enum confidence)(CONFIDENCE_POSSIBLE + s->contain_confidence),
		.for_ns = s->contain_for_ns,
		.quiet_ns = s->contain_quiet_ns,
		.released_ns = s->contain_released_ns};
}

static bool begin(struct service *s, struct containment *c)
{
	const struct policy policy = policy_of(&s->settings);

	c->settings = &s->settings;
	c->wanted = calloc(CONTAIN_DEVICES, sizeof *c->wanted);
	if (c->wanted == NULL || holder_init(&c->holder, &policy) != 0 ||
	    enforcer_init(&c->enforcer, SERVICE_FD_ENFORCE) != 0)
		return false;
	c->enforcer.partial = true; /* until the store said who was held */
	c->enforcer.counted = note_count;
	c->enforcer.context = c->poll.data = c;
	c->heard_ns = service_now();
	return uv_poll_init(&s->loop, &c->poll, SERVICE_FD_ENFORCE) == 0 &&
	       uv_poll_start(&c->poll, UV_READABLE, on_enforcer) == 0;
}

struct containment *containment_new(struct service *s)
{
	struct containment *c;

	if (s->settings.contain_mode == CONTAIN_OBSERVE || s->settings.files_n > 0)
		return NULL;
	if (fcntl(SERVICE_FD_ENFORCE, F_GETFD) < 0) {
		log_line(
			LEVEL_ERROR,
			"there is no cordon-enforce, so nobody is held: it is built where libnftables is");
		return NULL;
	}
	c = calloc(1, sizeof *c);
	if (c == NULL || !begin(s, c)) {
		log_line(LEVEL_ERROR, "out of memory or descriptors: nobody is held");
		containment_free(c);
		return NULL;
	}
	return c;
}

static void tell_of_troubles(struct service *s, struct containment *c)
{
	char why[LOG_ERROR_TEXT];

	if (c->enforcer.heard)
		c->heard_ns = service_now();
	else if (!c->missing_told && service_now() - c->heard_ns > MISSING_NS) {
		c->missing_told = true;
		log_line(LEVEL_ERROR,
			 "cordon-enforce does not answer: nobody can be held or let go");
	}
	if (c->enforcer.failed != c->failed_told) {
		log_limited(&c->limit, LEVEL_ERROR,
			    "the firewall did not take it: %s; it is tried again",
			    log_error(c->enforcer.why, why));
		c->failed_told = c->enforcer.failed;
	}
	if (c->enforcer.reloaded != c->reloaded_told) {
		service_health(s, "firewall-reloaded", NULL, c->enforcer.reloaded,
			       "somebody took cordon's tables out of the firewall; they are back");
		c->reloaded_told = c->enforcer.reloaded;
	}
}

/* What a round did not take, because there was none or the store failed; counts now and then. */
static bool is_to_be_kept(struct containment *c)
{
	bool due = service_now() - c->counted_ns >= COUNTS_NS;
	size_t at = 0;

	if (due)
		c->counted_ns = service_now();
	for (size_t i = 0; due && i < c->holder.n; i++)
		if (c->holder.list[i].packets != c->holder.list[i].packets_kept)
			return true;
	return holder_unsaid(&c->holder, &at) != NULL;
}

void containment_tick(struct service *s)
{
	struct containment *c = s->containment;
	struct store *store;

	if (c == NULL)
		return;
	store = keeper_store(s);
	if (!c->resumed && store != NULL)
		resume_holds(s, store);
	enforcer_tend(&c->enforcer, service_wall());
	ask_counts(c);
	tell_of_troubles(s, c);
	(void)containment_decide(s);
	if (is_to_be_kept(c))
		(void)service_keep_holds(s);
}

/* The first process kills the other side as soon as we end, and taking the tables away needs its moment. */
static void lift(struct service *s)
{
	int64_t until = service_now() + LIFT_NS;
	struct enforcer *e = &s->containment->enforcer;

	holder_lift(&s->containment->holder);
	(void)service_keep_holds(s);
	enforcer_remove_all(e);
	while (e->heard && e->answered < e->cookie && service_now() < until) {
		(void)usleep(2000);
		enforcer_tend(e, service_wall());
	}
}

void containment_end(struct service *s)
{
	struct containment *c = s->containment;

	if (c == NULL)
		return;
	if (s->status == GUARD_EXIT_RELOAD ? s->lifts : s->settings.contain_stop == STOP_LIFT)
		lift(s);
	(void)uv_poll_stop(&c->poll);
}

void containment_free(struct containment *c)
{
	if (c == NULL)
		return;
	enforcer_fini(&c->enforcer);
	holder_fini(&c->holder);
	free(c->wanted);
	free(c);
}
