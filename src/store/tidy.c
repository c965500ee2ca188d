/* SPDX-License-Identifier: MIT */
/*
 * What goes with time, and what goes for want of room.
 *
 * Time comes from the packets and from a clock on a wall, and that may jump by a year: the time that decides what is too
 * old goes on by a day at most with each tidying, so that a wrong clock, put right again, costs a few days of the oldest
 * history and not all of it.
 *
 * Room: the file has a cap. Near it counters by minute go first, then old spans and verdicts; then devices, strangers before
 * those of ours who proved nothing (rank_of() in device.c); proven devices of ours only when they were silent for a week and
 * nothing else is left. What goes is counted.
 */
#include "store/inside.h"

#include "base/timespan.h"

#include <string.h>

#define HOUR_NS (3600 * NS_PER_S)
#define DAY_NS (24 * HOUR_NS)

enum { RANK_STRANGER = 0, RANK_FOUND = 3, RANK_PROVEN = 4, BATCH = 256 };

/* ---- room --------------------------------------------------------------------------------------------------------- */

/* Pages in use, in percent of those that there may be; 0 without a cap. */
static unsigned used_percent(struct store *s)
{
	int64_t used = 0;

	if (s->pages_most == 0)
		return 0;
	if (sql_ask(s, SQL_PAGES, ""))
		used = sql_int(s, SQL_PAGES, 0) - sql_int(s, SQL_PAGES, 1);
	sql_done(s, SQL_PAGES);
	return (unsigned)(used * 100 / s->pages_most);
}

/* A cap that was lowered: the file is larger than it may be. */
static bool file_is_over(struct store *s)
{
	bool over = s->pages_most > 0 && sql_ask(s, SQL_PAGES, "") &&
		    sql_int(s, SQL_PAGES, 0) > s->pages_most;

	sql_done(s, SQL_PAGES);
	return over;
}

/* False when there was nobody of these ranks. */
static bool drop_devices(struct store *s, int most_rank, int64_t before_hour, unsigned batch)
{
	int changed;

	sql_run(s, SQL_LEAST_IDENTITIES, "iii", (int64_t)most_rank, before_hour, (int64_t)batch);
	changed = sqlite3_changes(s->db);
	if (s->error != 0 || changed <= 0)
		return false;
	s->refused += (uint64_t)changed;
	return true;
}

void room_make(struct store *s, unsigned percent)
{
	if (used_percent(s) < percent)
		return;
	sql_run(s, SQL_LEAST_MINUTES, "");
	if (used_percent(s) < percent)
		return;
	sql_run(s, SQL_OLD_SPANS, "i", s->now_ns - 7 * DAY_NS);
	sql_run(s, SQL_OLD_VERDICTS, "i", s->now_ns - 7 * DAY_NS);
	while (s->error == 0 && used_percent(s) + 5 > percent &&
	       drop_devices(s, RANK_FOUND, INT64_MAX, BATCH))
		;
	if (used_percent(s) + 5 <= percent)
		return;
	sql_run(s, SQL_ATTACKS_TRIM, "i", INT64_C(1000));
	while (s->error == 0 && used_percent(s) + 5 > percent &&
	       drop_devices(s, RANK_PROVEN, (s->now_ns - 7 * DAY_NS) / HOUR_NS, BATCH))
		;
}

bool room_for(struct store *s, int rank)
{
	if (used_percent(s) < 92)
		return s->error == 0;
	for (int lower = 0; lower <= rank && lower <= RANK_FOUND; lower++) {
		if (drop_devices(s, lower, INT64_MAX, 64))
			return s->error == 0;
	}
	if (rank == RANK_PROVEN && used_percent(s) < 97)
		return s->error == 0;
	s->refused++;
	return false;
}

/* ---- retention ------------------------------------------------------------------------------------------------------- */

/* The time that decides: it follows the stage's by a day a tidying at most. */
static int64_t time_of_tidying(struct store *s, int64_t now_ns)
{
	int64_t last = meta_number(s, "tidied_ns", now_ns);

	if (time_since(last, now_ns) > DAY_NS)
		now_ns = last + DAY_NS;
	meta_set_number(s, "tidied_ns", now_ns);
	return now_ns;
}

static void thin_minutes(struct store *s, int64_t now_ns, int64_t step_ns, int64_t older_ns)
{
	sql_run(s, SQL_THIN_MINUTES, "ii", step_ns, now_ns - older_ns);
	sql_run(s, SQL_THINNED_MINUTES, "ii", step_ns, now_ns - older_ns);
}

static void drop_old(struct store *s, int64_t now_ns)
{
	int64_t history = s->options.history_ns, keep = s->options.keep_ns;
	int64_t oldest = history > 0 ? now_ns - history : INT64_MIN / 2;
	int64_t uncounted = now_ns - (keep > history ? keep : history);

	sql_run(s, SQL_OLD_IDENTITIES, "ii", oldest / HOUR_NS + 1, oldest);
	sql_run(s, SQL_OLD_SPANS, "i", oldest);
	sql_run(s, SQL_OLD_VERDICTS, "i", oldest);
	sql_run(s, SQL_OLD_ATTACKS, "i", oldest);
	sql_run(s, SQL_OLD_MINUTES, "i", oldest);
	sql_run(s, SQL_OLD_FINDINGS, "ii", uncounted, (int64_t)s->life);
	sql_run(s, SQL_OLD_EXPOSURES, "ii", uncounted, (int64_t)s->life);
	sql_run(s, SQL_OLD_ACCESSES, "ii", now_ns - keep, (int64_t)s->life);
	sql_run(s, SQL_OLD_FLOORS, "i", now_ns - keep);
	sql_run(s, SQL_OLD_RECALLED, "");
	sql_run(s, SQL_ATTACKS_TRIM, "i", (int64_t)STORE_ATTACKS);
	thin_minutes(s, now_ns, HOUR_NS, 2 * DAY_NS);
	thin_minutes(s, now_ns, DAY_NS, 60 * DAY_NS);
}

/* ---- verdicts that no longer stand --------------------------------------------------------------------------------- */

enum { FALLEN_MOST = 1024 };

struct fallen {
	int64_t number;
	struct ruling_words now;
	enum verdict stood;
};

static void fall(struct store *s, const struct fallen *f)
{
	sql_run(s, SQL_VERDICT_ADD, "iittttt", f->number, s->now_ns, verdict_words[f->now.verdict],
		confidence_words[f->now.confidence], f->now.why, f->now.stages, f->now.families);
	sql_run(s, SQL_IDENTITY_STANDS, "tti", verdict_words[f->now.verdict],
		confidence_words[f->now.confidence], f->number);
}

/* Whose verdict stands on what earlier lives said, when the last sign of that has become too old. */
static void let_fall(struct store *s, int64_t now_ns)
{
	static const int verdicts_n = VERDICT_INFECTED + 1, confidences_n = CONFIDENCE_SURE + 1;
	enum statement q = SQL_FALLEN;
	struct fallen list[64];
	size_t n = 0, seen = 0;
	struct arena arena = {.failed = false};

	for (bool row = sql_ask(s, q, "i", (int64_t)s->life);
	     row && n < 64 && seen < FALLEN_MOST * 64; row = sql_next(s, q), seen++) {
		struct ruling_words word = {
			.verdict = word_find(verdict_words, verdicts_n, sql_text(s, q, 1)),
			.confidence =
				word_find(confidence_words, confidences_n, sql_text(s, q, 2))};
		bool counts = sql_int(s, q, 4) == (int64_t)s->life ||
			      time_since(sql_int(s, q, 3), now_ns) <= s->options.keep_ns;
		struct fallen *f = &list[n];

		f->number = sql_int(s, q, 0);
		f->stood = word_find(verdict_words, verdicts_n, sql_text(s, q, 5));
		f->now = standing_of(s, f->number, &word, counts, now_ns, &arena);
		n += f->now.verdict < f->stood;
	}
	sql_done(s, q);
	for (size_t i = 0; i < n; i++)
		fall(s, &list[i]);
	store_memory(s, &arena);
	arena_fini(&arena);
}

int store_tidy(struct store *s, int64_t now_ns, uint64_t *dropped)
{
	int error;

	*dropped = 0;
	s->error = 0;
	sql_run(s, SQL_BEGIN, "");
	if (s->error != 0)
		return s->error;
	s->in_round = true;
	now_ns = time_of_tidying(s, now_ns);
	s->now_ns = now_ns;
	drop_old(s, now_ns);
	let_fall(s, now_ns);
	sql_run(s, SQL_YOUNG, "i", (int64_t)s->life);
	room_make(s, s->crowded ? 70 : 80);
	error = s->error;
	if (error == 0)
		error = store_commit(s);
	else
		store_rollback(s);
	if (error != 0)
		return error;
	/* Pages that are free are given back slowly: the next round may want them. */
	sqlite3_exec(s->db,
		     file_is_over(s) ? "PRAGMA incremental_vacuum(8192)"
				     : "PRAGMA incremental_vacuum(256)",
		     NULL, NULL, NULL);
	*dropped = s->refused;
	s->refused = 0;
	return 0;
}
