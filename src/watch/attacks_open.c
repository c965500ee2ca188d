/* SPDX-License-Identifier: MIT */
/*
 * Attacks that go on, see attacks_open.h. Each is copied with the ids of its devices, as far as an event needs them: what the
 * store has of it is longer.
 */
#include "watch/attacks_open.h"

#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

enum { DEVICES_MOST = 256 };
#define SILENT_NS (150 * NS_PER_S)

/* Totals of one attack grow; its beginning stays. */
static bool is_same(const struct attack *a, const struct attack *b)
{
	return a->vector == b->vector && a->direction == b->direction && a->port == b->port &&
	       a->first_ns == b->first_ns && addr_equal(&a->target, &b->target);
}

static void drop(struct attack_open *o)
{
	free(o->block);
	*o = (struct attack_open){0};
}

/* A copy in one block: pointers, then strings. Without memory the attack has no list of devices. */
static void copy(struct attack_open *to, const struct attack *a)
{
	size_t n = a->devices_n < DEVICES_MOST ? a->devices_n : DEVICES_MOST;
	size_t bytes = n * sizeof(char *) + (a->detail != NULL ? strlen(a->detail) + 1 : 0);
	const char **ids;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(a->devices[i]) + 1;
	drop(to);
	to->block = ids = malloc(bytes + 1);
	to->attack = *a;
	to->attack.source_hashes = NULL;
	to->attack.source_hashes_n = 0;
	to->attack.rates = (struct series){0};
	to->attack.packet_list = NULL;
	to->attack.packet_list_n = 0;
	to->attack.devices = ids;
	to->attack.devices_n = ids != NULL ? n : 0;
	to->attack.detail = NULL;
	if (ids == NULL)
		return;
	at = (char *)(ids + n);
	for (size_t i = 0; i < n; i++) {
		ids[i] = at;
		at = stpcpy(at, a->devices[i]) + 1;
	}
	if (a->detail != NULL) {
		to->attack.detail = at;
		(void)stpcpy(at, a->detail);
	}
}

static bool is_over(const struct attack *a, int64_t now_ns)
{
	return time_since(a->last_ns, now_ns) > SILENT_NS;
}

void attacks_open_fini(struct attacks_open *o)
{
	for (size_t i = 0; i < o->n; i++)
		drop(&o->list[i]);
	o->n = 0;
}

void attacks_open_put(struct attacks_open *o, const struct attack *a, int64_t now_ns)
{
	for (size_t i = 0; i < o->n; i++)
		if (is_same(&o->list[i].attack, a)) {
			copy(&o->list[i], a);
			return;
		}
	if (is_over(a, now_ns))
		return;
	if (o->n == ATTACKS_OPEN) {
		o->refused++;
		return;
	}
	copy(&o->list[o->n++], a);
}

const struct attack *attacks_open_over(const struct attacks_open *o, int64_t now_ns, size_t *cursor)
{
	for (; *cursor < o->n; ++*cursor)
		if (is_over(&o->list[*cursor].attack, now_ns))
			return &o->list[(*cursor)++].attack;
	return NULL;
}

void attacks_open_close(struct attacks_open *o, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (is_over(&o->list[i].attack, now_ns))
			drop(&o->list[i]);
		else
			o->list[kept++] = o->list[i];
	}
	memset(&o->list[kept], 0, (o->n - kept) * sizeof *o->list);
	o->n = kept;
}
