/* SPDX-License-Identifier: MIT */
/*
 * The judged model of a period, out of the store: what judge() would have said had it seen everything. All is read in one
 * transaction, so that a report is of one moment though rounds go on being written.
 *
 * Of a period that is over, verdicts are those that stood at its end.
 */
#include "store/inside.h"

#include "base/timespan.h"
#include "verdict/write_profile.h"

#include <stdlib.h>
#include <string.h>

struct numbers {
	int64_t *list;
	size_t n, room;
	bool failed;
};

static void add_number(struct numbers *to, int64_t number)
{
	if (to->n == to->room) {
		size_t room = to->room == 0 ? 256 : to->room * 2;
		int64_t *list = realloc(to->list, room * sizeof *list);

		to->failed |= list == NULL;
		if (list == NULL)
			return;
		to->list = list;
		to->room = room;
	}
	to->list[to->n++] = number;
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

static void find_devices(struct store *s, const struct store_query *q, struct numbers *out)
{
	enum statement ask = q->device == NULL ? SQL_DEVICES : SQL_DEVICES_NAMED;
	bool row = q->device == NULL ? sql_ask(s, ask, "ii", q->since_ns, q->until_ns)
				     : sql_ask(s, ask, "t", q->device);

	for (; row; row = sql_next(s, ask))
		add_number(out, sql_int(s, ask, 0));
}

static int by_id(const void *x, const void *y)
{
	const struct device *a = x, *b = y;

	return strcmp(a->id, b->id);
}

static bool falls_in(const struct store_query *q, int64_t first, int64_t last)
{
	return last >= q->since_ns && first < q->until_ns;
}

static void read_devices(struct store *s, const struct store_query *q, const struct period *period,
			 struct arena *arena, struct judged *out)
{
	struct numbers found = {.n = 0};
	struct device *list;
	size_t n = 0;

	find_devices(s, q, &found);
	list = arena_take(arena, (found.n + 1) * sizeof *list);
	for (size_t i = 0; list != NULL && i < found.n && s->error == 0; i++) {
		if (!device_read(s, found.list[i], period, arena, &list[n], NULL) ||
		    !falls_in(q, list[n].first_ns, list[n].last_ns))
			continue;
		if (list[n].verdict < VERDICT_SUSPECT)
			list[n].rates.n = 0;
		out->judged += list[n].local && list[n].judged;
		out->of += list[n].local;
		n++;
	}
	free(found.list);
	arena->failed |= found.failed;
	if (list == NULL)
		return;
	if (n > 1)
		qsort(list, n, sizeof *list, by_id);
	out->devices = list;
	out->devices_n = n;
	out->makers = makers_count(out, arena, &out->makers_n);
}

static const struct device *find_device(const struct judged *j, const char *id)
{
	const struct device key = {.id = id};

	return j->devices_n == 0
		       ? NULL
		       : bsearch(&key, j->devices, j->devices_n, sizeof *j->devices, by_id);
}

/* ---- attacks ------------------------------------------------------------------------------------------------------ */

/* As judge() sorts them; those of several lives by their time. */
static int by_target(const void *x, const void *y)
{
	const struct attack *a = x, *b = y;
	int order = attack_order(a, b);

	if (order == 0)
		order = (a->first_ns > b->first_ns) - (a->first_ns < b->first_ns);
	return order != 0 ? order : a->port - b->port;
}

static void read_attack(struct store *s, struct arena *arena, struct attack *out)
{
	enum statement q = SQL_ATTACKS;
	size_t len;
	const void *blob;

	*out = (struct attack){
		.vector = word_find(vector_words, VECTORS, sql_text(s, q, 1)),
		.port = (int)sql_int(s, q, 3),
		.direction = word_find(direction_words, DIRECTION_TRANSIT + 1, sql_text(s, q, 4)),
		.first_ns = sql_int(s, q, 5),
		.last_ns = sql_int(s, q, 6),
		.packets = (uint64_t)sql_int(s, q, 7),
		.bytes = (uint64_t)sql_int(s, q, 8),
		.peak_pps = (uint64_t)sql_int(s, q, 9),
		.sources = (uint64_t)sql_int(s, q, 10),
		.spoofed = sql_int(s, q, 11) != 0,
		.detail = sql_keep(s, q, 12, arena)};
	if (!addr_parse(sql_text(s, q, 2), &out->target))
		out->target = (struct addr){{0}};
	out->packet_list = unpack_packets(arena, sql_text(s, q, 13), &out->packet_list_n);
	blob = sql_blob(s, q, 14, &len);
	out->source_hashes = unpack_hashes(arena, blob, len, &out->source_hashes_n);
	blob = sql_blob(s, q, 15, &len);
	out->rates = unpack_series(arena, blob, len);
}

static void read_attackers(struct store *s, int64_t attack, struct arena *arena, struct attack *out)
{
	enum { MOST = 4096 };
	enum statement q = SQL_ATTACK_DEVICES;
	const char *list[MOST];
	const char **kept;

	for (bool row = sql_ask(s, q, "i", attack); row; row = sql_next(s, q)) {
		if (out->devices_n < MOST)
			list[out->devices_n++] = sql_keep(s, q, 0, arena);
	}
	kept = out->devices_n == 0 ? NULL : arena_take(arena, out->devices_n * sizeof *kept);
	if (kept == NULL)
		out->devices_n = 0;
	else
		memcpy(kept, list, out->devices_n * sizeof *kept);
	out->devices = kept;
}

static bool is_wanted(const struct store_query *q, const struct judged *j, const struct attack *a)
{
	if (q->device == NULL)
		return true;
	for (size_t i = 0; i < a->devices_n; i++) {
		if (find_device(j, a->devices[i]) != NULL)
			return true;
	}
	for (size_t d = 0; d < j->devices_n; d++) {
		for (size_t i = 0; i < j->devices[d].addresses_n; i++) {
			if (addr_equal(&j->devices[d].addresses[i], &a->target))
				return true;
		}
	}
	return false;
}

static void read_attacks(struct store *s, const struct store_query *q, struct arena *arena,
			 struct judged *out)
{
	enum statement ask = SQL_ATTACKS;
	struct attack *list;
	size_t room = 0, n = 0;

	for (bool row = sql_ask(s, ask, "ii", q->since_ns, q->until_ns); row;
	     row = sql_next(s, ask))
		room++;
	list = room == 0 ? NULL : arena_take(arena, room * sizeof *list);
	for (bool row = list != NULL && sql_ask(s, ask, "ii", q->since_ns, q->until_ns);
	     row && n < room; row = sql_next(s, ask)) {
		read_attack(s, arena, &list[n]);
		read_attackers(s, sql_int(s, ask, 0), arena, &list[n]);
		n += is_wanted(q, out, &list[n]);
	}
	sql_done(s, ask);
	if (n > 1)
		qsort(list, n, sizeof *list, by_target);
	out->attacks = list;
	out->attacks_n = n;
}

/* ---- recalls ------------------------------------------------------------------------------------------------------ */

/* Does the device say so itself, as it stands now? An advisory may have been told of it that another firmware made void. */
static bool recall_holds(const struct device *d, const char *advisory, bool decided)
{
	size_t len = strlen(advisory);

	for (size_t i = 0; !decided && i < d->undecided_n; i++) {
		if (strcmp(d->undecided[i], advisory) == 0)
			return true;
	}
	for (size_t i = 0; decided && i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];

		if (e->detail != NULL && strncmp(e->detail, advisory, len) == 0 &&
		    (e->kind == EXPOSURE_RECALLED || e->kind == EXPOSURE_OUTDATED_FIRMWARE))
			return true;
	}
	return false;
}

struct recall_lists {
	const char **decided, **undecided; /* room for as many as there are rows */
	size_t decided_n, undecided_n;
};

static void end_recall(struct recall_entry *e, struct recall_lists *l)
{
	e->devices = l->decided;
	e->devices_n = l->decided_n;
	e->undecided = l->undecided;
	e->undecided_n = l->undecided_n;
	l->decided += l->decided_n;
	l->undecided += l->undecided_n;
	l->decided_n = l->undecided_n = 0;
}

static void read_recall_rows(struct store *s, struct arena *arena, struct judged *out,
			     struct recall_entry *list, struct recall_lists *l)
{
	enum statement q = SQL_RECALLS;
	struct recall_entry *e = NULL;
	size_t n = 0;

	for (bool row = sql_ask(s, q, ""); row; row = sql_next(s, q)) {
		const char *maker = sql_text(s, q, 0), *advisory = sql_text(s, q, 1);
		const struct device *d = find_device(out, sql_text(s, q, 3));
		bool decided = sql_int(s, q, 4) != 0;

		if (d == NULL || !recall_holds(d, advisory, decided))
			continue;
		if (e == NULL || strcmp(e->maker, maker) != 0 ||
		    strcmp(e->advisory, advisory) != 0) {
			if (e != NULL)
				end_recall(e, l);
			e = &list[n++];
			*e = (struct recall_entry){.maker = sql_keep(s, q, 0, arena),
						   .advisory = sql_keep(s, q, 1, arena),
						   .action = sql_keep(s, q, 2, arena)};
		}
		if (decided)
			l->decided[l->decided_n++] = d->id;
		else
			l->undecided[l->undecided_n++] = d->id;
	}
	if (e != NULL)
		end_recall(e, l);
	out->recalls = list;
	out->recalls_n = n;
}

static void read_recalls(struct store *s, struct arena *arena, struct judged *out)
{
	struct recall_lists l = {.decided_n = 0};
	struct recall_entry *list;
	size_t rows = 0;

	for (bool row = sql_ask(s, SQL_RECALLS, ""); row; row = sql_next(s, SQL_RECALLS))
		rows++;
	if (rows == 0)
		return;
	list = arena_take(arena, rows * sizeof *list);
	l.decided = arena_take(arena, rows * sizeof *l.decided);
	l.undecided = arena_take(arena, rows * sizeof *l.undecided);
	if (list != NULL && l.decided != NULL && l.undecided != NULL)
		read_recall_rows(s, arena, out, list, &l);
}

/* ---- the rest ------------------------------------------------------------------------------------------------------ */

static void read_inputs(struct store *s, struct arena *arena, struct judged *out)
{
	enum statement q = SQL_INPUTS;
	struct input *list;
	size_t room = 0;

	for (bool row = sql_ask(s, q, ""); row; row = sql_next(s, q))
		room++;
	list = room == 0 ? NULL : arena_take(arena, room * sizeof *list);
	for (bool row = list != NULL && sql_ask(s, q, ""); row && out->inputs_n < room;
	     row = sql_next(s, q)) {
		int64_t first = sql_int(s, q, 5), damage = sql_int(s, q, 7);
		bool any = first != INT64_MAX;

		list[out->inputs_n++] =
			(struct input){.path = sql_keep(s, q, 1, arena),
				       .format = sql_keep(s, q, 2, arena),
				       .packets = (uint64_t)sql_int(s, q, 3),
				       .bytes = (uint64_t)sql_int(s, q, 4),
				       .any = any,
				       .first_ns = any ? first : 0,
				       .last_ns = any ? sql_int(s, q, 6) : 0,
				       .damaged = damage >= 0,
				       .damage_offset = damage >= 0 ? (uint64_t)damage : 0,
				       .damage_reason = sql_keep(s, q, 8, arena)};
	}
	sql_done(s, q);
	out->inputs = list;
}

static void read_unseen(struct store *s, const struct store_query *q, struct arena *arena,
			struct judged *out)
{
	static const char prefix[] = "unseen.";
	struct count *list = arena_take(arena, STORE_COUNTERS * sizeof *list);

	for (bool row = list != NULL && sql_ask(s, SQL_UNSEEN, "ii", q->since_ns, q->until_ns); row;
	     row = sql_next(s, SQL_UNSEEN)) {
		if (out->unseen_n < STORE_COUNTERS)
			list[out->unseen_n++] = (struct count){
				arena_string(arena, sql_text(s, SQL_UNSEEN, 0) + sizeof prefix - 1),
				(uint64_t)sql_int(s, SQL_UNSEEN, 1)};
	}
	out->unseen = list;
}

static void read_local(struct store *s, struct arena *arena, struct judged *out)
{
	size_t n;
	const char *const *words = unpack_words(arena, meta_text(s, "local", arena), &n);
	struct prefix *list = n == 0 ? NULL : arena_take(arena, n * sizeof *list);

	for (size_t i = 0; list != NULL && i < n; i++)
		out->local_n += prefix_parse(words[i], &list[out->local_n]);
	out->local = list;
}

static void read_scanned(struct store *s, struct arena *arena, struct judged *out)
{
	enum { BYTES = 65536 / 8 };
	uint8_t *map = NULL;
	size_t len = 0;

	if (sql_ask(s, SQL_META_GET, "t", "scanned")) {
		const void *from = sql_blob(s, SQL_META_GET, 0, &len);

		if (from != NULL && len == BYTES && (map = arena_take(arena, BYTES)) != NULL)
			memcpy(map, from, BYTES);
	}
	sql_done(s, SQL_META_GET);
	for (size_t i = 0; map != NULL && i < BYTES; i++)
		out->scanned.n += (uint32_t)__builtin_popcount(map[i]);
	out->scanned.networks = map;
}

static void read_setting(struct store *s, struct arena *arena, struct judged *out)
{
	const char *version = meta_text(s, "version", arena);
	const char *knowledge = meta_text(s, "knowledge", arena);
	const char *place = meta_text(s, "place", arena);

	out->version = version != NULL ? version : CORDON_VERSION;
	out->knowledge = knowledge != NULL ? knowledge : "";
	out->place =
		place == NULL ? PLACE_UNKNOWN : word_find(place_words, PLACE_UNKNOWN + 1, place);
	out->note = meta_text(s, "note", arena);
}

int store_report(struct store *s, const struct store_query *q, struct arena *arena,
		 struct judged *out)
{
	struct period period = {q->since_ns, q->until_ns, 0};
	int error;

	*out = (struct judged){.version = NULL};
	s->error = 0;
	if (!s->in_round)
		sql_run(s, SQL_BEGIN_READ, "");
	s->life = (uint64_t)meta_number(s, "life", 0);
	period.now_ns = meta_number(s, "now_ns", 0);
	read_setting(s, arena, out);
	read_local(s, arena, out);
	read_inputs(s, arena, out);
	read_devices(s, q, &period, arena, out);
	read_attacks(s, q, arena, out);
	read_recalls(s, arena, out);
	read_unseen(s, q, arena, out);
	read_scanned(s, arena, out);
	error = store_memory(s, arena);
	if (!s->in_round && sqlite3_get_autocommit(s->db) == 0)
		sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
	return error;
}
