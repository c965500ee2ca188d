/* SPDX-License-Identifier: MIT */
/*
 * Whom nobody may hold, whatever is asked: this host by any of its MACs and addresses, the gateway, and whom the command line
 * names (another router's MAC, the administrator's own client). And which interfaces devices
 * are behind at the moment: those that the command line names, or the ports of a bridge that it names.
 */
#pragma once

#include "contain/element.h"
#include "contain/ruleset.h"

enum { HERE_MACS = 1024, HERE_ADDRESSES = 4096, HERE_NEVER = 64, HERE_LINKS = 1024 };

/* An interface that may be a port of ours. */
struct here_link {
	int index;
	int bridge; /* whose port it is, by index; 0: of none */
	char name[RULESET_NAME];
};

/* What the command line says. */
struct enforce_place {
	struct ruleset_place
		rules; /* its ports are interfaces, be they there or not, and bridges */
	struct mac never[HERE_NEVER];
	size_t never_n;
	bool xdp; /* held devices are stopped by XDP as well (xdp.h) */
};

struct here {
	struct mac macs[HERE_MACS]; /* the command line's as well; sorted, as are addresses */
	size_t macs_n;
	struct addr addresses[HERE_ADDRESSES]; /* with those of the gateway */
	size_t addresses_n;
	struct here_link ports[RULESET_PORTS];
	size_t ports_n;
	bool ports_full; /* there are more */
	bool full;	 /* this host has more than there is room for */
};

/* Begins a list with what the command line says. */
void here_begin(struct here *h, const struct enforce_place *place);
void here_add_mac(struct here *h, const uint8_t mac[6]);
void here_add_addr(struct here *h, const struct addr *addr);
/* Of all these interfaces those that devices are behind. */
void here_take_ports(struct here *h, const struct ruleset_place *named,
		     const struct here_link *links, size_t n);
/* Are the ports the same interfaces? */
bool here_same_ports(const struct here *a, const struct here_link *ports, size_t n);
void here_sort(struct here *h);
bool here_has_mac(const struct here *h, const struct mac *mac);
bool here_has_addr(const struct here *h, const struct addr *addr);
/* May such an element not be? A MAC of ours in any set but SET_PASSED, an address of ours as a held device's own. */
bool here_refuses(const struct here *h, const struct contain_element *e);
