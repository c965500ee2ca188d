/* SPDX-License-Identifier: MIT */
/*
 * `cordon recall`: which recalls and advisories are about devices here, by maker, so that a maker, a shop or a regulator can
 * act on the list.
 */
#include "cli/store_verb.h"
#include "report/csv.h"
#include "report/recalls.h"

static const struct option_spec recall_options[] = {
	STORE_LINE_SINCE("devices seen"),
	{STORE_OPTION_FORMAT, 0, "format", "FORMAT",
	 "text, for people (default); csv or json, one row for each recall and device"},
	STORE_LINE_JSON("the same as --format json"),
	{STORE_OPTION_OUTPUT, 'o', "output", "FILE",
	 "write the list to FILE, which is replaced only by a whole list"},
	{STORE_OPTION_ALL, 0, "all", NULL,
	 "name every device and advisory, however many there are"},
	STORE_LINE,
	STORE_LINE_HELP,
	{0},
};

struct recalls {
	const struct judged *judged;
	struct report_options options;
	enum format format;
};

static void write_recalls(const void *context, struct text *to)
{
	const struct recalls *r = context;

	if (r->format == FORMAT_JSON)
		recalls_json(r->judged, to);
	else if (r->format == FORMAT_CSV)
		report_csv_recalls(r->judged, to);
	else
		recalls_text(r->judged, &r->options, to);
}

static int answer(struct store_ask *ask)
{
	struct recalls r = {&ask->judged, look_at(&ask->look, &ask->out), ask->look.format};
	int status = store_ask_judged(ask, NULL);

	return status != 0 ? status : look_write(&ask->out, write_recalls, &r);
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "recall",
				.formats =
					1U << FORMAT_TEXT | 1U << FORMAT_JSON | 1U << FORMAT_CSV};

	return store_ask_run(&ask, &verb_recall, argc, argv, answer);
}

const struct verb verb_recall = {
	.name = "recall",
	.arguments = "[OPTION]...",
	.summary = "Lists recalls and advisories about the devices here, by maker.",
	.options = recall_options,
	.more = "Reads the store of 'cordon watch', also while it runs. Of a capture: cordon inspect --format csv --recalls.\n"
		"Exit status: 0 done; 64 wrong use; 65 the store is damaged or newer than this cordon; 66 there is no store; "
		"69 it is in use by others for too long; 71 out of memory; 73 the output can't be created; 74 disk full or I/O "
		"error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
