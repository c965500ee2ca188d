/* SPDX-License-Identifier: MIT */
/*
 * Plain words for people. The schema's words stand in verdict/judged.c; these explain them, and change freely.
 */
#include "report/words.h"

#include <string.h>
#include <strings.h>

const char *words_vector(enum vector v)
{
	static const char *const words[VECTORS] = {
		[VECTOR_UDP] = "UDP flood",
		[VECTOR_SYN] = "SYN flood",
		[VECTOR_ACK] = "ACK flood",
		[VECTOR_STOMP] = "TCP flood inside an opened connection",
		[VECTOR_VSE] = "flood of game server queries",
		[VECTOR_GRE_IP] = "GRE flood with IP packets inside",
		[VECTOR_GRE_ETH] = "GRE flood with Ethernet frames inside",
		[VECTOR_DNS] = "DNS flood with random names",
		[VECTOR_HTTP] = "HTTP request flood",
		[VECTOR_ICMP] = "ICMP flood",
		[VECTOR_AMPLIFICATION] = "flood of amplified answers",
		[VECTOR_FRAGMENT] = "flood of IP fragments",
		[VECTOR_OTHER] = "flood of another kind",
	};

	return words[v];
}

const char *words_backing(enum backing b)
{
	static const char *const words[] = {
		[BACKING_ADDRESS] = "its address alone, which anybody could forge",
		[BACKING_MAC] = "its MAC address, which a neighbour could forge",
		[BACKING_TWO_WAY] = "two-way traffic",
		[BACKING_SESSION] = "its own session or VLAN",
		[BACKING_PORT] = "its own port or Wi-Fi station",
	};

	return words[b];
}

const char *words_place(enum place p)
{
	static const char *const words[] = {
		[PLACE_LAN] = "Taken inside the local network.",
		[PLACE_WAN] =
			"Taken between the router and the Internet: its address stands for the router and "
			"everything behind it.",
		[PLACE_UPSTREAM] =
			"Taken upstream, where many networks pass: addresses stand for whole households.",
		[PLACE_TELESCOPE] =
			"Taken at a network telescope, where nobody lives: whoever sends there is a "
			"stranger.",
		[PLACE_VICTIM] = "Taken at the target of an attack.",
		[PLACE_MIXED] = "Taken at several places at once.",
		[PLACE_UNKNOWN] = NULL,
	};

	return words[p];
}

const char *words_attacks(enum direction d, bool several)
{
	static const char *const words[][2] = {
		[DIRECTION_OUTBOUND] = {"goes out from here against", "go out from here against"},
		[DIRECTION_INBOUND] = {"from outside hits", "from outside hit"},
		[DIRECTION_INTERNAL] = {"inside the network hits", "inside the network hit"},
		[DIRECTION_TRANSIT] = {"passes through here against", "pass through here against"},
	};

	return words[d][several];
}

const char *words_unseen(const char *key, bool several)
{
	static const struct {
		const char *key;
		const char *one;
		const char *several;
	} words[] = {
		{"bad_checksum", "packet has a wrong checksum: counted, and judged all the same",
		 "packets have a wrong checksum: counted, and judged all the same"},
		{"truncated", "packet was cut short by the capture: judged as far as it goes",
		 "packets were cut short by the capture: judged as far as they go"},
		{"malformed", "packet is malformed: its lengths or versions can't be",
		 "packets are malformed: their lengths or versions can't be"},
		{"unknown_link", "frame has a link type that can't be read",
		 "frames have a link type that can't be read"},
		{"non_ip", "frame is neither IP nor ARP", "frames are neither IP nor ARP"},
		{"encrypted", "Wi-Fi frame is encrypted: nothing inside could be judged",
		 "Wi-Fi frames are encrypted: nothing inside could be judged"},
		{"too_deep", "packet has more tunnels inside each other than are opened",
		 "packets have more tunnels inside each other than are opened"},
		{"duplicates", "packet was captured twice and counted once",
		 "packets were captured twice and counted once"},
		{"devices_left_out",
		 "stranger is not listed: the report has no room for more (--max-devices)",
		 "strangers are not listed: the report has no room for more (--max-devices)"},
		{"one_way", "contact could not be judged: the link showed no answers",
		 "contacts could not be judged: the link showed no answers"},
		{"cut_flows", "conversation was still open where the capture ended",
		 "conversations were still open where the capture ended"},
		{"no_actor", "packet has a source that can't be a sender",
		 "packets have a source that can't be a sender"},
		{"given_up_flows",
		 "conversation was given up for others while it went on (--memory)",
		 "conversations were given up for others while they went on (--memory)"},
		{"refused_facts", "thing that a host told found no room in memory (--memory)",
		 "things that hosts told found no room in memory (--memory)"},
		{"refused_flows", "conversation found no room in memory (--memory)",
		 "conversations found no room in memory (--memory)"},
		{"refused_logins", "login found no room in memory (--memory)",
		 "logins found no room in memory (--memory)"},
		{"refused_parsers", "conversation could not be read for want of memory (--memory)",
		 "conversations could not be read for want of memory (--memory)"},
		{"refused_windows",
		 "piece of a conversation out of order found no room in memory (--memory)",
		 "pieces of conversations out of order found no room in memory (--memory)"},
		{"surplus_facts",
		 "further name or value of a host that told very many was not kept",
		 "further names or values of hosts that told very many were not kept"},
		{"refused_hosts", "packet came from a host that found no room in memory (--memory)",
		 "packets came from hosts that found no room in memory (--memory)"},
		{"refused_macs",
		 "packet came from a MAC address that found no room in memory (--memory)",
		 "packets came from MAC addresses that found no room in memory (--memory)"},
		{"refused_binds", "claim of an address found no room in memory (--memory)",
		 "claims of addresses found no room in memory (--memory)"},
		{"refused_senders", "sender of ours in a flood found no room in memory (--memory)",
		 "senders of ours in floods found no room in memory (--memory)"},
		{"refused_sources", "flood's sources could only be estimated (--memory)",
		 "floods' sources could only be estimated (--memory)"},
		{"refused_states",
		 "packet asked for a detector's memory and found no room (--memory)",
		 "packets asked for a detector's memory and found no room (--memory)"},
		{"refused_targets",
		 "packet went to a target that found no room in memory (--memory)",
		 "packets went to targets that found no room in memory (--memory)"},
		{"backscatter", "answer went to an address that never asked: backscatter",
		 "answers went to addresses that never asked: backscatter"},
		{"fragments", "packet was a fragment: judged without its other parts",
		 "packets were fragments: judged without their other parts"},
		{"held_clock",
		 "packet came after a jump in time, a silence or a clock that was set: judged by "
		 "the time before",
		 "packets came after a jump in time, a silence or a clock that was set: judged by "
		 "the time before"},
		{"refused_prefixes", "local network found no room in memory",
		 "local networks found no room in memory"},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].key, key) == 0)
			return several ? words[i].several : words[i].one;
	return NULL;
}

const char *words_spelt(const char *word, size_t len)
{
	static const char *const spelt[] = {
		"ARP",	    "DVRIP", "CDP",	 "DHCP",  "DNS",  "DVR",  "FTP",  "HTTP",
		"ID",	    "JA4",   "LLDP",	 "LLMNR", "MAC",  "MNDP", "MQTT", "MUD",
		"NAS",	    "ND",    "NVR",	 "ONVIF", "RTSP", "SADP", "SIP",  "SNI",
		"SNMP",	    "SSDP",  "SSH",	 "TLS",	  "TV",	  "UPnP", "URL",  "USN",
		"Xiongmai", "Dahua", "Ubiquiti", "Tuya",  "mDNS",
	};
	static const char *const others[][2] = {
		{"dhcp6", "DHCPv6"}, {"nbns", "NetBIOS"},     {"tplink", "TP-Link"},
		{"fqdn", "name"},    {"wsd", "WS-Discovery"}, {"xm", "Xiongmai"},
	};

	for (size_t i = 0; i < sizeof spelt / sizeof spelt[0]; i++)
		if (strlen(spelt[i]) == len && strncasecmp(spelt[i], word, len) == 0)
			return spelt[i];
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strlen(others[i][0]) == len && strncmp(others[i][0], word, len) == 0)
			return others[i][1];
	return NULL;
}
