/* SPDX-License-Identifier: MIT */
#include "verdict/write_profile.h"

#include <stdlib.h>
#include <string.h>

enum { CLAIMS_MAX = 24 };

/* "D-Link camera DCS-935L firmware 1.02": what one signal says, in words. */
static const char *says(const struct evidence_for *e, struct arena *arena)
{
	const char *const words[] = {e->maker, e->product, e->model, e->firmware, e->built};
	static const char *const before[] = {"", "", "", "firmware ", "built "};
	const char *parts[3 * sizeof words / sizeof words[0]];
	size_t n = 0;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i] == NULL)
			continue;
		parts[n] = n == 0 ? "" : " ";
		parts[n + 1] = before[i];
		parts[n + 2] = words[i];
		n += 3;
	}
	if (n > 0)
		return arena_join(arena, parts, n);
	if (e->module != NULL)
		return ARENA_JOIN(arena, e->module, " module inside");
	/* The catalogue does not tell whether it makes devices or what goes into them. */
	return ARENA_JOIN(arena, "registered to ", e->value);
}

static void write_claims(struct device *out, const struct profile *p, struct arena *arena)
{
	size_t n = p->evidence_n < CLAIMS_MAX ? p->evidence_n : CLAIMS_MAX;
	struct claim *list = n == 0 ? NULL : arena_take(arena, n * sizeof *list);

	if (list == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct evidence_for *e = &p->evidence[i];
		char *name = arena_string(arena, signals[e->signal].name);

		for (char *c = name; c != NULL && *c != '\0'; c++) {
			if (*c == '_')
				*c = '-';
		}
		list[i] = (struct claim){.signal = name,
					 .value = e->value,
					 .says = says(e, arena),
					 .where = {.input = (uint32_t)(e->key >> 40),
						   .packet = e->key & ((UINT64_C(1) << 40) - 1)},
					 .against = e->against};
	}
	out->claims = list;
	out->claims_n = n;
}

static void write_undecided(struct device *out, const struct exposed *exposed, struct arena *arena)
{
	size_t n = exposed->undecided_n;
	const char **list = n == 0 ? NULL : arena_take(arena, n * sizeof *list);

	if (list == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *advisory = exposed->undecided[i]->advisory;
		bool again = false;

		for (size_t j = 0; j < out->undecided_n; j++)
			again |= strcmp(list[j], advisory) == 0;
		if (!again)
			list[out->undecided_n++] = advisory;
	}
	out->undecided = list;
}

void write_profile(struct device *out, const struct profile *p, const struct exposed *exposed,
		   struct arena *arena)
{
	out->maker = p->maker;
	out->brand = p->brand;
	out->product = p->product;
	out->model = p->model;
	out->firmware = p->firmware;
	out->built = p->built_known ? p->built : NULL;
	out->exposures = exposed->list;
	out->exposures_n = exposed->n;
	out->accesses = exposed->accesses;
	out->accesses_n = exposed->accesses_n;
	out->unfixable = exposed->unfixable;
	out->thing = exposed->thing || exposed->made_thing;
	out->known = exposed->known;
	write_claims(out, p, arena);
	write_undecided(out, exposed, arena);
}

static int by_maker(const void *x, const void *y)
{
	const struct maker_count *a = x, *b = y;

	return strcmp(a->maker, b->maker);
}

const struct maker_count *makers_count(const struct judged *judged, struct arena *arena, size_t *n)
{
	struct maker_count *list = arena_take(arena, (judged->devices_n + 1) * sizeof *list);
	size_t used = 0, kept = 0;

	*n = 0;
	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		if (d->maker != NULL)
			list[used++] =
				(struct maker_count){.maker = d->maker,
						     .devices = 1,
						     .exposed = d->exposures_n > 0,
						     .infected = d->verdict == VERDICT_INFECTED};
	}
	if (used > 0)
		qsort(list, used, sizeof *list, by_maker);
	for (size_t i = 0; i < used; i++) {
		if (kept > 0 && strcmp(list[kept - 1].maker, list[i].maker) == 0) {
			list[kept - 1].devices++;
			list[kept - 1].exposed += list[i].exposed;
			list[kept - 1].infected += list[i].infected;
		} else {
			list[kept++] = list[i];
		}
	}
	*n = kept;
	return list;
}
