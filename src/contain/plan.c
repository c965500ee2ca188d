/* SPDX-License-Identifier: MIT */
/*
 * Devices to elements, elements to deeds. It knows nothing of the kernel but that sets are hash sets of bounded size; the
 * order of deeds is what keeps a device that changes from contained to isolated from being free for the moment between.
 * A twin that applies the deeds to a plain list stands in tests/unit/test_contain_plan.c.
 */
#include "contain/plan.h"

#include "base/text.h"
#include "contain/ruleset.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static const int64_t second_ns = 1000000000;

struct elements {
	struct contain_element *at;
	size_t n;
	size_t room;
	bool full;
};

static void put(struct elements *to, enum contain_set set, const struct mac *mac,
		const struct addr *addr, int64_t until_ns)
{
	struct contain_element e = {.set = set};

	if (to->n == to->room) {
		to->full = true;
		return;
	}
	if (contain_set_has_mac(set))
		e.mac = *mac;
	if (addr != NULL)
		e.addr = *addr;
	if (contain_set_has_end(set))
		e.until_ns = until_ns;
	to->at[to->n++] = e;
}

static bool is_address(enum contain_set set, const struct addr *a)
{
	unsigned class = addr_class(a);

	if (set == SET_RECORDERS)
		class &= ~(unsigned)ADDR_MULTICAST;
	if (set == SET_AWAY && (class & ADDR_LINK_LOCAL) != 0)
		return false; /* nobody outside reaches it anyway */
	return (class & ADDR_NO_SENDER) == 0;
}

static void put_all(struct elements *to, enum contain_set set, const struct mac *mac,
		    const struct addr *addresses, size_t n, int64_t until_ns)
{
	for (size_t i = 0; i < n && i < CONTAIN_ADDRESSES; i++) {
		if (is_address(set, &addresses[i]))
			put(to, set, mac, &addresses[i], until_ns);
	}
}

static void put_device(struct elements *to, const struct contain_wanted *w)
{
	static const enum contain_set of_hold[] = {[HOLD_GATED] = SET_GATED,
						   [HOLD_CONTAINED] = SET_CONTAINED,
						   [HOLD_ISOLATED] = SET_ISOLATED};

	put(to, of_hold[w->hold], &w->mac, NULL, w->until_ns);
	put(to, SET_HELD, &w->mac, NULL, 0);
	put(to, SET_BLOCKED, &w->mac, NULL, 0);
	put(to, SET_LOUD, &w->mac, NULL, 0);
	put(to, SET_ASKS, &w->mac, NULL, 0);
	put_all(to, SET_OWN, &w->mac, w->addresses, w->addresses_n, w->until_ns);
	put_all(to, SET_AWAY, &w->mac, w->addresses, w->addresses_n, w->until_ns);
	if (w->hold == HOLD_GATED) {
		put_all(to, SET_ALLOWED, &w->mac, w->allowed, w->allowed_n, w->until_ns);
		put_all(to, SET_CALLED, &w->mac, w->allowed, w->allowed_n, w->until_ns);
	}
	if (w->hold != HOLD_CONTAINED)
		return;
	put_all(to, SET_VIEWERS, &w->mac, w->viewers, w->viewers_n, w->viewers_until_ns);
	put_all(to, SET_RECORDERS, &w->mac, w->recorders, w->recorders_n, w->until_ns);
}

static bool is_device(const struct mac *mac)
{
	return !mac_is_zero(mac) && !mac_is_group(mac);
}

static int by_order(const void *a, const void *b)
{
	return contain_element_order(a, b);
}

/* 0 is no end. */
static int64_t later(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return 0;
	return a > b ? a : b;
}

/* How many did not get in. */
static size_t put_held(struct elements *to, const struct contain_wanted *held, size_t n)
{
	size_t refused = 0;

	for (size_t i = 0; i < n; i++) {
		size_t before = to->n;

		if (held[i].hold == HOLD_NONE)
			continue;
		if (!to->full && is_device(&held[i].mac)) {
			put_device(to, &held[i]);
			if (!to->full)
				continue;
			to->n = before;
		}
		refused++;
	}
	return refused;
}

static size_t put_passed(struct elements *to, const struct mac *passed, size_t n)
{
	size_t refused = 0;

	for (size_t i = 0; i < n; i++) {
		if (i < CONTAIN_PASSED && !to->full && is_device(&passed[i]))
			put(to, SET_PASSED, &passed[i], NULL, 0);
		else
			refused++;
	}
	return refused;
}

/* Sorts them, and makes one of those that are the same. */
static size_t unite(struct contain_element *list, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(list, n, sizeof *list, by_order);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && contain_element_order(&list[kept - 1], &list[i]) == 0)
			list[kept - 1].until_ns = later(list[kept - 1].until_ns, list[i].until_ns);
		else
			list[kept++] = list[i];
	}
	return kept;
}

size_t plan_elements(const struct contain_all *all, struct contain_element *out, size_t room,
		     size_t *refused)
{
	struct elements to = {.at = out, .room = room};

	*refused = put_held(&to, all->held, all->held_n);
	*refused += put_passed(&to, all->passed, all->passed_n);
	return unite(out, to.n);
}

/* What the kernel may take before anything else, and what it must not before that. */
enum phase { REMOVE_UNHELD, ADD_OTHERS, ADD_HOLDS, REMOVE_REPLACED, PHASES };

static bool is_hold(enum contain_set set)
{
	return set == SET_GATED || set == SET_CONTAINED || set == SET_ISOLATED;
}

static bool has(const struct contain_element *sorted, size_t n, enum contain_set set,
		const struct mac *mac)
{
	struct contain_element key = {.set = set, .mac = *mac};

	return sorted != NULL && n > 0 && bsearch(&key, sorted, n, sizeof key, by_order) != NULL;
}

static bool is_held(const struct contain_element *wanted, size_t n, const struct mac *mac)
{
	return has(wanted, n, SET_GATED, mac) || has(wanted, n, SET_CONTAINED, mac) ||
	       has(wanted, n, SET_ISOLATED, mac);
}

static bool is_due(const struct contain_element *wanted, const struct contain_element *actual,
		   int64_t slack_ns)
{
	int64_t w = wanted->until_ns, a = actual->until_ns;

	if (w == a || !contain_set_has_end(wanted->set))
		return false;
	if (wanted->set == SET_VIEWERS && (a == 0 || (w != 0 && a > w)))
		return false;
	if (w == 0 || a == 0)
		return true;
	return w > a ? w - a > slack_ns : a - w > slack_ns;
}

struct lists {
	const struct contain_element *wanted;
	size_t wanted_n;
	const struct contain_element *actual;
	size_t actual_n;
	int64_t slack_ns;
};

/* When an element that is there and not wanted goes; PHASES: never. */
static enum phase removal(const struct lists *l, const struct contain_element *e)
{
	if (!is_hold(e->set) && e->set != SET_VIEWERS)
		return REMOVE_UNHELD;
	if (!is_held(l->wanted, l->wanted_n, &e->mac))
		return REMOVE_UNHELD;
	return is_hold(e->set) ? REMOVE_REPLACED : PHASES;
}

static size_t plan_phase(const struct lists *l, enum phase phase, struct contain_action *out)
{
	size_t n = 0, w = 0, a = 0;

	while (w < l->wanted_n || a < l->actual_n) {
		int order = w == l->wanted_n ? 1
			    : a == l->actual_n
				    ? -1
				    : contain_element_order(&l->wanted[w], &l->actual[a]);

		if (order > 0) {
			if (removal(l, &l->actual[a]) == phase)
				out[n++] = (struct contain_action){DEED_REMOVE, l->actual[a]};
			a++;
			continue;
		}
		if (phase == (is_hold(l->wanted[w].set) ? ADD_HOLDS : ADD_OTHERS)) {
			if (order < 0)
				out[n++] = (struct contain_action){DEED_ADD, l->wanted[w]};
			else if (is_due(&l->wanted[w], &l->actual[a], l->slack_ns))
				out[n++] = (struct contain_action){DEED_RENEW, l->wanted[w]};
		}
		w++;
		a += order == 0;
	}
	return n;
}

size_t plan_actions(const struct contain_element *wanted, size_t wanted_n,
		    const struct contain_element *actual, size_t actual_n, int64_t slack_ns,
		    struct contain_action *out)
{
	struct lists l = {wanted, wanted_n, actual, actual_n, slack_ns};
	size_t n = 0;

	for (int phase = 0; phase < PHASES; phase++)
		n += plan_phase(&l, (enum phase)phase, out + n);
	assert(n <= wanted_n + actual_n);
	return n;
}

static void write_key(const struct contain_element *e, struct text *to)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	if (contain_set_has_mac(e->set))
		text_puts(to, mac_text(&e->mac, mac));
	if (!contain_set_has_addr(e->set))
		return;
	if (contain_set_has_mac(e->set))
		text_puts(to, " . ");
	if (e->set != SET_OWN || addr_is_v4(&e->addr)) {
		text_puts(to, addr_text(&e->addr, addr));
		return;
	}
	text_puts(to, "0x"); /* own6 holds numbers; ruleset.c says why */
	for (size_t i = 0; i < sizeof e->addr.b; i++)
		text_printf(to, "%02x", e->addr.b[i]);
}

static void write_deed(const char *deed, const struct contain_element *e, int64_t seconds,
		       struct text *to)
{
	for (size_t i = 0; i < RULESET_FAMILIES; i++) {
		text_printf(to, "%s element %s cordon %s { ", deed, ruleset_family(i),
			    contain_set_name(e->set, &e->addr));
		write_key(e, to);
		if (seconds > 0)
			text_printf(to, " timeout %" PRId64 "s", seconds);
		text_puts(to, " }\n");
	}
}

void plan_write(const struct contain_action *actions, size_t n, int64_t now_ns, struct text *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct contain_action *a = &actions[i];
		int64_t left = a->element.until_ns - now_ns, seconds = 0;

		if (a->deed == DEED_REMOVE || a->deed == DEED_RENEW)
			write_deed("delete", &a->element, 0, to);
		if (a->deed == DEED_REMOVE)
			continue;
		if (a->element.until_ns != 0) {
			if (left <= 0)
				continue;
			seconds = left / second_ns + (left % second_ns != 0);
		}
		write_deed("add", &a->element, seconds, to);
	}
}
