/* SPDX-License-Identifier: MIT */
/*
 * The place in which the rules stand - ports, networks, gateway - as definitions, the sets, and the lines that fit it
 * (ruleset_lines.c has the rules themselves). Names and addresses come from the owner's settings and the kernel; whatever could
 * end a string or a list in nft's language is left out.
 */
#include "contain/ruleset.h"

#include "contain/element.h"
#include "contain/ruleset_lines.h"

struct family {
	const char *name;
	unsigned bit;
	/* Those with hooks, which are made anew: their ports can't be changed everywhere. */
	const char *chains[3];
};

static const struct family families[RULESET_FAMILIES] = {
	{"netdev", N, {"in", "out", NULL}},
	{"bridge", B, {"prerouting", "forward", "postrouting"}},
	{"inet", I, {"prerouting", "forward", "portal"}},
};

const char *ruleset_family(size_t i)
{
	return i < RULESET_FAMILIES ? families[i].name : NULL;
}

bool ruleset_port_is_plain(const char *name)
{
	size_t n = strnlen(name, RULESET_NAME);

	if (n == 0 || n == RULESET_NAME)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (i > 0 && strchr("._-@:", c) != NULL) || c == '_'))
			return false;
	}
	return true;
}

/* The prefix is that of a local network: what is as wide as this is none, and all would be let through. */
static bool is_local(const struct prefix *p)
{
	return addr_is_v4(&p->addr) ? p->bits >= 96 + 8 : p->bits >= 7;
}

/* Intervals of one set must not overlap. */
static bool is_covered(const struct prefix *all, size_t n, size_t i)
{
	for (size_t j = 0; j < n; j++) {
		if (j == i || !is_local(&all[j]) || all[j].bits > all[i].bits ||
		    !prefix_has(&all[j], &all[i].addr))
			continue;
		if (all[j].bits < all[i].bits || j < i)
			return true;
	}
	return false;
}

size_t ruleset_here(const struct ruleset_place *place, struct prefix all[RULESET_HERE])
{
	static const char *const always[] = {"169.254.0.0/16", "224.0.0.0/4", "255.255.255.255",
					     "fe80::/10", "ff00::/8"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		n += prefix_parse(always[i], &all[n]);
	for (size_t i = 0; i < place->lan_n && i < RULESET_PREFIXES; i++) {
		if (is_local(&place->lan[i]))
			all[n++] = place->lan[i];
	}
	return n;
}

static void write_here(const struct ruleset_place *place, bool v4, struct text *to)
{
	struct prefix all[RULESET_HERE];
	size_t n = ruleset_here(place, all);
	char buf[PREFIX_TEXT_MAX];

	text_printf(to, "define cordon_here%c = { ", v4 ? '4' : '6');
	for (size_t i = 0, written = 0; i < n; i++) {
		if (addr_is_v4(&all[i].addr) == v4 && !is_covered(all, n, i))
			text_printf(to, "%s%s", written++ > 0 ? ", " : "",
				    prefix_text(&all[i], buf));
	}
	text_puts(to, " }\n");
}

/* Returns whether there is one. */
static bool write_gateway(const struct ruleset_place *place, bool v4, struct text *to)
{
	size_t written = 0;
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < place->gateway_n && i < RULESET_PREFIXES; i++) {
		const struct addr *a = &place->gateway[i];

		if (addr_is_v4(a) != v4 || (addr_class(a) & ADDR_NO_SENDER) != 0)
			continue;
		if (written++ == 0)
			text_printf(to, "define cordon_gateway%c = { ", v4 ? '4' : '6');
		else
			text_puts(to, ", ");
		text_puts(to, addr_text(a, buf));
	}
	if (written > 0)
		text_puts(to, " }\n");
	return written > 0;
}

static bool has_ports(const struct ruleset_place *place)
{
	for (size_t i = 0; i < place->ports_n && i < RULESET_PORTS; i++) {
		if (ruleset_port_is_plain(place->ports[i]))
			return true;
	}
	return false;
}

/* A line, with the ports in place of their mark. No definition, for nft 1.0.6 dies of one that has a single device in it. */
static void write_line(const char *line, const struct ruleset_place *place, struct text *to)
{
	static const char mark[] = "$cordon_ports";
	const char *at = strstr(line, mark);
	const char *between = "";

	text_puts(to, "\t");
	text_add(to, line, at != NULL ? (size_t)(at - line) : strlen(line));
	for (size_t i = 0; at != NULL && i < place->ports_n && i < RULESET_PORTS; i++) {
		if (!ruleset_port_is_plain(place->ports[i]))
			continue;
		text_printf(to, "%s\"%s\"", *between == '\0' ? "{ " : between, place->ports[i]);
		between = ", ";
	}
	if (at != NULL)
		text_printf(to, " }%s", at + sizeof mark - 1);
	text_puts(to, "\n");
}

/* Returns what is there, as the lines ask for it. */
static unsigned write_defines(const struct ruleset_place *place, struct text *to)
{
	unsigned there = 0;

	write_here(place, true, to);
	write_here(place, false, to);
	if (write_gateway(place, true, to))
		there |= GATE4;
	if (write_gateway(place, false, to))
		there |= GATE6;
	if (has_ports(place))
		there |= PORTS;
	if (place->portal_port != 0) {
		text_printf(to, "define cordon_portal = %u\n", place->portal_port);
		there |= PORTAL;
	}
	there |= place->gate ? GATED : UNGATED;
	return there;
}

static void write_set(enum contain_set set, bool v4, struct text *to)
{
	static const struct addr four = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, six;
	bool has_addr = contain_set_has_addr(set), has_mac = contain_set_has_mac(set);

	text_printf(to, "\tset %s {\n\t\t", contain_set_name(set, v4 ? &four : &six));
	if (set == SET_OWN && !v4)
		text_puts(to, "typeof ether saddr . @nh,64,128\n");
	else
		text_printf(to, "type %s%s%s\n", has_mac ? "ether_addr" : "",
			    has_mac && has_addr ? " . " : "",
			    !has_addr ? ""
			    : v4      ? "ipv4_addr"
				      : "ipv6_addr");
	text_printf(to, "\t\tsize %d\n",
		    set == SET_VIEWERS	? CONTAIN_VIEWERS
		    : set == SET_PASSED ? CONTAIN_PASSED
		    : has_addr		? CONTAIN_ELEMENTS
					: CONTAIN_DEVICES);
	if (set == SET_VIEWERS)
		text_printf(to, "\t\tflags dynamic, timeout\n\t\ttimeout %ds\n",
			    CONTAIN_VIEWER_SECONDS);
	else if (contain_set_has_end(set))
		text_puts(to, "\t\tflags timeout\n");
	else if (set == SET_BLOCKED)
		text_puts(to, "\t\tcounter\n");
	else if (set == SET_LOUD || set == SET_ASKS)
		text_puts(to, "\t\tlimit rate over 20/second burst 100 packets\n");
	text_puts(to, "\t}\n");
}

static void write_sets(struct text *to)
{
	text_puts(to, "\tcounter full {\n\t}\n");
	for (int set = 0; set < CONTAIN_SETS; set++) {
		write_set((enum contain_set)set, true, to);
		if (contain_set_has_addr((enum contain_set)set))
			write_set((enum contain_set)set, false, to);
	}
}

static void write_family(const struct family *family, unsigned there,
			 const struct ruleset_place *place, struct text *to)
{
	text_printf(to, "table %s cordon {\n", family->name);
	write_sets(to);
	for (size_t i = 0; i < ruleset_lines_n; i++) {
		const struct ruleset_line *l = &ruleset_lines[i];

		if ((l->when & family->bit) != 0 && (l->when & NEEDS & ~there) == 0)
			write_line(l->text, place, to);
	}
	text_puts(to, "}\n");
}

void ruleset_write(const struct ruleset_place *place, struct text *to)
{
	unsigned there = write_defines(place, to);

	for (size_t i = 0; i < RULESET_FAMILIES; i++) {
		const struct family *f = &families[i];

		text_printf(to, "add table %s cordon\n", f->name);
		for (size_t c = 0; c < 3 && f->chains[c] != NULL; c++)
			text_printf(to, "add chain %s cordon %s\n", f->name, f->chains[c]);
		text_printf(to, "flush table %s cordon\n", f->name);
		for (size_t c = 0; c < 3 && f->chains[c] != NULL; c++)
			text_printf(to, "delete chain %s cordon %s\n", f->name, f->chains[c]);
		write_family(f, there, place, to);
	}
}

void ruleset_write_removal(struct text *to)
{
	for (size_t i = 0; i < RULESET_FAMILIES; i++)
		text_printf(to, "add table %s cordon\ndelete table %s cordon\n", families[i].name,
			    families[i].name);
}
