/* SPDX-License-Identifier: MIT */
/*
 * A device that the engine tells of: its identity's row and its lists are brought up to what was told, and what is new in it
 * is handed back for events.
 *
 * Most of what comes is a device of which a few numbers changed: one row is read and one is written.
 */
#include "store/inside.h"

#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

static const int verdicts_n = VERDICT_INFECTED + 1, confidences_n = CONFIDENCE_SURE + 1;

/* ---- the row ------------------------------------------------------------------------------------------------------ */

static void row_profile(struct store *s, struct row *r, struct arena *arena)
{
	enum statement q = SQL_IDENTITY_GET;

	r->maker = sql_keep(s, q, 14, arena);
	r->brand = sql_keep(s, q, 15, arena);
	r->product = sql_keep(s, q, 16, arena);
	r->model = sql_keep(s, q, 17, arena);
	r->firmware = sql_keep(s, q, 18, arena);
	r->built = sql_keep(s, q, 19, arena);
	r->known_by = (int)sql_int(s, q, 20);
	r->lease = sql_keep(s, q, 21, arena);
	r->ruling = (struct ruling_words){
		.verdict = word_find(verdict_words, verdicts_n, sql_text(s, q, 22)),
		.confidence = word_find(confidence_words, confidences_n, sql_text(s, q, 23)),
		.why = sql_keep(s, q, 24, arena),
		.stages = sql_keep(s, q, 25, arena),
		.families = sql_keep(s, q, 26, arena),
		.steps = sql_keep(s, q, 27, arena)};
	r->sign_ns = sql_int(s, q, 28);
	r->stands = word_find(verdict_words, verdicts_n, sql_text(s, q, 29));
	r->stands_confidence = word_find(confidence_words, confidences_n, sql_text(s, q, 30));
}

static bool row_get(struct store *s, const char *id, struct row *r, struct arena *arena)
{
	enum statement q = SQL_IDENTITY_GET;
	bool there = sql_ask(s, q, "t", id);

	*r = (struct row){.is_new = true, .new_life = true, .known_by = 99};
	if (there) {
		*r = (struct row){.number = sql_int(s, q, 0),
				  .device = sql_int(s, q, 1),
				  .life = sql_int(s, q, 2),
				  .alone = sql_int(s, q, 3) != 0,
				  .gone = sql_int(s, q, 4) != 0,
				  .join_ns = sql_int(s, q, 5),
				  .began_ns = sql_int(s, q, 6),
				  .last_ns = sql_int(s, q, 7),
				  .packets = sql_int(s, q, 8),
				  .unicast = sql_int(s, q, 9),
				  .packets_before = sql_int(s, q, 10),
				  .unicast_before = sql_int(s, q, 11),
				  .two_way = sql_int(s, q, 12) != 0,
				  .judged = sql_int(s, q, 13) != 0,
				  .older = (unsigned)sql_int(s, q, 31),
				  .claims_hash = sql_int(s, q, 32),
				  .exposures_hash = sql_int(s, q, 33),
				  .findings_hash = sql_int(s, q, 34),
				  .spans_hash = sql_int(s, q, 35),
				  .hour = sql_int(s, q, 36),
				  .first_ns = sql_int(s, q, 37),
				  .accesses_hash = sql_int(s, q, 38),
				  .known = sql_int(s, q, 39) != 0,
				  .thing = sql_int(s, q, 40) != 0,
				  .unfixable = sql_int(s, q, 41) != 0};
		r->new_life = r->life != (int64_t)s->life;
		row_profile(s, r, arena);
	}
	sql_done(s, q);
	return there;
}

/*
 * Who goes first when room is wanted: strangers, then what claims to be ours and proved nothing, then strangers and unproven
 * ones that something was found of. Proven devices of ours are never the price for anybody else.
 */
static int rank_of(const struct device *d, enum verdict stands)
{
	bool found = stands >= VERDICT_SUSPECT;

	if (!d->local)
		return found ? 2 : 0;
	if (!d->two_way)
		return found ? 3 : 1;
	return 4;
}

static bool row_new(struct store *s, const struct device *d, struct row *r)
{
	int rank = rank_of(d, d->verdict);

	if (!room_for(s, rank))
		return false;
	r->began_ns = r->first_ns = d->first_ns;
	r->hour = d->last_ns / (3600 * NS_PER_S);
	sql_run(s, SQL_IDENTITY_ADD, "tiiiiiii", d->id, (int64_t)s->life, (int64_t)rank, r->hour,
		(int64_t)d->local, d->first_ns, d->first_ns, d->last_ns);
	r->number = r->device = sql_number(s);
	sql_run(s, SQL_IDENTITY_OWN_DEVICE, "i", r->number);
	return s->error == 0;
}

/* ---- what is told, laid over what is known ------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool learn(const char **known, const char *told)
{
	if (told == NULL || same(*known, told))
		return false;
	*known = told;
	return true;
}

/*
 * What is not known now takes the place of nothing; and after a restart, what follows from a lesser sign than before - the
 * prefix of its MAC, where it once said its model - does not either. Another maker makes the rest void.
 */
static bool learn_profile(struct row *r, const struct device *d)
{
	int weight = claims_weight(d);
	bool lesser = r->new_life && !r->is_new && weight > r->known_by;
	bool changed = false;

	if (lesser && d->maker != NULL && !same(d->maker, r->maker))
		return learn(&r->firmware, d->firmware);
	if (r->maker != NULL && d->maker != NULL && !same(d->maker, r->maker))
		r->brand = r->product = r->model = r->firmware = r->built = NULL;
	if (weight < 99)
		r->known_by = lesser ? r->known_by : weight;
	changed |= learn(&r->maker, d->maker);
	changed |= learn(&r->brand, d->brand);
	changed |= learn(&r->product, d->product);
	changed |= learn(&r->model, d->model);
	changed |= learn(&r->firmware, d->firmware);
	changed |= learn(&r->built, d->built);
	return changed;
}

static void count_packets(struct row *r, const struct device *d)
{
	if (r->new_life && !r->is_new) {
		if (d->first_ns <= r->first_ns) { /* it knows the beginning: all is counted in it */
			r->packets_before = r->unicast_before = 0;
		} else {
			r->packets_before += r->packets;
			r->unicast_before += r->unicast;
		}
	}
	r->packets = (int64_t)d->packets_out;
	r->unicast = (int64_t)d->unicast_out;
}

/* When the last thing was seen that the verdict rests on. */
static int64_t last_sign(const struct device *d)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		if ((e->weight == NULL || strcmp(e->weight, "note") != 0) && e->last_ns > last)
			last = e->last_ns;
	}
	if (d->verdict == VERDICT_EXPOSED || last == INT64_MIN)
		last = d->last_ns;
	return last;
}

static void row_set(struct store *s, struct row *r, const struct device *d, struct arena *arena)
{
	char mac[MAC_TEXT_MAX], via[MAC_TEXT_MAX];
	size_t rates_len = 0;
	const void *rates = pack_series(arena, &d->rates, &rates_len);
	const char *undecided = pack_words(arena, d->undecided, d->undecided_n);

	sql_run(s, SQL_IDENTITY_SET, "iiiitttiiiiiiiittttttitttttttttittiiiiiiiiibiii",
		(int64_t)s->life, (int64_t)rank_of(d, r->stands), r->hour, (int64_t)d->local,
		d->macs_n > 0 ? mac_text(&d->macs[0], mac) : NULL,
		d->via != NULL ? mac_text(d->via, via) : NULL, backing_words[d->backing],
		r->first_ns, r->last_ns, r->packets, r->unicast, r->packets_before,
		r->unicast_before, (int64_t)r->two_way, (int64_t)r->judged, r->maker, r->brand,
		r->product, r->model, r->firmware, r->built, (int64_t)r->known_by, r->lease,
		undecided, verdict_words[r->ruling.verdict], confidence_words[r->ruling.confidence],
		r->ruling.why, r->ruling.stages, r->ruling.families, r->ruling.steps, d->since,
		r->sign_ns, verdict_words[r->stands], confidence_words[r->stands_confidence],
		(int64_t)r->older, r->claims_hash, r->exposures_hash, r->findings_hash,
		r->spans_hash, r->accesses_hash, (int64_t)r->known, (int64_t)r->thing,
		(int64_t)r->unfixable, rates, rates_len, r->began_ns, r->join_ns, r->number);
}

/* ---- verdict ----------------------------------------------------------------------------------------------------------- */

static void judge_row(struct store *s, struct row *r, const struct device *d, struct arena *arena)
{
	struct ruling_words was = r->ruling, now;

	r->ruling = (struct ruling_words){.verdict = d->verdict,
					  .confidence = d->confidence,
					  .why = d->why,
					  .stages = pack_stages(arena, d->stages, d->stages_n),
					  .families = pack_words(arena, d->families, d->families_n),
					  .steps = pack_words(arena, d->todo, d->todo_n)};
	r->sign_ns = last_sign(d);
	now = r->ruling;
	if ((r->older & OLDER_LIVES) != 0)
		now = standing_of(s, r->number, &r->ruling, true, s->now_ns, arena);
	if (now.verdict == r->stands && now.confidence == r->stands_confidence &&
	    (now.verdict != r->ruling.verdict || same(was.stages, r->ruling.stages)))
		return;
	if (!(r->is_new && now.verdict == VERDICT_CLEAR)) {
		sql_run(s, SQL_VERDICT_ADD, "iittttt", r->number, s->now_ns,
			verdict_words[now.verdict], confidence_words[now.confidence], now.why,
			now.stages, now.families);
		sql_run(s, SQL_VERDICTS_TRIM, "i", r->number);
	}
	r->stands = now.verdict;
	r->stands_confidence = now.confidence;
}

static enum verdict with_others(struct store *s, const struct row *r, enum verdict own)
{
	enum statement q = SQL_OTHERS_STAND;

	if ((r->older & OLDER_JOINED) == 0)
		return own;
	for (bool row = sql_ask(s, q, "ii", r->device, r->number); row; row = sql_next(s, q)) {
		enum verdict other = word_find(verdict_words, verdicts_n, sql_text(s, q, 0));

		own = other > own ? other : own;
	}
	return own;
}

/* ---- what is handed back ------------------------------------------------------------------------------------------------ */

static bool was_born(const struct born *born, int64_t number)
{
	for (size_t i = 0; i < born->n; i++) {
		if (born->number[i] == number)
			return true;
	}
	return false;
}

/* As told, when nothing else stands beside it. */
static bool is_as_told(const struct row *r, const struct device *d)
{
	return r->older == 0 && r->packets_before == 0 && r->began_ns == d->first_ns &&
	       same(r->maker, d->maker) && same(r->brand, d->brand) &&
	       same(r->product, d->product) && same(r->model, d->model) &&
	       same(r->firmware, d->firmware) && same(r->built, d->built) &&
	       accesses_as_told(r, d) && (d->claims_n > 0 || r->claims_hash == 0) &&
	       (d->names_n > 0 || r->spans_hash == 0);
}

static void hand_back(struct store *s, const struct row *r, const struct device *d,
		      const struct born exposures_findings[2], struct arena *arena,
		      struct store_change *change)
{
	struct period all = {INT64_MIN, INT64_MAX, s->now_ns};
	struct rows_of rows;

	change->now = *d;
	/* New rows have the numbers of what was told, in its order: no need to read them back. */
	if (is_as_told(r, d) && r->is_new) {
		change->exposures_new =
			d->exposures_n >= 64 ? UINT64_MAX : (UINT64_C(1) << d->exposures_n) - 1;
		change->evidence_new =
			d->evidence_n >= 64 ? UINT64_MAX : (UINT64_C(1) << d->evidence_n) - 1;
		return;
	}
	if (is_as_told(r, d) && exposures_findings[0].n + exposures_findings[1].n == 0)
		return;
	if (!device_read(s, r->device, &all, arena, &change->now, &rows))
		return;
	for (size_t i = 0; i < change->now.exposures_n && i < 64; i++) {
		if (was_born(&exposures_findings[0], rows.exposures[i]))
			change->exposures_new |= UINT64_C(1) << i;
	}
	for (size_t i = 0; i < change->now.evidence_n && i < 64; i++) {
		if (was_born(&exposures_findings[1], rows.evidence[i]))
			change->evidence_new |= UINT64_C(1) << i;
	}
}

static void write_lists(struct store *s, struct row *r, const struct device *d, struct arena *arena,
			struct born born[2])
{
	/* Of a lesser sign than before: what it was concluded from stays, too. */
	bool lesser = r->new_life && !r->is_new && claims_weight(d) > r->known_by;

	if (!lesser)
		claims_write(s, r, d);
	exposures_write(s, r, d, arena, &born[0]);
	findings_write(s, r, d, arena, &born[1]);
	accesses_write(s, r, d, arena);
}

static void lay_over(struct row *r, const struct device *d)
{
	count_packets(r, d);
	r->first_ns = d->first_ns;
	r->began_ns = d->first_ns < r->began_ns ? d->first_ns : r->began_ns;
	r->last_ns = r->is_new || d->last_ns > r->last_ns ? d->last_ns : r->last_ns;
	r->hour = r->last_ns / (3600 * NS_PER_S);
	r->two_way |= d->two_way;
	r->judged |= d->judged;
	if (d->lease != NULL)
		r->lease = d->lease;
	accesses_learn(r, d);
}

int store_device(struct store *s, const struct device *d, struct arena *arena,
		 struct store_change *change)
{
	struct born born[2] = {{.n = 0}, {.n = 0}};
	enum verdict before;
	struct row r;

	*change = (struct store_change){.now = *d};
	if (s->error != 0)
		return s->error;
	if (!row_get(s, d->id, &r, arena) && (s->error != 0 || !row_new(s, d, &r))) {
		change->before = d->verdict;
		return s->error;
	}
	if (r.new_life && !r.is_new)
		standing_roll(s, &r);
	change->identity = learn_profile(&r, d);
	spans_write(s, &r, d, &change->identity);
	write_lists(s, &r, d, arena, born);
	if (!r.is_new)
		join_look(s, &r, d);
	before = with_others(s, &r, r.stands);
	lay_over(&r, d);
	judge_row(s, &r, d, arena);
	row_set(s, &r, d, arena);
	if (r.is_new && join_past(s, &r, d))
		before = with_others(s, &r, VERDICT_CLEAR);
	if (change->identity)
		join_rethought(s, &r);
	change->device_new = r.is_new && (r.older & OLDER_JOINED) == 0;
	change->before = before;
	change->verdict = before != with_others(s, &r, r.stands);
	hand_back(s, &r, d, born, arena, change);
	return store_memory(s, arena);
}
