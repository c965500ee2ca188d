/* SPDX-License-Identifier: MIT */
/* `cordon contain DEVICE`: the owner has a device held, until it is released or for a time. */
#include "base/duration.h"
#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "cli/order.h"
#include "cli/verb.h"

enum { OPTION_FOR = 1, OPTION_ISOLATE, OPTION_DRY_RUN, OPTION_JSON, OPTION_CONTROL, OPTION_HELP };

static const struct option_spec contain_options[] = {
	{OPTION_FOR, 0, "for", "TIME",
	 "so long, such as 30m, 2h or 7d (default: until it is released)"},
	{OPTION_ISOLATE, 0, "isolate", NULL,
	 "cut off its viewers, recorder and names too: it keeps its lease and nothing else"},
	{OPTION_DRY_RUN, 0, "dry-run", NULL,
	 "do nothing; print what would be done, as nft(8) text"},
	{OPTION_JSON, 0, "json", NULL, "the answer as it came: one JSON object on one line"},
	{OPTION_CONTROL, 0, "control", "PATH",
	 "the control socket (default: that of cordon.conf, else /run/cordon/ctl)"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

static int read_time(struct order_request *r, const struct options *o)
{
	int64_t ns;

	if (!duration_parse(o->value, &ns) || ns < NS_PER_S ||
	    ns / NS_PER_S > INT64_C(3650) * 86400)
		return options_wrong_value(o, "a time from 1s to 3650d, such as 30m, 2h or 7d");
	r->seconds = ns / NS_PER_S;
	return EXITS_OK;
}

static int run(int argc, char **argv)
{
	struct order_request r = {.verb = "contain"};
	struct options o;
	int id, status;

	options_init(&o, "contain", contain_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		switch (id) {
		case OPTION_FOR:
			status = read_time(&r, &o);
			if (status != EXITS_OK)
				return status;
			break;
		case OPTION_ISOLATE:
			r.isolate = true;
			break;
		case OPTION_DRY_RUN:
			r.dry_run = true;
			break;
		case OPTION_JSON:
			r.json = true;
			break;
		case OPTION_CONTROL:
			r.control = o.value;
			break;
		case OPTION_HELP:
			return verb_help_on(&verb_contain);
		case OPTIONS_OPERAND:
			if (r.device != NULL) {
				say("contain: one device at a time; what is '%s'?", o.value);
				return EXITS_USAGE;
			}
			r.device = o.value;
			break;
		default:
			return EXITS_USAGE; /* it was said */
		}
	}
	if (r.device == NULL || *r.device == '\0') {
		say("contain: which device? 'cordon devices' lists them");
		return EXITS_USAGE;
	}
	return order_give(&r);
}

const struct verb verb_contain = {
	.name = "contain",
	.arguments = "[OPTION]... DEVICE",
	.summary = "Keeps a device off the Internet while its picture stays.",
	.options = contain_options,
	.more = "DEVICE is its address, MAC, name or id. It keeps its lease, names and time from the gateway, and answers who looks at it; "
		"it reaches neither the Internet nor anybody new in the LAN. Needs a running 'cordon watch' whose settings say mode = ask "
		"or enforce in [contain].\n"
		"Exit status: 0 it is held; 1 it was refused, and why was said; 64 wrong use; 69 nobody answers; 77 no permission.",
	.run = run,
};
