/* SPDX-License-Identifier: MIT */
/*
 * What the reader's world forgets. Bindings close up in the order in which they came, which reduce relies on; MACs keep their
 * places, since everything numbers them, and those that nobody names are used again for others.
 *
 * Who leases or claims addresses by the thousand fills the table with bindings that nothing proves but a claim: these go by
 * the strangers' time. A network that was learned goes with its last binding, or a provider that gives out another one every
 * day would have filled the list in two months, and its hosts would then be strangers who forge their senders.
 */
#include "base/hash.h"
#include "flow/ages.h"

#include <string.h>

void ages_init(struct ages *a, int64_t now_ns, int64_t before_ns, int64_t strangers_before_ns)
{
	memset(a, 0, sizeof *a);
	a->now_ns = now_ns;
	a->before_ns = before_ns < now_ns ? before_ns : now_ns;
	a->strangers_before_ns = strangers_before_ns < now_ns ? strangers_before_ns : now_ns;
	if (a->strangers_before_ns < a->before_ns)
		a->strangers_before_ns = a->before_ns;
}

bool world_is_common(const struct world *w, const struct addr *addr)
{
	/* Amid private addresses there is none, and strangers are at many packets' ends: see identify/devices.c. */
	if (w->prefixes_given > 0 || w->public_both * 5 < w->ends_packets * 4)
		return false;
	for (int i = 0; i < COMMON_ENDS; i++) {
		if (common_ends_count(&w->ends, i) > 0 && addr_equal(&w->ends.list[i].addr, addr))
			return true;
	}
	return false;
}

enum fate world_fate(const struct world *w, const struct ages *a, const struct addr *addr,
		     uint16_t mac, bool anywhere)
{
	const struct binding *b;

	if (addr_is_zero(addr))
		return mac != NO_MAC && ages_has(a->proven, mac) ? FATE_STAYS_PROVEN : FATE_UNBOUND;
	b = world_find(w, addr, mac);
	if (b == NULL && anywhere)
		b = bindings_find_any(w, addr, world_key(w, addr));
	if (b == NULL)
		return world_is_common(w, addr) ? FATE_STAYS_PROVEN : FATE_UNBOUND;
	if (binding_is_old(a, b))
		return FATE_GOES;
	return binding_is_proven(b) ? FATE_STAYS_PROVEN : FATE_STAYS;
}

void world_survey(const struct world *w, struct ages *a)
{
	for (uint32_t i = 0; i < w->binds_n; i++) {
		const struct binding *b = &w->binds[i];

		if (b->mac == NO_MAC || binding_is_old(a, b))
			continue;
		ages_name(a, b->mac);
		if (binding_is_proven(b))
			a->proven[b->mac / 64] |= UINT64_C(1) << b->mac % 64;
	}
}

/* ---- bindings -------------------------------------------------------------------------------------------------- */

/* Networks that bindings were in that go, by their place in the list, and in which others stay. */
struct left {
	uint64_t lost;
	uint64_t held;
};

_Static_assert(WORLD_PREFIXES <= 64, "a bit for each network");

static uint64_t networks_of(const struct world *w, const struct addr *a)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < w->prefixes_n; i++) {
		if (prefix_has(&w->prefixes[i], a))
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

/* An address that two MACs had is in doubt no more when only one of them is left. */
static void settle_conflict(struct world *w, const struct ages *a, const struct addr *addr)
{
	struct probe probe = slots_probe(&w->bind_slots, world_key(w, addr));
	struct binding *left = NULL;
	unsigned n = 0;
	uint32_t at;

	while (slots_next(&w->bind_slots, &probe, &at)) {
		struct binding *b = &w->binds[at];

		if (!addr_equal(&b->addr, addr) || binding_is_old(a, b))
			continue;
		left = b;
		n++;
	}
	if (n == 1)
		left->flags &= (uint16_t)~BIND_CONFLICT;
}

/* One of the few IPv6 networks that the MAC has addresses in: even, for the time being, when an address of it goes. */
static void doubt_network(struct world_mac *m, const struct addr *addr)
{
	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if (m->networks[i] == world_network(addr))
			m->networks[i] &= ~UINT32_C(1);
	}
}

static void keep_network(struct world_mac *m, const struct addr *addr)
{
	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if ((m->networks[i] | 1) == world_network(addr))
			m->networks[i] |= 1;
	}
}

/* What others keep for the sake of a binding that goes. */
static void leave(struct world *w, const struct ages *a, const struct binding *b)
{
	struct world_mac *m = b->mac == NO_MAC ? NULL : &w->macs[b->mac];

	if (b->rates != 0)
		bindings_give_rates(w, b->rates);
	if ((b->flags & BIND_CONFLICT) != 0)
		settle_conflict(w, a, &b->addr);
	if (m == NULL)
		return;
	if ((b->flags & BIND_PROVEN) == 0 && m->unproven > 0)
		m->unproven--;
	if ((b->flags & (BIND_ARP | BIND_DHCP)) != 0 && m->claims > 0)
		m->claims--;
	if (!addr_is_v4(&b->addr))
		doubt_network(m, &b->addr);
}

/* True when some go. What hangs on them is put right while the index still holds all. */
static bool leave_old(struct world *w, const struct ages *a, struct left *left)
{
	bool any = false;

	for (uint32_t i = 0; i < w->binds_n; i++) {
		const struct binding *b = &w->binds[i];

		if (!binding_is_old(a, b))
			continue;
		leave(w, a, b);
		if (w->prefixes_n > w->prefixes_given)
			left->lost |= networks_of(w, &b->addr);
		any = true;
	}
	return any;
}

static void close_up_bindings(struct world *w, const struct ages *a, struct left *left)
{
	uint32_t kept = 0;

	slots_clear(&w->bind_slots);
	w->public_binds = false;
	for (uint32_t i = 0; i < w->binds_n; i++) {
		struct binding *b = &w->binds[kept];

		if (binding_is_old(a, &w->binds[i]))
			continue;
		if (kept != i)
			*b = w->binds[i];
		slots_put_last(&w->bind_slots, world_key(w, &b->addr), kept++);
		if (!world_prefix_is_local(w, &b->addr))
			w->public_binds = true;
		if (b->mac != NO_MAC && !addr_is_v4(&b->addr))
			keep_network(&w->macs[b->mac], &b->addr);
		if (w->prefixes_n > w->prefixes_given)
			left->held |= networks_of(w, &b->addr);
	}
	w->binds_n = kept;
}

/* Those that were given stay, and of those that were learned the ones with somebody in them, or that nobody has left yet. */
static void drop_networks(struct world *w, const struct left *left)
{
	struct prefix had[WORLD_PREFIXES];
	uint32_t n = w->prefixes_n, given = w->prefixes_given;
	bool crowded = n > WORLD_PREFIXES / 2;

	if (given > 0 || ((left->lost & ~left->held) == 0 && !crowded))
		return;
	memcpy(had, w->prefixes, sizeof had);
	w->prefixes_n = w->wide_n = w->narrow_n = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if ((left->held & bit) != 0 || ((left->lost & bit) == 0 && !crowded))
			world_add_prefix(w, &had[i]);
	}
}

/* ---- MACs ------------------------------------------------------------------------------------------------------ */

/*
 * Forged senders, seen long ago; or too few of them in all the time since, which is what a phone that comes home with
 * another network's address does once a week.
 */
static void forget_forgery(struct world *w, const struct ages *a, struct world_mac *m)
{
	if (m->first_n == 0 ||
	    (!ages_is_old(a, m->last_ns, a->before_ns) &&
	     (!ages_is_old(a, m->first_ns, a->before_ns) || world_is_spoofer(m, w->limits))))
		return;
	m->foreign = m->invented = 0;
	m->first_n = 0;
	m->first_ns = m->last_ns = 0;
	memset(m->first, 0, sizeof m->first);
	memset(m->sources_seen, 0, sizeof m->sources_seen);
}

static void drop_doubtful_networks(struct world_mac *m)
{
	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if ((m->networks[i] & 1) == 0)
			m->networks[i] = 0;
	}
}

/* Those that stamping remembers are its own to name. */
static bool is_remembered(const struct world *w, uint16_t mac)
{
	for (int i = 0; i <= WORLD_PAIRS; i++) {
		if (w->pairs[i].known != PAIR_NONE &&
		    (w->pairs[i].src == mac || w->pairs[i].dst == mac))
			return true;
	}
	return false;
}

static bool goes(const struct world *w, const struct ages *a, uint16_t mac)
{
	const struct world_mac *m = &w->macs[mac];

	return !ages_has(a->named, mac) && m->first_n == 0 && !is_remembered(w, mac);
}

/* Free places in ascending order, and none behind the last that is taken. */
static void chain_free(struct world *w)
{
	while (w->macs_n > 0 && (w->macs[w->macs_n - 1].flags & MAC_FREE) != 0)
		w->macs[--w->macs_n] = (struct world_mac){.flags = 0};
	w->macs_free = w->macs_free_n = 0;
	for (uint32_t i = w->macs_n; i > 0; i--) {
		struct world_mac *m = &w->macs[i - 1];

		if ((m->flags & MAC_FREE) == 0)
			continue;
		m->next_free = w->macs_free;
		w->macs_free = i;
		w->macs_free_n++;
	}
}

static void index_macs(struct world *w)
{
	slots_clear(&w->mac_slots);
	for (uint32_t i = 0; i < w->macs_n; i++) {
		if ((w->macs[i].flags & MAC_FREE) == 0)
			slots_put_last(&w->mac_slots, hash_mac(&w->macs[i].mac), i);
	}
}

static void age_macs(struct world *w, const struct ages *a)
{
	bool any = false;

	for (uint32_t i = 0; i < w->macs_n; i++) {
		struct world_mac *m = &w->macs[i];

		if ((m->flags & MAC_FREE) != 0)
			continue;
		forget_forgery(w, a, m);
		drop_doubtful_networks(m);
		if (!goes(w, a, (uint16_t)i))
			continue;
		*m = (struct world_mac){.flags = MAC_FREE};
		any = true;
	}
	if (!any)
		return;
	chain_free(w);
	index_macs(w);
}

void world_age(struct world *w, const struct ages *a)
{
	struct left left = {.lost = 0};

	if (leave_old(w, a, &left)) {
		close_up_bindings(w, a, &left);
		drop_networks(w, &left);
	}
	age_macs(w, a);
}

void world_press(const struct world *w, struct ages *a, bool surveyed)
{
	uint64_t binds = 0, macs = 0;

	for (uint32_t i = 0; surveyed && i < w->binds_n; i++)
		binds += binding_is_proven(&w->binds[i]);
	for (int i = 0; surveyed && i < AGES_WORDS; i++)
		macs += (uint64_t)__builtin_popcountll(a->proven[i]);
	ages_press(a, w->macs_n - w->macs_free_n, macs, w->macs_cap);
	ages_press(a, w->binds_n, binds, w->binds_cap / 4 * 3);
}
