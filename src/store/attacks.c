/* SPDX-License-Identifier: MIT */
/*
 * Attacks, and recalls. An attack that a new life sees going on, or begin again within ten minutes, is the one that is
 * known; counts of both are added unless the engine knows its beginning. Of whom an advisory names, the last word counts.
 */
#include "store/inside.h"

#include "base/timespan.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_NS (600 * NS_PER_S)
enum { ATTACKERS_MOST = 1024 };

struct known_attack {
	int64_t number, life, began_ns, last_ns;
	int64_t packets, bytes, packets_before, bytes_before;
	int64_t peak_pps, sources;
};

static int64_t shifted(int64_t ns, int64_t by)
{
	int64_t out;

	if (__builtin_add_overflow(ns, by, &out))
		return by < 0 ? INT64_MIN : INT64_MAX;
	return out;
}

static bool find(struct store *s, const struct attack *a, const char *target,
		 struct known_attack *k)
{
	enum statement q = SQL_ATTACK_FIND;
	bool there = sql_ask(s, q, "ttitii", target, vector_words[a->vector], (int64_t)a->port,
			     direction_words[a->direction], shifted(a->first_ns, -AGAIN_NS),
			     shifted(a->last_ns, AGAIN_NS));

	*k = (struct known_attack){.number = 0, .life = (int64_t)s->life, .began_ns = a->first_ns};
	if (there)
		*k = (struct known_attack){.number = sql_int(s, q, 0),
					   .life = sql_int(s, q, 1),
					   .began_ns = sql_int(s, q, 2),
					   .last_ns = sql_int(s, q, 4),
					   .packets = sql_int(s, q, 5),
					   .bytes = sql_int(s, q, 6),
					   .packets_before = sql_int(s, q, 7),
					   .bytes_before = sql_int(s, q, 8),
					   .peak_pps = sql_int(s, q, 9),
					   .sources = sql_int(s, q, 10)};
	sql_done(s, q);
	return there;
}

static void add_up(const struct store *s, const struct attack *a, struct known_attack *k)
{
	int64_t packets = (int64_t)a->packets, bytes = (int64_t)a->bytes;

	if (k->life != (int64_t)s->life && a->first_ns > k->began_ns) {
		k->packets_before += k->packets;
		k->bytes_before += k->bytes;
	} else if (k->life != (int64_t)s->life) {
		k->packets_before = k->bytes_before = 0;
	}
	k->packets = packets;
	k->bytes = bytes;
	if ((int64_t)a->peak_pps > k->peak_pps)
		k->peak_pps = (int64_t)a->peak_pps;
	if ((int64_t)a->sources > k->sources)
		k->sources = (int64_t)a->sources;
	if (a->last_ns > k->last_ns || k->last_ns == 0)
		k->last_ns = a->last_ns;
}

int store_attack(struct store *s, const struct attack *a, bool *is_new)
{
	struct arena arena = {.failed = false};
	size_t hashes_len, rates_len;
	const void *hashes, *rates;
	char target[ADDR_TEXT_MAX];
	struct known_attack k;

	addr_text(&a->target, target);
	*is_new = !find(s, a, target, &k);
	if (*is_new) {
		sql_run(s, SQL_ATTACK_ADD, "ittiti", (int64_t)s->life, vector_words[a->vector],
			target, (int64_t)a->port, direction_words[a->direction], a->first_ns);
		k.number = sql_number(s);
	}
	add_up(s, a, &k);
	hashes = pack_hashes(&arena, a->source_hashes, a->source_hashes_n, &hashes_len);
	rates = pack_series(&arena, &a->rates, &rates_len);
	sql_run(s, SQL_ATTACK_SET, "iiiiiiiiiittbbii", (int64_t)s->life, a->first_ns, k.last_ns,
		k.packets, k.bytes, k.packets_before, k.bytes_before, k.peak_pps, k.sources,
		(int64_t)a->spoofed, a->detail,
		a->packet_list_n == 0 ? NULL
				      : pack_packets(s, &arena, a->packet_list, a->packet_list_n),
		hashes, hashes_len, rates, rates_len, a->first_ns, k.number);
	for (size_t i = 0; i < a->devices_n && i < ATTACKERS_MOST; i++)
		sql_run(s, SQL_ATTACK_DEVICE_ADD, "it", k.number, a->devices[i]);
	store_memory(s, &arena);
	arena_fini(&arena);
	return s->error;
}

int store_recall(struct store *s, const struct recall_entry *r)
{
	int64_t number = 0;

	if (sql_ask(s, SQL_RECALL_ADD, "ttt", r->maker, r->advisory, r->action))
		number = sql_int(s, SQL_RECALL_ADD, 0);
	while (sql_next(s, SQL_RECALL_ADD))
		;
	if (s->error != 0)
		return s->error;
	sql_run(s, SQL_RECALL_CLEAR, "ii", number, (int64_t)s->life);
	for (size_t i = 0; i < r->undecided_n; i++)
		sql_run(s, SQL_RECALL_DEVICE_ADD, "iti", number, r->undecided[i], INT64_C(0));
	for (size_t i = 0; i < r->devices_n; i++)
		sql_run(s, SQL_RECALL_DEVICE_ADD, "iti", number, r->devices[i], INT64_C(1));
	return s->error;
}
