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
	h->ports_n = 0;
	h->full = h->ports_full = false;
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

static void add_port(struct here *h, const struct here_link *link)
{
	for (size_t i = 0; i < h->ports_n; i++)
		if (h->ports[i].index == link->index)
			return;
	if (!ruleset_port_is_plain(link->name))
		return;
	if (h->ports_n == RULESET_PORTS)
		h->ports_full = true;
	else
		h->ports[h->ports_n++] = *link;
}

void here_take_ports(struct here *h, const struct ruleset_place *named,
		     const struct here_link *links, size_t n)
{
	h->ports_n = 0;
	for (size_t i = 0; i < named->ports_n; i++)
		for (size_t l = 0; l < n; l++) {
			bool is_bridge = false;

			if (strcmp(links[l].name, named->ports[i]) != 0)
				continue;
			for (size_t p = 0; p < n; p++)
				if (links[p].bridge == links[l].index) {
					is_bridge = true;
					add_port(h, &links[p]);
				}
			if (!is_bridge)
				add_port(h, &links[l]);
		}
}

bool here_same_ports(const struct here *a, const struct here_link *ports, size_t n)
{
	if (a->ports_n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a->ports[i].index != ports[i].index ||
		    strcmp(a->ports[i].name, ports[i].name) != 0)
			return false;
	return true;
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

	if (e->set == SET_PASSED)
		return false;
	return (contain_set_has_mac(e->set) && here_has_mac(h, &e->mac)) ||
	       (held && here_has_addr(h, &e->addr));
}
