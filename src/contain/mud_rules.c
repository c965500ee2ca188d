/* SPDX-License-Identifier: MIT */
/*
 * Lines to nft(8) text. Only numbers, addresses and the device's MAC are written: no text of the profile comes near the
 * firewall's language, so no name in it can end a string or begin a command.
 *
 * Each chain begins with what every host needs (the chains of ruleset_lines.c: leases, ARP, ND, own addresses) and ends in a
 * drop. inet is asked only of what comes from the device: a routed packet on the way to it doesn't have its MAC yet, and the
 * other two see it. Fragments match no line that accepts by ports, types or flags, and each that drops by them.
 */
#include "contain/mud_rules.h"

#include "contain/ruleset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID = 13 };

struct writing {
	const struct mud_ready *ready;
	const struct mac *mac;
	char id[ID];
	const char *family;
	bool link; /* netdev and bridge */
	int64_t now_ns;
	struct text *to;
};

static void begin(struct writing *w, size_t family)
{
	const uint8_t *b = w->mac->b;

	snprintf(w->id, sizeof w->id, "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	w->family = ruleset_family(family);
	w->link = strcmp(w->family, "inet") != 0;
}

const char *mud_rules_counter(const struct mac *mac, size_t rule, char *buf)
{
	const uint8_t *b = mac->b;

	snprintf(buf, MUD_RULES_NAME, "mud_%02x%02x%02x%02x%02x%02x_r%zu", b[0], b[1], b[2], b[3],
		 b[4], b[5], rule);
	return buf;
}

/* The first line of its rule: counters belong to rules. */
static bool is_first(const struct mud_ready *ready, size_t line)
{
	return line == 0 || ready->lines[line - 1].rule != ready->lines[line].rule;
}

/* ---- sets ---------------------------------------------------------------------------------------------------- */

static void write_set_elements(const struct writing *w, size_t group, bool v4)
{
	const struct mud_group *g = &w->ready->groups[group];
	size_t written = 0;
	char buf[ADDR_TEXT_MAX];

	text_printf(w->to, "flush set %s cordon mud_%s_g%zu%s\n", w->family, w->id, group,
		    v4 ? "v4" : "v6");
	for (size_t i = 0; i < g->n; i++) {
		const struct mud_host *h = &g->hosts[i];
		int64_t left_s = (h->until_ns - w->now_ns) / 1000000000;

		if (addr_is_v4(&h->addr) != v4 || (h->until_ns != 0 && left_s <= 0))
			continue;
		if (written++ == 0)
			text_printf(w->to, "add element %s cordon mud_%s_g%zu%s { ", w->family,
				    w->id, group, v4 ? "v4" : "v6");
		else
			text_puts(w->to, ", ");
		text_puts(w->to, addr_text(&h->addr, buf));
		if (h->until_ns != 0)
			text_printf(w->to, " timeout %" PRId64 "s", left_s);
	}
	if (written > 0)
		text_puts(w->to, " }\n");
}

static void write_elements(const struct writing *w)
{
	for (size_t i = 0; i < w->ready->groups_n; i++) {
		write_set_elements(w, i, true);
		write_set_elements(w, i, false);
	}
}

static void write_sets(const struct writing *w)
{
	for (size_t i = 0; i < w->ready->groups_n; i++) {
		for (int v4 = 1; v4 >= 0; v4--)
			text_printf(w->to,
				    "add set %s cordon mud_%s_g%zu%s { type %s; size %d; flags "
				    "timeout; }\n",
				    w->family, w->id, i, v4 ? "v4" : "v6",
				    v4 ? "ipv4_addr" : "ipv6_addr", MUD_GROUP_HOSTS);
	}
}

static void write_counters(const struct writing *w)
{
	char name[MUD_RULES_NAME];

	for (size_t i = 0; i < w->ready->lines_n; i++) {
		if (is_first(w->ready, i))
			text_printf(w->to, "add counter %s cordon %s\n", w->family,
				    mud_rules_counter(w->mac, w->ready->lines[i].rule, name));
	}
}

/* ---- one line ------------------------------------------------------------------------------------------------ */

static void write_prefix(const struct prefix *p, bool v4, bool source, struct text *to)
{
	char buf[PREFIX_TEXT_MAX];

	if (p->bits > (v4 ? 96 : 0))
		text_printf(to, "%s %s %s ", v4 ? "ip" : "ip6", source ? "saddr" : "daddr",
			    prefix_text(p, buf));
}

/* Intervals of one set must not overlap: what lies in another, or is there before, is left out. */
static bool is_covered(const struct mud_ready *ready, size_t i)
{
	const struct prefix *p = &ready->local[i];

	for (size_t j = 0; j < ready->local_n; j++) {
		const struct prefix *q = &ready->local[j];

		if (j != i && addr_is_v4(&q->addr) == addr_is_v4(&p->addr) && q->bits <= p->bits &&
		    prefix_has(q, &p->addr) && (q->bits < p->bits || j < i))
			return true;
	}
	return false;
}

static void write_local(const struct writing *w, bool v4, bool source)
{
	const struct mud_ready *ready = w->ready;
	char buf[PREFIX_TEXT_MAX];
	size_t written = 0;

	text_printf(w->to, "%s %s { ", v4 ? "ip" : "ip6", source ? "saddr" : "daddr");
	for (size_t i = 0; i < ready->local_n; i++) {
		if (addr_is_v4(&ready->local[i].addr) == v4 && !is_covered(ready, i))
			text_printf(w->to, "%s%s", written++ > 0 ? ", " : "",
				    prefix_text(&ready->local[i], buf));
	}
	text_puts(w->to, " } ");
}

static void write_ports(const struct mud_ports *p, uint8_t protocol, bool source, struct text *to)
{
	if (mud_ports_any(p))
		return;
	text_printf(to, "%s %s %s%u", protocol == 6 ? "tcp" : "udp", source ? "sport" : "dport",
		    p->others ? "!= " : "", p->from);
	if (p->to != p->from)
		text_printf(to, "-%u", p->to);
	text_puts(to, " ");
}

static void write_carried(const struct mud_line *l, bool fragments, struct text *to)
{
	bool by_sender = (l->begun == MUD_BY_DEVICE) != l->to_device;
	const char *icmp = l->v4 ? "icmp" : "icmpv6";

	if (l->deep && l->v4)
		text_printf(to, "ip frag-off & 0x3fff %s 0 ", fragments ? "!=" : "==");
	else if (l->deep)
		text_printf(to, "exthdr frag %s ", fragments ? "exists" : "missing");
	if (l->protocol != MUD_ANY_PROTOCOL)
		text_printf(to, "meta l4proto %d ", l->protocol);
	if (fragments)
		return;
	write_ports(&l->own, (uint8_t)l->protocol, !l->to_device, to);
	write_ports(&l->peer, (uint8_t)l->protocol, l->to_device, to);
	if (l->begun != MUD_BY_ANY)
		text_printf(to, "tcp flags & (syn | ack) != %s ",
			    by_sender ? "(syn | ack)" : "syn");
	if (l->icmp_type != MUD_ANY_TYPE)
		text_printf(to, "%s type %d ", icmp, l->icmp_type);
	if (l->icmp_code != MUD_ANY_TYPE)
		text_printf(to, "%s code %d ", icmp, l->icmp_code);
}

static void write_line(const struct writing *w, const struct mud_line *l, bool fragments)
{
	const char *ip = l->v4 ? "ip" : "ip6";
	const char *peer = l->to_device ? "saddr" : "daddr";
	char name[MUD_RULES_NAME];

	text_puts(w->to, "\t\t");
	write_prefix(&l->own_prefix, l->v4, !l->to_device, w->to);
	write_prefix(&l->peer_prefix, l->v4, l->to_device, w->to);
	if (l->local)
		write_local(w, l->v4, l->to_device);
	for (size_t i = 0; i < MUD_PEERS && l->groups[i] != MUD_NO_GROUP; i++)
		text_printf(w->to, "%s %s @mud_%s_g%u%s ", ip, peer, w->id, l->groups[i],
			    l->v4 ? "v4" : "v6");
	write_carried(l, fragments, w->to);
	text_printf(w->to, "counter name %s %s\n", mud_rules_counter(w->mac, l->rule, name),
		    !l->drop	   ? "accept"
		    : l->to_device ? "goto dropped_to"
				   : "goto dropped");
}

/* ---- chains -------------------------------------------------------------------------------------------------- */

static const char *const before_from4 =
	"\t\tudp sport 68 udp dport 67 goto lease4\n"
	"\t\tether saddr . ip saddr != @own4 goto dropped\n"
	"\t\tigmp type { membership-report-v1, membership-report-v2, "
	"membership-report-v3, leave-group } ip ttl 1 "
	"ip daddr 224.0.0.0/4 goto said\n"
	"\t\tip hdrlength != 5 goto dropped\n";
static const char *const before_from6 = "\t\tjump link6\n";

/* What comes to the device and every host needs. A neighbour's hop limit says that it is one (RFC 4861). */
static void write_before_to(const struct writing *w, bool v4)
{
	text_puts(w->to, v4 ? "\t\tudp sport 67 udp dport 68 ip frag-off & 0x3fff == 0 "
			    : "\t\texthdr rt exists goto dropped_to\n"
			      "\t\tudp sport 547 udp dport 546 exthdr frag missing ");
	write_local(w, v4, true);
	text_puts(w->to,
		  v4 ? "accept\n"
		       "\t\ticmp type { destination-unreachable, time-exceeded, "
		       "parameter-problem } ip frag-off & 0x3fff == 0 accept\n"
		     : "accept\n"
		       "\t\ticmpv6 type { nd-router-advert, nd-neighbor-solicit, "
		       "nd-neighbor-advert } ip6 hoplimit 255 exthdr frag missing accept\n"
		       "\t\ticmpv6 type mld-listener-query ip6 hoplimit 1 exthdr frag missing "
		       "accept\n"
		       "\t\ticmpv6 type { destination-unreachable, packet-too-big, "
		       "time-exceeded, parameter-problem } exthdr frag missing accept\n");
}

static void write_chain(const struct writing *w, bool to_device, bool v4)
{
	text_printf(w->to, "\tchain mud_%s_%s%c {\n", w->id, to_device ? "to" : "from",
		    v4 ? '4' : '6');
	if (to_device)
		write_before_to(w, v4);
	else
		text_puts(w->to, v4 ? before_from4 : before_from6);
	for (size_t i = 0; i < w->ready->lines_n; i++) {
		const struct mud_line *l = &w->ready->lines[i];

		if (l->to_device != to_device || l->v4 != v4)
			continue;
		write_line(w, l, false);
		if (l->deep && l->drop) /* of a fragment it isn't known: it goes too */
			write_line(w, l, true);
	}
	text_printf(w->to, "\t\tgoto %s\n\t}\n", to_device ? "dropped_to" : "dropped");
}

static void write_chains(const struct writing *w)
{
	text_printf(w->to, "table %s cordon {\n", w->family);
	write_chain(w, false, true);
	write_chain(w, false, false);
	text_printf(w->to, "\tchain mud_%s_from {\n", w->id);
	if (w->link)
		text_printf(w->to,
			    "\t\tether type vmap { arp : goto arp_from, ip : goto mud_%s_from4, "
			    "ip6 : goto mud_%s_from6, 0x888e : accept }\n",
			    w->id, w->id);
	else
		text_printf(w->to,
			    "\t\tmeta nfproto vmap { ipv4 : goto mud_%s_from4, "
			    "ipv6 : goto mud_%s_from6 }\n",
			    w->id, w->id);
	text_puts(w->to, "\t\tgoto dropped\n\t}\n");
	if (w->link) {
		write_chain(w, true, true);
		write_chain(w, true, false);
		text_printf(w->to,
			    "\tchain mud_%s_to {\n\t\tether type vmap { ip : goto mud_%s_to4, "
			    "ip6 : goto mud_%s_to6 }\n\t}\n",
			    w->id, w->id, w->id);
	}
	text_puts(w->to, "}\n");
}

static void write_flush(const struct writing *w)
{
	static const char *const chains[] = {"from", "from4", "from6", "to", "to4", "to6"};

	for (size_t i = 0; i < (w->link ? 6 : 3); i++)
		text_printf(w->to,
			    "add chain %s cordon mud_%s_%s\nflush chain %s cordon mud_%s_%s\n",
			    w->family, w->id, chains[i], w->family, w->id, chains[i]);
}

static void write_places(const struct writing *w, const char *verb)
{
	char mac[MAC_TEXT_MAX];

	mac_text(w->mac, mac);
	text_printf(w->to, "%s element %s cordon mud_from { %s : goto mud_%s_from }\n", verb,
		    w->family, mac, w->id);
	if (w->link)
		text_printf(w->to, "%s element %s cordon mud_to { %s : goto mud_%s_to }\n", verb,
			    w->family, mac, w->id);
}

void mud_rules_write(const struct mud_ready *ready, const struct mac *mac, int64_t now_ns,
		     struct text *to)
{
	struct writing w = {.ready = ready, .mac = mac, .now_ns = now_ns, .to = to};

	for (size_t i = 0; i < RULESET_FAMILIES; i++) {
		begin(&w, i);
		write_counters(&w);
		write_sets(&w);
		write_elements(&w);
		write_flush(&w);
		write_chains(&w);
		write_places(&w, "add");
	}
}

void mud_rules_write_elements(const struct mud_ready *ready, const struct mac *mac, int64_t now_ns,
			      struct text *to)
{
	struct writing w = {.ready = ready, .mac = mac, .now_ns = now_ns, .to = to};

	for (size_t i = 0; i < RULESET_FAMILIES; i++) {
		begin(&w, i);
		write_elements(&w);
	}
}

/* What is added first can be deleted for sure. */
void mud_rules_write_removal(const struct mud_ready *ready, const struct mac *mac, struct text *to)
{
	static const char *const chains[] = {"from", "to", "from4", "from6", "to4", "to6"};
	struct writing w = {.ready = ready, .mac = mac, .to = to};
	char name[MUD_RULES_NAME];

	for (size_t f = 0; f < RULESET_FAMILIES; f++) {
		begin(&w, f);
		write_flush(&w);
		write_counters(&w);
		write_sets(&w);
		write_places(&w, "add");
		write_places(&w, "delete");
		for (size_t i = 0; i < 6; i++) {
			if (w.link || strncmp(chains[i], "to", 2) != 0)
				text_printf(to, "delete chain %s cordon mud_%s_%s\n", w.family,
					    w.id, chains[i]);
		}
		for (size_t i = 0; i < ready->groups_n; i++)
			text_printf(
				to,
				"delete set %s cordon mud_%s_g%zuv4\ndelete set %s cordon mud_%s_g%zuv6\n",
				w.family, w.id, i, w.family, w.id, i);
		for (size_t i = 0; i < ready->lines_n; i++) {
			if (is_first(ready, i))
				text_printf(to, "delete counter %s cordon %s\n", w.family,
					    mud_rules_counter(mac, ready->lines[i].rule, name));
		}
	}
}
