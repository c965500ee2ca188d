/* SPDX-License-Identifier: MIT */
/*
 * `cordon devices`: who is on this network and how they stand, one line each, of what `watch` keeps.
 */
#include "cli/held.h"
#include "cli/zone.h"
#include "report/listing.h"

#include <unistd.h>

static const struct option_spec devices_options[] = {
	{STORE_OPTION_ALL, 0, "all", NULL, "strangers that were seen doing something, too"},
	{STORE_OPTION_FORMAT, 0, "format", "FORMAT",
	 "text, for people (default); json or csv, for programs"},
	STORE_LINE_JSON("the same as --format json"),
	STORE_LINE,
	STORE_LINES_LOOK,
	STORE_LINE_HELP,
	{0},
};

struct list {
	const struct judged *judged;
	struct listing listing;
	struct report_options options;
	enum format format;
	struct store_hold *holds; /* that go on */
	size_t holds_n;
};

static void write_list(const void *context, struct text *to)
{
	const struct list *l = context;

	if (l->format == FORMAT_JSON)
		listing_json(l->judged, &l->listing, &l->options, to);
	else if (l->format == FORMAT_CSV)
		listing_csv(l->judged, &l->listing, &l->options, to);
	else {
		listing_text(l->judged, &l->listing, &l->options, to);
		held_summary(l->holds, l->holds_n, l->options.utf8, to);
	}
}

static int answer(struct store_ask *ask)
{
	struct list l = {.judged = &ask->judged,
			 .listing = {.all = ask->look.all, .cuts = isatty(STDOUT_FILENO) != 0},
			 .options = look_at(&ask->look, &ask->out),
			 .format = ask->look.format};
	int status = store_ask_judged(ask, NULL);

	l.options.zone = zone_at;
	if (status == 0)
		status = held_read(ask, INT64_MAX, &l.holds, &l.holds_n);
	return status != 0 ? status : look_write(&ask->out, write_list, &l);
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "devices",
				.formats =
					1U << FORMAT_TEXT | 1U << FORMAT_JSON | 1U << FORMAT_CSV};

	return store_ask_run(&ask, &verb_devices, argc, argv, answer);
}

const struct verb verb_devices = {
	.name = "devices",
	.arguments = "[OPTION]...",
	.summary = "Lists the devices that 'cordon watch' has seen, worst first.",
	.options = devices_options,
	.more = "Reads the store of 'cordon watch', also while it runs. Times are of your own clock; JSON and CSV have UTC.\n"
		"Exit status: 0 done; 64 wrong use; 65 the store is damaged or newer than this cordon; 66 there is no store; "
		"69 it is in use by others for too long; 71 out of memory; 74 I/O error; 77 no permission; 78 the settings are "
		"wrong.",
	.run = run,
};
