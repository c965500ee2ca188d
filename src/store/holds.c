/* SPDX-License-Identifier: MIT */
/*
 * What the owner ordered, and who was held when, why and by whom (schema 0002). An order is one row for an identity, a hold
 * one for each time; of the past of one identity 64 are kept. A device that left the store takes both with it.
 */
#include "store/inside.h"

#include <string.h>

enum { ORDERS_MOST = 1024, HOLDS_MOST = 4096 };

int store_order_set(struct store *s, const struct store_order *o)
{
	sql_run(s, SQL_ORDER_SET, "tiitt", o->what, o->given_ns, o->until_ns, o->by, o->device);
	return s->error;
}

int store_order_clear(struct store *s, const char *device)
{
	sql_run(s, SQL_ORDER_CLEAR, "t", device);
	return s->error;
}

static int64_t open_hold(struct store *s, const char *device, const char *hold)
{
	int64_t number = 0;

	if (sql_ask(s, SQL_HOLD_OPEN, "tt", device, hold))
		number = sql_int(s, SQL_HOLD_OPEN, 0);
	sql_done(s, SQL_HOLD_OPEN);
	return number;
}

int store_hold_set(struct store *s, const struct store_hold *h)
{
	int64_t number = open_hold(s, h->device, h->hold);

	if (number == 0) {
		sql_run(s, SQL_HOLD_ADD, "tttit", h->hold, h->reason, h->by, h->began_ns,
			h->device);
		number = open_hold(s, h->device, h->hold);
	}
	if (number == 0 || s->error != 0)
		return s->error;
	if (h->ended_ns == 0) {
		sql_run(s, SQL_HOLD_SET, "iiii", h->until_ns, (int64_t)h->packets,
			(int64_t)h->bytes, number);
		return s->error;
	}
	sql_run(s, SQL_HOLD_END, "iitiii", h->until_ns, h->ended_ns, h->ended, (int64_t)h->packets,
		(int64_t)h->bytes, number);
	sql_run(s, SQL_HOLDS_TRIM, "t", h->device);
	return s->error;
}

int store_orders(struct store *s, struct arena *arena, struct store_order **out, size_t *n)
{
	enum statement q = SQL_ORDERS;
	struct store_order *list = arena_take(arena, ORDERS_MOST * sizeof *list);

	*out = list;
	*n = 0;
	s->error = 0;
	for (bool row = list != NULL && sql_ask(s, q, ""); row && *n < ORDERS_MOST;
	     row = sql_next(s, q))
		list[(*n)++] = (struct store_order){.device = sql_keep(s, q, 0, arena),
						    .what = sql_keep(s, q, 1, arena),
						    .given_ns = sql_int(s, q, 2),
						    .until_ns = sql_int(s, q, 3),
						    .by = sql_keep(s, q, 4, arena)};
	sql_done(s, q);
	return store_memory(s, arena);
}

int store_recorders_set(struct store *s, const char *text)
{
	meta_set_text(s, "recorders", text);
	return s->error;
}

const char *store_recorders(struct store *s, struct arena *arena)
{
	s->error = 0;
	return meta_text(s, "recorders", arena);
}

int store_doubts_set(struct store *s, const char *text)
{
	meta_set_text(s, "doubts", text);
	return s->error;
}

const char *store_doubts(struct store *s, struct arena *arena)
{
	s->error = 0;
	return meta_text(s, "doubts", arena);
}

/* People know a device by the name or address of its latest identity. */
static void name_all(struct store *s, struct store_hold *list, const int64_t *devices, size_t n,
		     struct arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		list[i].name = list[i].device;
		if (sql_ask(s, SQL_KNOWN_AS, "i", devices[i]))
			list[i].name = sql_keep(s, SQL_KNOWN_AS, 0, arena);
		sql_done(s, SQL_KNOWN_AS);
	}
}

int store_holds(struct store *s, int64_t since_ns, struct arena *arena, struct store_hold **out,
		size_t *n)
{
	enum statement q = SQL_HOLDS;
	struct store_hold *list = arena_take(arena, HOLDS_MOST * sizeof *list);
	int64_t *devices = arena_take(arena, HOLDS_MOST * sizeof *devices);

	*out = list;
	*n = 0;
	s->error = 0;
	for (bool row = list != NULL && devices != NULL && sql_ask(s, q, "i", since_ns);
	     row && *n < HOLDS_MOST; row = sql_next(s, q)) {
		devices[*n] = sql_int(s, q, 10);
		list[(*n)++] = (struct store_hold){.device = sql_keep(s, q, 0, arena),
						   .hold = sql_keep(s, q, 1, arena),
						   .reason = sql_keep(s, q, 2, arena),
						   .by = sql_keep(s, q, 3, arena),
						   .began_ns = sql_int(s, q, 4),
						   .until_ns = sql_int(s, q, 5),
						   .ended_ns = sql_int(s, q, 6),
						   .ended = sql_keep(s, q, 7, arena),
						   .packets = (uint64_t)sql_int(s, q, 8),
						   .bytes = (uint64_t)sql_int(s, q, 9)};
	}
	sql_done(s, q);
	if (devices != NULL)
		name_all(s, list, devices, *n, arena);
	return store_memory(s, arena);
}
