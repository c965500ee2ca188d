/* SPDX-License-Identifier: MIT */
/*
 * Lists of a device that become rows: addresses and names with their times, claims, exposures, findings. Each has a hash in
 * the identity's row, so that what did not change costs nothing. Rows of earlier lives are not touched by what this one
 * does not say, except that the same finding or exposure told again is one row: its beginning stays, its end goes on.
 *
 * Nothing grows with what a stranger does: of each list an identity has a bound, beyond which what is oldest goes.
 */
#include "store/inside.h"

#include "base/hash.h"
#include "base/signal.h"
#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOLD_MOST = 96 /* lines of a list that are looked at; the engine tells fewer */ };

/* ---- hashes ---------------------------------------------------------------------------------------------------- */

static uint64_t hash_string(uint64_t h, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	h = hash_more(h, text == NULL ? UINT64_MAX : len);
	for (size_t i = 0; i < len; i += 8) {
		uint8_t word[8] = {0};

		memcpy(word, text + i, len - i < 8 ? len - i : 8);
		h = hash_more(h, hash_load(word));
	}
	return h;
}

/* Never 0, which says that nothing was told yet. */
static int64_t closed(uint64_t h, size_t n)
{
	return n == 0 ? 0 : (int64_t)(h | 1);
}

static int64_t hash_spans(const struct device *d)
{
	uint64_t h = 1;

	for (size_t i = 0; i < d->addresses_n; i++) {
		h = hash_more(h, hash_addr(&d->addresses[i]));
		/* Minutes are enough: a row that changes each round would be written each round. */
		if (d->addresses_seen != NULL)
			h = hash_more(h,
				      (uint64_t)(d->addresses_seen[i].last_ns / (60 * NS_PER_S)));
		else
			h = hash_more(h, (uint64_t)(d->last_ns / (60 * NS_PER_S)));
	}
	for (size_t i = 0; i < d->names_n; i++)
		h = hash_string(h, d->names[i]);
	return closed(h, d->addresses_n + d->names_n);
}

static int64_t hash_claims(const struct device *d)
{
	uint64_t h = 2;

	for (size_t i = 0; i < d->claims_n; i++) {
		h = hash_string(h, d->claims[i].signal);
		h = hash_string(h, d->claims[i].value);
		h = hash_string(h, d->claims[i].says);
		h = hash_more(h, d->claims[i].where.packet * 2 + d->claims[i].against);
	}
	return closed(h, d->claims_n);
}

static int64_t hash_exposures(const struct device *d)
{
	uint64_t h = 3;

	for (size_t i = 0; i < d->exposures_n; i++) {
		h = hash_more(h, (uint64_t)d->exposures[i].kind * 2 + d->exposures[i].inferred);
		h = hash_string(h, d->exposures[i].service);
		h = hash_string(h, d->exposures[i].detail);
		h = hash_more(h, d->exposures[i].where.packet);
	}
	/* Once an hour the end of their spans goes on. */
	h = hash_more(h, (uint64_t)(d->last_ns / (3600 * NS_PER_S)));
	return closed(h, d->exposures_n);
}

static int64_t hash_findings(const struct device *d)
{
	uint64_t h = 4;

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		h = hash_string(hash_string(h, e->code), e->text);
		h = hash_string(hash_string(h, e->peer), e->family);
		h = hash_more(hash_more(h, e->count), (uint64_t)e->last_ns);
		h = hash_more(h, (uint64_t)e->first_ns);
		h = hash_more(h, e->packets_n * 16 + (uint64_t)e->stage);
		h = hash_string(h, e->weight);
	}
	return closed(h, d->evidence_n);
}

/* ---- addresses and names ----------------------------------------------------------------------------------------- */

struct known_spans {
	char *value[2 * TOLD_MOST];
	size_t n;
};

static void spans_known(struct store *s, int64_t identity, struct known_spans *out,
			struct arena *arena)
{
	out->n = 0;
	for (bool row = sql_ask(s, SQL_SPANS, "i", identity); row; row = sql_next(s, SQL_SPANS)) {
		if (out->n < 2 * TOLD_MOST)
			out->value[out->n++] = arena_string(arena, sql_text(s, SQL_SPANS, 1));
	}
}

static bool span_is_known(const struct known_spans *known, const char *value)
{
	for (size_t i = 0; i < known->n; i++) {
		if (known->value[i] != NULL && strcasecmp(known->value[i], value) == 0)
			return true;
	}
	return false;
}

static void names_write(struct store *s, const struct row *r, const struct device *d,
			const struct known_spans *known, bool *changed)
{
	for (size_t i = 0; i < d->names_n && i < TOLD_MOST; i++) {
		bool there = span_is_known(known, d->names[i]);
		int64_t first = r->is_new || there ? d->first_ns : d->last_ns;

		*changed |= !there;
		sql_run(s, SQL_SPAN_SET, "ittiii", r->number, "name", d->names[i], (int64_t)i,
			there ? d->last_ns : first, d->last_ns);
	}
}

void spans_write(struct store *s, struct row *r, const struct device *d, bool *changed)
{
	int64_t hash = hash_spans(d);
	struct known_spans known;
	struct arena arena = {.failed = false};
	char text[ADDR_TEXT_MAX];

	if (hash == 0 || hash == r->spans_hash)
		return;
	r->spans_hash = hash;
	known.n = 0;
	if (!r->is_new)
		spans_known(s, r->number, &known, &arena);
	if (!r->is_new && d->addresses_n > 0)
		sql_run(s, SQL_SPANS_PAST, "it", r->number, "address");
	if (!r->is_new && d->names_n > 0)
		sql_run(s, SQL_SPANS_PAST, "it", r->number, "name");
	for (size_t i = 0; i < d->addresses_n && i < TOLD_MOST; i++) {
		struct seen seen = d->addresses_seen != NULL
					   ? d->addresses_seen[i]
					   : (struct seen){d->first_ns, d->last_ns};

		addr_text(&d->addresses[i], text);
		*changed |= !span_is_known(&known, text);
		sql_run(s, SQL_SPAN_SET, "ittiii", r->number, "address", text, (int64_t)i,
			seen.first_ns, seen.last_ns);
	}
	names_write(s, r, d, &known, changed);
	if (known.n + d->addresses_n + d->names_n > 64) {
		sql_run(s, SQL_SPANS_TRIM, "it", r->number, "address");
		sql_run(s, SQL_SPANS_TRIM, "it", r->number, "name");
	}
	store_memory(s, &arena);
	arena_fini(&arena);
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

int claims_weight(const struct device *d)
{
	int best = 99;

	for (size_t i = 0; i < d->claims_n; i++) {
		char name[64];
		size_t len = strlen(d->claims[i].signal);
		enum signal signal;

		if (d->claims[i].against || len >= sizeof name)
			continue;
		memcpy(name, d->claims[i].signal, len);
		signal = signal_find((struct bytes){(const uint8_t *)name, len});
		if (signal < SIGNALS && signals[signal].weight < best)
			best = signals[signal].weight;
	}
	return best;
}

void claims_write(struct store *s, struct row *r, const struct device *d)
{
	int64_t hash = hash_claims(d);

	if (hash == 0 || hash == r->claims_hash)
		return;
	r->claims_hash = hash;
	if (!r->is_new)
		sql_run(s, SQL_CLAIMS_CLEAR, "i", r->number);
	for (size_t i = 0; i < d->claims_n && i < TOLD_MOST; i++) {
		const struct claim *c = &d->claims[i];

		sql_run(s, SQL_CLAIM_ADD, "iitttiii", r->number, (int64_t)i, c->signal, c->value,
			c->says, (int64_t)c->against, input_number(s, c->where.input),
			(int64_t)c->where.packet);
	}
}

/* ---- exposures and findings ---------------------------------------------------------------------------------------- */

/* A row that is there already. */
struct there {
	int64_t number;
	int64_t life;
	const char *key[5]; /* what makes two the same */
	int64_t port;
	int64_t first_ns, last_ns, count, before;
	bool taken;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_key(const struct there *t, const char *const key[5], int64_t port)
{
	for (int i = 0; i < 5; i++) {
		if (!same(t->key[i], key[i]))
			return false;
	}
	return t->port == port;
}

/* The row of that key, the one that began with it first; NULL when there is none that is free. */
static struct there *find_there(struct there *list, size_t n, const char *const key[5],
				int64_t port, int64_t first_ns)
{
	struct there *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (list[i].taken || !is_key(&list[i], key, port))
			continue;
		if (found == NULL || list[i].first_ns == first_ns)
			found = &list[i];
		if (found->first_ns == first_ns)
			break;
	}
	if (found != NULL)
		found->taken = true;
	return found;
}

static void note_born(struct store *s, struct born *born)
{
	if (born->n < sizeof born->number / sizeof born->number[0])
		born->number[born->n++] = sql_number(s);
}

/* What this life said and says no more was a mistake; of earlier lives the oldest go when there are too many. */
static void drop_untold(struct store *s, struct there *list, size_t n, size_t told, size_t most,
			enum statement drop)
{
	size_t left = told;

	for (size_t i = 0; i < n; i++) {
		if (!list[i].taken && list[i].life == (int64_t)s->life) {
			sql_run(s, drop, "i", list[i].number);
			list[i].taken = true;
		}
		left += !list[i].taken;
	}
	while (left > most) {
		struct there *oldest = NULL;

		for (size_t i = 0; i < n; i++) {
			if (!list[i].taken && (oldest == NULL || list[i].last_ns < oldest->last_ns))
				oldest = &list[i];
		}
		if (oldest == NULL)
			return;
		sql_run(s, drop, "i", oldest->number);
		oldest->taken = true;
		left--;
	}
}

static size_t exposures_there(struct store *s, int64_t identity, struct there *list, size_t most,
			      struct arena *arena)
{
	enum statement q = SQL_EXPOSURES;
	size_t n = 0;

	for (bool row = sql_ask(s, q, "i", identity); row; row = sql_next(s, q)) {
		if (n < most)
			list[n++] = (struct there){.number = sql_int(s, q, 0),
						   .life = sql_int(s, q, 1),
						   .key = {sql_keep(s, q, 2, arena),
							   sql_keep(s, q, 3, arena),
							   sql_keep(s, q, 4, arena)},
						   .first_ns = sql_int(s, q, 7),
						   .last_ns = sql_int(s, q, 8)};
	}
	return n;
}

/* Is a row one that is told in the very same words? Then it is nobody else's. */
static bool is_told(const struct there *t, const struct device *d)
{
	for (size_t i = 0; i < d->exposures_n; i++) {
		const struct exposure *e = &d->exposures[i];

		if (same(t->key[0], exposure_words[e->kind]) && same(t->key[1], e->service) &&
		    same(t->key[2], e->detail))
			return true;
	}
	return false;
}

/* The same in the same words; else the same of the same service: numbers in the words may differ. */
static struct there *find_exposure(struct there *list, size_t n, const struct device *d,
				   const struct exposure *e)
{
	const char *key[5] = {exposure_words[e->kind], e->service, e->detail};
	struct there *found = find_there(list, n, key, 0, 0);

	for (size_t i = 0; found == NULL && e->service != NULL && i < n; i++) {
		if (!list[i].taken && same(list[i].key[0], key[0]) &&
		    same(list[i].key[1], key[1]) && !is_told(&list[i], d))
			found = &list[i];
	}
	if (found != NULL)
		found->taken = true;
	return found;
}

void exposures_write(struct store *s, struct row *r, const struct device *d, struct arena *arena,
		     struct born *born)
{
	int64_t hash = hash_exposures(d);
	struct there list[STORE_EXPOSURES + TOLD_MOST];
	size_t n = 0;

	if (!r->new_life && hash == r->exposures_hash)
		return;
	if (!r->is_new && (r->exposures_hash != 0 || r->older != 0))
		n = exposures_there(s, r->number, list, sizeof list / sizeof list[0], arena);
	r->exposures_hash = hash;
	for (size_t i = 0; i < d->exposures_n && i < TOLD_MOST; i++) {
		const struct exposure *e = &d->exposures[i];
		const char *basis = e->inferred ? "inferred" : "seen";
		int64_t first = e->time_ns != 0 ? e->time_ns : d->first_ns;
		struct there *old = find_exposure(list, n, d, e);
		int64_t input = input_number(s, e->where.input);
		int64_t packet = (int64_t)e->where.packet;

		if (old == NULL) {
			sql_run(s, SQL_EXPOSURE_ADD, "iiittttiiiii", r->number, (int64_t)i,
				(int64_t)s->life, exposure_words[e->kind], e->service, e->detail,
				basis, e->time_ns, first, d->last_ns, input, packet);
			note_born(s, born);
			continue;
		}
		sql_run(s, SQL_EXPOSURE_SET, "iittiiiiii", (int64_t)i, (int64_t)s->life, e->detail,
			basis, e->time_ns, first < old->first_ns ? first : old->first_ns,
			d->last_ns > old->last_ns ? d->last_ns : old->last_ns, input, packet,
			old->number);
	}
	drop_untold(s, list, n, d->exposures_n, STORE_EXPOSURES, SQL_EXPOSURE_DELETE);
}

static size_t findings_there(struct store *s, int64_t identity, struct there *list, size_t most,
			     struct arena *arena)
{
	enum statement q = SQL_FINDINGS;
	size_t n = 0;

	for (bool row = sql_ask(s, q, "i", identity); row; row = sql_next(s, q)) {
		if (n < most)
			list[n++] = (struct there){
				.number = sql_int(s, q, 0),
				.life = sql_int(s, q, 1),
				.key = {sql_keep(s, q, 3, arena), sql_keep(s, q, 5, arena),
					sql_keep(s, q, 6, arena), sql_keep(s, q, 10, arena)},
				.port = sql_int(s, q, 11),
				.first_ns = sql_int(s, q, 13),
				.last_ns = sql_int(s, q, 14),
				.count = sql_int(s, q, 15),
				.before = sql_int(s, q, 16)};
	}
	return n;
}

/*
 * How often, over all lives. An engine that knows the beginning counted all of it; one that began anew counts on top of
 * what was counted before.
 */
static void add_up(const struct store *s, const struct there *old, const struct evidence *e,
		   int64_t *count, int64_t *before)
{
	*count = (int64_t)e->count;
	*before = old->before;
	if (old->life == (int64_t)s->life)
		return;
	if (e->first_ns <= old->last_ns) {
		*before = 0;
		*count = *count > old->count + old->before ? *count : old->count + old->before;
	} else {
		*before = old->before + old->count;
	}
}

static void finding_again(struct store *s, const struct evidence *e, const struct there *old,
			  size_t place, struct arena *arena)
{
	int64_t first = e->first_ns < old->first_ns ? e->first_ns : old->first_ns;
	int64_t last = e->last_ns > old->last_ns ? e->last_ns : old->last_ns;
	char sender[ADDR_TEXT_MAX];
	int64_t count, before;

	add_up(s, old, e, &count, &before);
	sql_run(s, SQL_FINDING_SET, "iittitiiiiitti", (int64_t)place, (int64_t)s->life, e->weight,
		e->role, (int64_t)e->inward,
		addr_is_zero(&e->sender) ? NULL : addr_text(&e->sender, sender),
		(int64_t)e->caller_port, first, last, count, before, e->text,
		pack_packets(s, arena, e->packets, e->packets_n), old->number);
}

static void finding_new(struct store *s, const struct row *r, const struct evidence *e,
			size_t place, struct arena *arena)
{
	char sender[ADDR_TEXT_MAX];

	sql_run(s, SQL_FINDING_ADD, "iiittttttittiiiiiitt", r->number, (int64_t)place,
		(int64_t)s->life, e->detector, e->code, e->weight, stage_words[e->stage], e->family,
		e->role, (int64_t)e->inward,
		addr_is_zero(&e->sender) ? NULL : addr_text(&e->sender, sender), e->peer,
		(int64_t)e->port, (int64_t)e->caller_port, e->first_ns, e->last_ns,
		(int64_t)e->count, INT64_C(0), e->text,
		pack_packets(s, arena, e->packets, e->packets_n));
}

void findings_write(struct store *s, struct row *r, const struct device *d, struct arena *arena,
		    struct born *born)
{
	int64_t hash = hash_findings(d);
	struct there list[STORE_FINDINGS + TOLD_MOST];
	size_t n = 0;

	if (!r->new_life && hash == r->findings_hash)
		return;
	if (!r->is_new && (r->findings_hash != 0 || r->older != 0))
		n = findings_there(s, r->number, list, sizeof list / sizeof list[0], arena);
	r->findings_hash = hash;
	for (size_t i = 0; i < d->evidence_n && i < TOLD_MOST; i++) {
		const struct evidence *e = &d->evidence[i];
		const char *key[5] = {e->code, stage_words[e->stage], e->family, e->peer};
		struct there *old = find_there(list, n, key, e->port, e->first_ns);

		if (old != NULL) {
			finding_again(s, e, old, i, arena);
			continue;
		}
		finding_new(s, r, e, i, arena);
		note_born(s, born);
	}
	drop_untold(s, list, n, d->evidence_n, STORE_FINDINGS, SQL_FINDING_DELETE);
}
