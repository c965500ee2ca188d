/* SPDX-License-Identifier: MIT */
/*
 * `cordon release DEVICE`: lets a device out again. With --all it lets everybody out, and works when no service runs: then
 * cordon-enforce takes cordon's tables out of the firewall.
 */
#include "base/exits.h"
#include "base/say.h"
#include "cli/control_ask.h"
#include "cli/order.h"
#include "cli/programs.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { OPTION_ALL = 1, OPTION_DRY_RUN, OPTION_JSON, OPTION_CONTROL, OPTION_HELP };

static const struct option_spec release_options[] = {
	{OPTION_ALL, 0, "all", NULL, "everybody; also when 'cordon watch' does not run"},
	{OPTION_DRY_RUN, 0, "dry-run", NULL,
	 "do nothing; print what would be done, as nft(8) text"},
	{OPTION_JSON, 0, "json", NULL, "the answer as it came: one JSON object on one line"},
	{OPTION_CONTROL, 0, "control", "PATH",
	 "the control socket (default: that of cordon.conf, else /run/cordon/ctl)"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

/* Returns only when it failed. */
static int lift_by_hand(void)
{
	static char all[] = "--remove-all";
	char folder[PATH_MAX], path[PATH_MAX + 32];
	char *words[] = {path, all, NULL};
	int status = programs_find("release", folder);

	if (status != EXITS_OK)
		return status;
	(void)snprintf(path, sizeof path, "%s/cordon-enforce", folder);
	say("release: so the firewall's tables of cordon are taken away");
	(void)execv(path, words);
	say("release: %s: %s", path, say_error(errno));
	return EXITS_OS;
}

static int give(struct order_request *r, bool all)
{
	int status;

	if (!all)
		return order_give(r);
	r->device = "*";
	status = order_give(r);
	/*
	 * Nobody runs, or who runs holds nobody: what is held was held by another, and stays until somebody lifts it. A service that is
	 * there and only slow would have its own cordon-enforce put the tables back.
	 */
	if (status == ORDER_REFUSED || (status == EXITS_UNAVAILABLE && control_nobody(r->control)))
		return lift_by_hand();
	if (status == EXITS_UNAVAILABLE)
		say("release: the firewall is left as it is; end 'cordon watch' and do this again");
	return status;
}

static int run(int argc, char **argv)
{
	struct order_request r = {.verb = "release"};
	bool all = false;
	struct options o;
	int id;

	options_init(&o, "release", release_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		switch (id) {
		case OPTION_ALL:
			all = true;
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
			return verb_help_on(&verb_release);
		case OPTIONS_OPERAND:
			if (r.device != NULL) {
				say("release: one device at a time, or --all; what is '%s'?",
				    o.value);
				return EXITS_USAGE;
			}
			r.device = o.value;
			break;
		default:
			return EXITS_USAGE; /* it was said */
		}
	}
	if (all == (r.device != NULL && *r.device != '\0')) {
		say("release: which device? 'cordon contained' lists who is held; --all is everybody");
		return EXITS_USAGE;
	}
	if (all && r.dry_run) {
		say("release: --dry-run is of one device; 'cordon contained' lists whom --all lets out");
		return EXITS_USAGE;
	}
	return give(&r, all);
}

const struct verb verb_release = {
	.name = "release",
	.arguments = "[OPTION]... DEVICE | --all",
	.summary = "Lets a device out again.",
	.options = release_options,
	.more = "What it does after that holds it again only when the time of 'released' in [contain] is over.\n"
		"Exit status: 0 it is free; 1 it was refused, and why was said; 64 wrong use; 69 nobody answers; 71 the firewall could not be "
		"changed; 77 no permission.",
	.run = run,
};
