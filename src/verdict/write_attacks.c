/* SPDX-License-Identifier: MIT */
/*
 * Attacks as they stand in the model. Forged sources say nothing about anybody, so they are counted and not listed; of
 * those who take part only devices of ours are named.
 */
#include "verdict/write_attacks.h"

#include "verdict/pictures.h"

#include <stdlib.h>
#include <string.h>

/* Of a file whose clock went back, the earlier of both ends is the first. */
void order_times(int64_t *first_ns, int64_t *last_ns)
{
	int64_t first = *first_ns;

	if (*last_ns >= first)
		return;
	*first_ns = *last_ns;
	*last_ns = first;
}

const struct where *where_list(struct arena *arena, const uint64_t *keys, size_t n)
{
	struct where *list = arena_take(arena, n * sizeof *list);

	for (size_t i = 0; list != NULL && i < n; i++) {
		list[i].input = (uint32_t)(keys[i] >> 40);
		list[i].packet = keys[i] & ((UINT64_C(1) << 40) - 1);
	}
	return list;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Ids of those taking part, sorted, each once. */
static void write_participants(const struct attacks_out *w, const struct attack_case *c,
			       struct attack *out)
{
	const char **ids = arena_take(w->arena, (c->participants_n + 1) * sizeof *ids);
	size_t n = 0;

	if (ids == NULL)
		return;
	for (size_t i = 0; i < c->participants_n; i++) {
		const struct identity *device =
			devices_get(w->devices, w->world, w->arena, &c->participants[i].addr,
				    c->participants[i].mac);

		if (device != NULL && device->local)
			ids[n++] = arena_string(w->arena, device->id);
	}
	if (w->arena->failed)
		return;
	qsort(ids, n, sizeof *ids, by_text);
	out->devices = ids;
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(ids[i], ids[i - 1]) != 0)
			ids[out->devices_n++] = ids[i];
	}
}

static int port_of(const struct attack_case *c)
{
	const struct flood_shape *shape = &c->record->shape;

	if (c->vector == VECTOR_ICMP || c->vector == VECTOR_GRE_IP || c->vector == VECTOR_GRE_ETH ||
	    c->vector == VECTOR_FRAGMENT)
		return -1;
	return shape->port_hits * 10 >= c->record->packets * 6 ? shape->port : -1;
}

/* An estimate of sources may err; more of them than packets there can't be. */
static uint64_t sources_of(const struct attack_case *c)
{
	uint64_t sources = sources_count(&c->record->sources, &c->lane->sources);

	return sources < c->packets ? sources : c->packets;
}

/* Forged sources say nothing about anybody. */
static void write_sources(const struct attacks_out *w, const struct attack_case *c,
			  struct attack *out)
{
	uint64_t *list;

	if (c->spoofed)
		return;
	list = arena_take(w->arena, SOURCES_EXACT * sizeof *list);
	if (list == NULL)
		return;
	out->source_hashes_n = sources_list(&c->record->sources, &c->lane->sources, list);
	out->source_hashes = out->source_hashes_n > 0 ? list : NULL;
}

static void write_attack(const struct attacks_out *w, const struct attack_case *c,
			 struct attack *out)
{
	struct rates rates = c->record->rates;
	char detail[FINDING_TEXT];

	flood_describe(c->record, w->knowledge, detail, sizeof detail);
	*out = (struct attack){.vector = c->vector,
			       .target = c->target,
			       .port = port_of(c),
			       .direction = c->direction,
			       .first_ns = c->record->first_ns,
			       .last_ns = c->record->last_ns,
			       .packets = c->packets,
			       .bytes = c->bytes,
			       .peak_pps = c->record->peak,
			       .sources = sources_of(c),
			       .spoofed = c->spoofed,
			       .detail = detail[0] == '\0' ? NULL : arena_string(w->arena, detail),
			       .packet_list =
				       where_list(w->arena, c->record->keys, c->record->keys_n),
			       .packet_list_n = c->record->keys_n};
	if (c->record->in_second > 0)
		rates_add(&rates, c->record->second, c->record->in_second);
	out->rates = pictures_series(&rates, w->arena);
	write_sources(w, c, out);
	order_times(&out->first_ns, &out->last_ns);
	write_participants(w, c, out);
}

void write_attacks(const struct attacks_out *w, struct judged *out)
{
	struct attack *list = arena_take(w->arena, (w->attacks->n + 1) * sizeof *list);

	if (list == NULL)
		return;
	for (size_t i = 0; i < w->attacks->n; i++) {
		if (!w->attacks->list[i].suppressed)
			write_attack(w, &w->attacks->list[i], &list[out->attacks_n++]);
	}
	qsort(list, out->attacks_n, sizeof *list, attack_order);
	out->attacks = list;
}
