/* SPDX-License-Identifier: MIT */
/*
 * The sets' names and what their elements are made of, said once: ruleset.c declares the sets by it, plan.c writes elements,
 * and enforce puts them into the kernel.
 */
#include "contain/element.h"

const char *const hold_words[] = {"none", "gated", "contained", "isolated", NULL};

struct set_kind {
	const char *v4; /* also the name of a set without addresses */
	const char *v6;
	bool has_mac;
	bool has_addr;
	bool has_end;
};

static const struct set_kind kinds[CONTAIN_SETS] = {
	[SET_GATED] = {"gated", "gated", true, false, true},
	[SET_CONTAINED] = {"contained", "contained", true, false, true},
	[SET_ISOLATED] = {"isolated", "isolated", true, false, true},
	[SET_OWN] = {"own4", "own6", true, true, true},
	[SET_AWAY] = {"away4", "away6", false, true, true},
	[SET_VIEWERS] = {"viewers4", "viewers6", true, true, true},
	[SET_RECORDERS] = {"recorders4", "recorders6", true, true, true},
	[SET_ALLOWED] = {"allowed4", "allowed6", true, true, true},
	[SET_CALLED] = {"called4", "called6", false, true, true},
	[SET_BLOCKED] = {"blocked", "blocked", true, false, false},
	[SET_LOUD] = {"loud", "loud", true, false, false},
	[SET_ASKS] = {"asks", "asks", true, false, false},
	[SET_HELD] = {"held", "held", true, false, false},
	[SET_PASSED] = {"passed", "passed", true, false, false},
};

static bool is_set(enum contain_set set)
{
	return (unsigned)set < CONTAIN_SETS;
}

bool contain_set_has_mac(enum contain_set set)
{
	return is_set(set) && kinds[set].has_mac;
}

bool contain_set_has_addr(enum contain_set set)
{
	return is_set(set) && kinds[set].has_addr;
}

bool contain_set_has_end(enum contain_set set)
{
	return is_set(set) && kinds[set].has_end;
}

const char *contain_set_name(enum contain_set set, const struct addr *addr)
{
	if (!is_set(set) || (kinds[set].has_addr && addr == NULL))
		return NULL;
	return kinds[set].has_addr && !addr_is_v4(addr) ? kinds[set].v6 : kinds[set].v4;
}

int contain_element_order(const struct contain_element *a, const struct contain_element *b)
{
	int by_mac;

	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	by_mac = mac_compare(&a->mac, &b->mac);
	return by_mac != 0 ? by_mac : addr_compare(&a->addr, &b->addr);
}

size_t contain_element_place(const struct contain_element *list, size_t n,
			     const struct contain_element *e, bool *there)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (contain_element_order(&list[middle], e) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*there = low < n && contain_element_order(&list[low], e) == 0;
	return low;
}
