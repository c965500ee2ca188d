/* SPDX-License-Identifier: MIT */
/*
 * See gate_answer.h. Nothing in the answer is trusted to be there or to have its type, and all text in it is escaped: names of devices
 * come through it from the network.
 */
#include "cli/gate_answer.h"

#include "cli/moment.h"
#include "cli/zone.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { STATE_WIDTH = 9 };

struct words {
	struct text *to;
	bool utf8;
};

static const char *string_in(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

static long long count_in(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void add(struct words *w, const char *s)
{
	text_plain(w->to, s, w->utf8);
}

static void add_time(struct words *w, const json_t *object, const char *key)
{
	int64_t ns;

	if (moment_parse(string_in(object, key), &ns) != MOMENT_OK)
		return;
	text_puts(w->to, " since ");
	zone_time(w->to, ns);
}

static bool is_open(const json_t *device)
{
	return strcmp(string_in(device, "state"), "open") == 0;
}

/* "waiting  front-door (mac:02:…), a maker's camera, since …: no login … */
static void say_device(struct words *w, const json_t *d)
{
	const char *name = string_in(d, "name"), *what = string_in(d, "what");
	size_t begun = w->to->len;

	add(w, string_in(d, "state"));
	while (!w->to->failed && w->to->len - begun < STATE_WIDTH)
		text_puts(w->to, " ");
	add(w, *name != '\0' ? name : string_in(d, "device"));
	if (*name != '\0') {
		text_puts(w->to, " (");
		add(w, string_in(d, "device"));
		text_puts(w->to, ")");
	}
	text_puts(w->to, ", ");
	add(w, *what != '\0' ? what : "not known what it is");
	text_puts(w->to, ",");
	add_time(w, d, "since");
	text_puts(w->to, ": ");
	add(w, string_in(d, "text"));
	if (*string_in(d, "by") != '\0' && strcmp(string_in(d, "reason"), "by-owner") == 0) {
		text_puts(w->to, ", ");
		add(w, string_in(d, "by"));
	}
	text_puts(w->to, "\n");
	if (*string_in(d, "step") == '\0')
		return;
	text_repeat(w->to, ' ', STATE_WIDTH);
	text_puts(w->to, "to do: ");
	add(w, string_in(d, "step"));
	text_puts(w->to, "\n");
}

static void say_head(struct words *w, const json_t *root, size_t n, size_t open)
{
	text_puts(w->to, "The first-use gate is on");
	add_time(w, root, "on_since");
	text_printf(w->to, ": %zu wait, %zu are through.\n", n - open, open);
	if (!json_is_true(json_object_get(root, "ready")))
		text_puts(w->to, "The store was not read yet: nobody new is let through.\n");
	if (count_in(root, "unproven") > 0)
		text_printf(
			w->to,
			"In this hour %lld MACs knocked with which nobody spoke; they wait too.\n",
			count_in(root, "unproven"));
	if (count_in(root, "refused") > 0)
		text_printf(w->to, "%lld found no room in the list; they wait too.\n",
			    count_in(root, "refused"));
}

static void say_list(struct words *w, const json_t *root)
{
	const json_t *list = json_object_get(root, "devices"), *d;
	size_t n = json_array_size(list), open = 0, i;

	json_array_foreach(list, i, d) open += is_open(d);
	say_head(w, root, n, open);
	json_array_foreach(list, i, d)
	{
		say_device(w, d);
		text_settle(w->to);
	}
	if (count_in(root, "more") > 0)
		text_printf(w->to, "… and %lld more.\n", count_in(root, "more"));
}

static void say_word(struct words *w, const json_t *root)
{
	bool open = is_open(root);

	add(w, string_in(root, "device"));
	text_printf(w->to, " %s: ", open ? "is through the gate" : "waits at the gate");
	add(w, string_in(root, "text"));
	text_printf(w->to, ". 'cordon gate %s' takes it back.\n", open ? "close" : "confirm");
	if (json_is_false(json_object_get(root, "kept")))
		text_puts(w->to, "The store could not keep it yet: it is tried again.\n");
}

static int answer_in(const struct text *answer, bool utf8, struct text *to, struct text *why,
		     void (*say)(struct words *w, const json_t *root))
{
	struct words w = {.to = to, .utf8 = utf8};
	json_t *root = json_loadb(text_string(answer), answer->len, 0, NULL);
	const json_t *ok = json_object_get(root, "ok");
	int err = 0;

	if (json_is_true(ok)) {
		say(&w, root);
	} else if (json_is_false(ok)) {
		text_puts(why, string_in(root, "error"));
		err = -EPERM;
	} else {
		err = -EBADMSG;
	}
	json_decref(root);
	return to->failed || why->failed ? -ENOMEM : err;
}

int gate_answer_list(const struct text *answer, bool utf8, struct text *to, struct text *why)
{
	return answer_in(answer, utf8, to, why, say_list);
}

int gate_answer_word(const struct text *answer, bool utf8, struct text *to, struct text *why)
{
	return answer_in(answer, utf8, to, why, say_word);
}
