/* SPDX-License-Identifier: MIT */
/*
 * `cordon report`: what `watch` found, in every format that `inspect` has. The writers are the same and get the same model;
 * only where it comes from differs.
 */
#include "base/exits.h"
#include "cli/held.h"

static const struct option_spec report_verb_options[] = {
	STORE_LINE_SINCE("what was seen"),
	STORE_LINE_UNTIL,
	{STORE_OPTION_FORMAT, 0, "format", "FORMAT",
	 "as of 'cordon inspect': text (default), html, json, csv, ndjson, eve, xarf, stix, misp or shadowserver-csv"},
	STORE_LINE_JSON("the same as --format json"),
	{STORE_OPTION_REPORTER, 0, "reporter", "WHO",
	 "who reports, as 'Example Net <abuse@example.net>'; xarf asks for it"},
	{STORE_OPTION_OUTPUT, 'o', "output", "FILE",
	 "write the report to FILE, which is replaced only by a whole report"},
	{STORE_OPTION_ALL, 0, "all", NULL,
	 "list devices that are clear too, every attack and every stranger"},
	{STORE_OPTION_FAIL_ON, 0, "fail-on", "VERDICT",
	 "exit with status 1 when a local device is exposed, suspect or infected, or worse"},
	STORE_LINE,
	STORE_LINES_LOOK,
	STORE_LINE_HELP,
	{0},
};

struct model {
	const struct judged *judged;
	struct report_options options;
	enum format format;
	struct store_hold *holds; /* that go on */
	size_t holds_n;
};

static void write_model(const void *context, struct text *to)
{
	const struct model *m = context;

	formats[m->format].write(m->judged, &m->options, to);
	if (m->format == FORMAT_TEXT)
		held_summary(m->holds, m->holds_n, m->options.utf8, to);
}

static int answer(struct store_ask *ask)
{
	struct model m = {.judged = &ask->judged,
			  .options = look_at(&ask->look, &ask->out),
			  .format = ask->look.format};
	int status = store_ask_judged(ask, NULL);

	if (status == EXITS_OK)
		status = held_read(ask, INT64_MAX, &m.holds, &m.holds_n);
	if (status == EXITS_OK)
		status = look_write(&ask->out, write_model, &m);
	if (status != EXITS_OK)
		return status;
	return look_found(&ask->look, &ask->judged) ? EXITS_FOUND : EXITS_OK;
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "report", .formats = LOOK_FORMATS_ALL};

	return store_ask_run(&ask, &verb_report, argc, argv, answer);
}

const struct verb verb_report = {
	.name = "report",
	.arguments = "[OPTION]...",
	.summary = "Reports on what 'cordon watch' has seen, as 'cordon inspect' does of captures.",
	.options = report_verb_options,
	.more = "Reads the store of 'cordon watch', also while it runs.\n"
		"Exit status: 0 a report was made; 1 --fail-on was reached; 64 wrong use; 65 the store is damaged or newer than "
		"this cordon; 66 there is no store; 69 it is in use by others for too long; 71 out of memory; 73 the output "
		"can't be created; 74 disk full or I/O error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
