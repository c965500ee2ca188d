/* SPDX-License-Identifier: MIT */
/*
 * The firewall rules that hold devices, as nft(8) text: a pure function of where this host stands. Only tables named `cordon`
 * are declared, in the families netdev, bridge and inet:
 *
 *   netdev  ingress and egress of each port of the LAN, before a flow table could pass a packet by: all questions are
 *           asked here, and here it is learned who looks at a device
 *   bridge  prerouting, forward, postrouting: the same again, for ports that came later, whatever bridge-nf-call-iptables says
 *   inet    prerouting, forward: what is routed, and what comes for a held device from outside; the portal's NAT
 *
 * All ask the same questions of a frame by its source MAC, without connection tracking: a contained device answers who
 * lately opened a connection to it or sent it a datagram (SET_VIEWERS), with anything but a lone SYN. inet alone can't learn
 * viewers, since what is routed to a device doesn't have its MAC yet, and lets answers of any kind into the LAN.
 * Kept for a contained device: DHCP, ARP and ND under its own addresses, DNS and NTP of the gateway and its echo, answers to
 * viewers and to names asked by mDNS, its recorders, and where there is a portal, that. Isolated: DHCP, ARP and ND. Gated: the
 * LAN, and in the Internet whom it is allowed. Frames with a VLAN tag, PPPoE and all that is neither ARP nor IP end.
 */
#pragma once

#include "base/addr.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RULESET_PORTS = 32,
	RULESET_PREFIXES = 64,
	RULESET_NAME = 16,
	RULESET_HERE = RULESET_PREFIXES + 5
};

struct ruleset_place {
	char ports
		[RULESET_PORTS]
		[RULESET_NAME]; /* interfaces that devices are behind: a bridge's ports, or the LAN interface */
	size_t ports_n;
	/* Local networks; those of links (169.254/16, fe80::/10) are always. Shorter than /8 (IPv6: /7) is none. */
	struct prefix lan[RULESET_PREFIXES];
	size_t lan_n;
	/* This host's addresses in them, the router's and the name server's where those are others. */
	struct addr gateway[RULESET_PREFIXES];
	size_t gateway_n;
	bool gate;	      /* who is not in SET_PASSED is gated */
	uint16_t portal_port; /* of this host, where a held device's pages go; 0: none */
};

/* May it stand in the rules? A name that isn't one for sure (quotes, a star) is left out. */
bool ruleset_port_is_plain(const char *name);

/* What is inside, as all rules take it: its local networks, links and groups. Returns how many; they may cover each other. */
size_t ruleset_here(const struct ruleset_place *place, struct prefix all[RULESET_HERE]);

/* Appends the text; `nft -f` takes it, also when the tables are there already: then nothing but rules and chains is replaced
 * and sets keep their elements. One transaction: there is no moment without rules. A port that does not exist may fail all of
 * it (kernels before 6.16), so who loads it leaves those out and loads it anew when a port comes; one that goes takes its hook
 * along. */
void ruleset_write(const struct ruleset_place *place, struct text *to);
/* What takes all of it away; tables that are not there are none to it. */
void ruleset_write_removal(struct text *to);

/* "netdev", "bridge", "inet": the families whose tables `cordon` hold the sets. */
enum { RULESET_FAMILIES = 3 };
const char *ruleset_family(size_t i);
