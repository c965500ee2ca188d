/* SPDX-License-Identifier: MIT */
/*
 * What is counted, where packets come from, and events that wait to be written. Counters come as sums of a life; what is
 * kept is by how much each grew in which minute, so that a restart is no step back. Their names and those of inputs are the
 * owner's and cordon's, never a stranger's; both are bounded all the same.
 */
#include "store/inside.h"

#include "base/text.h"
#include "base/timespan.h"

#include <errno.h>
#include <string.h>

#define MINUTE_NS (60 * NS_PER_S)

static void counter_write(struct store *s, const struct store_counter *c)
{
	int64_t number = 0, before = 0, growth;
	bool same_life = false;
	int64_t minute = s->now_ns - s->now_ns % MINUTE_NS;
	bool there = sql_ask(s, SQL_COUNTER_GET, "t", c->name);

	if (there) {
		number = sql_int(s, SQL_COUNTER_GET, 0);
		same_life = sql_int(s, SQL_COUNTER_GET, 1) == (int64_t)s->life;
		before = same_life ? sql_int(s, SQL_COUNTER_GET, 2) : 0;
	}
	sql_done(s, SQL_COUNTER_GET);
	growth = (int64_t)c->value - before;
	if (growth < 0) /* it was set back */
		growth = (int64_t)c->value;
	if (!there) {
		if (sql_ask(s, SQL_COUNTER_ADD, "tiii", c->name, (int64_t)s->life,
			    (int64_t)c->value, (int64_t)STORE_COUNTERS))
			number = sql_int(s, SQL_COUNTER_ADD, 0);
		while (sql_next(s, SQL_COUNTER_ADD))
			;
		if (number == 0)
			return;
	} else if (growth != 0 || !same_life) {
		sql_run(s, SQL_COUNTER_SET, "iii", (int64_t)s->life, (int64_t)c->value, number);
	}
	if (growth > 0)
		sql_run(s, SQL_MINUTE_ADD, "iii", number, minute, growth);
}

int store_counters(struct store *s, const struct store_counter *list, size_t n)
{
	for (size_t i = 0; i < n && s->error == 0; i++)
		counter_write(s, &list[i]);
	return s->error;
}

int store_minutes(struct store *s, const char *counter, const struct store_query *q,
		  struct arena *arena, struct store_minute **out, size_t *n)
{
	enum { MINUTES_MOST = 400000 };
	struct store_minute *list;
	size_t room = 0;

	s->error = 0;
	*n = 0;
	*out = NULL;
	for (bool row = sql_ask(s, SQL_MINUTES, "tii", counter, q->since_ns, q->until_ns);
	     row && room < MINUTES_MOST; row = sql_next(s, SQL_MINUTES))
		room++;
	list = room == 0 ? NULL : arena_take(arena, room * sizeof *list);
	for (bool row = list != NULL &&
			sql_ask(s, SQL_MINUTES, "tii", counter, q->since_ns, q->until_ns);
	     row && *n < room; row = sql_next(s, SQL_MINUTES))
		list[(*n)++] = (struct store_minute){sql_int(s, SQL_MINUTES, 0),
						     (uint64_t)sql_int(s, SQL_MINUTES, 1)};
	sql_done(s, SQL_MINUTES);
	*out = list;
	return store_memory(s, arena);
}

/* ---- inputs ------------------------------------------------------------------------------------------------------- */

static void input_write(struct store *s, const struct input *in, size_t position)
{
	int64_t number = -1, before_packets = 0, before_bytes = 0;
	enum statement q = SQL_INPUT_GET;

	if (sql_ask(s, q, "t", in->path)) {
		bool again = sql_int(s, q, 1) != (int64_t)s->life;

		number = sql_int(s, q, 0);
		before_packets = sql_int(s, q, 4) + again * sql_int(s, q, 2);
		before_bytes = sql_int(s, q, 5) + again * sql_int(s, q, 3);
	}
	sql_done(s, q);
	if (number < 0 && sql_ask(s, SQL_INPUT_NUMBER, ""))
		number = sql_int(s, SQL_INPUT_NUMBER, 0);
	sql_done(s, SQL_INPUT_NUMBER);
	s->input_of[position] = number;
	sql_run(s, SQL_INPUT_SET, "iiittiiiiiiit", number, (int64_t)position, (int64_t)s->life,
		in->path, in->format, (int64_t)in->packets, (int64_t)in->bytes, before_packets,
		before_bytes, in->any ? in->first_ns : INT64_MAX, in->any ? in->last_ns : INT64_MIN,
		in->damaged ? (int64_t)in->damage_offset : INT64_C(-1),
		in->damaged ? in->damage_reason : NULL);
}

int store_inputs(struct store *s, const struct input *list, size_t n, const struct prefix *local,
		 size_t local_n, enum place place, const char *note)
{
	struct text text = {.at = NULL};
	char prefix[PREFIX_TEXT_MAX];

	sql_run(s, SQL_INPUTS_AWAY, "i", (int64_t)s->life);
	for (size_t i = 0; i < n && i < STORE_INPUTS; i++)
		input_write(s, &list[i], i);
	for (size_t i = 0; i < local_n; i++)
		text_printf(&text, "%s%s", i > 0 ? "\n" : "", prefix_text(&local[i], prefix));
	meta_set_text(s, "local", text_string(&text));
	meta_set_text(s, "place", place_words[place]);
	meta_set_text(s, "note", note);
	if (text.failed && s->error == 0)
		store_says(s, -ENOMEM, "%s: out of memory", s->path);
	text_fini(&text);
	return s->error;
}

int store_scanned(struct store *s, const struct scan_map *map)
{
	enum { BYTES = 65536 / 8 };
	uint8_t all[BYTES] = {0};
	size_t len = 0;

	if (map->networks == NULL)
		return s->error;
	memcpy(all, map->networks, BYTES);
	if (sql_ask(s, SQL_META_GET, "t", "scanned")) {
		const uint8_t *known = sql_blob(s, SQL_META_GET, 0, &len);

		for (size_t i = 0; known != NULL && len == BYTES && i < BYTES; i++)
			all[i] |= known[i];
	}
	sql_done(s, SQL_META_GET);
	sql_run(s, SQL_META_SET_BLOB, "tb", "scanned", all, sizeof all);
	return s->error;
}

/* ---- events that wait ------------------------------------------------------------------------------------------------ */

/*
 * An event is kept until it is written for good. When a reader of events stands still the oldest are given up, a quarter
 * at a time, and counted: the disk is no place for a queue without end.
 */
static void waiting_bound(struct store *s, size_t len)
{
	int64_t most = s->options.most_bytes == 0 ? INT64_C(16) << 20
						  : (int64_t)(s->options.most_bytes / 8);

	if (s->waiting_bytes < 0) {
		if (sql_ask(s, SQL_WAITING_BYTES, ""))
			s->waiting_bytes = sql_int(s, SQL_WAITING_BYTES, 0);
		sql_done(s, SQL_WAITING_BYTES);
	}
	s->waiting_bytes += (int64_t)len + 16;
	if (s->waiting_bytes <= most)
		return;
	sql_run(s, SQL_WAITING_LEAST, "");
	s->refused += (uint64_t)sqlite3_changes(s->db);
	s->waiting_bytes = -1;
}

int store_event(struct store *s, const char *line, uint64_t *number)
{
	if (s->error != 0)
		return s->error;
	waiting_bound(s, strlen(line));
	sql_run(s, SQL_WAITING_ADD, "t", line);
	*number = (uint64_t)sql_number(s);
	return s->error;
}

int store_told(struct store *s, uint64_t up_to)
{
	if (!s->in_round)
		s->error = 0;
	sql_run(s, SQL_WAITING_TOLD, "i", (int64_t)up_to);
	s->waiting_bytes = -1;
	return s->error;
}

int store_untold(struct store *s, void (*each)(void *context, uint64_t number, const char *line),
		 void *context)
{
	if (!s->in_round)
		s->error = 0;
	for (bool row = sql_ask(s, SQL_WAITING, ""); row; row = sql_next(s, SQL_WAITING))
		each(context, (uint64_t)sql_int(s, SQL_WAITING, 0), sql_text(s, SQL_WAITING, 1));
	return s->error;
}
