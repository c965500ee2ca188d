/* SPDX-License-Identifier: MIT */
/*
 * The devices of now, see known.h: open addressing with linear probing, removal by moving back. Ids are held as 64 bits of a
 * seeded hash: two devices in one slot would miscount by one, once in 2^32 networks of the largest size.
 */
#include "watch/known.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct known_slot {
	uint64_t id; /* 0: empty */
	uint8_t verdict;
	bool local;
};

static uint64_t id_of(const struct known *k, const char *id)
{
	uint64_t h = k->seed;

	for (size_t len = strlen(id), at = 0; at < len; at += 8) {
		uint8_t word[8] = {0};

		memcpy(word, id + at, len - at < 8 ? len - at : 8);
		h = hash_more(h, hash_load(word));
	}
	return h != 0 ? h : 1;
}

int known_init(struct known *k, size_t most, uint64_t seed)
{
	size_t room = 64;

	while (room < most + most / 2)
		room *= 2;
	*k = (struct known){.room = room, .most = most, .seed = seed};
	k->slots = calloc(room, sizeof *k->slots);
	return k->slots != NULL ? 0 : -ENOMEM;
}

void known_fini(struct known *k)
{
	free(k->slots);
	k->slots = NULL;
}

void known_clear(struct known *k)
{
	memset(k->slots, 0, k->room * sizeof *k->slots);
	memset(k->local, 0, sizeof k->local);
	memset(k->strangers, 0, sizeof k->strangers);
	k->n = 0;
}

/* Where it is, or would be. */
static size_t find(const struct known *k, uint64_t id)
{
	size_t at = id & (k->room - 1);

	while (k->slots[at].id != 0 && k->slots[at].id != id)
		at = (at + 1) & (k->room - 1);
	return at;
}

static uint64_t *count_of(struct known *k, const struct known_slot *slot)
{
	return &(slot->local ? k->local : k->strangers)[slot->verdict];
}

void known_put(struct known *k, const char *id, bool local, enum verdict verdict)
{
	uint64_t hash = id_of(k, id);
	struct known_slot *slot = &k->slots[find(k, hash)];

	if (slot->id != 0) {
		--*count_of(k, slot);
	} else if (k->n >= k->most) {
		k->refused++;
		return;
	} else {
		k->n++;
	}
	*slot = (struct known_slot){.id = hash, .verdict = (uint8_t)verdict, .local = local};
	++*count_of(k, slot);
}

void known_remove(struct known *k, const char *id)
{
	size_t hole = find(k, id_of(k, id));

	if (k->slots[hole].id == 0)
		return;
	--*count_of(k, &k->slots[hole]);
	k->n--;
	/* Those behind it move up, unless they stand at or before their own place. */
	for (size_t at = (hole + 1) & (k->room - 1); k->slots[at].id != 0;
	     at = (at + 1) & (k->room - 1)) {
		size_t home = k->slots[at].id & (k->room - 1);

		if (((at - home) & (k->room - 1)) >= ((at - hole) & (k->room - 1))) {
			k->slots[hole] = k->slots[at];
			hole = at;
		}
	}
	k->slots[hole] = (struct known_slot){0};
}
