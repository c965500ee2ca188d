/* SPDX-License-Identifier: MIT */
/*
 * Holding devices: what a round says of them goes to the holder, the holder's decisions to cordon-enforce at once, and then
 * into the store and the events with the round. Not the other way round: a disk that is slow or full must not keep a hijacked
 * camera on the Internet. What could not be kept is said again with the next round.
 *
 * Time is the clock on the wall without its jumps (hold/steady.h); what is stored and told is what the wall shows. Exceptions end on
 * a day, and days are the wall's. Captures that are read hold nobody.
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
		return holder_has(e, &h->mac);
	for (size_t i = 0; i < e->addresses_n; i++)
		if (addr_equal(&h->addr, &e->addresses[i]))
			return true;
	return false;
}

static enum shield shield_of(void *context, const struct holder_entry *e)
{
	const struct containment *c = context;
	const struct settings_hosts *never = &c->settings->contain_never;

	enum shield shield = SHIELD_NONE;
	const struct mac *mac;

	for (size_t i = 0; i < never->n; i++)
		if (is_listed(&never->list[i], e))
			return SHIELD_ADMINISTRATOR;
	for (size_t i = 0; shield == SHIELD_NONE && (mac = holder_mac(e, i)) != NULL; i++)
		shield = shields_of(&c->shields, mac, e->addresses, e->addresses_n);
	return shield;
}

static bool is_excepted(void *context, const struct holder_entry *e)
{
	const struct containment *c = context;
	const struct settings_exceptions *except = &c->settings->contain_except;

	for (size_t i = 0; i < except->n; i++)
		if (holder_has(e, &except->list[i].mac) &&
		    service_wall() < except->list[i].until_ns)
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

/* ---- time ------------------------------------------------------------------------------------------------------ */

static int64_t tell_time(struct containment *c)
{
	int64_t wall = service_wall();
	int64_t now = steady_now(&c->clock, wall, service_now());

	holder_time(&c->holder, now, wall);
	return now;
}

int64_t containment_now(struct service *s)
{
	return s->containment == NULL ? service_wall() : tell_time(s->containment);
}

int64_t containment_wall(const struct service *s, int64_t ns)
{
	return s->containment == NULL ? ns : steady_wall(&s->containment->clock, ns);
}

/* ---- deciding and doing ---------------------------------------------------------------------------------------- */

struct holder_world containment_world(struct containment *c)
{
	look_around(c);
	return (struct holder_world){.shield = shield_of,
				     .excepted = is_excepted,
				     .doubted = containment_doubts,
				     .context = c,
				     .now_ns = tell_time(c)};
}

/* What ran before a hold ends with it. */
static void forget_connections(struct containment *c)
{
	for (size_t i = 0; i < c->holder.n; i++) {
		const struct holder_entry *e = &c->holder.list[i];

		if (e->decision.hold == HOLD_NONE || e->began_ns != c->now_ns)
			continue;
		for (size_t a = 0; a < e->addresses_n; a++)
			enforcer_forget(&c->enforcer, &e->addresses[a]);
	}
}

bool containment_decide(struct service *s)
{
	struct containment *c = s->containment;
	struct contain_all all = {0};
	struct holder_world w;
	bool changed;

	if (c == NULL)
		return false;
	all.held = c->wanted;
	w = containment_world(c);
	c->now_ns = w.now_ns;
	containment_moves_read(s, c);
	gatehouse_hold(s);
	changed = holder_decide(&c->holder, &w);
	forget_connections(c);
	c->enforcer.partial = !c->resumed || (c->gate != NULL && !c->gate->ready);
	all.held_n = holder_wanted(&c->holder, c->wanted, w.now_ns);
	gatehouse_want(s, c->wanted, &all);
	enforcer_want(&c->enforcer, &all, w.now_ns);
	return changed;
}

static void resume_holds(struct service *s, struct store *store);

/* Who looks better than before may only look so because this life of the engine is young: that is the store's to say. */
void containment_early(struct service *s, const struct round *r)
{
	struct containment *c = s->containment;
	struct store *store;
	bool any = false;

	if (c == NULL)
		return;
	(void)tell_time(c);
	/* Before anybody is held: what the service before this one doubted. */
	if (!c->resumed && (store = keeper_store(s)) != NULL)
		resume_holds(s, store);
	gatehouse_tend(s);
	for (size_t i = 0; i < r->devices_n; i++) {
		const struct device *d = &r->devices[i];
		const struct holder_entry *e = holder_find(&c->holder, d->id);

		gatehouse_early(s, d);
		recorders_note_device(c, d);
		if (d->verdict < VERDICT_SUSPECT || (e != NULL && d->verdict < e->verdict))
			continue;
		holder_note(&c->holder, d);
		any = true;
	}
	for (size_t i = 0; i < r->peers_n; i++)
		recorders_note_peers(c, r->peers[i]);
	for (size_t i = 0; i < r->gone_n; i++)
		holder_gone(&c->holder, r->gone[i]);
	if (any || gatehouse_has_news(s))
		(void)containment_decide(s);
}

void containment_note(struct service *s, const struct device *d)
{
	if (s->containment == NULL)
		return;
	holder_note(&s->containment->holder, d);
	gatehouse_note(s, d);
}

/* ---- saying it ------------------------------------------------------------------------------------------------- */

static const char *who(const struct holder_entry *e)
{
	if (e->decision.reason == REASON_GATED)
		return "the first-use gate";
	return e->decision.reason == REASON_ORDERED || e->decision.reason == REASON_RELEASED
		       ? e->by
		       : "policy";
}

static void hold_of(const struct containment *c, const struct holder_entry *e, struct store_hold *h)
{
	bool held = e->decision.hold != HOLD_NONE;

	*h = (struct store_hold){.device = e->id,
				 .hold = hold_words[held ? e->decision.hold : e->was],
				 .reason = policy_reason_words[e->decision.reason],
				 .by = who(e),
				 .began_ns = steady_wall(&c->clock, e->began_ns),
				 .until_ns = steady_wall(&c->clock, e->decision.until_ns),
				 .packets = e->packets,
				 .bytes = e->bytes};
	if (!held) {
		h->ended_ns = steady_wall(&c->clock, c->now_ns);
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
		hold_of(c, e, &h);
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
		hold_of(c, e, &h);
		/* From one kind of hold to another: that one ended. */
		if (e->was != HOLD_NONE && e->decision.hold != HOLD_NONE) {
			struct store_hold before = h;

			before.hold = hold_words[e->was];
			before.ended_ns = steady_wall(&c->clock, c->now_ns);
			before.ended = "held in another way";
			rc = store_hold_set(store, &before);
			h.began_ns = before.ended_ns;
		}
		if (rc == 0)
			rc = store_hold_set(store, &h);
	}
	if (rc == 0)
		rc = gatehouse_store(s, store);
	if (rc == 0 && c != NULL)
		rc = store_counts(c, store);
	if (rc == 0 && c != NULL)
		rc = containment_doubts_store(c, store);
	return rc == 0 && c != NULL ? recorders_store(c, store) : rc;
}

static void write_event(const struct containment *c, struct eve *v, const struct holder_entry *e)
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
	json_time(j, "since", steady_wall(&c->clock, e->began_ns));
	if (e->decision.until_ns != 0)
		json_time(j, "until", steady_wall(&c->clock, e->decision.until_ns));
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
		write_event(c, v, e);
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
		if (e->decision.hold != HOLD_GATED && e->was != HOLD_GATED)
			say(e); /* the gate says the rest */
	holder_said(&s->containment->holder);
	gatehouse_said(s);
	s->containment->holder.book.changed = s->containment->doubts.changed = false;
}

/* ---- beginning, going on, ending ------------------------------------------------------------------------------- */

static void note_count(void *context, const struct mac *mac, uint64_t packets, uint64_t bytes)
{
	struct containment *c = context;
	const struct holder_count count = {packets, bytes};

	(void)tell_time(c);
	holder_count(&c->holder, mac, &count);
}

/* One after the other. */
static void ask_counts(struct containment *c)
{
	const struct holder_entry *e;
	const struct mac *mac;

	if (c->holder.n == 0)
		return;
	c->counting %= c->holder.n;
	e = &c->holder.list[c->counting];
	mac = e->decision.hold != HOLD_NONE ? holder_mac(e, c->counting_mac) : NULL;
	if (mac != NULL && !enforcer_count(&c->enforcer, mac))
		return; /* it is asked again */
	if (mac != NULL && ++c->counting_mac < HOLDER_MACS)
		return;
	c->counting_mac = 0;
	c->counting++;
}

static void on_enforcer(uv_poll_t *poll, int status, int events)
{
	struct containment *c = poll->data;

	(void)status;
	(void)events;
	enforcer_tend(&c->enforcer, tell_time(c));
}

/* The other way round: what the store says, by this clock. */
static int64_t of_store(const struct containment *c, int64_t ns)
{
	return ns == 0 ? 0 : time_since(c->clock.step_ns, ns);
}

static enum order order_of(const char *what)
{
	for (int w = ORDER_CONTAIN; w <= ORDER_RELEASE; w++)
		if (strcmp(what, contain_order_words[w]) == 0)
			return (enum order)w;
	return ORDER_NONE;
}

static bool resume_orders(struct containment *c, struct store *store, struct arena *arena)
{
	struct store_order *orders;
	size_t n;

	if (store_orders(store, arena, &orders, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct device *d = containment_stored(store, orders[i].device, arena);
		const struct holder_order o = {.order = order_of(orders[i].what),
					       .given_ns = of_store(c, orders[i].given_ns),
					       .until_ns = of_store(c, orders[i].until_ns),
					       .by = orders[i].by,
					       .recalled = true};

		if (d != NULL)
			(void)holder_order(&c->holder, d, &o);
	}
	return true;
}

static bool resume_held(struct containment *c, struct store *store, struct arena *arena)
{
	struct store_hold *holds;
	size_t n;

	if (store_holds(store, INT64_MAX, arena, &holds, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct device *d = containment_stored(store, holds[i].device, arena);

		for (int w = HOLD_GATED; d != NULL && w <= HOLD_ISOLATED; w++)
			if (strcmp(holds[i].hold, hold_words[w]) == 0)
				(void)holder_resume(&c->holder, d, (enum hold)w,
						    of_store(c, holds[i].began_ns));
	}
	return true;
}

static void resume_holds(struct service *s, struct store *store)
{
	struct containment *c = s->containment;
	bool observes = c->settings->contain_mode == CONTAIN_OBSERVE;
	struct arena arena = {0};

	look_around(c);
	containment_doubts_resume(c, store, &arena);
	recorders_resume(c, store, &arena);
	c->resumed = (observes || resume_orders(c, store, &arena)) && resume_held(c, store, &arena);
	arena_fini(&arena); /* what could not be read is tried with the next tick */
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
	c->moves.fd = -1;
	c->gate = s->settings.gate_mode != 0 ? gatehouse_new() : NULL;
	c->wanted = calloc(CONTAIN_DEVICES, sizeof *c->wanted);
	if (c->wanted == NULL || (s->settings.gate_mode != 0 && c->gate == NULL) ||
	    holder_init(&c->holder, &policy) != 0 ||
	    enforcer_init(&c->enforcer, SERVICE_FD_ENFORCE) != 0)
		return false;
	c->enforcer.partial = true; /* until the store said who was held */
	c->enforcer.counted = note_count;
	c->enforcer.context = c->poll.data = c;
	c->heard_ns = c->began_ns = service_now();
	(void)tell_time(c);
	containment_moves_begin(s, c);
	return uv_poll_init(&s->loop, &c->poll, SERVICE_FD_ENFORCE) == 0 &&
	       uv_poll_start(&c->poll, UV_READABLE, on_enforcer) == 0;
}

struct containment *containment_new(struct service *s)
{
	struct containment *c;

	if (!settings_hold(&s->settings))
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
static bool is_to_be_kept(const struct service *s, struct containment *c)
{
	bool due = service_now() - c->counted_ns >= COUNTS_NS;
	size_t at = 0;

	if (due)
		c->counted_ns = service_now();
	for (size_t i = 0; due && i < c->holder.n; i++)
		if (c->holder.list[i].packets != c->holder.list[i].packets_kept)
			return true;
	return c->holder.book.changed || c->doubts.changed ||
	       holder_unsaid(&c->holder, &at) != NULL || gatehouse_has_news(s);
}

void containment_tick(struct service *s)
{
	struct containment *c = s->containment;
	struct store *store;

	if (s->settings.gate_mode == 0 && s->settings.files_n == 0)
		gatehouse_is_off(s);
	if (c == NULL)
		return;
	gatehouse_tend(s);
	store = keeper_store(s);
	if (!c->resumed && store != NULL)
		resume_holds(s, store);
	enforcer_tend(&c->enforcer, tell_time(c));
	containment_follow_jump(s);
	containment_keep_orders(s);
	ask_counts(c);
	tell_of_troubles(s, c);
	(void)containment_decide(s);
	if (is_to_be_kept(s, c))
		(void)service_keep_holds(s);
	if (s->state != SERVICE_STOPS && hold_place_moved(&c->place, &s->settings, service_now())) {
		log_line(LEVEL_NOTICE,
			 "this host's networks or its gateway changed; beginning again "
			 "with them, and who is held stays held");
		service_stop(s, GUARD_EXIT_RELOAD);
	}
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
		enforcer_tend(e, tell_time(s->containment));
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
	containment_moves_end(c);
}

void containment_free(struct containment *c)
{
	if (c == NULL)
		return;
	moves_close(&c->moves);
	enforcer_fini(&c->enforcer);
	holder_fini(&c->holder);
	gatehouse_free(c->gate);
	free(c->wanted);
	free(c);
}
