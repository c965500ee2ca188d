/* SPDX-License-Identifier: MIT */
/*
 * `cordon contained`: who is held, since when, why, by whom, and what was dropped of it; then who was let out lately. Read from
 * the store, so it works when no service runs; names in it come from the network and are escaped.
 */
#include "base/exits.h"
#include "cli/store_verb.h"
#include "cli/zone.h"
#include "report/json_out.h"

static const struct option_spec contained_options[] = {
	STORE_LINE_SINCE("also who was let out"),
	STORE_LINE_JSON("one JSON object a line, with times in UTC"),
	STORE_LINE,
	STORE_LINE_HELP,
	{0},
};

struct list {
	const struct store_hold *holds;
	size_t n;
	bool json;
	bool utf8;
};

static void write_json(const struct store_hold *h, struct text *to)
{
	struct json j = {.to = to, .compact = true};

	json_open(&j, NULL, "{");
	json_string(&j, "device", h->device);
	json_string(&j, "name", h->name);
	json_string(&j, "hold", h->hold);
	json_string(&j, "reason", h->reason);
	json_string(&j, "by", h->by);
	json_time(&j, "since", h->began_ns);
	if (h->until_ns != 0)
		json_time(&j, "until", h->until_ns);
	if (h->ended_ns != 0) {
		json_time(&j, "ended", h->ended_ns);
		json_string(&j, "why_ended", h->ended);
	}
	json_count(&j, "packets", h->packets);
	json_count(&j, "bytes", h->bytes);
	json_close(&j, "}");
	json_end(&j);
}

static void write_line(const struct store_hold *h, bool utf8, struct text *to)
{
	text_plain(to, h->name != NULL ? h->name : h->device, utf8);
	text_printf(to, " (%s) %s %s since ", h->device, h->ended_ns != 0 ? "was" : "is", h->hold);
	zone_time(to, h->began_ns);
	text_printf(to, ", by %s: %s; %llu packets dropped", h->by, h->reason,
		    (unsigned long long)h->packets);
	if (h->ended_ns != 0) {
		text_puts(to, "; released ");
		zone_time(to, h->ended_ns);
		text_printf(to, ": %s", h->ended);
	} else if (h->until_ns != 0) {
		text_puts(to, "; until ");
		zone_time(to, h->until_ns);
	}
	text_puts(to, "\n");
}

static void write_list(const void *context, struct text *to)
{
	const struct list *l = context;

	for (size_t i = 0; i < l->n; i++) {
		if (l->json)
			write_json(&l->holds[i], to);
		else
			write_line(&l->holds[i], l->utf8, to);
		text_settle(to);
	}
	if (l->n == 0 && !l->json)
		text_puts(to, "Nobody is held.\n");
}

static int answer(struct store_ask *ask)
{
	struct list list = {.json = ask->look.format == FORMAT_JSON,
			    .utf8 = look_at(&ask->look, &ask->out).utf8};
	struct store_hold *holds;
	int64_t since = ask->since_ns == INT64_MIN ? INT64_MAX : ask->since_ns;
	int err = store_holds(ask->store, since, &ask->arena, &holds, &list.n);

	if (err != 0)
		return store_ask_failed(ask, err);
	list.holds = holds;
	return look_write(&ask->out, write_list, &list);
}

static int run(int argc, char **argv)
{
	struct store_ask ask = {.verb = "contained",
				.formats = 1U << FORMAT_TEXT | 1U << FORMAT_JSON,
				.takes = STORE_OPERAND_NONE};

	return store_ask_run(&ask, &verb_contained, argc, argv, answer);
}

const struct verb verb_contained = {
	.name = "contained",
	.arguments = "[OPTION]...",
	.summary = "Says who is held, since when, why and by whom.",
	.options = contained_options,
	.more = "Exit status: 0 it was said, also that nobody is held; 64 wrong use; 65 the store is damaged; 66 there is none; 77 no "
		"permission.",
	.run = run,
};
