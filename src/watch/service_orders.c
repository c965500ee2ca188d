/* SPDX-License-Identifier: MIT */
/*
 * The owner's orders: they go to the holder, at once, and into the store, where a restart finds them. What the store does not take, since
 * its disk is full or nobody said yet in whose life this is, is tried again until it does; the order holds meanwhile.
 */
#include "watch/service_contain.h"

#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

/* A jump so soon after the begin sets a clock right that was wrong since the machine was turned on. */
#define SETTLE_NS (15 * 60 * NS_PER_S)

#define TOO_MANY "too many devices are held already"

const char *const contain_order_words[] = {NULL, "contain", "isolate", "release"};

static int keep_order(struct service *s, struct store *store, const struct holder_entry *e)
{
	const struct store_round round = {.life = s->hello.life, .now_ns = service_wall()};
	const struct store_order row = {.device = e->id,
					.what = contain_order_words[e->order],
					.given_ns = containment_wall(s, e->ordered_ns),
					.until_ns = containment_wall(s, e->order_until),
					.by = e->by};
	int rc = store_begin(store, &round);

	if (rc == 0)
		rc = store_order_set(store, &row);
	if (rc == 0)
		rc = store_commit(store);
	if (rc != 0) {
		store_rollback(store);
		keeper_failed(s, -rc);
	}
	return rc;
}

void containment_keep_orders(struct service *s)
{
	struct holder *h = &s->containment->holder;

	for (size_t i = 0; i < h->n; i++) {
		struct holder_entry *e = &h->list[i];
		struct store *store;

		e->unkept &= e->order != ORDER_NONE;
		store = e->unkept && s->greeted ? keeper_store(s) : NULL;
		if (store == NULL)
			continue;
		if (keep_order(s, store, e) != 0)
			return; /* it is tried again with the next tick */
		e->unkept = false;
	}
}

/* What is held is a MAC: whoever else was known by it is let go with it. */
static void release_same(struct holder *h, const struct mac *mac, const struct holder_order *o)
{
	for (size_t i = 0; i < h->n; i++)
		if (holder_has(&h->list[i], mac))
			holder_give(&h->list[i], o);
}

/* The clock on the wall jumped: what the store has of ends and orders would be over too early, or too late, after a restart. */
void containment_follow_jump(struct service *s)
{
	struct containment *c = s->containment;
	int64_t jump = time_since(c->step_ns, c->clock.step_ns);

	if (jump == 0)
		return;
	log_line(LEVEL_NOTICE, "the clock was set; who is held is held as long as before");
	if (service_now() - c->began_ns < SETTLE_NS)
		holder_step(&c->holder, jump);
	c->step_ns = c->clock.step_ns;
	for (size_t i = 0; i < c->holder.n; i++) {
		struct holder_entry *e = &c->holder.list[i];

		e->packets_kept = UINT64_MAX; /* its end goes into the store again */
		e->unkept |= e->order != ORDER_NONE && !e->recalled;
	}
}

static const char *refusal_of(const struct containment *c, const struct device *d)
{
	if (c == NULL || c->settings->contain_mode == CONTAIN_OBSERVE)
		return "devices are not held here: set mode = ask or enforce in [contain] of cordon.conf";
	if (d->macs_n == 0)
		return "it is known by its address alone, and what is held is a MAC";
	return d->local ? NULL : "it is none of this network";
}

static bool order_on(struct holder *h, const struct device *d, const struct holder_order *o)
{
	if (!holder_order(h, d, o))
		return false;
	for (size_t i = 0; o->order == ORDER_RELEASE && i < d->macs_n; i++)
		release_same(h, &d->macs[i], o);
	return true;
}

const char *containment_order(struct service *s, const struct device *d,
			      const struct holder_order *o, bool *kept)
{
	struct containment *c = s->containment;
	const char *why = refusal_of(c, d);
	struct holder_entry *e;

	if (why != NULL)
		return why;
	if (!order_on(&c->holder, d, o))
		return TOO_MANY;
	containment_keep_orders(s);
	e = holder_find(&c->holder, d->id);
	*kept = e != NULL && !e->unkept;
	(void)containment_decide(s);
	e = holder_find(&c->holder, d->id);
	if (o->order != ORDER_RELEASE && e != NULL && e->decision.hold == HOLD_NONE)
		return policy_reason_words[e->decision.reason];
	if (o->order == ORDER_RELEASE && e != NULL && e->decision.hold == HOLD_GATED)
		return "it waits at the first-use gate; 'cordon gate' says why, 'cordon gate override' lets it through";
	if (!c->enforcer.heard)
		return "cordon-enforce does not answer; it is held as soon as that does";
	return NULL;
}

/* ---- what an order would do ------------------------------------------------------------------------------------ */

struct trial {
	struct holder holder; /* a copy, of which only the list is its own */
	struct contain_wanted *wanted;
	struct contain_element *before, *after;
	struct contain_action *actions;
	size_t before_n, after_n;
};

static bool begin_trial(struct trial *t, const struct holder *from)
{
	*t = (struct trial){.holder = *from};
	t->holder.list = calloc(CONTAIN_DEVICES, sizeof *t->holder.list);
	t->wanted = calloc(CONTAIN_DEVICES, sizeof *t->wanted);
	t->before = calloc(CONTAIN_ELEMENTS, sizeof *t->before);
	t->after = calloc(CONTAIN_ELEMENTS, sizeof *t->after);
	t->actions = calloc(2 * CONTAIN_ELEMENTS, sizeof *t->actions);
	if (t->holder.list == NULL || t->wanted == NULL || t->before == NULL || t->after == NULL ||
	    t->actions == NULL)
		return false;
	memcpy(t->holder.list, from->list, from->n * sizeof *from->list);
	return true;
}

static void end_trial(struct trial *t)
{
	free(t->holder.list);
	free(t->wanted);
	free(t->before);
	free(t->after);
	free(t->actions);
}

static size_t elements_then(struct service *s, struct trial *t, struct contain_element *out,
			    int64_t now_ns)
{
	struct contain_all all = {.held = t->wanted};
	size_t refused = 0;

	all.held_n = holder_wanted(&t->holder, t->wanted, now_ns);
	gatehouse_want(s, t->wanted, &all);
	return plan_elements(&all, out, CONTAIN_ELEMENTS, &refused);
}

static const char *try_order(struct service *s, struct trial *t, const struct device *d,
			     const struct holder_order *o)
{
	const struct holder_world w = containment_world(s->containment);
	const struct holder_entry *e;

	(void)holder_decide(&t->holder, &w);
	t->before_n = elements_then(s, t, t->before, w.now_ns);
	if (!order_on(&t->holder, d, o))
		return TOO_MANY;
	(void)holder_decide(&t->holder, &w);
	t->after_n = elements_then(s, t, t->after, w.now_ns);
	e = holder_find(&t->holder, d->id);
	return o->order != ORDER_RELEASE && e != NULL && e->decision.hold == HOLD_NONE
		       ? policy_reason_words[e->decision.reason]
		       : NULL;
}

const char *containment_trial(struct service *s, const struct device *d,
			      const struct holder_order *o, struct text *nft)
{
	struct containment *c = s->containment;
	const char *why = refusal_of(c, d);
	struct trial t;
	size_t n;

	if (why != NULL)
		return why;
	if (!begin_trial(&t, &c->holder)) {
		end_trial(&t);
		return "out of memory";
	}
	why = try_order(s, &t, d, o);
	if (why == NULL) {
		n = plan_actions(t.after, t.after_n, t.before, t.before_n, 0, t.actions);
		plan_write(t.actions, n, o->given_ns, nft);
	}
	end_trial(&t);
	return why;
}

size_t containment_release_all(struct service *s, const struct holder_order *o)
{
	struct holder *h = &s->containment->holder;
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (h->list[i].decision.hold == HOLD_NONE)
			continue;
		holder_give(&h->list[i], o);
		n++;
	}
	containment_keep_orders(s);
	(void)containment_decide(s);
	(void)service_keep_holds(s);
	return n;
}
