/* SPDX-License-Identifier: MIT */
/*
 * The verdict that stands. Within one life of the engine its word counts as it is. When a new life begins - it may know
 * nothing of the last - what was said before becomes a floor, one for each verdict, that stands until its last sign is older
 * than `keep`: else whoever gets the service restarted would be clean again.
 */
#include "store/inside.h"

#include "base/timespan.h"

static const int verdicts_n = VERDICT_INFECTED + 1, confidences_n = CONFIDENCE_SURE + 1;

void standing_roll(struct store *s, struct row *r)
{
	const struct ruling_words *said = &r->ruling;
	struct arena arena = {0};
	struct ruling_words whole;

	if (r->findings_hash != 0 || r->exposures_hash != 0 || r->claims_hash != 0)
		r->older |= OLDER_LIVES;
	if (said->verdict == VERDICT_CLEAR)
		return;
	r->older |= OLDER_LIVES;
	/* Stages of the lives before that one go on in it, and how sure they were. */
	whole = standing_of(s, r->number, said, true, s->now_ns, &arena);
	if (whole.verdict != said->verdict) { /* a worse one has a row of its own */
		whole.confidence = said->confidence;
		whole.why = said->why;
		whole.steps = said->steps;
	}
	sql_run(s, SQL_FLOOR_SET, "itttttti", r->number, verdict_words[said->verdict],
		confidence_words[whole.confidence], whole.why, whole.stages, whole.families,
		whole.steps, r->sign_ns);
	arena_fini(&arena);
}

static bool is_worse(const struct ruling_words *a, const struct ruling_words *b)
{
	return a->verdict > b->verdict ||
	       (a->verdict == b->verdict && a->confidence > b->confidence);
}

struct ruling_words standing_of(struct store *s, int64_t identity, const struct ruling_words *word,
				bool word_counts, int64_t now_ns, struct arena *arena)
{
	struct ruling_words worst = {.verdict = VERDICT_CLEAR};
	const char *stages = NULL, *families = NULL; /* of what stands, worst or not */
	enum statement q = SQL_FLOORS;

	if (word_counts)
		worst = *word;
	else
		worst.confidence =
			word->verdict == VERDICT_CLEAR ? word->confidence : CONFIDENCE_NONE;
	for (bool row = sql_ask(s, q, "i", identity); row; row = sql_next(s, q)) {
		struct ruling_words floor = {
			.verdict = word_find(verdict_words, verdicts_n, sql_text(s, q, 0)),
			.confidence =
				word_find(confidence_words, confidences_n, sql_text(s, q, 1))};

		if (time_since(sql_int(s, q, 6), now_ns) > s->options.keep_ns)
			continue;
		stages = unite_words(arena, stages, sql_keep(s, q, 3, arena));
		families = unite_words(arena, families, sql_keep(s, q, 4, arena));
		if (!is_worse(&floor, &worst))
			continue;
		floor.why = sql_keep(s, q, 2, arena);
		floor.steps = sql_keep(s, q, 5, arena);
		worst = floor;
	}
	if (worst.verdict < VERDICT_SUSPECT)
		return worst;
	/* Somebody who scanned before a restart and attacks after it went through both. */
	worst.stages = unite_words(arena, stages, word_counts ? word->stages : NULL);
	worst.families = unite_words(arena, families, word_counts ? word->families : NULL);
	return worst;
}
