/* SPDX-License-Identifier: MIT */
/*
 * The weighing. Evidence is sorted by the weight of its signal, then by the confidence of the record, then by its packet.
 * The first that names a maker names it; a record of low confidence needs a second signal that says the same. Model,
 * firmware and build date are taken only from evidence that names no other maker; of several firmwares the one seen last
 * counts, for it is what runs now. What is hearsay (hearsay.h) does not count.
 */
#include "identify/profile_weigh.h"
#include "identify/hearsay.h"
#include "identify/matches.h"
#include "identify/partners.h"

#include "base/built.h"
#include "base/pattern.h"
#include "base/prefixes.h"
#include "base/scan.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EVIDENCE_FOR_MAX = 96 };

struct weighing {
	struct profile *profile;
	struct matches *matches;
	const struct catalogue *catalogue;
	struct arena *arena;
	struct evidence_for *list;
	size_t n;
	enum signal_weight named_by; /* how good the evidence is that named the maker */
};

/* The claim with these bytes, as far as a NUL among them, for the two at its mark. */
static const char *put_in(struct arena *arena, const char *claim, size_t mark, struct bytes put)
{
	size_t n = strnlen((const char *)put.at, put.len), rest = strlen(claim + mark + 2);
	char *text = arena_take(arena, mark + n + rest + 1);

	if (text == NULL)
		return NULL;
	memcpy(text, claim, mark);
	memcpy(text + mark, put.at, n);
	memcpy(text + mark + n, claim + mark + 2, rest);
	return text;
}

/* What a claim says, with the capture put in; NULL for a claim that says nothing. */
static const char *fill(struct weighing *w, const char *claim, struct bytes value,
			struct bytes capture)
{
	struct bytes put = value;
	const char *mark;

	if (claim == NULL)
		return NULL;
	mark = strchr(claim, '$');
	if (mark == NULL)
		return claim;
	mark = strstr(claim, "$1");
	if (mark != NULL)
		put = capture;
	else
		mark = strstr(claim, "$0");
	if (mark == NULL)
		return claim;
	put = bytes_trim(put);
	if (put.len == 0)
		return NULL;
	return put_in(w->arena, claim, (size_t)(mark - claim), put);
}

static void name_maker(struct weighing *w, struct evidence_for *e, const char *name)
{
	const struct maker *maker = name == NULL ? NULL : matches_maker(w->matches, name);

	if (maker != NULL && maker->role == MAKER_MODULE)
		e->module = maker->name;
	else
		e->maker = maker != NULL ? maker->name : name;
}

static struct evidence_for *add(struct weighing *w)
{
	return w->n < EVIDENCE_FOR_MAX ? &w->list[w->n++] : NULL;
}

static void add_match(struct weighing *w, const struct told *told, const struct fingerprint *f,
		      struct bytes capture)
{
	struct evidence_for *e = add(w);

	if (e == NULL)
		return;
	*e = (struct evidence_for){.told = told,
				   .signal = f->signal,
				   .key = told->fact->key,
				   .product = fill(w, f->product, told->value, capture),
				   .model = fill(w, f->model, told->value, capture),
				   .firmware = fill(w, f->firmware, told->value, capture),
				   .built = fill(w, f->built, told->value, capture),
				   .weight = (enum signal_weight)signals[f->signal].weight,
				   .confidence = f->confidence};
	name_maker(w, e, fill(w, f->maker, told->value, capture));
	e->value = arena_bytes(w->arena, told->value.at, told->value.len);
}

static bool fits(const char *a, const char *b)
{
	return a == NULL || b == NULL || strcmp(a, b) == 0;
}

static const char *either(const char *a, const char *b)
{
	return a == NULL ? b : a;
}

/* Of one fact, what two records of the same confidence say is said once. */
static void join_last(struct weighing *w)
{
	const struct evidence_for *e = &w->list[w->n - 1];

	for (size_t i = 0; i + 1 < w->n; i++) {
		struct evidence_for *had = &w->list[i];

		if (had->told != e->told || had->confidence != e->confidence ||
		    !fits(had->maker, e->maker) || !fits(had->product, e->product) ||
		    !fits(had->model, e->model) || !fits(had->firmware, e->firmware) ||
		    !fits(had->built, e->built) || !fits(had->module, e->module))
			continue;
		had->maker = either(had->maker, e->maker);
		had->product = either(had->product, e->product);
		had->model = either(had->model, e->model);
		had->firmware = either(had->firmware, e->firmware);
		had->built = either(had->built, e->built);
		had->module = either(had->module, e->module);
		w->n--;
		return;
	}
}

/* A record of class "software" says that the value names a program, which runs on anything: nothing is claimed by it. */
static bool is_software(const struct weighing *w, const struct matched *matched)
{
	for (unsigned i = 0; i < matched->n; i++) {
		const char *product = w->catalogue->fingerprints[matched->records[i]].product;

		if (product != NULL && strcmp(product, "software") == 0)
			return true;
	}
	return false;
}

static void match_fact(struct weighing *w, const struct told *told)
{
	const struct matched *matched =
		matches_of(w->matches, (enum signal)told->fact->signal, told->value);
	bool site = hearsay_is_site(told);

	if (is_software(w, matched))
		return;
	for (unsigned i = 0; i < matched->n; i++) {
		const struct fingerprint *f = &w->catalogue->fingerprints[matched->records[i]];
		struct bytes capture;

		if ((site && f->pattern.len > 0 && f->pattern.at[0] == '.') ||
		    !pattern_match(f->pattern, told->value, &capture))
			continue;
		add_match(w, told, f, capture);
		if (!w->arena->failed && w->n > 0)
			join_last(w);
	}
}

/* The best signals first: when there is more than can be weighed, hearsay is what is left out. */
static void match_facts(struct weighing *w)
{
	const struct profile *p = w->profile;

	for (int weight = WEIGHT_SAYS; weight < WEIGHT_FACT; weight++) {
		for (size_t i = 0; i < p->told_n; i++) {
			if (signals[p->told[i].fact->signal].weight == weight)
				match_fact(w, &p->told[i]);
		}
	}
}

static void match_prefix(struct weighing *w, const struct world_mac *mac)
{
	const char *organisation = mac == NULL ? NULL : prefixes_organisation(&mac->mac);
	const struct maker *maker;
	struct evidence_for *e;

	if (organisation == NULL)
		return;
	e = add(w);
	if (e == NULL)
		return;
	*e = (struct evidence_for){.signal = SIGNAL_mac_prefix,
				   .key = mac->first_key,
				   .value = organisation,
				   .weight = WEIGHT_PREFIX,
				   .confidence = CLAIM_MEDIUM};
	maker = matches_organisation(w->matches, organisation);
	if (maker != NULL && maker->role == MAKER_MODULE)
		e->module = maker->name;
	else if (maker != NULL)
		e->maker = maker->name;
}

static int by_rank(const void *x, const void *y)
{
	const struct evidence_for *a = x, *b = y;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->signal != b->signal)
		return a->signal < b->signal ? -1 : 1;
	return strcmp(a->value, b->value);
}

/* Two kinds of names asked for are one sign: who looks a name up connects to it too. */
static bool is_supported(const struct weighing *w, const struct evidence_for *e)
{
	if (e->confidence != CLAIM_LOW)
		return true;
	for (size_t i = 0; i < w->n; i++) {
		const struct evidence_for *other = &w->list[i];

		if (other->signal != e->signal && other->maker != NULL && !other->against &&
		    (other->weight != WEIGHT_CLOUD || e->weight != WEIGHT_CLOUD) &&
		    strcmp(other->maker, e->maker) == 0)
			return true;
	}
	return false;
}

static void choose_maker(struct weighing *w)
{
	struct profile *p = w->profile;

	for (size_t i = 0; i < w->n && p->maker == NULL; i++) {
		if (w->list[i].maker == NULL || w->list[i].against || !is_supported(w, &w->list[i]))
			continue;
		p->maker = w->list[i].maker;
		p->maker_key = w->list[i].key;
		w->named_by = w->list[i].weight;
	}
	for (size_t i = 0; i < w->n && p->maker != NULL && p->brand == NULL; i++) {
		const char *other = w->list[i].maker;
		const struct maker *maker;

		if (other == NULL || strcmp(other, p->maker) == 0 ||
		    w->list[i].weight > WEIGHT_BANNER ||
		    !partners_are(w->catalogue, other, p->maker))
			continue;
		maker = catalogue_maker(w->catalogue, p->maker);
		p->brand = other;
		if (partners_built_by(maker, other)) {
			p->brand = p->maker;
			p->maker = other;
		}
	}
}

static bool agrees(const struct weighing *w, const struct evidence_for *e)
{
	const struct profile *p = w->profile;

	if (e->against)
		return false;
	return e->maker == NULL || p->maker == NULL || strcmp(e->maker, p->maker) == 0 ||
	       (p->brand != NULL && strcmp(e->maker, p->brand) == 0) ||
	       partners_are(w->catalogue, e->maker, p->maker);
}

static bool is_weak_guess(const struct weighing *w, const struct evidence_for *e)
{
	return e->confidence == CLAIM_LOW && (e->maker == NULL || !is_supported(w, e));
}

/* Bots write browsers' names into their floods: these say nothing against what the device itself says it is. */
static bool is_browser_only(const struct weighing *w, const struct evidence_for *e)
{
	return e->signal == SIGNAL_http_agent && e->maker == NULL &&
	       catalogue_is_computer(e->product) && w->profile->maker != NULL &&
	       w->named_by <= WEIGHT_ACTS;
}

static uint64_t last_key(const struct evidence_for *e)
{
	return e->told == NULL ? e->key : e->told->fact->last_key;
}

/* A build date after the capture was taken is a clock's mistake, and tells nothing. */
static bool is_tomorrow(const struct evidence_for *e, int32_t day)
{
	return e->told != NULL && day > text_time_day(e->told->fact->last_ns) + 1;
}

/* The firmware that runs now: the one seen last among the strongest evidence. */
static const struct evidence_for *latest(const struct weighing *w, bool built)
{
	const struct evidence_for *best = NULL;

	for (size_t i = 0; i < w->n; i++) {
		const struct evidence_for *e = &w->list[i];
		int32_t day;

		if ((built ? e->built : e->firmware) == NULL || !agrees(w, e) ||
		    is_weak_guess(w, e))
			continue;
		if (built && (!built_parse(bytes_of(e->built), &day) || is_tomorrow(e, day)))
			continue;
		if (best == NULL ||
		    (e->weight == best->weight && e->confidence == best->confidence &&
		     last_key(e) > last_key(best)))
			best = e;
	}
	return best;
}

static void choose_built(struct weighing *w)
{
	struct profile *p = w->profile;
	const struct evidence_for *e = latest(w, true);
	struct tm tm;
	time_t seconds;

	if (e == NULL || !built_parse(bytes_of(e->built), &p->built_day))
		return;
	p->built_known = true;
	p->built_key = e->key;
	seconds = (time_t)p->built_day * 86400;
	gmtime_r(&seconds, &tm);
	strftime(p->built, sizeof p->built, "%Y-%m-%d", &tm);
}

static void choose_rest(struct weighing *w)
{
	struct profile *p = w->profile;
	const struct evidence_for *firmware;

	for (size_t i = 0; i < w->n; i++) {
		const struct evidence_for *e = &w->list[i];

		if (!agrees(w, e) || is_weak_guess(w, e))
			continue;
		if (p->model == NULL && e->model != NULL) {
			p->model = e->model;
			p->model_key = e->key;
		}
		if (p->product == NULL && !is_browser_only(w, e))
			p->product = e->product;
	}
	firmware = latest(w, false);
	if (firmware != NULL) {
		p->firmware = firmware->firmware;
		p->firmware_key = firmware->key;
	}
	choose_built(w);
}

static void ask_products(struct weighing *w)
{
	struct profile *p = w->profile;
	struct bytes capture;

	if (p->product != NULL || p->maker == NULL || p->model == NULL)
		return;
	for (size_t i = 0; i < w->catalogue->products_n && p->product == NULL; i++) {
		const struct product *product = &w->catalogue->products[i];

		if (product->maker != NULL && strcmp(product->maker, p->maker) == 0 &&
		    pattern_match(product->model, bytes_of(p->model), &capture))
			p->product = product->product;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A signal that says the same as a better one of its kind adds nothing to the report. */
static bool says_again(const struct weighing *w, size_t i)
{
	const struct evidence_for *e = &w->list[i];

	for (size_t j = 0; j < i; j++) {
		const struct evidence_for *had = &w->list[j];

		if (had->signal == e->signal && same_text(had->maker, e->maker) &&
		    same_text(had->product, e->product) && same_text(had->model, e->model) &&
		    same_text(had->firmware, e->firmware) && same_text(had->built, e->built) &&
		    same_text(had->module, e->module))
			return true;
	}
	return false;
}

static bool says_nothing(const struct evidence_for *e)
{
	return e->maker == NULL && e->product == NULL && e->model == NULL && e->firmware == NULL &&
	       e->built == NULL && e->module == NULL && e->signal != SIGNAL_mac_prefix;
}

static void keep_evidence(struct weighing *w)
{
	struct profile *p = w->profile;
	struct evidence_for *list = arena_take(w->arena, (w->n + 1) * sizeof *list);

	for (size_t i = 0; list != NULL && i < w->n; i++) {
		if (says_nothing(&w->list[i]) || says_again(w, i))
			continue;
		list[p->evidence_n] = w->list[i];
		list[p->evidence_n++].against = !agrees(w, &w->list[i]);
	}
	p->evidence = list;
}

void profile_weigh(struct profile *p, const struct world_mac *mac, struct matches *m,
		   struct arena *arena)
{
	struct evidence_for list[EVIDENCE_FOR_MAX];
	struct weighing w = {.profile = p,
			     .matches = m,
			     .catalogue = m->catalogue,
			     .arena = arena,
			     .list = list};

	match_prefix(&w, mac);
	match_facts(&w);
	if (arena->failed)
		return;
	qsort(list, w.n, sizeof *list, by_rank);
	hearsay_mark(list, w.n, p, m->catalogue);
	choose_maker(&w);
	choose_rest(&w);
	ask_products(&w);
	keep_evidence(&w);
}
