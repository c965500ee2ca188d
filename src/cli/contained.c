/* SPDX-License-Identifier: MIT */
/*
 * `cordon contained`: who is held, since when, why, by whom, and what was dropped of it; then who was let out lately. Read from
 * the store, so it works when no service runs; names in it come from the network and are escaped.
 */
#include "base/exits.h"
#include "cli/held.h"

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

	held_json(h, &j);
	json_end(&j);
}

static void write_line(const struct store_hold *h, bool utf8, struct text *to)
{
	text_plain(to, h->name != NULL ? h->name : h->device, utf8);
	text_printf(to, " (%s) %s ", h->device, h->ended_ns != 0 ? "was" : "is");
	held_line(h, utf8, to);
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
	int status = held_read(ask, since, &holds, &list.n);

	if (status != 0)
		return status;
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
