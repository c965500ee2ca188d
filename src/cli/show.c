/* SPDX-License-Identifier: MIT */
/*
 * `cordon show DEVICE`: all about one device: as the report has it, then how it was called over time, and how it was judged
 * when.
 */
#include "base/exits.h"
#include "cli/held.h"
#include "cli/history.h"
#include "cli/store_verb.h"
#include "cli/zone.h"
#include "report/json_model.h"

#include <string.h>

static const struct option_spec show_options[] = {
	STORE_LINE_JSON("one JSON document, with times in UTC"),
	STORE_LINE,
	STORE_LINES_LOOK,
	STORE_LINE_HELP,
	{0},
};

enum { HOLDS_MOST = 5 };

struct showing {
	const struct judged *judged;
	const struct device *device;
	const struct store_span *spans;
	size_t spans_n;
	const struct store_event_row *rows;
	size_t rows_n;
	const struct store_hold *holds; /* of all devices */
	size_t holds_n;
	struct report_options options;
	bool json;
};

static bool is_verdict(const struct store_event_row *row)
{
	return strcmp(row->kind, "verdict") == 0;
}

static bool is_of(const struct showing *s, const struct store_hold *h)
{
	return strcmp(h->device, s->device->id) == 0;
}

static void write_json(const struct showing *s, struct text *to)
{
	struct json j = {.to = to};

	json_open(&j, NULL, "{");
	json_string(&j, "schema", "cordon.show/1");
	json_open(&j, "devices", "[");
	json_device(&j, s->device);
	json_close(&j, "]");
	json_open(&j, "identity", "[");
	for (size_t i = 0; i < s->spans_n; i++) {
		json_open(&j, NULL, "{");
		json_string(&j, "what", s->spans[i].what);
		json_string(&j, "value", s->spans[i].value);
		json_time(&j, "first", s->spans[i].first_ns);
		json_time(&j, "last", s->spans[i].last_ns);
		json_close(&j, "}");
	}
	json_close(&j, "]");
	json_open(&j, "history", "[");
	for (size_t i = 0; i < s->rows_n; i++) {
		json_open(&j, NULL, "{");
		json_time(&j, "time", s->rows[i].time_ns);
		json_string(&j, "kind", s->rows[i].kind);
		json_string(&j, "text", s->rows[i].text);
		json_close(&j, "}");
	}
	json_close(&j, "]");
	json_open(&j, "holds", "[");
	for (size_t i = 0; i < s->holds_n; i++)
		if (is_of(s, &s->holds[i]))
			held_json(&s->holds[i], &j);
	json_close(&j, "]");
	json_close(&j, "}");
	json_end(&j);
}

/* Of all times that it was held the last few, the one that goes on first. */
static void write_holds(const struct showing *s, struct text *to)
{
	unsigned said = 0;
	bool now = false;

	for (size_t i = 0; i < s->holds_n && said < HOLDS_MOST; i++) {
		const struct store_hold *h = &s->holds[i];
		struct text line = {0};

		if (!is_of(s, h))
			continue;
		text_puts(to, said++ == 0 ? "  HELD\n    " : "    ");
		text_puts(&line, h->ended_ns != 0 ? "was " : "is ");
		held_line(h, s->options.utf8, &line);
		text_wrap(to, text_string(&line), 6, s->options.width);
		text_puts(to, "\n");
		now |= h->ended_ns == 0;
		to->failed |= line.failed;
		text_fini(&line);
	}
	if (now)
		text_printf(to, "    'cordon release %s' lets it out\n", s->device->id);
}

/* "  address  192.168.1.20   2016-10-03 09:12:00 CEST → 2016-10-21 13:04:31 CEST" */
static void write_span(const struct showing *s, const struct store_span *span, unsigned width,
		       struct text *to)
{
	struct text value = {0};
	unsigned w;

	text_plain(&value, span->value, s->options.utf8);
	w = text_width(text_string(&value));
	text_printf(to, "    %-7s  %s", span->what, text_string(&value));
	text_repeat(to, ' ', 2 + (w < width ? width - w : 0));
	to->failed |= value.failed;
	text_fini(&value);
	zone_time(to, span->first_ns);
	if (span->last_ns / 1000000000 != span->first_ns / 1000000000) {
		text_puts(to, s->options.utf8 ? " → " : " -> ");
		zone_time(to, span->last_ns);
	}
	text_puts(to, "\n");
	text_settle(to);
}

static void write_verdicts(const struct showing *s, struct text *to)
{
	bool begun = false;

	for (size_t i = 0; i < s->rows_n; i++) {
		struct text line = {0};

		if (!is_verdict(&s->rows[i]))
			continue;
		text_puts(to, begun ? "    " : "  JUDGED\n    ");
		begun = true;
		history_line(&s->rows[i], 0, s->options.utf8, &line);
		text_wrap(to, text_string(&line), 6, s->options.width);
		text_puts(to, "\n");
		to->failed |= line.failed;
		text_fini(&line);
	}
}

static const char *access_text(const struct access *a)
{
	switch (a->kind) {
	case ACCESS_FACTORY:
		return a->unchangeable ? "the factory password, which its owner can't change"
				       : "the factory password";
	case ACCESS_OWN:
		return a->unchangeable
			       ? "an own password; another one can't be changed by its owner"
			       : "an own password";
	case ACCESS_HIDDEN:
		return a->time_ns == 0 ? "can't be seen, it is encrypted"
				       : "a password that can't be checked";
	default:
		return a->unchangeable
			       ? "none, and it has a factory password that its owner can't change"
			       : "none, and it has a factory password";
	}
}

/* How each of its services was logged in to last. */
static void write_logins(const struct showing *s, struct text *to)
{
	unsigned width = 1;

	for (size_t i = 0; i < s->device->accesses_n; i++) {
		unsigned w = text_width(s->device->accesses[i].service);

		width = w > width ? w : width;
	}
	for (size_t i = 0; i < s->device->accesses_n; i++) {
		const struct access *a = &s->device->accesses[i];
		unsigned w = text_width(a->service);

		text_puts(to, i == 0 ? "  LOGINS SEEN\n    " : "    ");
		text_plain(to, a->service, s->options.utf8);
		text_repeat(to, ' ', 2 + (w < width ? width - w : 0));
		text_puts(to, access_text(a));
		if (a->time_ns != 0) {
			text_puts(to, "  ");
			zone_time(to, a->time_ns);
		}
		text_puts(to, "\n");
		text_settle(to);
	}
}

static void write_text(const struct showing *s, struct text *to)
{
	enum { VALUE_WIDTH_MOST = 39 };
	unsigned width = 1;

	report_text_device(s->judged, s->device, &s->options, to);
	if (s->device->verdict == VERDICT_CLEAR && s->device->exposures_n == 0 &&
	    s->device->evidence_n == 0)
		text_puts(to, s->device->judged
				      ? "  Nothing wrong was seen of it.\n"
				      : "  It was not judged: only broadcasts of it were seen.\n");
	write_holds(s, to);
	write_logins(s, to);
	text_puts(to, s->spans_n > 0 ? "  KNOWN AS\n" : "");
	for (size_t i = 0; i < s->spans_n; i++) {
		unsigned w = text_width(s->spans[i].value);

		if (w > width && w <= VALUE_WIDTH_MOST)
			width = w;
	}
	for (size_t i = 0; i < s->spans_n; i++)
		write_span(s, &s->spans[i], width, to);
	write_verdicts(s, to);
}

static void write_showing(const void *context, struct text *to)
{
	const struct showing *s = context;

	if (s->json)
		write_json(s, to);
	else
		write_text(s, to);
}

static int read_more(struct store_ask *ask, struct showing *s)
{
	const struct store_query query = {
		.since_ns = INT64_MIN, .until_ns = INT64_MAX, .device = s->device->id};
	struct store_span *spans = NULL;
	struct store_event_row *rows = NULL;
	int err = store_identity(ask->store, s->device->id, &ask->arena, &spans, &s->spans_n);

	if (err == 0)
		err = store_history(ask->store, &query, &ask->arena, &rows, &s->rows_n);
	struct store_hold *holds = NULL;
	int status;

	s->spans = spans;
	s->rows = rows;
	status = err == 0 ? held_read(ask, INT64_MIN, &holds, &s->holds_n)
			  : store_ask_failed(ask, err);
	s->holds = holds;
	return status;
}

static int answer(struct store_ask *ask)
{
	struct showing s = {.judged = &ask->judged,
			    .json = ask->look.format == FORMAT_JSON,
			    .options = look_at(&ask->look, &ask->out)};
	int status = store_ask_device(ask, &s.device);

	if (s.device == NULL)
		return status;
	/* All about one: nothing is left out for brevity. */
	s.options.all = true;
	s.options.zone = zone_at;
	status = read_more(ask, &s);
	return status != EXITS_OK ? status : look_write(&ask->out, write_showing, &s);
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "show",
				.formats = 1U << FORMAT_TEXT | 1U << FORMAT_JSON,
				.takes = STORE_OPERAND_ONE};

	return store_ask_run(&ask, &verb_show, argc, argv, answer);
}

const struct verb verb_show = {
	.name = "show",
	.arguments = "[OPTION]... DEVICE",
	.summary = "Tells all about one device, and how it was called and judged over time.",
	.options = show_options,
	.more = "DEVICE is an address, a MAC, a name it gave itself, or its id; 'cordon devices' lists them.\n"
		"Reads the store of 'cordon watch', also while it runs. Times are of your own clock; JSON has UTC.\n"
		"Exit status: 0 done; 64 wrong use; 65 several devices are meant, or the store is damaged or newer than this "
		"cordon; 66 there is no store, or no such device; 69 it is in use by others for too long; 71 out of memory; 74 "
		"I/O error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
