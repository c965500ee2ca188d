/* SPDX-License-Identifier: MIT */
/*
 * An open table by the published hash of kind and name; entries of things that are gone leave by closing up, as in linear
 * probing (Knuth, The Art of Computer Programming, 6.4, algorithm R). Names are the engine's own ids, not a stranger's
 * choice of bytes, and one that is too long is told under what fits of it.
 */
#include "watch/told.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct told_digest digest;
	int64_t said_ns;
	uint32_t round; /* in which it was asked about last */
	uint8_t kind;
	bool said;
	char name[TOLD_NAME];
};

struct told {
	struct entry *entries;
	uint64_t *
		hashes; /* of the entries once more, close together: a round looks at all of them */
	size_t size;	/* a power of two, twice what may be used */
	size_t used;
	size_t most;
	int64_t pause_ns;
	uint32_t round;
	bool whole;
};

int told_new(size_t entries, int64_t pause_ns, struct told **out)
{
	struct told *t = calloc(1, sizeof *t);
	size_t size = 64;

	while (size < entries * 2)
		size *= 2;
	if (t != NULL)
		t->entries = calloc(size, sizeof *t->entries);
	if (t != NULL)
		t->hashes = calloc(size, sizeof *t->hashes);
	if (t == NULL || t->entries == NULL || t->hashes == NULL) {
		told_free(t);
		return -ENOMEM;
	}
	t->size = size;
	t->most = entries;
	t->pause_ns = pause_ns;
	*out = t;
	return 0;
}

void told_free(struct told *t)
{
	if (t != NULL) {
		free(t->entries);
		free(t->hashes);
	}
	free(t);
}

void told_begin(struct told *t, bool whole)
{
	t->round++;
	t->whole = whole;
}

static uint64_t hash_of(enum told_kind kind, const char *name)
{
	uint64_t hash = hash_mix((uint64_t)kind + 1);

	for (size_t i = 0; name[i] != '\0' && i < TOLD_NAME - 1; i++)
		hash = hash_more(hash, (uint8_t)name[i]);
	hash = hash_mix(hash);
	return hash == 0 ? 1 : hash;
}

/* The place of the entry, or the free one where it would stand. */
static size_t find(const struct told *t, uint64_t hash, enum told_kind kind, const char *name)
{
	size_t at = hash & (t->size - 1);

	while (t->hashes[at] != 0) {
		const struct entry *e = &t->entries[at];

		if (t->hashes[at] == hash && e->kind == kind &&
		    strncmp(e->name, name, TOLD_NAME - 1) == 0)
			break;
		at = (at + 1) & (t->size - 1);
	}
	return at;
}

enum told_answer told_ask(struct told *t, enum told_kind kind, const char *name,
			  const struct told_digest *digest, int64_t now_ns)
{
	uint64_t hash = hash_of(kind, name);
	size_t at = find(t, hash, kind, name);
	struct entry *e = &t->entries[at];

	if (t->hashes[at] == 0) {
		if (t->used >= t->most)
			return TOLD_FULL;
		t->used++;
		t->hashes[at] = hash;
		*e = (struct entry){.kind = (uint8_t)kind};
		(void)strncpy(e->name, name, TOLD_NAME - 1);
	}
	e->round = t->round;
	if (!e->said || e->digest.matter != digest->matter)
		return TOLD_DUE;
	if (e->digest.all != digest->all &&
	    (t->whole || now_ns - e->said_ns >= t->pause_ns || now_ns < e->said_ns))
		return TOLD_DUE;
	return TOLD_KNOWN;
}

void told_done(struct told *t, enum told_kind kind, const char *name,
	       const struct told_digest *digest, int64_t now_ns)
{
	size_t at = find(t, hash_of(kind, name), kind, name);
	struct entry *e = &t->entries[at];

	if (t->hashes[at] == 0)
		return;
	e->digest = *digest;
	e->said_ns = now_ns;
	e->said = true;
}

/* Takes an entry out, and moves up those behind it that could stand in its place. */
static void take_out(struct told *t, size_t hole)
{
	size_t mask = t->size - 1;

	for (size_t at = (hole + 1) & mask; t->hashes[at] != 0; at = (at + 1) & mask) {
		size_t home = t->hashes[at] & mask;

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			t->entries[hole] = t->entries[at];
			t->hashes[hole] = t->hashes[at];
			hole = at;
		}
	}
	t->hashes[hole] = 0;
	t->used--;
}

void told_gone(struct told *t, enum told_kind kind, bool (*each)(void *context, const char *name),
	       void *context)
{
	for (size_t at = 0; at < t->size;) {
		const struct entry *e = &t->entries[at];

		if (t->hashes[at] != 0 && e->kind == kind && e->round != t->round &&
		    (!e->said || each(context, e->name)))
			take_out(t, at); /* another one may stand here now */
		else
			at++;
	}
}

void told_forget(struct told *t)
{
	memset(t->hashes, 0, t->size * sizeof *t->hashes);
	t->used = 0;
}
