/* SPDX-License-Identifier: MIT */
/*
 * Who had that connection? See the header. An abuse notice names the port as the Internet saw it. Behind a NAT (RFC
 * 4787, section 4.2.1) that may be another one than the device used: where both sides were captured they are paired, and
 * the device is sure; where only the inside was, the port may have been changed, and the answer says so by its fit.
 *
 * The port of an ordinary service stands at the stranger's end of many connections. Those are not what a notice asks
 * about, and are counted only.
 */
#include "verdict/answer.h"

#include "base/timespan.h"

#include <errno.h>
#include <stdlib.h>

static bool has_address(const struct device *d, const struct addr *a)
{
	for (size_t i = 0; i < d->addresses_n; i++)
		if (addr_equal(&d->addresses[i], a))
			return true;
	return false;
}

static bool has_mac(const struct device *d, const struct mac *m)
{
	for (size_t i = 0; i < d->macs_n; i++)
		if (mac_equal(&d->macs[i], m))
			return true;
	return false;
}

/* The device at that end: a local one before a stranger, and of several with the address the one with the MAC. */
static const struct device *device_at(const struct judged *judged, const struct inquiry_end *end)
{
	const struct device *best = NULL;
	int best_score = -1;

	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];
		int score = 2 * d->local + has_mac(d, &end->mac);

		if (score > best_score && has_address(d, &end->addr)) {
			best = d;
			best_score = score;
		}
	}
	return best;
}

static bool is_local(const struct judged *judged, const struct inquiry_end *end)
{
	const struct device *d = device_at(judged, end);

	return (d != NULL && d->local) || addr_is_private(&end->addr);
}

static int64_t off(const struct inquiry_question *q, const struct inquiry_talk *t)
{
	if (t->first_ns >= q->time_ns + NS_PER_S) /* notices have seconds, and cut the rest off */
		return t->first_ns - q->time_ns;
	return t->last_ns < q->time_ns ? t->last_ns - q->time_ns : 0;
}

/* Sure: the outside was seen with this port, open at that moment. Likely: open then, and only the inside was seen. */
static enum confidence fit_of(const struct candidate *c)
{
	bool outer = c->outside != NULL || !addr_is_private(&c->talk->end[c->near].addr);

	if (c->off_ns != 0)
		return CONFIDENCE_POSSIBLE;
	return outer ? CONFIDENCE_SURE : CONFIDENCE_LIKELY;
}

/* The end with the port that may be ours; -1 when the port is a stranger's alone. */
static int near_end(const struct judged *judged, const struct inquiry_talk *t, uint16_t port)
{
	bool has[2] = {t->end[0].port == port, t->end[1].port == port};
	bool local[2] = {is_local(judged, &t->end[0]), is_local(judged, &t->end[1])};

	for (int i = 0; i < 2; i++)
		if (has[i] && local[i] && (!has[1 - i] || !local[1 - i] || t->opener == i))
			return i;
	if (local[0] || local[1])
		return -1;
	return has[t->opener] ? t->opener : 1 - t->opener;
}

static bool is_inside(const struct judged *judged, const struct inquiry_talk *t, int near)
{
	return addr_is_private(&t->end[near].addr) || (device_at(judged, &t->end[near]) != NULL &&
						       device_at(judged, &t->end[near])->local);
}

/* Which of both sides of a NAT is the inner one; a public address that is ours is the outer one of a private one. */
static void set_sides(struct candidate *c, const struct judged *judged,
		      const struct inquiry_talk *o, int o_near)
{
	bool outer = !addr_is_private(&c->talk->end[c->near].addr);

	if (outer && is_inside(judged, o, o_near)) {
		c->outside = c->talk;
		c->outside_near = c->near;
		c->talk = o;
		c->near = o_near;
	} else if (!outer && !addr_is_private(&o->end[o_near].addr)) {
		c->outside = o;
		c->outside_near = o_near;
	}
}

/* The NAT's outside has another port than was asked for: then the inside had it by chance. */
static bool is_changed(const struct candidate *c, uint16_t port)
{
	return c->outside != NULL && c->outside->end[c->outside_near].port != port;
}

static bool is_listed(const struct answer *a, const struct candidate *c)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].talk == c->talk)
			return true;
	return false;
}

static void weigh(struct answer *a, const struct judged *judged, const struct inquiry_talk *t)
{
	const struct inquiry_question *q = &a->inquiry->question;
	struct candidate c = {.talk = t, .near = near_end(judged, t, q->port)};
	const struct inquiry_talk *o;
	int far = 0;

	if (c.near < 0) {
		a->far_only++;
		return;
	}
	o = inquiry_other_side(a->inquiry, t, 1 - c.near, &far);
	if (o != NULL)
		set_sides(&c, judged, o, 1 - far);
	if (is_changed(&c, q->port) || is_listed(a, &c))
		return;
	c.device = device_at(judged, &c.talk->end[c.near]);
	c.off_ns = off(q, c.talk);
	c.fit = fit_of(&c);
	a->list[a->n++] = c;
}

static int64_t distance(const struct candidate *c)
{
	return c->off_ns < 0 ? -c->off_ns : c->off_ns;
}

static int by_fit(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;
	bool a_local = a->device != NULL && a->device->local;
	bool b_local = b->device != NULL && b->device->local;

	if (a_local != b_local)
		return a_local ? -1 : 1;
	if (a->fit != b->fit)
		return a->fit > b->fit ? -1 : 1;
	if (distance(a) != distance(b))
		return distance(a) < distance(b) ? -1 : 1;
	return a->talk < b->talk ? -1 : a->talk > b->talk;
}

int answer_find(struct answer *a, const struct inquiry *q, const struct judged *judged)
{
	*a = (struct answer){.inquiry = q};
	a->list = calloc(INQUIRY_MATCHES, sizeof *a->list);
	if (a->list == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < q->n; i++)
		if (q->talks[i].matches)
			weigh(a, judged, &q->talks[i]);
	qsort(a->list, a->n, sizeof *a->list, by_fit);
	return 0;
}

void answer_fini(struct answer *a)
{
	free(a->list);
	a->list = NULL;
}
