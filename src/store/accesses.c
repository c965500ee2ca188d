/* SPDX-License-Identifier: MIT */
/*
 * How a device's services were logged in to last, as rows; and whether it is known to be a thing. The engine forgets logins
 * that are old, and may have lost all of them at a restart: what it does not know any more never takes the place of what was
 * seen, or a device that was opened would be closed, or one that was closed opened, by mere time.
 *
 * Bounded: so many services of an identity; those told of longest ago go first.
 */
#include "store/inside.h"

#include "base/hash.h"
#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

static const int kinds_n = ACCESS_OWN + 1;

enum { HASH_TOLD = 1, HASH_DIFFERS = 2 /* rows say other than what was told */ };

/* A row as it is, and what becomes of it. */
struct service {
	struct access access;
	int64_t life;
	int64_t last_ns;
	bool told;
	bool cited; /* its packet is one of this life: not yet by the store's number of the input */
};

struct services {
	struct service list[2 * STORE_ACCESSES];
	size_t n;
};

static uint64_t hash_text(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = hash_more(h, (uint8_t)*text);
	return h;
}

static uint64_t hash_of(const struct device *d)
{
	uint64_t h = hash_more(5, d->accesses_n);

	for (size_t i = 0; i < d->accesses_n; i++) {
		const struct access *a = &d->accesses[i];

		h = hash_text(h, a->service);
		h = hash_more(h, (uint64_t)a->kind * 2 + a->unchangeable);
		h = hash_more(h, (uint64_t)a->time_ns);
	}
	/* Once an hour it is written when they were told of last. */
	if (d->accesses_n > 0)
		h = hash_more(h, (uint64_t)(d->last_ns / (3600 * NS_PER_S)));
	return h & ~(uint64_t)(HASH_TOLD | HASH_DIFFERS);
}

static void read_rows(struct store *s, int64_t identity, struct services *out, struct arena *arena)
{
	enum statement q = SQL_ACCESSES;

	for (bool row = sql_ask(s, q, "i", identity); row; row = sql_next(s, q)) {
		if (out->n == STORE_ACCESSES)
			continue;
		out->list[out->n++] = (struct service){
			.access = {.service = sql_keep(s, q, 0, arena),
				   .kind = word_find(access_words, kinds_n, sql_text(s, q, 1)),
				   .unchangeable = sql_int(s, q, 2) != 0,
				   .time_ns = sql_int(s, q, 3),
				   .where = {(uint32_t)sql_int(s, q, 4),
					     (uint64_t)sql_int(s, q, 5)}},
			.life = sql_int(s, q, 6),
			.last_ns = sql_int(s, q, 7)};
	}
}

static struct service *find(struct services *all, const char *service)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->list[i].access.service, service) == 0)
			return &all->list[i];
	}
	return NULL;
}

/* Lays what is told of a service over what is known. Returns whether the two are one now. */
static bool lay(struct services *all, const struct access *told, int64_t life, int64_t last_ns)
{
	struct service *s = find(all, told->service);
	bool takes;

	if (s == NULL) {
		if (all->n == sizeof all->list / sizeof all->list[0])
			return false;
		s = &all->list[all->n++];
		*s = (struct service){.access = *told, .cited = true};
	}
	/* In one life the engine's word on a login counts; without one, or about one of before, it may only have forgotten. */
	takes = told->time_ns != 0 ? s->life == life || told->time_ns >= s->access.time_ns
				   : s->access.time_ns == 0;
	if (takes) {
		s->access = *told;
		s->cited = true;
	}
	s->life = life;
	s->last_ns = last_ns;
	s->told = true;
	return takes;
}

/* What this life said and says no more was a mistake, unless it was forgotten for its age. */
static bool was_mistake(const struct store *s, const struct service *v)
{
	return !v->told && v->life == (int64_t)s->life &&
	       (v->access.time_ns == 0 ||
		time_since(v->access.time_ns, s->now_ns) < s->options.keep_ns);
}

static int latest_first(const void *x, const void *y)
{
	const struct service *a = x, *b = y;

	if (a->last_ns != b->last_ns)
		return a->last_ns > b->last_ns ? -1 : 1;
	return strcmp(a->access.service, b->access.service);
}

static size_t write_rows(struct store *s, int64_t identity, struct services *all)
{
	size_t kept = 0;

	if (all->n > 0)
		qsort(all->list, all->n, sizeof all->list[0], latest_first);
	for (size_t i = 0; i < all->n; i++) {
		const struct service *v = &all->list[i];
		const struct access *a = &v->access;
		int64_t input = v->cited ? input_number(s, a->where.input) : a->where.input;

		if (kept == STORE_ACCESSES || was_mistake(s, v)) {
			sql_run(s, SQL_ACCESS_DELETE, "it", identity, a->service);
			continue;
		}
		kept++;
		if (v->told)
			sql_run(s, SQL_ACCESS_SET, "ittiiiiii", identity, a->service,
				access_words[a->kind], (int64_t)a->unchangeable, a->time_ns, input,
				(int64_t)a->where.packet, v->life, v->last_ns);
	}
	return kept;
}

void accesses_write(struct store *s, struct row *r, const struct device *d, struct arena *arena)
{
	uint64_t hash = hash_of(d);
	struct services all = {.n = 0};
	bool differs = false;
	size_t kept;

	if ((d->accesses_n == 0 && r->accesses_hash == 0) ||
	    (!r->new_life && (int64_t)hash == (r->accesses_hash & ~3)))
		return;
	if (!r->is_new)
		read_rows(s, r->number, &all, arena);
	for (size_t i = 0; i < d->accesses_n && i < STORE_ACCESSES && !arena->failed; i++)
		differs |= !lay(&all, &d->accesses[i], (int64_t)s->life, d->last_ns);
	for (size_t i = 0; i < all.n; i++)
		differs |= !all.list[i].told && !was_mistake(s, &all.list[i]);
	kept = write_rows(s, r->number, &all);
	r->accesses_hash =
		kept == 0 ? 0 : (int64_t)(hash | HASH_TOLD | (differs ? HASH_DIFFERS : 0));
}

/*
 * What it is and that no fix is there is known from what a device told of itself, which a new life hears only in time: not to
 * know it is no news.
 */
void accesses_learn(struct row *r, const struct device *d)
{
	if (d->unfixable || !r->known || d->model != NULL || d->firmware != NULL)
		r->unfixable = d->unfixable;
	if (!d->known && r->known)
		return;
	r->known = d->known;
	r->thing = d->thing;
}

bool accesses_as_told(const struct row *r, const struct device *d)
{
	return (r->accesses_hash & HASH_DIFFERS) == 0 && r->known == d->known &&
	       r->thing == d->thing && r->unfixable == d->unfixable;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int by_service(const void *x, const void *y)
{
	const struct access *a = x, *b = y;

	return strcmp(a->service, b->service);
}

/* Of a device with several identities the last login at a service counts. */
void accesses_read(struct store *s, int64_t identity, struct arena *arena, struct device *out)
{
	struct services rows = {.n = 0};
	struct access *list;
	size_t n = out->accesses_n;

	read_rows(s, identity, &rows, arena);
	if (rows.n == 0)
		return;
	list = arena_take(arena, (n + rows.n) * sizeof *list);
	if (list == NULL)
		return;
	if (n > 0)
		memcpy(list, out->accesses, n * sizeof *list);
	for (size_t i = 0; i < rows.n; i++) {
		const struct access *a = &rows.list[i].access;
		size_t k = 0;

		while (k < n && strcmp(list[k].service, a->service) != 0)
			k++;
		if (k == n)
			list[n++] = *a;
		else if (a->time_ns > list[k].time_ns)
			list[k] = *a;
	}
	qsort(list, n, sizeof *list, by_service);
	out->accesses = list;
	out->accesses_n = n;
}
