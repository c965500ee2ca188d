/* SPDX-License-Identifier: MIT */
/*
 * Nodes of BitTorrent's distributed hash table (BEP 5; the address that BEP 42 puts before an answer). A datagram is a
 * bencoded dictionary whose first keys are fixed, so few bytes are enough, on any port. People share files with it: a
 * node is told as "bittorrent" and proves nothing. Bots of the Mozi family are nodes of the same table whose numbers all
 * begin with the text 88888888; a true number is random, and begins so once in 2^64.
 */
#include "base/scan.h"
#include "proto/proto.h"

enum { NODE_LEN = 20, ADDRESS_LEN = 6 };

static const char mozi[] = "88888888";

/* The number of the node that sent it; false: it is no such message. */
static bool read_node(struct bytes data, struct bytes *node)
{
	struct cursor c = cursor_over(data);
	struct bytes tail;

	if (data.len == 0 || data.at[0] != 'd' || data.at[data.len - 1] != 'e')
		return false;
	cursor_skip(&c, 1);
	if (bytes_begin(cursor_rest(&c), "2:ip6:"))
		cursor_skip(&c, sizeof "2:ip6:" - 1 + ADDRESS_LEN);
	if (!bytes_begin(cursor_rest(&c), "1:ad") && !bytes_begin(cursor_rest(&c), "1:rd"))
		return false;
	cursor_skip(&c, sizeof "1:ad" - 1);
	if (bytes_begin(cursor_rest(&c), "2:bsi1e"))
		cursor_skip(&c, sizeof "2:bsi1e" - 1);
	if (!bytes_begin(cursor_rest(&c), "2:id20:"))
		return false;
	cursor_skip(&c, sizeof "2:id20:" - 1);
	*node = cursor_take(&c, NODE_LEN);
	tail = cursor_rest(&c);
	return !c.broken && (bytes_hold(tail, "1:y1:q") || bytes_hold(tail, "1:y1:r"));
}

static enum match dht_mine(const struct glance *g)
{
	struct bytes node;

	return read_node(g->data, &node) ? MATCH_YES : MATCH_NO;
}

static bool dht_datagram(const struct talk *t, struct telling *to)
{
	struct bytes node;

	if (!read_node(t->data, &node))
		return false;
	tell_text(to, t, SIGNAL_dht_node, SENDER, bytes_begin(node, mozi) ? "mozi" : "bittorrent");
	return true;
}

const struct proto proto_dht = {
	.name = "dht",
	.summary = "nodes of BitTorrent's DHT, and those with Mozi's mark (BEP 5)",
	.carriers = OVER_UDP,
	.mine = dht_mine,
	.datagram = dht_datagram};
