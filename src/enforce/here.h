/* SPDX-License-Identifier: MIT */
/*
 * Whom nobody may hold, whatever is asked: this host by any of its MACs and addresses, the gateway, and whom the command line
 * names (another router's MAC, the administrator's own client). And which of the ports that were named exist now.
 */
#pragma once

#include "contain/element.h"
#include "contain/ruleset.h"

enum { HERE_MACS = 1024, HERE_ADDRESSES = 4096, HERE_NEVER = 64 };

/* What the command line says. */
struct enforce_place {
	struct ruleset_place rules; /* with all ports, be they there or not */
	struct mac never[HERE_NEVER];
	size_t never_n;
};

struct here {
	struct mac macs[HERE_MACS]; /* the command line's as well; sorted, as are addresses */
	size_t macs_n;
	struct addr addresses[HERE_ADDRESSES]; /* with those of the gateway */
	size_t addresses_n;
	uint32_t ports; /* bit n: the command line's port n is there */
	int ports_index
		[RULESET_PORTS]; /* … and which interface it is: one that was made anew has another */
	bool full;		 /* this host has more than there is room for */
};

/* Begins a list with what the command line says. */
void here_begin(struct here *h, const struct enforce_place *place);
void here_add_mac(struct here *h, const uint8_t mac[6]);
void here_add_addr(struct here *h, const struct addr *addr);
void here_sort(struct here *h);
bool here_has_mac(const struct here *h, const struct mac *mac);
bool here_has_addr(const struct here *h, const struct addr *addr);
/* May such an element not be? A MAC of ours in any set, an address of ours as a held device's own. */
bool here_refuses(const struct here *h, const struct contain_element *e);
