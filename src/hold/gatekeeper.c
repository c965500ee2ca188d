/* SPDX-License-Identifier: MIT */
/*
 * The list of gatekeeper.h, sorted by id: it is asked for every device of every round, and grows seldom. Ids and names come from the
 * packets process; one that is too long is none of ours. A naive twin stands in tests/unit/test_gatekeeper.c.
 */
#include "hold/gatekeeper.h"

#include "base/text.h"
#include "base/timespan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPUTER_STALE_NS (86400 * NS_PER_S)
/* Packets are looked at a moment before the service has begun. */
#define BEFORE_LEAST_NS (60 * NS_PER_S)

int gatekeeper_init(struct gatekeeper *g)
{
	*g = (struct gatekeeper){0};
	g->rows = calloc(CONTAIN_PASSED, sizeof *g->rows);
	return g->rows == NULL ? -ENOMEM : 0;
}

void gatekeeper_fini(struct gatekeeper *g)
{
	free(g->rows);
	*g = (struct gatekeeper){0};
}

/* Where it is, or would be. */
static size_t place_of(const struct gatekeeper *g, const char *id, bool *there)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(g->rows[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*there = low < g->n && strcmp(g->rows[low].id, id) == 0;
	return low;
}

struct gate_row *gatekeeper_find(struct gatekeeper *g, const char *id)
{
	bool there;
	size_t at = place_of(g, id, &there);

	return there ? &g->rows[at] : NULL;
}

/* ---- room ------------------------------------------------------------------------------------------------------ */

enum worth { WORTH_NOTHING, WORTH_LITTLE, WORTH_KEEPING };

static enum worth worth_of(const struct gate_row *r, int64_t now_ns)
{
	if (r->before || r->word != GATE_SAID_NOTHING)
		return WORTH_KEEPING;
	if (r->state != GATE_OPEN)
		return WORTH_NOTHING;
	return r->reason == GATE_COMPUTER && time_since(r->seen_ns, now_ns) > COMPUTER_STALE_NS
		       ? WORTH_LITTLE
		       : WORTH_KEEPING;
}

static bool make_room(struct gatekeeper *g, int64_t now_ns)
{
	size_t least = g->n;
	enum worth worth = WORTH_KEEPING;

	for (size_t i = 0; i < g->n; i++) {
		enum worth w = worth_of(&g->rows[i], now_ns);

		if (w < worth ||
		    (w == worth && least < g->n && g->rows[i].seen_ns < g->rows[least].seen_ns)) {
			least = i;
			worth = w;
		}
	}
	if (least == g->n)
		return false;
	g->n--;
	memmove(&g->rows[least], &g->rows[least + 1], (g->n - least) * sizeof *g->rows);
	return true;
}

static struct gate_row *insert(struct gatekeeper *g, const char *id, int64_t now_ns)
{
	struct gate_row *r;
	bool there;
	size_t at;

	assert(g->rows != NULL);
	if (strlen(id) >= GATEKEEPER_ID || (g->n == CONTAIN_PASSED && !make_room(g, now_ns))) {
		g->refused++;
		return NULL;
	}
	at = place_of(g, id, &there);
	r = &g->rows[at];
	memmove(r + 1, r, (g->n++ - at) * sizeof *r);
	*r = (struct gate_row){.since_ns = now_ns, .unkept = true, .unsaid = true, .is_new = true};
	(void)snprintf(r->id, sizeof r->id, "%s", id);
	return r;
}

/* Who was seen before the gate was switched on has no row where the store had too many, or forgot them. */
static struct gate_row *add(struct gatekeeper *g, const struct device *d, int64_t now_ns)
{
	struct gate_row *r = insert(g, d->id, now_ns);

	if (r != NULL)
		r->before = time_since(d->first_ns, g->since_ns) > BEFORE_LEAST_NS;
	return r;
}

/* ---- what is known of it --------------------------------------------------------------------------------------- */

static void describe(const struct device *d, char to[GATEKEEPER_WHAT])
{
	const char *words[] = {d->brand != NULL ? d->brand : d->maker, d->product, d->model};
	size_t len = 0;

	to[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		int n = words[i] == NULL ? 0
					 : snprintf(to + len, GATEKEEPER_WHAT - len, "%s%s",
						    len > 0 ? " " : "", words[i]);

		len += n > 0 ? (size_t)n : 0;
		if (len >= GATEKEEPER_WHAT)
			return;
	}
}

void gatekeeper_describe(struct gate_row *r, const struct device *d)
{
	char address[ADDR_TEXT_MAX];

	r->macs_n = d->macs_n < GATEKEEPER_MACS ? d->macs_n : GATEKEEPER_MACS;
	memcpy(r->macs, d->macs, r->macs_n * sizeof *r->macs);
	r->addresses_n = d->addresses_n < CONTAIN_ADDRESSES ? d->addresses_n : CONTAIN_ADDRESSES;
	memcpy(r->addresses, d->addresses, r->addresses_n * sizeof *r->addresses);
	if (d->names_n > 0)
		(void)snprintf(r->name, sizeof r->name, "%s", d->names[0]);
	else if (d->addresses_n > 0)
		(void)snprintf(r->name, sizeof r->name, "%s", addr_text(&d->addresses[0], address));
	if (d->maker != NULL || d->brand != NULL || d->product != NULL)
		describe(d, r->what);
	if (d->last_ns > r->seen_ns)
		r->seen_ns = d->last_ns;
}

static struct gate_decision decide(const struct gatekeeper *g, const struct gate_row *r,
				   const struct device *d)
{
	const struct gate_case c = {.device = d,
				    .was = r->state,
				    .because = r->reason,
				    .before = r->before,
				    .since_ns = g->since_ns,
				    .word = r->word,
				    .word_ns = r->word_ns};

	return gate_decide(&c);
}

static void set(struct gate_row *r, const struct gate_decision *d, int64_t now_ns)
{
	const char *service = d->service != NULL ? d->service : "";
	char kept[GATEKEEPER_SERVICE];

	(void)snprintf(kept, sizeof kept, "%s", service);
	if (r->state == d->state && r->reason == d->reason && strcmp(r->service, kept) == 0)
		return;
	if (r->state != d->state) {
		if (!r->unsaid)
			r->was = r->state;
		r->unsaid = true;
		r->since_ns = now_ns;
	}
	r->unkept = true;
	r->state = d->state;
	r->reason = d->reason;
	memcpy(r->service, kept, sizeof r->service);
}

struct gate_row *gatekeeper_note(struct gatekeeper *g, const struct device *d, int64_t now_ns)
{
	struct gate_row *r = gatekeeper_find(g, d->id);
	struct gate_decision decision;

	if (d->macs_n == 0)
		return r;
	if (r == NULL && (!d->local || d->backing < BACKING_TWO_WAY))
		return NULL;
	if (r == NULL)
		r = add(g, d, now_ns);
	if (r == NULL)
		return NULL;
	gatekeeper_describe(r, d);
	decision = decide(g, r, d);
	set(r, &decision, now_ns);
	return r;
}

void gatekeeper_worse(struct gatekeeper *g, const struct device *d, int64_t now_ns)
{
	struct gate_row *r = gatekeeper_find(g, d->id);
	struct gate_decision decision;

	if (r == NULL || r->state != GATE_OPEN)
		return;
	decision = decide(g, r, d);
	if (decision.state != GATE_OPEN)
		set(r, &decision, now_ns);
}

/* ---- the owner's word ------------------------------------------------------------------------------------------ */

static const char *refusal(const struct gatekeeper *g, const struct gate_row *r,
			   const struct device *d, enum gate_word word)
{
	struct gate_row trial = *r;

	if (word == GATE_CLOSED && r->shielded)
		return gate_reason_words[GATE_SHIELDED];
	if (word != GATE_CONFIRMED)
		return NULL;
	trial.word = word;
	trial.word_ns = INT64_MAX;
	if (decide(g, &trial, d).state == GATE_OPEN)
		return NULL;
	return d->unfixable
		       ? "it is recalled, and there is no fix; 'cordon gate override' lets it through all the same"
		       : "its factory password can't be changed; 'cordon gate override' lets it through all the same";
}

const char *gatekeeper_say(struct gatekeeper *g, const struct device *d,
			   const struct gate_said *said, struct gate_row **row)
{
	struct gate_row *r = gatekeeper_find(g, d->id);
	struct gate_decision decision;
	const char *why;

	if (r == NULL)
		r = add(g, d, said->now_ns);
	*row = r;
	if (r == NULL)
		return "there is no room for it in the list of devices at the gate";
	gatekeeper_describe(r, d);
	why = refusal(g, r, d, said->word);
	if (why == NULL) {
		r->word = said->word;
		r->word_ns = said->now_ns;
		(void)snprintf(r->by, sizeof r->by, "%s", said->by);
		if (!r->unsaid)
			r->was = r->state;
		r->unkept = r->unsaid = true;
	}
	decision = decide(g, r, d);
	set(r, &decision, said->now_ns);
	return why;
}

bool gatekeeper_resume(struct gatekeeper *g, const struct gate_row *row)
{
	struct gate_row *r = gatekeeper_find(g, row->id);

	if (r == NULL)
		r = insert(g, row->id, row->since_ns);
	if (r == NULL)
		return false;
	*r = *row;
	r->unkept = r->unsaid = r->is_new = false;
	return true;
}

/* ---- as it stands ---------------------------------------------------------------------------------------------- */

struct gate_decision gatekeeper_stands(const struct gate_row *r)
{
	if (r->shielded && r->state != GATE_OPEN)
		return (struct gate_decision){.state = GATE_OPEN, .reason = GATE_SHIELDED};
	return (struct gate_decision){.state = r->state,
				      .reason = r->reason,
				      .service = r->service[0] != '\0' ? r->service : NULL};
}

bool gatekeeper_is_through(const struct gate_row *r)
{
	return r->shielded || r->state == GATE_OPEN;
}

size_t gatekeeper_passed(const struct gatekeeper *g, struct mac *out, size_t room)
{
	size_t n = 0;

	/* Each its first MAC, before anybody has two. */
	for (size_t k = 0; k < GATEKEEPER_MACS; k++)
		for (size_t i = 0; i < g->n && n < room; i++)
			if (gatekeeper_is_through(&g->rows[i]) && k < g->rows[i].macs_n)
				out[n++] = g->rows[i].macs[k];
	return n;
}

struct gate_row *gatekeeper_unkept(struct gatekeeper *g, size_t *at)
{
	while (*at < g->n) {
		struct gate_row *r = &g->rows[(*at)++];

		if (r->unkept)
			return r;
	}
	return NULL;
}

void gatekeeper_kept(struct gatekeeper *g)
{
	for (size_t i = 0; i < g->n; i++)
		g->rows[i].unkept = g->rows[i].unsaid = g->rows[i].is_new = false;
}
