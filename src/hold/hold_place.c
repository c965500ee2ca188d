/* SPDX-License-Identifier: MIT */
/*
 * See hold_place.h. A bridge that is watched stands for its ports; cordon-enforce knows which it has. Networks are those of [network] local, or else of the addresses that this host has
 * on the interfaces (getifaddrs(3)); a router that is another host counts as the gateway too, when it is in them.
 */
#include "hold/hold_place.h"

#include "base/timespan.h"
#include "hold/shields.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define READ_NS (10 * NS_PER_S)

static void add_port(struct ruleset_place *p, const char *name)
{
	if (p->ports_n < RULESET_PORTS && strlen(name) < RULESET_NAME &&
	    ruleset_port_is_plain(name))
		(void)snprintf(p->ports[p->ports_n++], RULESET_NAME, "%s", name);
}

/* ---- networks and gateways ------------------------------------------------------------------------------------- */

static bool address_of(const struct sockaddr *at, struct addr *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (at != NULL && at->sa_family == AF_INET) {
		memcpy(&v4, at, sizeof v4);
		*out = addr_v4(ntohl(v4.sin_addr.s_addr));
		return true;
	}
	if (at == NULL || at->sa_family != AF_INET6)
		return false;
	memcpy(&v6, at, sizeof v6);
	memcpy(out->b, &v6.sin6_addr, sizeof out->b);
	return true;
}

static uint8_t bits_of(const struct addr *mask, bool v4)
{
	uint8_t bits = v4 ? 96 : 0;

	for (size_t i = v4 ? 12 : 0; i < sizeof mask->b; i++)
		bits = (uint8_t)(bits + __builtin_popcount(mask->b[i]));
	return bits;
}

static bool is_in(const struct ruleset_place *p, const struct addr *a)
{
	for (size_t i = 0; i < p->lan_n; i++)
		if (prefix_has(&p->lan[i], a))
			return true;
	return false;
}

static bool is_of_link(const struct addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static void add_gateway(struct ruleset_place *p, const struct addr *a)
{
	for (size_t i = 0; i < p->gateway_n; i++)
		if (addr_equal(&p->gateway[i], a))
			return;
	if (p->gateway_n < RULESET_PREFIXES)
		p->gateway[p->gateway_n++] = *a;
}

static bool is_watched(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->interfaces_n; i++)
		if (strcmp(s->interfaces[i], name) == 0)
			return true;
	return false;
}

static void take_networks(const struct settings *s, const struct ifaddrs *list,
			  struct ruleset_place *p)
{
	char text[PREFIX_TEXT_MAX], addr_of[ADDR_TEXT_MAX];

	for (size_t i = 0; i < s->local_n && p->lan_n < RULESET_PREFIXES; i++)
		p->lan[p->lan_n++] = s->local[i];
	for (const struct ifaddrs *i = list; i != NULL && s->local_n == 0; i = i->ifa_next) {
		struct addr a, mask;
		int bits;

		if (p->lan_n == RULESET_PREFIXES || !is_watched(s, i->ifa_name) ||
		    !address_of(i->ifa_addr, &a) || !address_of(i->ifa_netmask, &mask) ||
		    is_of_link(&a))
			continue;
		bits = bits_of(&mask, addr_is_v4(&a)) - (addr_is_v4(&a) ? 96 : 0);
		(void)snprintf(text, sizeof text, "%s/%d", addr_text(&a, addr_of), bits);
		p->lan_n += prefix_parse(text, &p->lan[p->lan_n]);
	}
}

static void take_gateways(const struct settings *s, const struct ifaddrs *list,
			  struct ruleset_place *p)
{
	static struct shields around;
	struct addr a;

	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (address_of(i->ifa_addr, &a) &&
		    (is_in(p, &a) || (is_watched(s, i->ifa_name) && is_of_link(&a))))
			add_gateway(p, &a);
	(void)shields_read(&around);
	for (size_t i = 0; i < around.routers_n; i++)
		if (is_in(p, &around.routers[i]) || is_of_link(&around.routers[i]))
			add_gateway(p, &around.routers[i]);
}

int hold_place_read(const struct settings *s, struct ruleset_place *place)
{
	struct ifaddrs *list = NULL;
	int err = getifaddrs(&list) == 0 ? 0 : -errno;

	*place = (struct ruleset_place){.gate = s->gate_mode != 0};
	for (size_t i = 0; i < s->interfaces_n; i++)
		add_port(place, s->interfaces[i]);
	place->portal_port = (uint16_t)s->gate_portal;
	take_networks(s, list, place);
	take_gateways(s, list, place);
	if (list != NULL)
		freeifaddrs(list);
	return err;
}

/* ---- changes --------------------------------------------------------------------------------------------------- */

static bool has_all_networks(const struct ruleset_place *a, const struct ruleset_place *b)
{
	for (size_t i = 0; i < b->lan_n; i++) {
		bool found = false;

		for (size_t k = 0; k < a->lan_n && !found; k++)
			found = a->lan[k].bits == b->lan[i].bits &&
				addr_equal(&a->lan[k].addr, &b->lan[i].addr);
		if (!found)
			return false;
	}
	return true;
}

static bool has_all_gateways(const struct ruleset_place *a, const struct ruleset_place *b)
{
	for (size_t i = 0; i < b->gateway_n; i++) {
		bool found = false;

		for (size_t k = 0; k < a->gateway_n && !found; k++)
			found = addr_equal(&a->gateway[k], &b->gateway[i]);
		if (!found)
			return false;
	}
	return true;
}

bool hold_place_same(const struct ruleset_place *a, const struct ruleset_place *b)
{
	return has_all_networks(a, b) && has_all_networks(b, a) && has_all_gateways(a, b) &&
	       has_all_gateways(b, a);
}

bool hold_place_changed(struct hold_change *c, const struct ruleset_place *now)
{
	bool settled = c->read && hold_place_same(&c->last, now);

	if (!c->read)
		c->first = *now;
	c->last = *now;
	c->read = true;
	return settled && !hold_place_same(&c->first, now);
}

bool hold_place_moved(struct hold_change *c, const struct settings *s, int64_t now_ns)
{
	static struct ruleset_place now;

	if (c->read && now_ns - c->read_ns < READ_NS)
		return false;
	c->read_ns = now_ns;
	return hold_place_read(s, &now) == 0 && hold_place_changed(c, &now);
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

bool hold_words_next(struct hold_words *w, const char **name, const char **value)
{
	const struct ruleset_place *p = w->place;
	const struct settings_hosts *never = &w->settings->contain_never;
	size_t at = w->at++;

	*value = w->value;
	if (p->portal_port != 0 && at-- == 0) {
		*name = "--portal";
		(void)snprintf(w->value, sizeof w->value, "%u", (unsigned)p->portal_port);
		return true;
	}
	if (at < p->ports_n) {
		*name = "--port";
		*value = p->ports[at];
		return true;
	}
	at -= p->ports_n;
	if (at < p->lan_n) {
		*name = "--lan";
		(void)prefix_text(&p->lan[at], w->value);
		return true;
	}
	at -= p->lan_n;
	if (at < p->gateway_n) {
		*name = "--gateway";
		(void)addr_text(&p->gateway[at], w->value);
		return true;
	}
	at -= p->gateway_n;
	if (w->settings->contain_xdp && at-- == 0) {
		*name = "--xdp";
		*value = "on";
		return true;
	}
	if (at == never->n && p->gate) {
		*name = "--gate";
		*value = "on";
		return true;
	}
	if (at >= never->n)
		return false;
	if (!never->list[at].is_mac)
		return hold_words_next(w, name, value);
	*name = "--never";
	(void)mac_text(&never->list[at].mac, w->value);
	return true;
}
