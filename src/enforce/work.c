/* SPDX-License-Identifier: MIT */
/*
 * The order of things makes it safe to be killed at any moment. An element goes into the copy before it goes into the
 * kernel, so a reload in between brings it. What is in the kernel at the start is taken over, so that a reload brings
 * it although nobody has said it yet; it goes at END unless it was said since BEGIN. Nothing that is wanted is ever
 * taken out: a new end is a removal and an addition in one transaction.
 */
#include "enforce/work.h"

#include "base/say.h"
#include "enforce/conntrack.h"
#include "enforce/look.h"
#include "enforce/say.h"
#include "enforce/sets.h"
#include "enforce/tables.h"
#include "enforce/xdp_links.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
enum { FOUND = 2 * CONTAIN_ELEMENTS, PASSES = 4 };

static struct contain_element found[FOUND];
static struct contain_action actions[FOUND + CONTAIN_ELEMENTS];

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* Makes the sets of each family what the copy says. */
static int reconcile(struct work *w, int64_t now_ns)
{
	int result = 0;

	for (size_t f = 0; f < SETS_FAMILIES; f++) {
		bool more = true;

		for (int pass = 0; pass < PASSES && more && result == 0; pass++) {
			size_t n = 0;

			result = sets_read(&w->netlink, f, now_ns, found, FOUND, &n, &more);
			n = plan_actions(w->held.list, w->held.n, found, n, SECOND, actions);
			result = result == 0 ? sets_apply(&w->netlink, f, actions, n, now_ns)
					     : result;
		}
	}
	return result;
}

/* The rules, and then all elements. A program is written down before it is attached, so that it is known to be ours. */
static int load(struct work *w, int64_t now_ns)
{
	struct tables t;
	int err = tables_load(&w->place, &w->here, w->xdp.ids, w->xdp.ids_n, &t);

	if (err != 0)
		enforce_say(3, "the kernel does not take the rules: %s",
			    t.why[0] != '\0' ? t.why : say_error(-err));
	w->watch.ours[1] = t.portid;
	memcpy(w->loaded, w->here.ports, sizeof w->loaded);
	w->loaded_n = w->here.ports_n;
	w->removed = false;
	if (err == 0)
		xdp_links_attach(&w->xdp, &w->route, &w->here);
	return err == 0 ? reconcile(w, now_ns) : err;
}

/* Takes over what a process before this one left. */
static int adopt(struct work *w, int64_t now_ns)
{
	for (size_t f = 0; f < SETS_FAMILIES; f++) {
		bool more;
		size_t n;
		int err = sets_read(&w->netlink, f, now_ns, found, FOUND, &n, &more);

		if (err != 0)
			return err;
		for (size_t i = 0; i < n; i++)
			if (!here_refuses(&w->here, &found[i]))
				(void)held_put(&w->held, &found[i], false); /* full: it goes */
	}
	return 0;
}

void work_load(struct work *w)
{
	int err = w->place.xdp ? xdp_load(&w->xdp, &w->place.rules) : 0;

	if (err == -EOPNOTSUPP)
		enforce_say(4, "no XDP: clang, bpftool or libbpf were missing when this was built; "
			       "the firewall holds devices alone");
	else if (err != 0)
		enforce_say(4,
			    "no XDP: the kernel does not take the program (it wants CAP_BPF): %s; "
			    "the firewall holds devices alone",
			    say_error(-err));
}

/* Its maps, from the copy; and what stands on interfaces from processes before. */
static void begin_xdp(struct work *w, int64_t now_ns)
{
	struct xdp *x = &w->xdp;
	int err = xdp_check(x, now_ns);

	if (err != 0)
		enforce_say(4,
			    "no XDP: its maps can't be written without CAP_BPF (Linux 5.19): %s; "
			    "the firewall holds devices alone",
			    say_error(-err));
	x->ids_n += sets_programs(&w->netlink, x->ids + x->ids_n, XDP_IDS - x->ids_n);
	xdp_fill(x, &w->held);
}

void work_take_off(void)
{
	static struct xdp x;
	struct netlink netlink, route;

	if (netlink_open(&netlink, NETLINK_NETFILTER, 0) != 0 ||
	    netlink_open(&route, NETLINK_ROUTE, 0) != 0)
		return;
	x.ids_n = sets_programs(&netlink, x.ids, XDP_IDS);
	xdp_links_detach(&x, &route);
}

int work_begin(struct work *w, int64_t now_ns)
{
	int err = netlink_open(&w->netlink, NETLINK_NETFILTER, 0);

	err = err == 0 ? netlink_open(&w->route, NETLINK_ROUTE, 0) : err;
	err = err == 0 ? watch_open(&w->watch) : err;
	err = err == 0 ? look_here(&w->route, &w->place, &w->here) : err;
	w->watch.ours[0] = w->netlink.portid;
	err = err == 0 ? adopt(w, now_ns) : err;
	if (err != 0)
		enforce_say(3, "cannot speak with the kernel's firewall: %s", say_error(-err));
	if (w->here.full)
		enforce_say(
			4,
			"this host has more addresses than %d MACs and %d others: the rest of them "
			"is not protected from being held",
			HERE_MACS, HERE_ADDRESSES);
	if (err == 0)
		begin_xdp(w, now_ns);
	return err == 0 ? load(w, now_ns) : err;
}

/* ---- one message ----------------------------------------------------------------------------------------------- */

static bool ends_alike(int64_t a, int64_t b)
{
	return a == b || (a != 0 && b != 0 && a - b < SECOND && b - a < SECOND);
}

static int add(struct work *w, const struct contain_element *e, int64_t now_ns)
{
	const struct contain_element *there = held_find(&w->held, e);
	struct contain_action action = {there != NULL ? DEED_RENEW : DEED_ADD, *e};
	struct contain_element before = there != NULL ? *there : *e;
	int err;

	if (there != NULL && e->set != SET_VIEWERS && ends_alike(there->until_ns, e->until_ns)) {
		held_put(&w->held, &before, true);
		return w->watch.touched ? EAGAIN : 0;
	}
	if (!held_put(&w->held, e, true))
		return ENOSPC;
	err = sets_apply(&w->netlink, SETS_ALL, &action, 1, now_ns);
	if (err == -ENOENT) { /* the tables are gone: it comes when they come back */
		w->watch.touched = true;
		return EAGAIN;
	}
	if (err != 0 && there != NULL)
		held_put(&w->held, &before, true);
	else if (err != 0)
		held_take(&w->held, e);
	xdp_follow(&w->xdp, &w->held, e);
	return err == -ENFILE ? ENOSPC : -err;
}

static int take(struct work *w, const struct contain_element *e, int64_t now_ns)
{
	const struct contain_action action = {DEED_REMOVE, *e};

	w->untidy = w->untidy || e->set == SET_CONTAINED;
	held_take(&w->held, e);
	xdp_follow(&w->xdp, &w->held, e);
	return -sets_apply(&w->netlink, SETS_ALL, &action, 1, now_ns);
}

/* What was not said since BEGIN goes. */
static int end(struct work *w, int64_t now_ns)
{
	size_t n = 0;
	int err;

	for (size_t i = 0; i < w->held.n; i++)
		if (!w->held.wanted[i])
			actions[n++] = (struct contain_action){DEED_REMOVE, w->held.list[i]};
	for (size_t i = 0; i < n; i++)
		held_take(&w->held, &actions[i].element);
	for (size_t i = 0; i < n; i++)
		xdp_follow(&w->xdp, &w->held, &actions[i].element);
	w->untidy = true;
	err = reconcile(w, now_ns);
	if (err == -ENOENT)
		w->watch.touched = true;
	return err == -ENOENT ? EAGAIN : -err;
}

static int remove_all(struct work *w)
{
	struct tables t;
	int err;

	xdp_links_detach(&w->xdp, &w->route);
	w->xdp.ids_n = w->xdp.loaded;
	err = tables_remove(&t);
	if (err != 0)
		enforce_say(3, "cannot take the rules away: %s",
			    t.why[0] != '\0' ? t.why : say_error(-err));
	w->watch.ours[1] = t.portid;
	held_clear(&w->held);
	xdp_fill(&w->xdp, &w->held);
	w->removed = true;
	w->untidy = w->watch.touched = false;
	return -err;
}

static int forget(struct work *w, const struct contain_element *e, uint64_t *packets)
{
	uint32_t deleted = 0;
	int err = conntrack_forget(&w->netlink, &e->addr, &deleted);

	*packets = deleted;
	return -err;
}

static int blocked(struct work *w, const struct mac *mac, uint64_t sum[2])
{
	int err = sets_blocked(&w->netlink, mac, sum);

	if (err == 0)
		xdp_blocked(&w->xdp, mac, sum);
	return -err;
}

static int obey(struct work *w, uint32_t type, const struct contain_element *e, uint64_t sum[2],
		int64_t now_ns)
{
	if (w->removed && (type == ENFORCE_BEGIN || type == ENFORCE_ADD)) {
		int err = load(w, now_ns);

		if (err != 0)
			return -err;
	}
	switch (type) {
	case ENFORCE_BEGIN:
		held_begin(&w->held);
		return 0;
	case ENFORCE_ADD:
		return add(w, e, now_ns);
	case ENFORCE_REMOVE:
		return take(w, e, now_ns);
	case ENFORCE_END:
		return w->removed ? 0 : end(w, now_ns);
	case ENFORCE_COUNT:
		return blocked(w, &e->mac, sum);
	case ENFORCE_FORGET:
		return forget(w, e, sum);
	default:
		return remove_all(w);
	}
}

void work_do(struct work *w, struct enforce_message *m, const struct contain_element *e,
	     int64_t now_ns)
{
	struct contain_element element = *e;
	uint64_t sum[2] = {0, 0};
	int err;

	element.until_ns = m->seconds != 0 ? now_ns + m->seconds * SECOND : 0;
	err = obey(w, m->type, &element, sum, now_ns);
	*m = (struct enforce_message){.magic = ENFORCE_MAGIC,
				      .type = err == 0 ? ENFORCE_DONE : ENFORCE_FAILED,
				      .cookie = m->cookie,
				      .number = (uint32_t)err,
				      .packets = sum[0],
				      .bytes = sum[1]};
}

/* ---- tidying --------------------------------------------------------------------------------------------------- */

/* The kernel adds viewers as long as a device is contained; those that we added come before it is. */
static bool is_stale(struct held *h, const struct contain_element *viewer)
{
	const struct contain_element hold = {.set = SET_CONTAINED, .mac = viewer->mac};

	return held_find(h, &hold) == NULL && held_find(h, viewer) == NULL;
}

void work_tidy(struct work *w, int64_t now_ns)
{
	w->untidy = false;
	for (size_t f = 0; f < SETS_FAMILIES; f++) {
		size_t read, n = 0;
		int err = sets_viewers(&w->netlink, f, now_ns, found, FOUND, &read);

		for (size_t i = 0; err == 0 && i < read; i++)
			if (is_stale(&w->held, &found[i]))
				actions[n++] = (struct contain_action){DEED_REMOVE, found[i]};
		err = err == 0 ? sets_apply(&w->netlink, f, actions, n, now_ns) : err;
		if (err != 0) /* they time out */
			enforce_say(4,
				    "who looked at a released device is not forgotten at once: %s",
				    say_error(-err));
	}
}

/* ---- by itself ------------------------------------------------------------------------------------------------- */

void work_tick(struct work *w, int64_t now_ns)
{
	size_t before = w->held.n, contained = w->held.of_set[SET_CONTAINED];

	held_expire(&w->held, now_ns);
	w->untidy = w->untidy || w->held.of_set[SET_CONTAINED] < contained;
	if (w->held.n != before)
		xdp_fill(&w->xdp, &w->held);
	xdp_tend(&w->xdp, now_ns);
}

bool work_ticks(const struct work *w)
{
	return w->held.n > 0 || w->xdp.loaded;
}

/* Interfaces or addresses changed: whoever became this host's is held no longer. */
static void look_again(struct work *w, int64_t now_ns)
{
	w->watch.moved = false;
	if (look_here(&w->route, &w->place, &w->here) != 0) {
		w->watch.moved = true;
		w->watch.moved_ms = now_ns / 1000000;
		return;
	}
	for (size_t i = w->held.n; i-- > 0;)
		if (here_refuses(&w->here, &w->held.list[i])) {
			struct contain_element e = w->held.list[i];

			enforce_say(4,
				    "an element is let go: its address is this host's own by now");
			(void)take(w, &e, now_ns);
		}
	if (here_same_ports(&w->here, w->loaded, w->loaded_n)) {
		if (!w->removed) /* somebody may have taken it off */
			xdp_links_attach(&w->xdp, &w->route, &w->here);
		return;
	}
	if (w->here.ports_full)
		enforce_say(
			4,
			"devices are behind more than %d ports: at the others only the bridge asks",
			RULESET_PORTS);
	w->by_port = !w->watch.touched;
	w->watch.touched = true;
}

bool work_mend(struct work *w, struct enforce_message *m, int64_t now_ns)
{
	int64_t now_ms = now_ns / 1000000;
	int err;

	watch_read(&w->watch, now_ms);
	if (watch_moved_is_due(&w->watch, now_ms))
		look_again(w, now_ns);
	if (w->removed)
		w->watch.touched = false;
	if (!watch_is_due(&w->watch, now_ms))
		return false;
	err = load(w, now_ns);
	/* What we did ourselves is told as well, and by now has come; what somebody did meanwhile too. */
	w->watch.touched = false;
	watch_read(&w->watch, now_ms);
	watch_done(&w->watch, now_ms, err == 0 && !w->watch.touched);
	w->reloads += err == 0;
	*m = (struct enforce_message){.magic = ENFORCE_MAGIC,
				      .type = ENFORCE_RELOADED,
				      .number = (uint32_t)-err,
				      .packets = w->reloads,
				      .bytes = w->by_port};
	w->by_port = w->by_port && err != 0;
	return true;
}
