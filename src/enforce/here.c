/* SPDX-License-Identifier: MIT */
/*
 * Against a service that was taken over, or believes what a forger sends: whatever it asks, this host and the gateway stay
 * reachable. An address of ours may be a viewer or a recorder - who looks from here looks by it - but never a held device's
 * own, nor one that nobody reaches from outside.
 */
#include "enforce/here.h"

#include <stdlib.h>
#include <string.h>

void here_begin(struct here *h, const struct enforce_place *place)
{
	h->macs_n = h->addresses_n = 0;
	h->ports = 0;
	h->full = false;
	memset(h->ports_index, 0, sizeof h->ports_index);
	for (size_t i = 0; i < place->never_n; i++)
		here_add_mac(h, place->never[i].b);
	for (size_t i = 0; i < place->rules.gateway_n; i++)
		here_add_addr(h, &place->rules.gateway[i]);
}

void here_add_mac(struct here *h, const uint8_t mac[6])
{
	if (h->macs_n == HERE_MACS)
		h->full = true;
	else
		memcpy(h->macs[h->macs_n++].b, mac, 6);
}

void here_add_addr(struct here *h, const struct addr *addr)
{
	if (h->addresses_n == HERE_ADDRESSES)
		h->full = true;
	else
		h->addresses[h->addresses_n++] = *addr;
}

static int by_mac(const void *a, const void *b)
{
	return mac_compare(a, b);
}

static int by_addr(const void *a, const void *b)
{
	return addr_compare(a, b);
}

void here_sort(struct here *h)
{
	qsort(h->macs, h->macs_n, sizeof *h->macs, by_mac);
	qsort(h->addresses, h->addresses_n, sizeof *h->addresses, by_addr);
}

bool here_has_mac(const struct here *h, const struct mac *mac)
{
	return bsearch(mac, h->macs, h->macs_n, sizeof *h->macs, by_mac) != NULL;
}

bool here_has_addr(const struct here *h, const struct addr *addr)
{
	return bsearch(addr, h->addresses, h->addresses_n, sizeof *h->addresses, by_addr) != NULL;
}

bool here_refuses(const struct here *h, const struct contain_element *e)
{
	bool held = e->set == SET_OWN || e->set == SET_AWAY;

	return (contain_set_has_mac(e->set) && here_has_mac(h, &e->mac)) ||
	       (held && here_has_addr(h, &e->addr));
}
