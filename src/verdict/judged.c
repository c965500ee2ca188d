/* SPDX-License-Identifier: MIT */
/*
 * The words of schema/report.schema.json for the enums of judged.h, indexed by value. They are part of the contract
 * with every reader of a report: words may be added, never renamed.
 */
#include "verdict/judged.h"

#include <string.h>

const char *const verdict_words[] = {
	[VERDICT_CLEAR] = "clear",
	[VERDICT_EXPOSED] = "exposed",
	[VERDICT_SUSPECT] = "suspect",
	[VERDICT_INFECTED] = "infected",
};

const char *const confidence_words[] = {
	[CONFIDENCE_NONE] = "none",
	[CONFIDENCE_POSSIBLE] = "possible",
	[CONFIDENCE_LIKELY] = "likely",
	[CONFIDENCE_SURE] = "sure",
};

const char *const stage_words[] = {
	[STAGE_NONE] = NULL,	       [STAGE_BREACHED] = "breached",
	[STAGE_LOADED] = "loaded",     [STAGE_RECRUITED] = "recruited",
	[STAGE_SCANNING] = "scanning", [STAGE_ATTACKING] = "attacking",
};

const char *const backing_words[] = {
	[BACKING_ADDRESS] = "address", [BACKING_MAC] = "mac",	[BACKING_TWO_WAY] = "two-way",
	[BACKING_SESSION] = "session", [BACKING_PORT] = "port",
};

const char *const direction_words[] = {
	[DIRECTION_OUTBOUND] = "outbound",
	[DIRECTION_INBOUND] = "inbound",
	[DIRECTION_INTERNAL] = "internal",
	[DIRECTION_TRANSIT] = "transit",
};

const char *const place_words[] = {
	[PLACE_LAN] = "lan",	       [PLACE_WAN] = "wan",
	[PLACE_UPSTREAM] = "upstream", [PLACE_TELESCOPE] = "telescope",
	[PLACE_VICTIM] = "victim",     [PLACE_MIXED] = "mixed",
	[PLACE_UNKNOWN] = "unknown",
};

const char *const vector_words[] = {
	[VECTOR_UDP] = "udp",
	[VECTOR_SYN] = "syn",
	[VECTOR_ACK] = "ack",
	[VECTOR_STOMP] = "stomp",
	[VECTOR_VSE] = "vse",
	[VECTOR_GRE_IP] = "gre-ip",
	[VECTOR_GRE_ETH] = "gre-eth",
	[VECTOR_DNS] = "dns-water-torture",
	[VECTOR_HTTP] = "http",
	[VECTOR_ICMP] = "icmp",
	[VECTOR_AMPLIFICATION] = "amplification",
	[VECTOR_FRAGMENT] = "fragment",
	[VECTOR_OTHER] = "other",
};

const char *const access_words[] = {
	[ACCESS_NONE] = "none",
	[ACCESS_FACTORY] = "factory",
	[ACCESS_HIDDEN] = "hidden",
	[ACCESS_OWN] = "own",
};

const char *const exposure_words[] = {
	[EXPOSURE_FACTORY_PASSWORD] = "factory-password",
	[EXPOSURE_UNCHANGEABLE_PASSWORD] = "unchangeable-password",
	[EXPOSURE_NOT_ACTIVATED] = "not-activated",
	[EXPOSURE_OPEN_TELNET] = "open-telnet",
	[EXPOSURE_RECALLED] = "recalled",
	[EXPOSURE_OUTDATED_FIRMWARE] = "outdated-firmware",
	[EXPOSURE_INTERNET_REACHABLE] = "internet-reachable",
	[EXPOSURE_PORT_MAPPING] = "port-mapping",
	[EXPOSURE_CLEARTEXT_LOGIN] = "cleartext-login",
};

int attack_order(const void *x, const void *y)
{
	const struct attack *a = x, *b = y;
	char text_a[ADDR_TEXT_MAX], text_b[ADDR_TEXT_MAX];
	int order = strcmp(addr_text(&a->target, text_a), addr_text(&b->target, text_b));

	if (order == 0)
		order = strcmp(vector_words[a->vector], vector_words[b->vector]);
	return order != 0 ? order
			  : strcmp(direction_words[a->direction], direction_words[b->direction]);
}
