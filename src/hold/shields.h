/* SPDX-License-Identifier: MIT */
/*
 * Who can never be held, as the kernel knows it: this host's own MACs and addresses, the routers that it goes out by, and
 * whoever is logged in at it over the network. Read anew now and then; what can't be read protects nobody and is said once.
 */
#pragma once

#include "base/addr.h"
#include "contain/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHIELDS_MACS = 128, SHIELDS_ADDRS = 512, SHIELDS_ADMINS = 128 };

struct shields {
	struct mac own_macs[SHIELDS_MACS];
	size_t own_macs_n;
	struct addr own[SHIELDS_ADDRS];
	size_t own_n;
	struct mac router_macs[SHIELDS_MACS];
	size_t router_macs_n;
	struct addr routers[SHIELDS_ADDRS];
	size_t routers_n;
	struct addr admins
		[SHIELDS_ADMINS]; /* other ends of connections to this host's port for logins */
	size_t admins_n;
};

/* 0, or -errno of the first file that could not be read; the rest is read all the same. */
int shields_read(struct shields *s);

/* The parts of it, for tests: lines of /proc/net/route, ipv6_route, arp, tcp and tcp6 as the kernel writes them. */
void shields_take_route(struct shields *s, const char *line);
void shields_take_route6(struct shields *s, const char *line);
void shields_take_arp(struct shields *s, const char *line);
void shields_take_tcp(struct shields *s, const char *line);

enum shield shields_of(const struct shields *s, const struct mac *mac, const struct addr *addrs,
		       size_t n);
