/* SPDX-License-Identifier: MIT */
/*
 * The gate's list and the owner's words on it, see control_gate.h. The list has a bound well below what a client takes: those that
 * wait come first, and how many more there are is said. Names come from the network; the writer of JSON escapes them.
 */
#include "watch/control_gate.h"

#include "watch/control_order.h"
#include "watch/service_contain.h"

#include <string.h>

enum { LISTED_MOST = 1000 };

static const struct {
	const char *command;
	enum gate_word word;
} commands[] = {{"gate", GATE_SAID_NOTHING},
		{"gate-confirm", GATE_CONFIRMED},
		{"gate-override", GATE_OVERRIDDEN},
		{"gate-close", GATE_CLOSED}};
enum { COMMANDS = sizeof commands / sizeof *commands };

static size_t place_of(struct bytes command)
{
	size_t i = 0;

	while (i < COMMANDS && (command.len != strlen(commands[i].command) ||
				memcmp(command.at, commands[i].command, command.len) != 0))
		i++;
	return i;
}

bool control_gate_is_command(struct bytes command)
{
	return place_of(command) < COMMANDS;
}

/* ---- the list -------------------------------------------------------------------------------------------------- */

static void put_standing(struct json *j, const struct gate_row *r)
{
	const struct gate_decision d = gatekeeper_stands(r);
	struct text words = {0};

	json_string(j, "state", gate_words[d.state]);
	json_string(j, "reason", gate_reason_names[d.reason]);
	gate_write_reason(&d, &words);
	json_string(j, "text", text_string(&words));
	json_known(j, "service", d.service);
	text_clear(&words);
	gate_write_step(&d, r->name[0] != '\0' ? r->name : r->id, &words);
	if (words.len > 0)
		json_string(j, "step", text_string(&words));
	text_fini(&words);
	json_time(j, "since", r->since_ns);
	if (r->word != GATE_SAID_NOTHING) {
		json_string(j, "word", gate_word_words[r->word]);
		json_time(j, "word_time", r->word_ns);
		json_string(j, "by", r->by);
	}
	json_bool(j, "before", r->before);
}

static void put_row(struct json *j, const struct gate_row *r)
{
	char mac[MAC_TEXT_MAX];

	json_open(j, NULL, "{");
	json_string(j, "device", r->id);
	if (r->name[0] != '\0')
		json_string(j, "name", r->name);
	if (r->what[0] != '\0')
		json_string(j, "what", r->what);
	json_string(j, "mac", mac_text(&r->macs[0], mac));
	put_standing(j, r);
	json_close(j, "}");
}

static void put_list(struct json *j, const struct gatehouse *g)
{
	size_t listed = 0, left = 0;

	json_bool(j, "ok", true);
	json_string(j, "mode", "on");
	json_bool(j, "ready", g->ready);
	if (g->ready)
		json_time(j, "on_since", g->keeper.since_ns);
	json_count(j, "unproven", g->crowd_n);
	json_count(j, "refused", g->keeper.refused);
	json_open(j, "devices", "[");
	for (int through = 0; through < 2; through++)
		for (size_t i = 0; i < g->keeper.n; i++) {
			const struct gate_row *r = &g->keeper.rows[i];

			if (gatekeeper_is_through(r) != (through == 1))
				continue;
			if (listed++ < LISTED_MOST)
				put_row(j, r);
			else
				left++;
		}
	json_close(j, "]");
	json_count(j, "more", left);
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static const char off[] = "the first-use gate is off: set mode = on in [gate] of cordon.conf";

/* NULL, or why not; then *row may be where it stands all the same. */
static const char *say(struct service *s, const struct device *d, enum gate_word word,
		       const char *by, struct gate_row **row)
{
	struct gatehouse *g = s->containment->gate;
	const struct gate_said said = {.word = word, .now_ns = service_wall(), .by = by};

	if (!g->ready)
		return "the gate waits for the store; its trouble stands in 'cordon status'";
	if (d->macs_n == 0)
		return "it is known by its address alone, and the gate goes by MACs";
	if (!d->local)
		return "it is none of this network";
	return gatekeeper_say(&g->keeper, d, &said, row);
}

static void put_word(struct service *s, const struct device *d, enum gate_word word, const char *by,
		     struct json *j)
{
	struct gate_row *r = NULL;
	const char *why = say(s, d, word, by, &r);
	bool kept = false;

	if (why == NULL) {
		(void)containment_decide(s);
		kept = service_keep_holds(s);
		/* Rows may have moved. */
		r = gatekeeper_find(&s->containment->gate->keeper, d->id);
	}
	json_bool(j, "ok", why == NULL);
	if (why != NULL)
		json_string(j, "error", why);
	json_string(j, "device", d->id);
	if (r != NULL)
		put_standing(j, r);
	json_bool(j, "kept", kept);
}

void control_gate(struct service *s, struct bytes command, struct bytes request, const char *by,
		  struct json *j)
{
	enum gate_word word = commands[place_of(command)].word;
	struct arena arena = {0};
	const struct device *d;
	const char *why = NULL;

	if (s->containment == NULL || s->containment->gate == NULL) {
		json_bool(j, "ok", false);
		json_string(j, "error", off);
		return;
	}
	if (word == GATE_SAID_NOTHING) {
		put_list(j, s->containment->gate);
		return;
	}
	d = control_device(s, request, &arena, &why);
	if (d == NULL) {
		json_bool(j, "ok", false);
		json_string(j, "error", why);
	} else {
		put_word(s, d, word, by, j);
	}
	arena_fini(&arena);
}
