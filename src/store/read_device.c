/* SPDX-License-Identifier: MIT */
/*
 * A device as it stands: its identities as one, the one seen last in front, and what counts of earlier lives beside what this
 * one says. Rows are laid into the model that every report is written from; a word that no table has becomes the mildest.
 */
#include "store/inside.h"

#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_MOST = 64, LIST_MOST = 192 };

static const int verdicts_n = VERDICT_INFECTED + 1, confidences_n = CONFIDENCE_SURE + 1;

/* One identity of the device. */
struct part {
	int64_t number;
	int64_t life;
	struct ruling_words word;
	int64_t sign_ns;
	unsigned older;
	bool claims, exposures, findings, spans, accesses; /* there are such rows */
};

/* Where a device is put together: made once, its lists as long as they may be; what is kept is copied to the arena. */
struct build {
	struct store *s;
	const struct period *period;
	struct arena *arena;
	struct device *out;
	struct part parts[PARTS_MOST];
	size_t parts_n;
	const char *since;
	struct addr addresses[LIST_MOST];
	struct seen seen[LIST_MOST];
	const char *names[LIST_MOST];
	struct claim claims[LIST_MOST];
	struct exposure exposures[LIST_MOST];
	struct evidence evidence[LIST_MOST];
	int64_t exposure_rows[LIST_MOST];
	int64_t finding_rows[LIST_MOST];
};

static const void *copy(struct build *b, const void *from, size_t bytes)
{
	void *to = bytes == 0 ? NULL : arena_take(b->arena, bytes);

	return to == NULL ? NULL : memcpy(to, from, bytes);
}

/* ---- identities --------------------------------------------------------------------------------------------------- */

static const struct mac *read_mac(struct build *b, int column)
{
	const char *text = sql_text(b->s, SQL_DEVICE_PARTS, column);
	struct mac *mac = text == NULL ? NULL : arena_take(b->arena, sizeof *mac);

	return mac != NULL && mac_parse(text, mac) ? mac : NULL;
}

static const char *keep(struct build *b, int column)
{
	return sql_keep(b->s, SQL_DEVICE_PARTS, column, b->arena);
}

static void fill(struct build *b, const char **known, int column)
{
	if (*known == NULL)
		*known = keep(b, column);
}

/* The identity seen last says who the device is. */
static void first_part(struct build *b)
{
	enum statement q = SQL_DEVICE_PARTS;
	struct store *s = b->s;
	size_t rates_len;
	const void *rates = sql_blob(s, q, 28, &rates_len);

	*b->out = (struct device){
		.id = keep(b, 1),
		.local = sql_int(s, q, 3) != 0,
		.macs = read_mac(b, 4),
		.via = read_mac(b, 5),
		.backing = word_find(backing_words, BACKING_PORT + 1, sql_text(s, q, 6)),
		.first_ns = sql_int(s, q, 7),
		.last_ns = sql_int(s, q, 8),
		.rates = unpack_series(b->arena, rates, rates_len),
		.lease = keep(b, 29)};
	b->out->macs_n = b->out->macs != NULL;
	b->out->undecided = unpack_words(b->arena, sql_text(s, q, 19), &b->out->undecided_n);
	b->since = keep(b, 26);
}

static void read_part(struct build *b)
{
	enum statement q = SQL_DEVICE_PARTS;
	struct store *s = b->s;
	struct device *out = b->out;
	struct part *part = &b->parts[b->parts_n++];

	*part = (struct part){
		.number = sql_int(s, q, 0),
		.life = sql_int(s, q, 2),
		.word = {.verdict = word_find(verdict_words, verdicts_n, sql_text(s, q, 20)),
			 .confidence =
				 word_find(confidence_words, confidences_n, sql_text(s, q, 21)),
			 .why = keep(b, 22),
			 .stages = keep(b, 23),
			 .families = keep(b, 24),
			 .steps = keep(b, 25)},
		.sign_ns = sql_int(s, q, 27),
		.claims = sql_int(s, q, 30) != 0,
		.exposures = sql_int(s, q, 31) != 0,
		.findings = sql_int(s, q, 32) != 0,
		.spans = sql_int(s, q, 33) != 0,
		.older = (unsigned)sql_int(s, q, 34),
		.accesses = sql_int(s, q, 35) != 0};
	if (b->parts_n == 1)
		first_part(b);
	if (sql_int(s, q, 7) < out->first_ns)
		out->first_ns = sql_int(s, q, 7);
	out->packets_out += (uint64_t)sql_int(s, q, 9);
	out->unicast_out += (uint64_t)sql_int(s, q, 10);
	out->two_way |= sql_int(s, q, 11) != 0;
	out->judged |= sql_int(s, q, 12) != 0;
	if (!out->known) {
		out->known = sql_int(s, q, 36) != 0;
		out->thing = sql_int(s, q, 37) != 0;
	}
	out->unfixable |= sql_int(s, q, 38) != 0;
	/* One identity's maker never goes with another's model. */
	if (out->maker == NULL) {
		fill(b, &out->maker, 13);
		fill(b, &out->brand, 14);
		fill(b, &out->product, 15);
		fill(b, &out->model, 16);
		fill(b, &out->firmware, 17);
		fill(b, &out->built, 18);
	}
}

static bool read_parts(struct build *b, int64_t device)
{
	enum statement q = SQL_DEVICE_PARTS;

	for (bool row = sql_ask(b->s, q, "i", device); row && b->parts_n < PARTS_MOST;
	     row = sql_next(b->s, q))
		read_part(b);
	sql_done(b->s, q);
	return b->parts_n > 0 && b->s->error == 0;
}

/* ---- addresses, names, claims --------------------------------------------------------------------------------------- */

static void read_spans(struct build *b, int64_t identity)
{
	enum statement q = SQL_SPANS;
	struct device *out = b->out;

	for (bool row = sql_ask(b->s, q, "i", identity); row; row = sql_next(b->s, q)) {
		const char *what = sql_text(b->s, q, 0);
		size_t n = out->addresses_n;

		if (sql_int(b->s, q, 4) == STORE_PLACE_PAST)
			continue;
		if (strcmp(what, "name") == 0 && out->names_n < LIST_MOST)
			b->names[out->names_n++] = sql_keep(b->s, q, 1, b->arena);
		else if (strcmp(what, "address") == 0 && n < LIST_MOST &&
			 addr_parse(sql_text(b->s, q, 1), &b->addresses[n]))
			b->seen[out->addresses_n++] =
				(struct seen){sql_int(b->s, q, 2), sql_int(b->s, q, 3)};
	}
	out->addresses = copy(b, b->addresses, out->addresses_n * sizeof b->addresses[0]);
	out->addresses_seen = copy(b, b->seen, out->addresses_n * sizeof b->seen[0]);
	out->names = copy(b, b->names, out->names_n * sizeof b->names[0]);
}

static void read_claims(struct build *b, int64_t identity)
{
	enum statement q = SQL_CLAIMS;
	size_t n = 0;

	for (bool row = sql_ask(b->s, q, "i", identity); row; row = sql_next(b->s, q)) {
		if (n == LIST_MOST)
			continue;
		b->claims[n++] = (struct claim){
			.signal = sql_keep(b->s, q, 0, b->arena),
			.value = sql_keep(b->s, q, 1, b->arena),
			.says = sql_keep(b->s, q, 2, b->arena),
			.against = sql_int(b->s, q, 3) != 0,
			.where = {(uint32_t)sql_int(b->s, q, 4), (uint64_t)sql_int(b->s, q, 5)}};
	}
	b->out->claims = copy(b, b->claims, n * sizeof b->claims[0]);
	b->out->claims_n = n;
}

/* ---- exposures and findings -------------------------------------------------------------------------------------------- */

/* Does a row still count: what this life says, or an earlier one whose last sign is young enough? */
static bool counts(const struct build *b, int64_t life, int64_t last_ns)
{
	return life == (int64_t)b->s->life ||
	       time_since(last_ns, b->period->now_ns) <= b->s->options.keep_ns;
}

static void read_exposures(struct build *b, const struct part *part)
{
	enum statement q = SQL_EXPOSURES;

	for (bool row = sql_ask(b->s, q, "i", part->number); row; row = sql_next(b->s, q)) {
		size_t n = b->out->exposures_n;

		if (n == LIST_MOST || !counts(b, sql_int(b->s, q, 1), sql_int(b->s, q, 8)) ||
		    sql_int(b->s, q, 7) >= b->period->until_ns)
			continue;
		b->exposures[n] = (struct exposure){
			.kind = word_find(exposure_words, EXPOSURE_KINDS, sql_text(b->s, q, 2)),
			.service = sql_keep(b->s, q, 3, b->arena),
			.detail = sql_keep(b->s, q, 4, b->arena),
			.inferred = strcmp(sql_text(b->s, q, 5), "inferred") == 0,
			.time_ns = sql_int(b->s, q, 6),
			.where = {(uint32_t)sql_int(b->s, q, 9), (uint64_t)sql_int(b->s, q, 10)}};
		b->exposure_rows[n] = sql_int(b->s, q, 0);
		b->out->exposures_n++;
	}
}

static const char *weight_of(const char *word)
{
	static const char *const weights[] = {"note", "sign", "proof"};

	return weights[word_find(weights, 3, word)];
}

static void read_finding(struct build *b, struct evidence *out)
{
	enum statement q = SQL_FINDINGS;
	struct store *s = b->s;
	const char *sender = sql_text(s, q, 9);

	*out = (struct evidence){
		.detector = sql_keep(s, q, 2, b->arena),
		.code = sql_keep(s, q, 3, b->arena),
		.weight = weight_of(sql_text(s, q, 4)),
		.stage = word_find(stage_words, STAGE_ATTACKING + 1, sql_text(s, q, 5)),
		.family = sql_keep(s, q, 6, b->arena),
		.role = sql_keep(s, q, 7, b->arena),
		.inward = sql_int(s, q, 8) != 0,
		.peer = sql_keep(s, q, 10, b->arena),
		.port = (int)sql_int(s, q, 11),
		.caller_port = (uint16_t)sql_int(s, q, 12),
		.first_ns = sql_int(s, q, 13),
		.last_ns = sql_int(s, q, 14),
		.count = (uint64_t)(sql_int(s, q, 15) + sql_int(s, q, 16)),
		.text = sql_keep(s, q, 17, b->arena)};
	if (sender == NULL || !addr_parse(sender, &out->sender))
		out->sender = (struct addr){{0}};
	out->packets = unpack_packets(b->arena, sql_text(s, q, 18), &out->packets_n);
}

static void read_findings(struct build *b, const struct part *part)
{
	enum statement q = SQL_FINDINGS;

	for (bool row = sql_ask(b->s, q, "i", part->number); row; row = sql_next(b->s, q)) {
		size_t n = b->out->evidence_n;

		if (n == LIST_MOST || !counts(b, sql_int(b->s, q, 1), sql_int(b->s, q, 14)) ||
		    sql_int(b->s, q, 13) >= b->period->until_ns)
			continue;
		read_finding(b, &b->evidence[n]);
		b->finding_rows[n] = sql_int(b->s, q, 0);
		b->out->evidence_n++;
	}
}

static int heaviness(const struct evidence *e)
{
	return e->weight[0] == 'p' ? 2 : e->weight[0] == 's';
}

/*
 * Of a period only what was seen in it is told; but a verdict never stands without its evidence: where nothing of that falls
 * into the period, the weightiest is told, the youngest of these.
 */
static void keep_period(struct build *b)
{
	struct evidence *list = b->evidence;
	struct device *out = b->out;
	size_t kept = 0, best = 0;

	for (size_t i = 0; i < out->evidence_n; i++) {
		int more = heaviness(&list[i]) - heaviness(&list[best]);

		if (more > 0 || (more == 0 && list[i].last_ns > list[best].last_ns))
			best = i;
		kept += list[i].last_ns >= b->period->since_ns && list[i].weight[0] != 'n';
	}
	if (kept == 0 && out->verdict >= VERDICT_SUSPECT && out->evidence_n > 0) {
		list[0] = list[best];
		b->finding_rows[0] = b->finding_rows[best];
		out->evidence_n = 1;
		return;
	}
	kept = 0;
	for (size_t i = 0; i < out->evidence_n; i++) {
		if (list[i].last_ns < b->period->since_ns)
			continue;
		list[kept] = list[i];
		b->finding_rows[kept++] = b->finding_rows[i];
	}
	out->evidence_n = kept;
}

static void read_lists(struct build *b, struct rows_of *rows)
{
	struct device *out = b->out;

	if (b->parts[0].spans)
		read_spans(b, b->parts[0].number);
	for (size_t i = 0; i < b->parts_n; i++) {
		const struct part *part = &b->parts[i];

		if (part->claims && out->claims_n == 0)
			read_claims(b, part->number);
		if (part->exposures || part->older != 0)
			read_exposures(b, part);
		if (part->findings || part->older != 0)
			read_findings(b, part);
		if (part->accesses)
			accesses_read(b->s, part->number, b->arena, out);
	}
	keep_period(b);
	out->exposures = copy(b, b->exposures, out->exposures_n * sizeof b->exposures[0]);
	out->evidence = copy(b, b->evidence, out->evidence_n * sizeof b->evidence[0]);
	if (rows == NULL)
		return;
	rows->exposures = copy(b, b->exposure_rows, out->exposures_n * sizeof(int64_t));
	rows->evidence = copy(b, b->finding_rows, out->evidence_n * sizeof(int64_t));
}

/* ---- verdict -------------------------------------------------------------------------------------------------------------- */

/* As it was at the end of a period that is over. */
static bool verdict_then(struct build *b, const struct part *part, struct ruling_words *out)
{
	enum statement q = SQL_VERDICT_THEN;
	struct store *s = b->s;
	bool row = sql_ask(s, q, "ii", part->number, b->period->until_ns);

	*out = (struct ruling_words){.verdict = VERDICT_CLEAR};
	if (row)
		*out = (struct ruling_words){
			.verdict = word_find(verdict_words, verdicts_n, sql_text(s, q, 0)),
			.confidence = word_find(confidence_words, confidences_n, sql_text(s, q, 1)),
			.why = sql_keep(s, q, 2, b->arena),
			.stages = sql_keep(s, q, 3, b->arena),
			.families = sql_keep(s, q, 4, b->arena),
			.steps = part->word.steps};
	sql_done(s, q);
	return row;
}

static struct ruling_words part_stands(struct build *b, const struct part *part)
{
	bool now = part->life == (int64_t)b->s->life;
	bool young = time_since(part->sign_ns, b->period->now_ns) <= b->s->options.keep_ns;
	struct ruling_words word = part->word;

	if (b->period->until_ns <= b->period->now_ns) {
		verdict_then(b, part, &word);
		return word;
	}
	if ((part->older & OLDER_LIVES) == 0 && now)
		return word;
	return standing_of(b->s, part->number, &word, now || young, b->period->now_ns, b->arena);
}

static void read_verdict(struct build *b)
{
	struct ruling_words worst = part_stands(b, &b->parts[0]);
	bool own = worst.verdict == b->parts[0].word.verdict;
	struct device *out = b->out;

	for (size_t i = 1; i < b->parts_n; i++) {
		struct ruling_words other = part_stands(b, &b->parts[i]);

		if (other.verdict <= worst.verdict)
			continue;
		worst = other;
		own = false;
	}
	out->verdict = worst.verdict;
	out->confidence = worst.confidence;
	out->why = worst.why;
	out->stages = unpack_stages(b->arena, worst.stages, &out->stages_n);
	out->families = unpack_words(b->arena, worst.families, &out->families_n);
	out->todo = unpack_words(b->arena, worst.steps, &out->todo_n);
	out->since = own ? b->since : NULL;
	out->judged |= out->verdict > VERDICT_CLEAR;
}

bool device_read(struct store *s, int64_t device, const struct period *p, struct arena *arena,
		 struct device *out, struct rows_of *rows)
{
	struct build *b = s->build;

	if (b == NULL)
		b = s->build = malloc(sizeof *b);
	if (b == NULL) {
		arena->failed = true;
		return store_memory(s, arena) == 0;
	}
	b->s = s;
	b->period = p;
	b->arena = arena;
	b->out = out;
	b->parts_n = 0;
	b->since = NULL;
	if (!read_parts(b, device))
		return false;
	read_verdict(b);
	read_lists(b, rows);
	return store_memory(s, arena) == 0;
}
