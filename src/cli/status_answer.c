/* SPDX-License-Identifier: MIT */
/*
 * See status_answer.h. Nothing in the answer is trusted to be there or to have its type, and all text in it is escaped: names
 * of interfaces and errors come through it from elsewhere.
 */
#include "cli/status_answer.h"

#include "base/timespan.h"
#include "cli/moment.h"
#include "cli/zone.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Something is heard every ten seconds at least. */
enum { SILENT_MS = 30000, LABEL_WIDTH = 11 };

struct words {
	struct text *to;
	bool utf8;
};

static const char *string_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static uint64_t count_in(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

static void add_outside(struct words *w, const char *s)
{
	text_plain(w->to, s, w->utf8);
}

/* No-break spaces keep a number together where lines are broken; here none are. */
static void add_number(struct words *w, void (*number)(struct text *, uint64_t), uint64_t n)
{
	struct text t = {0};

	number(&t, n);
	for (const char *s = text_string(&t); *s != '\0'; s++) {
		bool space = s[0] == '\xc2' && s[1] == '\xa0';

		text_add(w->to, space ? " " : s, 1);
		s += space;
	}
	w->to->failed |= t.failed;
	text_fini(&t);
}

static void add_count(struct words *w, uint64_t n)
{
	add_number(w, text_count, n);
}

/* "br-lan     " */
static void begin_line(struct words *w, const char *label)
{
	unsigned column;

	add_outside(w, label);
	column = text_column(w->to);
	text_repeat(w->to, ' ', column < LABEL_WIDTH ? LABEL_WIDTH - column : 1);
}

static void say_head(struct words *w, const json_t *root)
{
	const char *version = string_in(root, "version"), *since = string_in(root, "since");
	uint64_t rounds = count_in(root, "rounds");
	int64_t ns;

	text_puts(w->to, "cordon ");
	add_outside(w, version != NULL ? version : "of an unknown version");
	text_puts(w->to, " is running");
	if (since != NULL && moment_parse(since, &ns) == MOMENT_OK) {
		text_puts(w->to, " since ");
		zone_time(w->to, ns);
		text_puts(w->to, " (");
		add_number(w, text_duration, count_in(root, "up_seconds") * (uint64_t)NS_PER_S);
		text_puts(w->to, ")");
	}
	text_puts(w->to, rounds == 0 ? "; nothing was judged yet.\n" : ".\n");
	if (count_in(root, "heard_ms_ago") > SILENT_MS) {
		text_puts(w->to, "Nothing was heard for ");
		add_number(w, text_duration, count_in(root, "heard_ms_ago") * (uint64_t)NS_PER_MS);
		text_puts(w->to, " of the process that reads packets.\n");
	}
}

static void say_verdicts(struct words *w, const json_t *counts, const char *label)
{
	static const char *const keys[] = {"infected", "suspect", "exposed", "clear"};
	static const char *const shown[] = {"INFECTED", "SUSPECT", "EXPOSED",
					    "clear or not judged"};
	bool begun = false;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		uint64_t n = count_in(counts, keys[i]);

		if (n == 0)
			continue;
		if (begun)
			text_puts(w->to, ", ");
		else
			begin_line(w, label);
		begun = true;
		add_count(w, n);
		text_printf(w->to, " %s", shown[i]);
	}
	text_puts(w->to, begun ? "\n" : "");
}

static void say_interface(struct words *w, const json_t *interface)
{
	const char *name = string_in(interface, "name"), *last = string_in(interface, "last");
	uint64_t packets = count_in(interface, "packets");
	int64_t ns;

	begin_line(w, name != NULL ? name : "?");
	add_count(w, packets);
	text_puts(w->to, packets == 1 ? " packet, " : " packets, ");
	add_count(w, count_in(interface, "dropped"));
	text_puts(w->to, " dropped");
	if (count_in(interface, "gone") > 0)
		text_puts(w->to, ", was down or away for a while");
	if (last != NULL && moment_parse(last, &ns) == MOMENT_OK) {
		text_puts(w->to, ", the last at ");
		zone_time(w->to, ns);
	}
	text_puts(w->to, "\n");
}

/* "store      works: /var/lib/cordon" */
static void say_keeper(struct words *w, const json_t *keeper, const char *label, const char *place)
{
	const char *where = string_in(keeper, place), *state = string_in(keeper, "state");
	const char *why = string_in(keeper, "why");

	if (keeper == NULL)
		return;
	begin_line(w, label);
	add_outside(w, state != NULL ? state : "?");
	text_puts(w->to, ": ");
	add_outside(w, why != NULL ? why : where != NULL ? where : "?");
}

static void say_store(struct words *w, const json_t *store)
{
	say_keeper(w, store, "store", "directory");
	if (store == NULL)
		return;
	if (count_in(store, "rounds_failed") > 0) {
		text_puts(w->to, "; could not write ");
		add_count(w, count_in(store, "rounds_failed"));
		text_puts(w->to, " times");
	}
	if (count_in(store, "rows_dropped") > 0) {
		text_puts(w->to, "; ");
		add_count(w, count_in(store, "rows_dropped"));
		text_puts(w->to, " lines of old history went for want of room");
	}
	text_puts(w->to, "\n");
}

static void say_events(struct words *w, const json_t *events)
{
	say_keeper(w, events, "events", "file");
	if (events == NULL)
		return;
	text_puts(w->to, "; ");
	add_count(w, count_in(events, "written"));
	text_puts(w->to, " written, ");
	add_count(w, count_in(events, "dropped"));
	text_puts(w->to, " dropped\n");
}

/* "held       2 devices (enforce); 120 packets of theirs were dropped" */
static void say_containment(struct words *w, const json_t *contain)
{
	const char *mode = string_in(contain, "mode"), *state = string_in(contain, "state");
	uint64_t held = count_in(contain, "held"), packets = count_in(contain, "packets");

	if (contain == NULL)
		return;
	begin_line(w, "held");
	add_count(w, held);
	text_puts(w->to, held == 1 ? " device (" : " devices (");
	add_outside(w, mode != NULL ? mode : "?");
	text_puts(w->to, "); ");
	add_count(w, packets);
	text_puts(w->to, packets == 1 ? " packet was dropped" : " packets were dropped");
	if (state == NULL || strcmp(state, "works") != 0)
		text_puts(w->to, "; cordon-enforce does not answer");
	text_puts(w->to, "\n");
}

/* The fullest one: it is the first that will refuse. */
static void say_tables(struct words *w, const json_t *tables)
{
	const json_t *fullest = NULL;
	unsigned most = 0;
	size_t i;
	json_t *table;

	json_array_foreach(tables, i, table)
	{
		uint64_t entries = count_in(table, "entries"), used = count_in(table, "used");
		unsigned percent =
			entries > 0 ? (unsigned)((double)used * 100 / (double)entries) : 0;

		if (fullest == NULL || percent > most) {
			fullest = table;
			most = percent;
		}
	}
	if (fullest == NULL || string_in(fullest, "name") == NULL)
		return;
	begin_line(w, "memory");
	text_puts(w->to, "the fullest table, ");
	add_outside(w, string_in(fullest, "name"));
	text_printf(w->to, ", is at %u %%\n", most);
}

static void say_trouble(struct words *w, const json_t *root)
{
	static const struct {
		const char *key;
		const char *one, *many;
	} kinds[] = {
		{"packets_restarts", "restart of the process that reads packets",
		 "restarts of the process that reads packets"},
		{"messages_refused", "message of it that made no sense",
		 "messages of it that made no sense"},
		{"held_back", "message of it that had to wait", "messages of it that had to wait"},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		uint64_t n = count_in(root, kinds[i].key);

		if (n == 0)
			continue;
		begin_line(w, "trouble");
		add_count(w, n);
		text_printf(w->to, " %s\n", n == 1 ? kinds[i].one : kinds[i].many);
	}
}

static void say_status(struct words *w, const json_t *root)
{
	uint64_t attacks = count_in(root, "attacks_open");
	size_t i;
	json_t *interface;

	say_head(w, root);
	say_verdicts(w, json_object_get(root, "devices"), "devices");
	say_verdicts(w, json_object_get(root, "strangers"), "strangers");
	if (attacks > 0) {
		begin_line(w, "attacks");
		add_count(w, attacks);
		text_puts(w->to, " going on\n");
	}
	json_array_foreach(json_object_get(root, "interfaces"), i, interface)
	{
		say_interface(w, interface);
	}
	say_containment(w, json_object_get(root, "contain"));
	say_store(w, json_object_get(root, "store"));
	say_events(w, json_object_get(root, "events"));
	say_tables(w, json_object_get(root, "tables"));
	say_trouble(w, root);
}

static int say_as_it_came(const json_t *root, struct text *to)
{
	char *line = json_dumps(root, JSON_COMPACT);

	if (line == NULL)
		return -ENOMEM;
	text_puts(to, line);
	text_puts(to, "\n");
	free(line);
	return 0;
}

int status_answer(const char *line, size_t len, bool json, bool utf8, struct text *to,
		  const char **why)
{
	struct words w = {to, utf8};
	json_error_t error;
	json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	int err = 0;

	*why = NULL;
	if (root == NULL || !json_is_object(root))
		*why = "what it answers is no JSON object";
	else if (json_is_false(json_object_get(root, "ok")))
		*why = "it does not know the question; is it older than this program?";
	if (*why != NULL)
		err = -EBADMSG;
	else if (json)
		err = say_as_it_came(root, to);
	else
		say_status(&w, root);
	json_decref(root);
	return err;
}
