/* SPDX-License-Identifier: MIT */
/*
 * `cordon protos`: a line for each protocol that cordon reads, from the protocols' own table, so that what is listed and
 * what is read can't differ.
 */
#include "base/exits.h"
#include "base/say.h"
#include "proto/proto.h"
#include "cli/output.h"
#include "cli/verb.h"

#include <stdlib.h>

enum { NAME_COLUMNS = 13, CARRIER_COLUMNS = 15, PORTS_COLUMNS = 41 };

static const struct option_spec protos_options[] = {
	{.id = 'h', .letter = 'h', .name = "help", .help = "explain this command"},
	{0},
};

static void pad_to(struct text *t, unsigned column)
{
	unsigned at = text_column(t);

	text_repeat(t, ' ', at < column ? column - at : 1);
}

static void add_carriers(struct text *t, uint8_t carriers)
{
	static const struct {
		enum carrier carrier;
		const char *name;
	} names[] = {{OVER_UDP, "udp"},
		     {OVER_TCP, "tcp"},
		     {OVER_HTTP, "http"},
		     {OVER_LINK, "link"},
		     {OVER_ICMP, "icmp"}};
	bool first = true;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((carriers & names[i].carrier) == 0)
			continue;
		text_printf(t, "%s%s", first ? "" : ",", names[i].name);
		first = false;
	}
}

/* Numbers of ports; of what has no IP below it, ethertypes. */
static void add_ports(struct text *t, const struct proto *proto)
{
	bool link = (proto->carriers & OVER_LINK) != 0;

	if (proto->ports[0] == 0)
		text_puts(t, "-");
	for (int i = 0; i < PROTO_PORTS && proto->ports[i] != 0; i++)
		text_printf(t, link ? "%s0x%04x" : "%s%u", i == 0 ? "" : ",", proto->ports[i]);
}

static void add_row(struct text *t, const struct proto *proto)
{
	text_puts(t, proto->name);
	pad_to(t, NAME_COLUMNS);
	add_carriers(t, proto->carriers);
	pad_to(t, NAME_COLUMNS + CARRIER_COLUMNS);
	add_ports(t, proto);
	pad_to(t, NAME_COLUMNS + CARRIER_COLUMNS + PORTS_COLUMNS);
	text_printf(t, "%s\n", proto->summary);
}

static int by_name(const void *x, const void *y)
{
	const struct proto *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

static int protos_run(int argc, char **argv)
{
	const struct proto *sorted[PROTOS];
	struct text t = {0};
	struct options o;
	int id;

	options_init(&o, "protos", protos_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		if (id == 'h')
			return verb_help_on(&verb_protos);
		if (id == OPTIONS_OPERAND)
			say("protos: takes no argument, not '%s'", o.value);
		return EXITS_USAGE;
	}
	memcpy(sorted, protos, sizeof sorted);
	qsort(sorted, PROTOS, sizeof sorted[0], by_name);
	for (int i = 0; i < PROTOS; i++)
		add_row(&t, sorted[i]);
	return output_print(&t);
}

const struct verb verb_protos = {
	.name = "protos",
	.arguments = "",
	.summary = "Lists the protocols that cordon reads.",
	.options = protos_options,
	.more = "A line a protocol: its name, what carries it, the ports (of frames without IP the "
		"ethertypes) where it is expected first, and what it is read for. Ports are hints: "
		"most protocols are recognised by their bytes on any port.",
	.run = protos_run,
};
