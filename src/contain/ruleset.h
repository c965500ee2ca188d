/* SPDX-License-Identifier: MIT */
/*
 * The firewall rules that hold devices, as nft(8) text: a pure function of where this host stands. Only tables named `cordon`
 * are declared, in the families netdev, bridge and inet:
 *
 *   netdev  ingress of each port of the LAN, before everything, so before a flow table could pass a packet by
 *   bridge  prerouting: frames that are only bridged, whatever bridge-nf-call-iptables says
 *   inet    prerouting and forward: what is routed, and what comes for a held device from outside
 *
 * All three ask the same questions of a frame by its source MAC, without connection tracking: a held device's lone SYN into
 * the LAN is dropped and the rest of TCP passes; its UDP passes to whoever spoke to it in the last minutes (SET_VIEWERS).
 * Kept for a contained device: DHCP, ARP and ND under its own addresses, DNS and NTP of the gateway, answers to viewers, its
 * recorders, the gateway's page on port 80.
 */
#pragma once

#include "base/addr.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

enum { RULESET_PORTS = 32, RULESET_PREFIXES = 64, RULESET_NAME = 16 };

struct ruleset_place {
	char ports
		[RULESET_PORTS]
		[RULESET_NAME]; /* interfaces that devices are behind: a bridge's ports, or the LAN interface */
	size_t ports_n;
	struct prefix lan[RULESET_PREFIXES]; /* local networks */
	size_t lan_n;
	struct addr gateway
		[RULESET_PREFIXES]; /* this host's addresses in them, and the router's where that is another */
	size_t gateway_n;
	uint16_t portal_port; /* of this host, where a held device's pages go; 0: none */
};

/* Appends the text; `nft -f` takes it, also when the tables are there already: then nothing but rules and chains is replaced
 * and sets keep their elements. */
void ruleset_write(const struct ruleset_place *place, struct text *to);
/* What takes all of it away. */
void ruleset_write_removal(struct text *to);
