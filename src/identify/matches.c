/* SPDX-License-Identifier: MIT */
#include "identify/matches.h"

#include "base/hash.h"
#include "base/pattern.h"
#include "base/scan.h"

static uint32_t slot_of(struct bytes value, uint64_t kind)
{
	uint64_t h = kind;

	for (size_t i = 0; i < value.len; i++)
		h = (h ^ value.at[i]) * 0x100000001b3ULL;
	return (uint32_t)(hash_mix(h) % MATCHES_MEMO);
}

const struct matched *matches_of(struct matches *m, enum signal signal, struct bytes value)
{
	const struct catalogue *c = m->catalogue;
	struct matched *memo = &m->values[slot_of(value, signal)];

	if (memo->value.at != NULL && memo->signal == signal && memo->value.len == value.len &&
	    memcmp(memo->value.at, value.at, value.len) == 0)
		return memo;
	*memo = (struct matched){.value = value, .signal = (uint8_t)signal};
	for (uint32_t i = c->of_signal[signal];
	     i < c->of_signal[signal + 1] && memo->n < MATCHES_MAX; i++) {
		struct bytes capture;

		if (pattern_match(c->fingerprints[i].pattern, value, &capture))
			memo->records[memo->n++] = i;
	}
	return memo;
}

/* True when the slot holds the answer already; it is taken for the name otherwise. */
static bool recall_name(struct named *memo, const char *name)
{
	if (memo->name != NULL && strcmp(memo->name, name) == 0)
		return true;
	memo->name = name;
	return false;
}

const struct maker *matches_organisation(struct matches *m, const char *organisation)
{
	struct named *memo = &m->organisations[slot_of(bytes_of(organisation), 1)];

	if (!recall_name(memo, organisation))
		memo->maker = catalogue_maker_of(m->catalogue, organisation);
	return memo->maker;
}

const struct maker *matches_maker(struct matches *m, const char *name)
{
	struct named *memo = &m->names[slot_of(bytes_of(name), 2)];

	if (!recall_name(memo, name)) {
		memo->maker = catalogue_maker(m->catalogue, name);
		if (memo->maker == NULL)
			memo->maker = catalogue_maker_of(m->catalogue, name);
	}
	return memo->maker;
}
