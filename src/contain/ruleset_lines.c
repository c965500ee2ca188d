/* SPDX-License-Identifier: MIT */
/*
 * The rules, as a table of lines: each says in which families it stands and what must be there for it. nft(8) has the
 * language; docs/decisions/0040-containment-rules.md has the reasons and what was tried.
 *
 * What they resist, beside calls into the Internet: forged senders (IPv4, IPv6, ARP's and ND's claims), scans and floods
 * dressed as answers (only to who lately asked, never a lone SYN, no fragment of TCP, which could hide one: RFC 1858), ways
 * around the questions (VLAN tags, PPPoE, tunnels, source routes, routing headers), and asking the gateway so much that the
 * asking is the flood (limits per device).
 */
#include "contain/ruleset_lines.h"

#define SYN "tcp flags & (syn | ack) == syn"
#define FRAGMENT4 "ip frag-off & 0x3fff != 0"
#define OWN4 "ether saddr . ip saddr"
/* The second part of own6 is a number, not an address: so one set holds for senders and for what an advertisement claims,
 * of which this nft knows no name. */
#define OWN6 "ether saddr . @nh,64,128"
#define CLAIMED6 "ether saddr . @th,64,128"
#define REPORTS6 "icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report }"
/* For inet and the bridge, which see others' networks too: who comes from ours, goes outside, and is not through the gate. */
#define NEW4 "ip saddr $cordon_here4 ip daddr != $cordon_here4 ether saddr != @passed"
#define NEW6 "ip6 saddr $cordon_here6 ip6 daddr != $cordon_here6 ether saddr != @passed"
#define TO_NEW "ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 ether daddr != @passed"
#define MDNS_ANSWER "udp sport 5353 udp dport 5353 @th,80,8 & 0x80 == 0x80"

const struct ruleset_line ruleset_lines[] = {
	/* Where a chain is done, and what is counted and limited on the way there. An element's limit matches when it is over. */
	{ANY, "chain dropped {"},
	{ANY, "	ether saddr @blocked"},
	{ANY, "	drop"},
	{ANY, "}"},
	{L2, "chain dropped_to {"},
	{L2, "	ether daddr @blocked"},
	{L2, "	drop"},
	{L2, "}"},
	{ANY, "chain said {"},
	{ANY, "	ether saddr @loud goto dropped"},
	{ANY, "	accept"},
	{ANY, "}"},
	{ANY, "chain asked {"},
	{ANY, "	ether saddr @asks goto dropped"},
	{ANY, "	accept"},
	{ANY, "}"},
	{ANY, "chain page {"},
	{PORTAL | ANY, "	" SYN " goto asked"},
	{PORTAL | ANY, "	accept"},
	{ANY, "}"},

	/* Its address and its lease: ARP, DHCP, ND. A probe (RFC 5227) claims nothing. */
	{L2, "chain arp_from {"},
	{L2, "	arp operation != { request, reply } goto dropped"},
	{L2, "	arp operation request arp saddr ip 0.0.0.0 goto said"},
	{L2, "	ether saddr . arp saddr ip @own4 arp saddr ether . arp saddr ip @own4 goto said"},
	{L2, "	goto dropped"},
	{L2, "}"},
	{ANY, "chain lease4 {"},
	{ANY, "	" FRAGMENT4 " goto dropped"},
	{ANY, "	ip saddr 0.0.0.0 ip daddr 255.255.255.255 goto said"},
	{ANY, "	" OWN4 " != @own4 goto dropped"},
	{ANY, "	ip daddr 255.255.255.255 goto said"},
	{GATE4 | ANY, "	ip daddr $cordon_gateway4 goto asked"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	/* What is no routers' advertisement and no redirect (RFC 4861), whole (RFC 6980), from this link (hop limit), and
	 * claims no address but its own. Comes back for the rest, which is then under an own address. */
	{ANY, "chain link6 {"},
	{ANY, "	exthdr rt exists goto dropped"},
	{ANY, "	exthdr frag missing icmpv6 type { nd-router-solicit, nd-neighbor-solicit } "
	      "ip6 hoplimit 255 ip6 saddr :: ip6 daddr ff02::/16 goto said"},
	{ANY, "	exthdr frag missing " REPORTS6
	      " ip6 hoplimit 1 ip6 saddr :: ip6 daddr ff02::/16 goto said"},
	{ANY, "	" OWN6 " != @own6 goto dropped"},
	{ANY, "	exthdr frag exists return"},
	{ANY, "	icmpv6 type nd-neighbor-advert " CLAIMED6 " != @own6 goto dropped"},
	{ANY, "	icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } "
	      "ip6 hoplimit 255 ip6 daddr $cordon_here6 goto said"},
	{ANY, "	" REPORTS6 " ip6 hoplimit 1 ip6 daddr ff00::/8 goto said"},
	{ANY, "	udp sport 546 udp dport 547 ip6 daddr ff02::1:2 goto said"},
	{ANY, "}"},

	/* What a contained device may say: to the gateway, to viewers, to its recorders. */
	{ANY, "chain viewed {"},
	{ANY, "	meta l4proto udp accept"},
	{ANY, "	tcp flags & (syn | ack) != syn accept"},
	{ANY, "	icmp type { echo-reply, destination-unreachable, time-exceeded, "
	      "parameter-problem } accept"},
	{ANY, "	icmpv6 type { echo-reply, destination-unreachable, packet-too-big, time-exceeded, "
	      "parameter-problem } accept"},
	{ANY, "}"},
	/* Ports that it could ask to be opened (SSDP, PCP and NAT-PMP) are not its, even while the gateway looks at it. */
	{ANY, "chain gateway {"},
	{ANY, "	icmp type echo-request goto asked"},
	{ANY, "	icmpv6 type echo-request goto asked"},
	{ANY, "	udp dport { 53, 123 } goto asked"},
	{ANY, "	tcp dport 53 " SYN " goto asked"},
	{ANY, "	tcp dport 53 accept"},
	{PORTAL | ANY, "	tcp dport { 80, $cordon_portal } goto page"},
	{ANY, "	udp dport { 1900, 5350, 5351 } goto dropped"},
	{ANY, "}"},
	{ANY, "chain contained4 {"},
	{ANY, "	meta l4proto tcp " FRAGMENT4 " goto dropped"},
	{ANY, "	udp sport 68 udp dport 67 goto lease4"},
	{ANY, "	" OWN4 " != @own4 goto dropped"},
	{ANY, "	igmp type { membership-report-v1, membership-report-v2, membership-report-v3, "
	      "leave-group } ip ttl 1 ip daddr 224.0.0.0/4 goto said"},
	{ANY, "	ip hdrlength != 5 goto dropped"},
	{ANY, "	ether saddr . ip daddr @recorders4 meta l4proto { tcp, udp } accept"},
	{PORTAL | ANY, "	tcp dport 80 ip daddr != $cordon_here4 goto page"},
	{ANY, "	ip daddr != $cordon_here4 goto dropped"},
	{GATE4 | ANY, "	ip daddr $cordon_gateway4 jump gateway"},
	{L2, "	ether saddr . ip daddr @viewers4 jump viewed"},
	{I, "	jump viewed"},
	{ANY, "	icmp type echo-reply goto asked"},
	{ANY, "	" MDNS_ANSWER " ip daddr 224.0.0.251 goto said"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain contained6 {"},
	{ANY, "	meta l4proto tcp exthdr frag exists goto dropped"},
	{ANY, "	jump link6"},
	{ANY, "	ether saddr . ip6 daddr @recorders6 meta l4proto { tcp, udp } accept"},
	{PORTAL | ANY, "	tcp dport 80 ip6 daddr != $cordon_here6 goto page"},
	{ANY, "	ip6 daddr != $cordon_here6 goto dropped"},
	{GATE6 | ANY, "	ip6 daddr $cordon_gateway6 jump gateway"},
	{L2, "	ether saddr . ip6 daddr @viewers6 jump viewed"},
	{I, "	jump viewed"},
	{ANY, "	icmpv6 type echo-reply goto asked"},
	{ANY, "	" MDNS_ANSWER " ip6 daddr ff02::fb goto said"},
	{ANY, "	goto dropped"},
	{ANY, "}"},

	{ANY, "chain isolated4 {"},
	{ANY, "	udp sport 68 udp dport 67 goto lease4"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain isolated6 {"},
	{ANY, "	jump link6"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain gated4 {"},
	{ANY, "	ip option lsrr exists goto dropped"},
	{ANY, "	ip option ssrr exists goto dropped"},
	{ANY, "	ip daddr $cordon_here4 accept"},
	{ANY, "	" OWN4 " @own4 ether saddr . ip daddr @allowed4 accept"},
	{GATED | ANY, "	ip saddr != $cordon_here4 goto dropped"},
	{PORTAL | ANY, "	tcp dport 80 goto page"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain gated6 {"},
	{ANY, "	exthdr rt exists goto dropped"},
	{ANY, "	ip6 daddr $cordon_here6 accept"},
	{ANY, "	" OWN6 " @own6 ether saddr . ip6 daddr @allowed6 accept"},
	{GATED | ANY, "	ip6 saddr != $cordon_here6 goto dropped"},
	{PORTAL | ANY, "	tcp dport 80 goto page"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{I, "chain pages {"},
	{PORTAL | I, "	ether saddr . ip daddr @allowed4 return"},
	{PORTAL | I, "	ether saddr . ip6 daddr @allowed6 return"},
	{PORTAL | I, "	ether saddr . ip daddr @recorders4 return"},
	{PORTAL | I, "	ether saddr . ip6 daddr @recorders6 return"},
	{PORTAL | I, "	ip daddr != $cordon_here4 meta l4proto tcp redirect to :$cordon_portal"},
	{PORTAL | I, "	ip6 daddr != $cordon_here6 meta l4proto tcp redirect to :$cordon_portal"},
	{I, "}"},

	/* By the type that the frame bears: what is tagged, and what no line knows, goes to the end. 888e: without its keys a
	 * device would lose its Wi-Fi. */
	{ANY, "chain from_isolated {"},
	{L2, "	ether type vmap { arp : goto arp_from, ip : goto isolated4, ip6 : goto isolated6, "
	     "0x888e : accept }"},
	{I, "	meta nfproto vmap { ipv4 : goto isolated4, ipv6 : goto isolated6 }"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain from_contained {"},
	{L2,
	 "	ether type vmap { arp : goto arp_from, ip : goto contained4, ip6 : goto contained6, "
	 "0x888e : accept }"},
	{I, "	meta nfproto vmap { ipv4 : goto contained4, ipv6 : goto contained6 }"},
	{ANY, "	goto dropped"},
	{ANY, "}"},
	{ANY, "chain from_gated {"},
	{L2,
	 "	ether type { 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8863, 0x8864 } goto dropped"},
	{L2, "	ether type vmap { ip : goto gated4, ip6 : goto gated6 }"},
	{I, "	meta nfproto vmap { ipv4 : goto gated4, ipv6 : goto gated6 }"},
	{ANY, "}"},

	/* On the way to a held device. A datagram from a port below 1024 answers and does not ask: were it a viewer's, whom a bot
	 * asked just before it was contained would be one for ever. An answer of the portal has the address that was called; what
	 * comes so from outside indeed ends in the hooks named forward. */
	{L2, "chain seen {"},
	{L2, "	update @viewers4 { ether daddr . ip saddr } return"},
	{L2, "	update @viewers6 { ether daddr . ip6 saddr } return"},
	{L2, "	counter name full"},
	{L2, "}"},
	{L2, "chain outside {"},
	{L2, "	ip saddr != $cordon_here4 goto dropped_to"},
	{L2, "	ip6 saddr != $cordon_here6 goto dropped_to"},
	{L2, "}"},
	{L2, "chain to_isolated {"},
	{L2, "	jump outside"},
	{L2, "	udp sport { 67, 547 } accept"},
	{L2, "	icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, "
	     "mld-listener-query } accept"},
	{L2, "	ether type { ip, ip6 } goto dropped_to"},
	{L2, "}"},
	{L2, "chain to_contained {"},
	{PORTAL | L2, "	tcp sport 80 ip saddr != $cordon_here4 accept"},
	{PORTAL | L2, "	tcp sport 80 ip6 saddr != $cordon_here6 accept"},
	{L2, "	jump outside"},
	{L2, "	" SYN " goto seen"},
	{L2, "	udp sport >= 1024 goto seen"},
	{L2, "	ether daddr . ip saddr @viewers4 meta l4proto { tcp, udp } goto seen"},
	{L2, "	ether daddr . ip6 saddr @viewers6 meta l4proto { tcp, udp } goto seen"},
	{L2, "}"},
	{L2, "chain to_gated {"},
	{L2, "	ether daddr . ip saddr @allowed4 accept"},
	{L2, "	ether daddr . ip6 saddr @allowed6 accept"},
	/* By a MAC that is merely new no hook named forward can tell who is meant: only what a socket of this host says. */
	{UNGATED | PORTAL | L2, "	tcp sport 80 accept"},
	{GATED | PORTAL | L2, "	tcp sport 80 meta skuid >= 0 accept"},
	{L2, "	goto outside"},
	{L2, "}"},
	{B | I, "chain outward {"},
	{PORTAL | B | I, "	ether saddr . ip daddr @allowed4 return"},
	{PORTAL | B | I, "	ether saddr . ip6 daddr @allowed6 return"},
	{PORTAL | B | I, "	ether saddr . ip daddr @recorders4 return"},
	{PORTAL | B | I, "	ether saddr . ip6 daddr @recorders6 return"},
	{PORTAL | B | I, "	ip daddr != $cordon_here4 goto dropped"},
	{PORTAL | B | I, "	ip6 daddr != $cordon_here6 goto dropped"},
	{B | I, "}"},
	{B, "chain inward {"},
	{PORTAL | B, "	ether daddr . ip saddr @allowed4 return"},
	{PORTAL | B, "	ether daddr . ip6 saddr @allowed6 return"},
	{PORTAL | B, "	goto outside"},
	{B, "}"},

	{ANY, "chain from {"},
	{ANY, "	ether saddr @isolated goto from_isolated"},
	{ANY, "	ether saddr @contained goto from_contained"},
	{ANY, "	ether saddr @gated goto from_gated"},
	{GATED | ANY, "	ether saddr != @passed goto from_gated"},
	{ANY, "}"},
	{L2, "chain to {"},
	{L2, "	ether daddr @isolated goto to_isolated"},
	{L2, "	ether daddr @contained goto to_contained"},
	{L2, "	ether daddr @gated goto to_gated"},
	{GATED | L2, "	ether daddr != @passed goto to_gated"},
	{L2, "}"},

	/* Where the kernel comes in, and all that others' packets meet. netdev: before a flow table's usual 0; inet: before
	 * connection tracking (-200), so that what is dropped takes no room there; bridge: before what others have at -300 and
	 * later. */
	{PORTS | N, "chain in {"},
	{PORTS | N,
	 "	type filter hook ingress devices = $cordon_ports priority -500; policy accept;"},
	{PORTS | N, "	ether saddr @held goto from"},
	{GATED | PORTS | N, "	ether saddr != @passed goto from_gated"},
	{PORTS | N, "}"},
	{PORTS | N, "chain out {"},
	{PORTS | N,
	 "	type filter hook egress devices = $cordon_ports priority -500; policy accept;"},
	{PORTS | N, "	ether daddr @held goto to"},
	{GATED | PORTS | N, "	" TO_NEW " goto to_gated"},
	{PORTS | N, "}"},
	{B, "chain prerouting {"},
	{B, "	type filter hook prerouting priority -400; policy accept;"},
	{I, "chain prerouting {"},
	{I, "	type filter hook prerouting priority -310; policy accept;"},
	{B | I, "	ether saddr @held goto from"},
	{GATED | B | I, "	" NEW4 " goto from_gated"},
	{GATED | B | I, "	" NEW6 " goto from_gated"},
	{B | I, "}"},
	{B, "chain postrouting {"},
	{B, "	type filter hook postrouting priority 0; policy accept;"},
	{B, "	ether daddr @held goto to"},
	{GATED | B, "	ip daddr $cordon_here4 ip saddr != $cordon_here4 " TO_NEW " goto to_gated"},
	{GATED | B,
	 "	ip6 daddr $cordon_here6 ip6 saddr != $cordon_here6 " TO_NEW " goto to_gated"},
	{B, "}"},
	{PORTAL | B, "chain forward {"},
	{PORTAL | B, "	type filter hook forward priority -210; policy accept;"},
	{I, "chain forward {"},
	{I, "	type filter hook forward priority -210; policy accept;"},
	{PORTAL | B | I, "	tcp dport 80 ether saddr @held jump outward"},
	{GATED | PORTAL | B | I, "	tcp dport 80 " NEW4 " jump outward"},
	{GATED | PORTAL | B | I, "	tcp dport 80 " NEW6 " jump outward"},
	{PORTAL | B, "	tcp sport 80 ether daddr @held jump inward"},
	{I, "	ip daddr @away4 ip saddr != $cordon_here4 ip saddr != @called4 drop"},
	{I, "	ip6 daddr @away6 ip6 saddr != $cordon_here6 ip6 saddr != @called6 drop"},
	{PORTAL | B, "}"},
	{I, "}"},
	/* A held device's pages: of what is outside for both, of the gateway for a contained one, which may not try its
	 * passwords. */
	{PORTAL | I, "chain portal {"},
	{PORTAL | I, "	type nat hook prerouting priority -110; policy accept;"},
	{PORTAL | GATE4 | I, "	tcp dport 80 ether saddr @contained ip daddr $cordon_gateway4 "
			     "redirect to :$cordon_portal"},
	{PORTAL | GATE6 | I, "	tcp dport 80 ether saddr @contained ip6 daddr $cordon_gateway6 "
			     "redirect to :$cordon_portal"},
	{PORTAL | I, "	tcp dport 80 ether saddr @held goto pages"},
	{GATED | PORTAL | I, "	tcp dport 80 " NEW4 " goto pages"},
	{GATED | PORTAL | I, "	tcp dport 80 " NEW6 " goto pages"},
	{PORTAL | I, "}"},
};

const size_t ruleset_lines_n = sizeof ruleset_lines / sizeof *ruleset_lines;
