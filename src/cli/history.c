/* SPDX-License-Identifier: MIT */
/*
 * `cordon history [DEVICE]`: what changed when, one line each, oldest first. Names and texts have in them what devices say
 * of themselves, so that all of it is escaped.
 */
#include "cli/history.h"

#include "base/exits.h"
#include "cli/store_verb.h"
#include "cli/zone.h"
#include "report/json_out.h"

enum { NAME_WIDTH_MOST = 39 /* of an address of IPv6 */ };

static const struct option_spec history_options[] = {
	STORE_LINE_SINCE("what changed"),
	STORE_LINE_UNTIL,
	STORE_LINE_JSON("one JSON object a line, with times in UTC"),
	{STORE_OPTION_OUTPUT, 'o', "output", "FILE",
	 "write to FILE, which is replaced only by the whole history"},
	STORE_LINE,
	STORE_LINE_HELP,
	{0},
};

struct history {
	const struct store_event_row *rows;
	size_t n;
	bool json;
	bool utf8;
};

/* What is of no device has no name. */
static const char *name_of(const struct store_event_row *row)
{
	return row->name != NULL ? row->name : row->device != NULL ? row->device : "";
}

void history_line(const struct store_event_row *row, unsigned name_width, bool utf8,
		  struct text *to)
{
	struct text name = {0};
	unsigned width;

	zone_time(to, row->time_ns);
	text_puts(to, "  ");
	if (name_width > 0) {
		text_plain(&name, name_of(row), utf8);
		width = text_width(text_string(&name));
		text_puts(to, text_string(&name));
		text_repeat(to, ' ', 2 + (width < name_width ? name_width - width : 0));
		to->failed |= name.failed;
		text_fini(&name);
	}
	text_plain(to, row->text, utf8);
}

static void write_json(const struct history *h, struct text *to)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct store_event_row *row = &h->rows[i];
		struct json j = {.to = to, .compact = true};

		json_open(&j, NULL, "{");
		json_time(&j, "time", row->time_ns);
		json_string(&j, "device", row->device);
		json_string(&j, "name", row->name);
		json_string(&j, "kind", row->kind);
		json_string(&j, "text", row->text);
		json_close(&j, "}");
		json_end(&j);
	}
}

/* As it is shown. */
static unsigned width_of(const char *s, bool utf8)
{
	struct text shown = {0};
	unsigned width;

	text_plain(&shown, s, utf8);
	width = text_width(text_string(&shown));
	text_fini(&shown);
	return width;
}

static void write_history(const void *context, struct text *to)
{
	const struct history *h = context;
	unsigned width = 1;

	if (h->json) {
		write_json(h, to);
		return;
	}
	for (size_t i = 0; i < h->n; i++) {
		const struct store_event_row *row = &h->rows[i];
		unsigned w = width_of(name_of(row), h->utf8);

		if (w > width && w <= NAME_WIDTH_MOST)
			width = w;
	}
	for (size_t i = 0; i < h->n; i++) {
		history_line(&h->rows[i], width, h->utf8, to);
		text_puts(to, "\n");
		text_settle(to);
	}
	if (h->n == 0)
		text_puts(to, "Nothing changed in that time.\n");
}

/* An unknown device has no history, and that is not "nothing changed": it is looked up first, over all times. */
static int find_device(struct store_ask *ask, const char **id)
{
	const int64_t since_ns = ask->since_ns, until_ns = ask->until_ns;
	const struct device *d;
	int status;

	*id = NULL;
	if (ask->device == NULL)
		return EXITS_OK;
	ask->since_ns = INT64_MIN;
	ask->until_ns = INT64_MAX;
	status = store_ask_device(ask, &d);
	ask->since_ns = since_ns;
	ask->until_ns = until_ns;
	if (d != NULL)
		*id = d->id;
	return status;
}

static int answer(struct store_ask *ask)
{
	struct store_query query = {.since_ns = ask->since_ns, .until_ns = ask->until_ns};
	struct history h = {.json = ask->look.format == FORMAT_JSON,
			    .utf8 = look_at(&ask->look, &ask->out).utf8};
	struct store_event_row *rows = NULL;
	int status = find_device(ask, &query.device);
	int err;

	if (status != EXITS_OK)
		return status;
	err = store_history(ask->store, &query, &ask->arena, &rows, &h.n);
	if (err != 0)
		return store_ask_failed(ask, err);
	h.rows = rows;
	return look_write(&ask->out, write_history, &h);
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "history",
				.formats = 1U << FORMAT_TEXT | 1U << FORMAT_JSON,
				.takes = STORE_OPERAND_MAYBE};

	return store_ask_run(&ask, &verb_history, argc, argv, answer);
}

const struct verb verb_history = {
	.name = "history",
	.arguments = "[OPTION]... [DEVICE]",
	.summary = "Says what changed when, of all devices or of one.",
	.options = history_options,
	.more = "DEVICE is an address, a MAC, a name it gave itself, or its id.\n"
		"Reads the store of 'cordon watch', also while it runs. Times are of your own clock; JSON has UTC.\n"
		"Exit status: 0 done; 64 wrong use; 65 several devices are meant, or the store is damaged or newer than this "
		"cordon; 66 there is no store, or no such device; 69 it is in use by others for too long; 71 out of memory; 73 "
		"the output can't be created; 74 disk full or I/O error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
