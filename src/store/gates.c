/* SPDX-License-Identifier: MIT */
/*
 * Where devices stand at the first-use gate (schema 0004): a row for an identity. Who was here before the gate was switched on has a
 * row that says so, made at that moment out of what the store knows; a device that left the store takes its own with it. The
 * gate's moment is "gate_since" among the meta values: 0 or nothing while it is off.
 */
#include "store/inside.h"

enum { GATES_MOST = 4096 };

int64_t store_gate_since(struct store *s)
{
	return meta_number(s, "gate_since", 0);
}

int store_gate_on(struct store *s, int64_t now_ns, const char *state, const char *reason)
{
	meta_set_number(s, "gate_since", now_ns);
	sql_run(s, SQL_GATE_BEFORE, "ttii", state, reason, now_ns, (int64_t)STORE_GATE_BEFORE);
	return s->error;
}

int store_gate_since_set(struct store *s, int64_t since_ns)
{
	meta_set_number(s, "gate_since", since_ns);
	return s->error;
}

int store_gate_set(struct store *s, const struct store_gate *g)
{
	sql_run(s, SQL_GATE_SET, "tttititit", g->state, g->reason, g->service, g->since_ns, g->word,
		g->word_ns, g->by, (int64_t)g->before, g->device);
	return s->error;
}

int store_gates(struct store *s, struct arena *arena, struct store_gate **out, size_t *n)
{
	enum statement q = SQL_GATES;
	struct store_gate *list = arena_take(arena, GATES_MOST * sizeof *list);

	*out = list;
	*n = 0;
	s->error = 0;
	for (bool row = list != NULL && sql_ask(s, q, ""); row && *n < GATES_MOST;
	     row = sql_next(s, q))
		list[(*n)++] = (struct store_gate){.device = sql_keep(s, q, 0, arena),
						   .state = sql_keep(s, q, 1, arena),
						   .reason = sql_keep(s, q, 2, arena),
						   .service = sql_keep(s, q, 3, arena),
						   .since_ns = sql_int(s, q, 4),
						   .word = sql_keep(s, q, 5, arena),
						   .word_ns = sql_int(s, q, 6),
						   .by = sql_keep(s, q, 7, arena),
						   .before = sql_int(s, q, 8) != 0};
	sql_done(s, q);
	return store_memory(s, arena);
}
