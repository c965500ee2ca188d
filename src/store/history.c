/* SPDX-License-Identifier: MIT */
/*
 * What became of a device: the rows of the view `history` in the order of time, and under which MACs, addresses and names it
 * went. Nothing is kept for this alone: each line is the beginning of something that has a row.
 */
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 100000 };

struct named {
	int64_t device;
	const char *id;
	const char *name;
};

/* Who it is, as people know it. Devices of a history come again and again: the last few are remembered. */
static struct named *name_device(struct store *s, struct named *known, size_t n, int64_t device,
				 struct arena *arena)
{
	struct named *slot = &known[(uint64_t)device % n];

	if (slot->device == device && slot->id != NULL)
		return slot;
	*slot = (struct named){.device = device, .id = "", .name = ""};
	if (sql_ask(s, SQL_KNOWN_AS, "i", device)) {
		slot->name = sql_keep(s, SQL_KNOWN_AS, 0, arena);
		slot->id = sql_keep(s, SQL_KNOWN_AS, 1, arena);
	}
	sql_done(s, SQL_KNOWN_AS);
	return slot;
}

static const char *kind_of(const char *word)
{
	static const char *const kinds[] = {"seen",    "address", "name", "verdict", "exposure",
					    "finding", "attack",  "hold", "gone"};

	return kinds[word_find(kinds, sizeof kinds / sizeof kinds[0], word)];
}

/* The devices asked for; NULL and 0 when all are. */
static int64_t *wanted(struct store *s, const struct store_query *q, struct arena *arena, size_t *n)
{
	enum { MOST = 256 };
	int64_t *list = q->device == NULL ? NULL : arena_take(arena, MOST * sizeof *list);

	*n = 0;
	for (bool row = list != NULL && sql_ask(s, SQL_DEVICES_NAMED, "t", q->device);
	     row && *n < MOST; row = sql_next(s, SQL_DEVICES_NAMED))
		list[(*n)++] = sql_int(s, SQL_DEVICES_NAMED, 0);
	sql_done(s, SQL_DEVICES_NAMED);
	return list;
}

static bool is_wanted(const int64_t *list, size_t n, int64_t device)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == device)
			return true;
	}
	return list == NULL;
}

int store_history(struct store *s, const struct store_query *q, struct arena *arena,
		  struct store_event_row **out, size_t *n)
{
	enum statement ask = SQL_HISTORY;
	struct named known[64] = {{0}};
	struct store_event_row *list = malloc(ROWS_MOST * sizeof *list);
	size_t only_n, used = 0;
	int64_t *only;

	*out = NULL;
	*n = 0;
	s->error = 0;
	arena->failed |= list == NULL;
	only = wanted(s, q, arena, &only_n);
	for (bool row = !arena->failed && sql_ask(s, ask, "ii", q->since_ns, q->until_ns);
	     row && list != NULL && used < ROWS_MOST; row = sql_next(s, ask)) {
		int64_t device = sql_int(s, ask, 3);
		const struct named *who;

		if (!is_wanted(only, only_n, device))
			continue;
		who = name_device(s, known, 64, device, arena);
		list[used++] = (struct store_event_row){.time_ns = sql_int(s, ask, 0),
							.device = who->id,
							.name = who->name,
							.kind = kind_of(sql_text(s, ask, 1)),
							.text = sql_keep(s, ask, 2, arena)};
	}
	sql_done(s, ask);
	if (used > 0 && (*out = arena_take(arena, used * sizeof **out)) != NULL) {
		memcpy(*out, list, used * sizeof **out);
		*n = used;
	}
	free(list);
	return store_memory(s, arena);
}

int store_identity(struct store *s, const char *device_id, struct arena *arena,
		   struct store_span **out, size_t *n)
{
	enum { MOST = 8192 };
	enum statement q = SQL_IDENTITY_SPANS;
	struct store_span *list = NULL;
	int64_t device = 0;
	size_t room = 0;

	*out = NULL;
	*n = 0;
	s->error = 0;
	if (sql_ask(s, SQL_DEVICE_OF, "t", device_id))
		device = sql_int(s, SQL_DEVICE_OF, 0);
	sql_done(s, SQL_DEVICE_OF);
	for (bool row = sql_ask(s, q, "i", device); row && room < MOST; row = sql_next(s, q))
		room++;
	if (room > 0)
		list = arena_take(arena, room * sizeof *list);
	for (bool row = list != NULL && sql_ask(s, q, "i", device); row && *n < room;
	     row = sql_next(s, q))
		list[(*n)++] = (struct store_span){.what = sql_keep(s, q, 0, arena),
						   .value = sql_keep(s, q, 1, arena),
						   .first_ns = sql_int(s, q, 2),
						   .last_ns = sql_int(s, q, 3)};
	sql_done(s, q);
	*out = list;
	return store_memory(s, arena);
}
